"""Standardised indices: sums over a window, a distribution for each month or day of the year, the normal deviate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from scipy.special import gammainc, ndtri

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells
from riskzoning.hazards.drought.series import Daily, Dates, group_days, series_of
from riskzoning.layers.plausible import takes

Distribution = Literal["gamma", "fisk", "fisk_pwm"]
ZeroRule = Literal["centre", "upper", "weibull"]
# One part of the calendar has few values; the sum of so many is still a count of floats, no rain.
_DRY = 1e-9
_MONTH_DAYS = 365.25 / 12.0
# Share of balances at 0 or below that a gamma distribution may have.
_FEW_BELOW = 0.05


def rule(key: str) -> Any:
    """An entry of ``hazards/drought_indices``."""
    return standards.table("hazards/drought_indices").data[key]


@dataclass(frozen=True, eq=False)
class Standard:
    """Parameters of the distributions of one index, for each month or day of the year; kept for other years.

    Parameters
    ----------
    parameters : array, shape (..., groups, 3)
        Shape, location and scale; NaN where the values allow no fit.
    zeros, counts : array, shape (..., groups)
        Values without rain, and all values, of the calibration.
    distribution : {"gamma", "fisk", "fisk_pwm"}
    window : int
        Steps (days or months) that are added up.
    calibration : (int, int)
        First and last year.

    Examples
    --------
    >>> years = pd.date_range("1991-01-01", periods=10, freq="12MS")
    >>> fitted = fit_standard(pd.Series([20, 35, 50, 65, 80, 40, 0, 25, 90, 30.0], years), 1)
    >>> fitted.parameters[0].round(4).tolist(), float(fitted.zeros[0] / fitted.counts[0])
    ([4.3473, 0.0, 11.118], 0.1)
    """

    parameters: Array
    zeros: Array
    counts: Array
    distribution: Distribution
    window: int
    calibration: tuple[int, int]


@takes()
def rolling_sum(values: Cells, window: int, *, min_share: float = 1.0) -> Any:
    """Sum of each value and those before it, ``window`` in all; NaN before the first full window.

    Parameters
    ----------
    values : array, Series or DataArray
        Time is the only axis, the index, or the dim ``time``.
    window : int
        Steps, at least 1.
    min_share : float
        Share of a window that must have values, the sum being scaled up for the others; 1: a missing value makes the
        windows missing that hold it.

    Examples
    --------
    >>> rolling_sum([3, 4, 6, 2, 1, 3, 5, 8, 5], 3).tolist()
    [nan, nan, 13.0, 12.0, 9.0, 6.0, 9.0, 16.0, 18.0]
    """
    kernel = partial(weighted_sums, weights=np.ones(int(window)), min_share=min_share)
    return _along_time(kernel, values)


@takes()
def weighted_precipitation(
    precipitation: Cells, *, window: int = 60, decay: float = 0.85, min_share: float = 1.0
) -> Any:
    """Rain of the last days that still counts (WAP): the sum of decay^n P over n = 0 (today) to ``window`` days ago.

    Parameters
    ----------
    precipitation : array, Series or DataArray
        mm a day; time as in :func:`rolling_sum`.
    window : int
        Days.
    decay : float
        What is left of rain after a day, 0..1.
    min_share : float
        Share of the weights that must have rain.

    Examples
    --------
    >>> round(float(weighted_precipitation(np.ones(61))[-1]), 5)
    6.66634
    """
    weights = decay ** np.arange(window + 1)[::-1]
    return _along_time(partial(weighted_sums, weights=weights, min_share=min_share), precipitation)


def _along_time(kernel: Callable[[Array], Array], values: Cells) -> Any:
    if isinstance(values, xr.DataArray):
        if "time" not in values.dims:
            raise LayerError(Problem("events.no_time", Phrase("daily_series"), dims=values.dims))
        whole = values.chunk(time=-1) if values.chunks is not None else values
        return xr.apply_ufunc(
            kernel, whole, input_core_dims=[["time"]], output_core_dims=[["time"]], dask="parallelized",
            output_dtypes=[np.float64], keep_attrs=True,
        ).transpose(*values.dims)  # fmt: skip
    if isinstance(values, pd.Series):
        return pd.Series(kernel(values.to_numpy(np.float64)), index=values.index, name=values.name)
    days = np.asarray(values, dtype=np.float64)
    if days.ndim == 0:
        raise LayerError(Problem("events.dims", Phrase("daily_series"), dims=0))
    return kernel(days)


def weighted_sums(values: Array, *, weights: Array, min_share: float) -> Array:
    """Weighted sums along the last axis, the last weight for today."""
    size = weights.size
    numbers = np.asarray(values, dtype=np.float64)
    out = np.full(numbers.shape, np.nan)
    if size > numbers.shape[-1]:
        return out
    known = np.isfinite(numbers)
    filled = np.where(known, numbers, 0.0)
    total = np.lib.stride_tricks.sliding_window_view(filled, size, axis=-1) @ weights
    share = np.lib.stride_tricks.sliding_window_view(known.astype(np.float64), size, axis=-1) @ weights / weights.sum()
    whole = share >= 1.0 - 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(whole, total, total / share)
    out[..., size - 1 :] = np.where(share >= min_share - 1e-12, scaled, np.nan)
    return out


@takes()
def fit_standard(
    values: Cells | Daily,
    window: int,
    *,
    distribution: Distribution = "gamma",
    calibration: Sequence[int] | None = None,
    dates: Dates | None = None,
    min_years: int | None = None,
    offset: float = 0.0,
    summed: bool = False,
) -> Standard:
    """Fit the distribution of sums over a window, for each month (or day) of the year, on the years of a calibration.

    Parameters
    ----------
    values : array, Series or DataArray
        A value for each day or each month, as for :func:`spi`.
    window : int
        Days or months.
    distribution : {"gamma", "fisk", "fisk_pwm"}
        Gamma by the approximation of Thom on the values above 0; log-logistic of three parameters by maximum
        likelihood or by probability-weighted moments.
    calibration : (first year, last year), optional
        Default: 1991-2020 where the series has years enough of it, else all of its years, with a warning.
    dates : array of dates, optional
        For plain arrays.
    min_years : int, optional
        Years that a fit needs, default 10.
    offset : float
        Added to every sum before a gamma distribution is fitted, for balances that fall below 0.
    summed : bool
        Whether the values are sums over the window already.

    Raises
    ------
    LayerError
        Too few years, or no month of the year can be fitted (a constant series, no rain at all).

    Examples
    --------
    >>> days = pd.date_range("1991-01-01", "2020-12-01", freq="MS")
    >>> fit_standard(pd.Series(np.arange(360) % 37 + 1.0, days), 3).parameters.shape
    (12, 3)
    """
    series = series_of(values, dates)
    sums = series.values if summed else weighted_sums(series.values, weights=np.ones(int(window)), min_share=1.0)
    least = int(rule("min_years") if min_years is None else min_years)
    years = _calibration(series, sums, calibration, least)
    sums = sums + offset
    group, count = group_days(series.time, series.step)
    inside = (series.time.year >= years[0]) & (series.time.year <= years[1])
    fitter = _FITTERS[distribution]
    few = max(int(rule("min_wet")), int(np.ceil(float(rule("min_group_share")) * least)))
    parameters = np.full((*sums.shape[:-1], count, 3), np.nan)
    zeros, counts = np.zeros((2, *sums.shape[:-1], count))
    for number in np.unique(group):
        part = sums[..., inside & (group == number)]
        known = np.isfinite(part)
        counts[..., number] = known.sum(axis=-1)
        zeros[..., number] = (known & (np.abs(part) <= _DRY)).sum(axis=-1)
        made = fitter(part)
        parameters[..., number, :] = np.where((counts[..., number] >= few)[..., None], made, np.nan)
    fitted = Standard(parameters, zeros, counts, distribution, int(window), years)
    _tell_fit(fitted, series)
    return fitted


def _calibration(series: Daily, sums: Array, wanted: Sequence[int] | None, least: int) -> tuple[int, int]:
    """The years that a fit takes; at least so many of them must have a value."""
    years = series.time.year.to_numpy()
    known = np.isfinite(sums).any(axis=tuple(range(sums.ndim - 1)))

    def covered(first: int, last: int) -> int:
        return int(np.unique(years[known & (years >= first) & (years <= last)]).size)

    default = tuple(int(year) for year in rule("calibration"))
    first, last = (int(wanted[0]), int(wanted[-1])) if wanted is not None else default
    if wanted is None and covered(first, last) < least and known.any():
        first, last = int(years[known].min()), int(years[known].max())
        if covered(first, last) >= least:
            thing = series.thing
            note(Problem("drought.calibration", thing, severity="warning", wanted=default, first=first, last=last))
    if covered(first, last) < least:
        have = covered(int(years.min()), int(years.max())) if years.size else 0
        raise LayerError(
            Problem(
                "drought.years", series.thing, years=covered(first, last), first=first, last=last, all=have, least=least
            )
        )
    return first, last


def _tell_fit(fitted: Standard, series: Daily) -> None:
    """Refuse what fits nowhere; say where months or days of the year have values but no distribution."""
    asked = fitted.counts > 0
    bad = asked & ~np.isfinite(fitted.parameters).all(axis=-1)
    if not asked.any() or bad.sum() == asked.sum():
        raise LayerError(
            Problem("drought.constant", series.thing, window=fitted.window, unit=Phrase(f"unit_{series.step}"))
        )
    if bad.any():
        share, unit = float(bad.sum() / asked.sum()), Phrase(f"unit_{series.step}")
        note(
            Problem("drought.unfitted", series.thing, severity="warning", share=share, window=fitted.window, unit=unit)
        )


def _fit_gamma(values: Array) -> Array:
    """Shape, 0 and scale by the approximation of Thom, on the values above 0."""
    wet = np.isfinite(values) & (values > _DRY)
    count = wet.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(wet, values, 0.0).sum(axis=-1) / count
        logs = np.log(np.where(wet, values, 1.0)).sum(axis=-1) / count
        a = np.log(mean) - logs
        shape = (1.0 + np.sqrt(1.0 + 4.0 * a / 3.0)) / (4.0 * a)
        # Values that are all the same have no spread to fit.
        good = (count >= int(rule("min_wet"))) & (a > 1e-9)
        out = np.stack([shape, np.zeros_like(mean), mean / shape], axis=-1)
    return np.asarray(np.where(good[..., None], out, np.nan))


def _fit_fisk(values: Array) -> Array:
    """Log-logistic of three parameters by maximum likelihood, as scipy finds it."""
    flat = values.reshape(-1, values.shape[-1])
    out = np.full((flat.shape[0], 3), np.nan)
    for row, series in enumerate(flat):
        sample = series[np.isfinite(series)]
        if sample.size >= 4 and np.ptp(sample) > _DRY:
            shape, start = _fisk_start(sample)
            out[row] = stats.fisk.fit(sample, *shape, **start)
    return out.reshape(*values.shape[:-1], 3)


def _fisk_start(sample: Array) -> tuple[list[float], dict[str, float]]:
    """Where the search for the likelihood starts: the law by moments, as far as its skew is that of a log-logistic."""
    shape, place, scale = (float(value) for value in _fit_fisk_pwm(sample))
    if not shape < -0.01:
        return [], {}
    return [-1.0 / shape], {"loc": place + scale / shape, "scale": -scale / shape}


def _fit_fisk_pwm(values: Array) -> Array:
    """The same law by probability-weighted moments, as generalised logistic: its skew may be of either sign."""
    x = np.sort(np.where(np.isfinite(values), values, np.inf), axis=-1)
    known = np.isfinite(x)
    n = known.sum(axis=-1).astype(np.float64)
    below = np.arange(x.shape[-1], dtype=np.float64)
    x = np.where(known, x, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        b0 = x.sum(axis=-1) / n
        b1 = (below * x).sum(axis=-1) / (n * (n - 1.0))
        b2 = (below * (below - 1.0) * x).sum(axis=-1) / (n * (n - 1.0) * (n - 2.0))
        spread = 2.0 * b1 - b0
        skew = -(6.0 * b2 - 6.0 * b1 + b0) / spread
        # At a skew of 0 the law is the logistic one.
        shape = np.where(np.abs(skew) < 1e-6, 1e-6, skew)
        angle = np.pi * shape
        scale = spread * np.sin(angle) / angle
        place = b0 - scale * (1.0 / shape - np.pi / np.sin(angle))
        good = (n >= 4) & (spread > _DRY) & (np.abs(shape) < 1.0)
        out = np.stack([shape, place, scale], axis=-1)
    return np.asarray(np.where(good[..., None], out, np.nan))


_FITTERS: Mapping[str, Callable[[Array], Array]] = {
    "gamma": _fit_gamma,
    "fisk": _fit_fisk,
    "fisk_pwm": _fit_fisk_pwm,
}


def _gamma_law(ratio: Array, shape: Array) -> Array:
    return np.asarray(gammainc(shape, np.maximum(ratio, 0.0)))


def _fisk_law(ratio: Array, shape: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.maximum(ratio, 0.0) ** -shape))


def _logistic_law(ratio: Array, shape: Array) -> Array:
    inner = np.maximum(1.0 - shape * ratio, 0.0)
    return np.asarray(1.0 / (1.0 + inner ** (1.0 / shape)))


_LAWS: Mapping[str, Callable[[Array, Array], Array]] = {
    "gamma": _gamma_law,
    "fisk": _fisk_law,
    "fisk_pwm": _logistic_law,
}


def standardise(
    sums: Array, time: pd.DatetimeIndex, step: str, fitted: Standard, *, zero_rule: ZeroRule, offset: float = 0.0
) -> Array:
    """Normal deviates of sums along the last axis, by the distribution of their month or day of the year."""
    group, _ = group_days(time, step)
    shape, place, scale = (fitted.parameters[..., group, i] for i in range(3))
    values = sums + offset
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        chance = _LAWS[fitted.distribution]((values - place) / scale, shape)
        if fitted.distribution == "gamma":
            chance = _with_zeros(chance, values, fitted, group, zero_rule)
        out = ndtri(chance)
    clip = float(rule("clip")) if np.max(fitted.counts, initial=0) < 100 else 8.21
    known = np.isfinite(sums) & np.isfinite(shape) & np.isfinite(scale)
    return np.where(known, np.clip(out, -clip, clip), np.nan)


def _with_zeros(chance: Array, values: Array, fitted: Standard, group: Array, zero_rule: ZeroRule) -> Array:
    """The share of values without rain below those with rain; where in it a value without rain stands is a rule."""
    zeros, counts = fitted.zeros[..., group], fitted.counts[..., group]
    share = zeros / (counts + 1.0) if zero_rule == "weibull" else zeros / counts
    dry = share / 2.0 if zero_rule == "centre" else share
    return np.where(values <= _DRY, dry, share + (1.0 - share) * chance)


@takes()
def spi(
    precipitation: Cells,
    window: int = 3,
    *,
    dates: Dates | None = None,
    calibration: Sequence[int] | None = None,
    distribution: Distribution = "gamma",
    zero_rule: ZeroRule | None = None,
    min_years: int | None = None,
    fitted: Standard | None = None,
) -> Any:
    """Standardised precipitation index (标准化降水指数, SPI) of sums over a window of months or days.

    Parameters
    ----------
    precipitation : array, Series or DataArray
        mm a month, or mm a day: the dates tell which. Time is the first axis of an array (with ``dates``), the index of
        a Series, the dim ``time`` of a DataArray, which may have further dims (stations, cells).
    window : int
        Months, or days where the series is daily.
    dates : array of dates, optional
        For plain arrays.
    calibration : (first year, last year), optional
        Years that the distributions are fitted on; default 1991-2020 where the series has years enough of it, else all
        its years, with a warning.
    distribution : {"gamma", "fisk", "fisk_pwm"}
    zero_rule : {"centre", "upper", "weibull"}, optional
        Where a sum of 0 stands among the values without rain: in their middle (the default, project choice), at their
        upper end, or at n0 / (n + 1).
    min_years : int, optional
        Years that a fit needs, default 10.
    fitted : Standard, optional
        From :func:`fit_standard`, instead of a fit.

    Returns
    -------
    same container
        Normal deviates, within 3.09 of 0 where fewer than 100 years were fitted; NaN where a value of the window is
        missing, before the first full window, and in months that had no rain in any year (with a note), never minus
        infinity.

    Raises
    ------
    LayerError
        Units, dates or years do not allow it: doubled days, hours, a series too short for a fit, a constant one.

    References
    ----------
    GB/T 20481-2017; Thom 1958; Stagge et al. 2015 (values of 0). Equal to xclim where that is defined.

    Examples
    --------
    >>> months = pd.date_range("1991-01-01", "2020-12-01", freq="MS")
    >>> rain = pd.Series(np.random.default_rng(1).gamma(2.0, 30.0, 360), months)
    >>> spi(rain, 3).iloc[1:4].round(2).tolist()
    [nan, 0.69, 0.4]
    """
    series = series_of(precipitation, dates, element="precipitation", negative=False)
    return _index(series, window, calibration, distribution, zero_rule, min_years, fitted, offset=0.0)


@takes()
def spei(
    balance: Cells,
    window: int = 3,
    *,
    dates: Dates | None = None,
    calibration: Sequence[int] | None = None,
    distribution: Distribution = "fisk_pwm",
    offset: float | None = None,
    min_years: int | None = None,
    fitted: Standard | None = None,
) -> Any:
    """Standardised precipitation evapotranspiration index (标准化降水蒸散指数, SPEI) of a balance P - PET.

    Parameters
    ----------
    balance : array, Series or DataArray
        Precipitation less potential evapotranspiration, mm a month or a day; time as for :func:`spi`.
    window : int
        Months, or days where the series is daily.
    dates, calibration, min_years, fitted
        As for :func:`spi`.
    distribution : {"fisk_pwm", "fisk", "gamma"}
        Log-logistic by probability-weighted moments (as the package SPEI of R), by maximum likelihood (as xclim; slow
        on daily series, and poor where the skew is to the dry side), or gamma of the balance and an offset.
    offset : float, optional
        mm a day that a balance is raised by before gamma is fitted, default 1 (as xclim). Sums that are not above 0
        then count as one and the same: more than a twentieth of them is refused.

    Returns
    -------
    same container
        As :func:`spi`.

    Raises
    ------
    LayerError
        As :func:`spi`; the offset is too small for a gamma distribution.

    References
    ----------
    Vicente-Serrano et al. 2010.

    Examples
    --------
    >>> months = pd.date_range("1991-01-01", "2020-12-01", freq="MS")
    >>> balance = pd.Series(np.random.default_rng(1).normal(-20.0, 30.0, 360), months)
    >>> spei(balance, 3).iloc[1:4].round(2).tolist()
    [nan, 1.72, 0.52]
    """
    series = series_of(balance, dates)
    raised = 0.0
    if distribution == "gamma":
        daily = float(rule("spei_offset_mm") if offset is None else offset)
        raised = daily * window * (1.0 if series.step == "day" else _MONTH_DAYS)
    return _index(series, window, calibration, distribution, "upper", min_years, fitted, offset=raised)


def _check_raised(sums: Array, offset: float, series: Daily, window: int) -> None:
    """A gamma distribution has nothing below 0: balances that stay there would all count as one."""
    known = sums[np.isfinite(sums)]
    below = float((known + offset <= 0).mean()) if known.size else 0.0
    if below > _FEW_BELOW:
        days = window * (1.0 if series.step == "day" else _MONTH_DAYS)
        needed = math.ceil(-float(known.min()) / days) + 1
        raise LayerError(
            Problem("drought.offset", Phrase("argument", name="offset"), share=below, used=offset / days, needed=needed)
        )


def _index(
    series: Daily,
    window: int,
    calibration: Sequence[int] | None,
    distribution: Distribution,
    zero_rule: ZeroRule | None,
    min_years: int | None,
    fitted: Standard | None,
    *,
    offset: float,
) -> Any:
    check_window(window, Phrase("argument", name="window"))
    sums = weighted_sums(series.values, weights=np.ones(int(window)), min_share=1.0)
    if offset and distribution == "gamma":
        _check_raised(sums, offset, series, window)
    known = fitted or fit_standard(
        series.with_values(sums), window,
        distribution=distribution, calibration=calibration, min_years=min_years, offset=offset, summed=True,
    )  # fmt: skip
    rule_of_zeros: ZeroRule = zero_rule or rule("zero_rule")
    return series.back(standardise(sums, series.time, series.step, known, zero_rule=rule_of_zeros, offset=offset))


def check_window(window: int, thing: Phrase | str) -> None:
    """Refuse a window that is no whole number of steps."""
    if isinstance(window, bool) or not float(window).is_integer() or window < 1:
        raise LayerError(Problem("drought.window", thing, window=window))
