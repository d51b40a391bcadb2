"""Expected annual loss and exceedance curves."""

from __future__ import annotations

import itertools
from typing import Any, Literal, TypeAlias

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning import numerals
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes
from riskzoning.methods.labels import paired
from riskzoning.risk.operands import Array, Values, finite

Floats = NDArray[np.float64]
Method = Literal["trapezoid", "log-linear"]
Losses: TypeAlias = "Values | pd.DataFrame"
# Return period up to which nothing is lost: one for all, or one for each cell or unit (NaN: none).
Protection: TypeAlias = "float | xr.DataArray | Array | da.Array"
# Above this share of the first segment the loss hangs on events that no study resolves well.
_FIRST = 0.5


@takes()
def expected_annual_loss(
    losses: Losses,
    return_periods: ArrayLike | None = None,
    *,
    method: Method = "trapezoid",
    tail: bool = True,
    protection: Protection | None = None,
) -> Any:
    """Expected annual loss (年均期望损失): the area under loss against exceedance frequency 1/T.

    Parameters
    ----------
    losses : DataArray with dimension ``return_period``, Series or DataFrame, or array
        Loss (any additive quantity) by return period; periods on axis 0 of a plain array. NaN in any period gives NaN.
    return_periods : sequence of float, optional
        Years, in the order of the losses, which does not matter. May be left out for a DataArray with the coordinate,
        and for a table whose index holds the periods.
    method : {"trapezoid", "log-linear"}
        Loss linear in the frequency, or in its logarithm, between the periods. They differ by tens of percent.
    tail : bool
        Hold the rarest loss to frequency 0 (adds P_n D_n).
    protection : float, array or layer, optional
        Return period (years) up to which nothing is lost, of everything or of each cell (NaN where nothing protects).

    Returns
    -------
    array without the axis of periods, Series by column of a DataFrame, or layer
        In the unit of the losses per year, lazy for lazy losses: persons give persons a year, and losses without a unit
        get none. Attributes of a layer: unit, method, tail, protection. One period gives P D with tail, else 0.

    Raises
    ------
    LayerError
        Periods and losses do not fit, or losses in memory are negative.
    ConfigError
        Periods not above 0, doubled or missing, or an unknown method.

    Notes
    -----
    Trapezoid: sum (P_i - P_i+1)(D_i + D_i+1)/2. Log-linear, D = a + b ln p: integral [a p + b (p ln p - p)].
    Nothing more frequent than the first period is invented. For values in memory are warned about: losses that fall as
    T rises, equal losses above 0 for two periods, and a first segment (between the two most frequent periods) that
    makes more than half of the result; :func:`loss_segments` says how much each segment makes.

    Examples
    --------
    >>> round(float(expected_annual_loss([0, 20, 60, 150, 250], [5, 10, 20, 50, 100])), 6)
    10.65
    >>> round(float(expected_annual_loss([0, 20, 60, 150, 250], [5, 10, 20, 50, 100], method="log-linear")), 5)
    10.16014
    """
    data, periods, like = _by_period(losses, return_periods)
    parts = _parts(data, periods, method=method, tail=tail, protection=protection)
    _check_losses(data, periods)
    if protection is None or isinstance(protection, int | float):
        w = loss_weights(periods, method=method, tail=tail, protection=protection)
        out = finite(sum(data[i] * share for i, share in enumerate(w.tolist())))
    else:
        out = finite(sum(parts)).astype(data.dtype)
    share = _first_share(parts)
    if share is not None and share > _FIRST:
        first = np.sort(periods)[:2].tolist()
        thing = Phrase("losses_by_period")
        note(Problem("risk.first_segment", thing, severity="warning", share=share, first=first[0], second=first[-1]))
    if isinstance(losses, pd.DataFrame):
        table = pd.Series(out, index=losses.columns)
        table.attrs = {"units": f"{losses.attrs['units']}/a"} if losses.attrs.get("units") else {}
        return table
    if like is None:
        return out
    layer = _as_layer(out, like, method, tail, protection)
    return layer if share is None else layer.assign_attrs(first_segment_share=share)


@takes()
def loss_segments(
    losses: Losses,
    return_periods: ArrayLike | None = None,
    *,
    method: Method = "trapezoid",
    tail: bool = True,
    protection: Protection | None = None,
) -> pd.DataFrame:
    """What each stretch between two return periods contributes to the expected annual loss, over all cells.

    Parameters
    ----------
    losses, return_periods, method, tail, protection
        As :func:`expected_annual_loss`; values in memory.

    Returns
    -------
    DataFrame
        ``from_period``, ``to_period`` (years, infinite for the tail), ``loss`` (per year), ``share`` (NaN where
        nothing is lost); the most frequent segment first.

    Raises
    ------
    LayerError, ConfigError
        As :func:`expected_annual_loss`.

    Examples
    --------
    >>> loss_segments([100, 400, 900], [5, 20, 100])
       from_period  to_period  loss     share
    0          5.0       20.0  37.5  0.517241
    1         20.0      100.0  26.0  0.358621
    2        100.0        inf   9.0  0.124138
    """
    data, periods, _ = _by_period(losses, return_periods)
    parts = _parts(data, periods, method=method, tail=tail, protection=protection)
    _check_losses(data, periods)
    sums = [float(np.nansum(part)) for part in parts]
    ends = np.sort(periods)
    table = pd.DataFrame({"from_period": ends, "to_period": [*ends[1:], np.inf], "loss": sums})
    total = float(table["loss"].sum())
    return table.assign(share=table["loss"] / total if total else np.nan)


def segment_parts(
    losses: xr.DataArray,
    return_periods: ArrayLike | None = None,
    *,
    method: Method = "trapezoid",
    tail: bool = True,
    protection: Protection | None = None,
) -> list[Any]:
    """The terms of the expected annual loss of each cell, the most frequent segment first, the tail last; lazy."""
    data, periods, _ = _by_period(losses, return_periods)
    return _parts(data, periods, method=method, tail=tail, protection=protection)


def _parts(
    data: Array | da.Array, periods: Floats, *, method: Method, tail: bool, protection: Protection | None
) -> list[Any]:
    """The terms of the expected annual loss: each segment from the most frequent one on, then the tail."""
    scalar = protection if protection is None or isinstance(protection, int | float) else None
    loss_weights(periods, method=method, tail=tail, protection=scalar)
    order = np.argsort(periods)
    p = 1.0 / periods[order]
    limit = _limit(protection)
    parts = []
    for i in range(p.size - 1):
        first, second = (_plain(weight) for weight in _segment(p[i], p[i + 1], limit, method))
        parts.append(data[order[i]] * first + data[order[i + 1]] * second)
    last = _plain(np.minimum(p[-1], limit)) if tail else 0.0
    return [*parts, data[order[-1]] * last]


def _plain(weight: Any) -> Any:
    """A single weight as a plain number, which leaves the type of the losses as it is."""
    return float(weight) if np.ndim(weight) == 0 else weight


def _limit(protection: Protection | None) -> Any:
    """Frequency above which nothing is lost; infinite where nothing protects."""
    if protection is None:
        return np.inf
    years = protection.data if isinstance(protection, xr.DataArray) else protection
    if isinstance(years, int | float):
        return 1.0 / years
    array = years if isinstance(years, da.Array) else np.asarray(years, dtype=np.float64)
    return np.where(array > 0, 1.0 / np.where(array > 0, array, 1.0), np.inf)


def _first_share(parts: list[Any]) -> float | None:
    """Share of the first segment in the sum over everything; None for one period, lazy parts or no loss."""
    if len(parts) < 2 or any(isinstance(part, da.Array) for part in parts):
        return None
    sums = [float(np.nansum(part)) for part in parts]
    return sums[0] / sum(sums) if sum(sums) > 0 else None


@takes()
def loss_weights(
    return_periods: ArrayLike, *, method: Method = "trapezoid", tail: bool = True, protection: float | None = None
) -> Floats:
    """Weight of the loss of each return period in the expected annual loss, in the order given.

    Raises
    ------
    ConfigError
        Periods not above 0, doubled or missing, or an unknown method.

    Examples
    --------
    >>> loss_weights([10, 20])
    array([0.025, 0.075])
    """
    periods = np.atleast_1d(numerals.periods(return_periods))
    wrong = periods.ndim != 1 or not periods.size or not np.all(np.isfinite(periods)) or np.any(periods <= 0)
    if wrong or len(np.unique(periods)) != periods.size:
        raise ConfigError(Problem("risk.return_periods", Phrase("return_periods"), periods=np.ravel(periods).tolist()))
    numerals.check_periods(periods, Phrase("return_periods"))
    if method not in ("trapezoid", "log-linear") or (protection is not None and not protection > 0):
        raise ConfigError(
            Problem("risk.method", Phrase("expected_annual_loss"), method=method, protection=str(protection))
        )
    order = np.argsort(periods)
    p = 1.0 / periods[order]
    limit = np.inf if protection is None else 1.0 / protection
    w = np.zeros(p.size)
    for i in range(p.size - 1):
        w[i : i + 2] += [float(part) for part in _segment(p[i], p[i + 1], limit, method)]
    if tail:
        w[-1] += min(p[-1], limit)
    out = np.empty_like(w)
    out[order] = w
    return out


@takes()
def loss_bounds(
    losses: Losses,
    return_periods: ArrayLike | None = None,
    *,
    tail: bool | None = None,
    protection: float | None = None,
) -> tuple[Any, Any, Any]:
    """Lower bound, upper bound and their mean of the expected annual loss; a range, not an estimate.

    Parameters
    ----------
    losses, return_periods, protection
        As :func:`expected_annual_loss`; one protection for everything.
    tail : bool, optional
        Both bounds with what is rarer than the rarest period, held to its loss (True), or both without (False): then
        an estimate with the same tail and protection lies between them, by either method, and their mean is that by
        the trapezoid. None: as the bounds are published, the tail in the lower one alone. **That upper bound can lie
        below the estimate**: give the tail of the estimate to bound one.

    Returns
    -------
    tuple of three, each as the losses without the periods
        In the unit of the losses per year; NaN in any period gives NaN.

    Raises
    ------
    LayerError, ConfigError
        As :func:`expected_annual_loss`.

    Notes
    -----
    Between two periods the loss is the smaller, or the larger, of both: where losses rise with the period, that of the
    more frequent and that of the rarer one. None: weights [p1-p2, ..., pn] and [0, p1-p2, ...] (GFDRR, CCDR-tools).

    Examples
    --------
    >>> [round(float(bound), 6) for bound in loss_bounds([100, 400, 900], [5, 20, 100])]
    [40.0, 96.0, 68.0]
    >>> [round(float(bound), 6) for bound in loss_bounds([100, 400, 900], [5, 20, 100], tail=True)]
    [40.0, 105.0, 72.5]
    """
    data, periods, like = _by_period(losses, return_periods)
    loss_weights(periods, protection=protection)
    _check_losses(data, periods)
    order = np.argsort(periods)
    p = np.minimum(1.0 / periods[order], _limit(protection))
    rows, steps = [data[at] for at in order], (p[:-1] - p[1:]).tolist()
    last = rows[-1] * float(p[-1])
    pairs = list(itertools.pairwise(rows))
    if tail is None:
        lower = sum((row * step for row, step in zip(rows[:-1], steps, strict=True)), start=last)
        upper = sum((row * step for row, step in zip(rows[1:], steps, strict=True)), start=rows[0] * 0.0)
    else:
        beyond = last if tail else last * 0.0
        lower = sum((np.minimum(*pair) * step for pair, step in zip(pairs, steps, strict=True)), start=beyond)
        upper = sum((np.maximum(*pair) * step for pair, step in zip(pairs, steps, strict=True)), start=beyond)
    out = [finite(a) for a in (lower, upper, (lower + upper) / 2)]
    if like is not None:
        names = ("lower bound", "upper bound", "mean bound")
        out = [_as_layer(a, like, name, tail is not False, protection) for a, name in zip(out, names, strict=True)]
    return out[0], out[1], out[2]


@takes()
def exceedance_curve(
    event_losses: ArrayLike, frequencies: ArrayLike, *, return_periods: ArrayLike | None = None
) -> pd.DataFrame:
    """Exceedance curve of a set of events: return period (years) against loss.

    Parameters
    ----------
    event_losses : sequence of float
        Loss of each event; events with NaN are left out, with a warning.
    frequencies : sequence of float, or number
        Events per year, none negative; one number serves all events. Two Series are matched by label.
    return_periods : sequence of float, optional
        Periods to read the curve at: linear in ln T between events; 0 for what is more frequent than every event, NaN
        for what is rarer than the rarest.

    Returns
    -------
    DataFrame
        ``return_period``, ``loss``, ascending, or in the order asked for. ``attrs``: ``expected_annual_loss``
        = sum f L, and ``note``.

    Raises
    ------
    LayerError
        Losses and frequencies do not match, or a frequency is negative or missing.

    Notes
    -----
    rate(loss >= x) is the sum of the frequencies of the events with at least that loss; T = 1 / rate.

    Examples
    --------
    >>> exceedance_curve([10, 50, 20], [0.1, 0.01, 0.04])
       return_period  loss
    0       6.666667  10.0
    1      20.000000  20.0
    2     100.000000  50.0
    """
    loss = np.ravel(np.asarray(event_losses, dtype=np.float64))
    if isinstance(event_losses, pd.Series) and isinstance(frequencies, pd.Series):
        both = paired({"event_losses": event_losses, "frequencies": frequencies}, Phrase("event_set"))
        frequencies = both["frequencies"]
    rate = np.ravel(np.asarray(frequencies, dtype=np.float64))
    rate = np.full(loss.shape, rate[0]) if np.ndim(frequencies) == 0 else rate
    if np.nanmin(loss, initial=0.0) < 0:
        raise LayerError(Problem("risk.losses", Phrase("event_set"), least=float(np.nanmin(loss))))
    if loss.shape != rate.shape or not loss.size or np.any(~np.isfinite(rate)) or np.any(rate < 0):
        raise LayerError(
            Problem(
                "risk.events",
                Phrase("event_set"),
                losses=loss.size,
                rates=rate.size,
                least=float(rate.min(initial=np.inf)),
            )
        )
    known = np.isfinite(loss)
    if not known.all():
        note(Problem("dropped.events", Phrase("event_set"), severity="warning", count=int((~known).sum())))
    used = known & (rate > 0)
    table = pd.DataFrame({"loss": loss[used], "rate": rate[used]}).groupby("loss", sort=True)["rate"].sum()
    exceeding = table.to_numpy()[::-1].cumsum()[::-1]
    if used.any() and rate[used].min() > 1:
        # Every event comes several times a year: these are rather periods.
        frequent = [f"{1 / each:.3g}" for each in exceeding[-3:]]
        note(Problem("periods.below_one", Phrase("event_set"), severity="warning", periods=frequent))
    curve = pd.DataFrame({"return_period": 1.0 / exceeding, "loss": table.index.to_numpy(dtype=np.float64)})
    remark = ""
    if return_periods is not None:
        asked = np.ravel(numerals.periods(return_periods))
        numerals.check_periods(asked, Phrase("return_periods"))
        x, y = np.log(curve["return_period"].to_numpy()), curve["loss"].to_numpy()
        at = np.interp(np.log(asked), x, y, left=0.0, right=np.nan) if len(x) else np.full(asked.size, np.nan)
        # A period typed as 100 must meet the event of 1 / 0.01 years.
        for end in (0, -1) if len(x) else ():
            at[np.isclose(np.log(asked), x[end], rtol=0, atol=1e-9)] = y[end]
        curve = pd.DataFrame({"return_period": asked, "loss": at})
        if np.isnan(at).any():
            remark = "NaN: rarer than the rarest event; the curve is not extrapolated"
    curve.attrs = {"expected_annual_loss": float((loss[used] * rate[used]).sum()), "note": remark}
    return curve


@takes()
def exceedance_probability(rate: ArrayLike, years: float) -> Any:
    """Probability of at least one event in a number of years: 1 - exp(-rate t).

    Examples
    --------
    >>> round(float(exceedance_probability(1 / 475, 50)), 4)
    0.0999
    """
    return -np.expm1(-np.asarray(rate, dtype=np.float64) * years)


def _segment(p1: float, p2: float, limit: Any, method: str) -> tuple[Any, Any]:
    """Weights of the losses at frequencies p1 > p2 in the integral from p2 to p1, or to the limit (number or array)."""
    top = np.maximum(np.minimum(p1, limit), p2)
    width = top - p2
    if method == "trapezoid":
        first = width * width / (2 * (p1 - p2))
        return first, width - first
    # Share of D1 at p is ln(p / p2) / ln(p1 / p2); its integral from p2 to top:
    first = (top * np.log(top / p2) - width) / np.log(p1 / p2)
    return first, width - first


def _by_period(losses: Losses, return_periods: ArrayLike | None) -> tuple[Any, Floats, xr.DataArray | None]:
    """Losses with the periods on axis 0, the periods in that order, and the layer that the result is like."""
    given = None if return_periods is None else np.atleast_1d(numerals.periods(return_periods))
    if isinstance(losses, (pd.Series, pd.DataFrame)):
        labels = numerals.periods(losses.index)
        # Where the index holds the periods it says which loss is whose, whatever the order of the list.
        if given is None or np.array_equal(np.sort(labels), np.sort(given)):
            given = labels
        losses = losses.to_numpy(dtype=np.float64, na_value=np.nan)
    elif isinstance(losses, np.ma.MaskedArray):
        losses = np.ma.filled(losses.astype(np.float64), np.nan)
    fits = True
    like: xr.DataArray | None = None
    if isinstance(losses, xr.DataArray) and losses.ndim:
        dim = "return_period" if "return_period" in losses.dims else losses.dims[0]
        like = losses.isel({dim: 0}, drop=True)
        data = losses.transpose(dim, ...).data
        own = np.asarray(losses[dim].values, dtype=np.float64) if dim in losses.coords else None
        fits = own is None or given is None or np.array_equal(np.sort(own), np.sort(given))
        periods = own if own is not None else given
    else:
        periods = given
        data = losses if isinstance(losses, da.Array) else np.asarray(losses)
        data = data if data.dtype.kind == "f" else data.astype(np.float64)
    if periods is None or not fits or data.ndim < 1 or data.shape[0] != periods.size:
        raise LayerError(
            Problem(
                "risk.losses_by_period",
                Phrase("losses_by_period"),
                shape=str(getattr(data, "shape", ())),
                periods=Phrase("none_given") if given is None else given.tolist(),
            )
        )
    return data, periods, like


def _check_losses(data: Array | da.Array, periods: Floats) -> None:
    if isinstance(data, da.Array) or not data.size:
        return
    least = float(np.fmin.reduce(data, axis=None))
    if least < 0:
        raise LayerError(Problem("risk.losses", Phrase("losses_by_period"), least=least))
    order = np.argsort(periods)
    falls, equal = [], []
    for a, b in itertools.pairwise(order):
        pair = Phrase("period_pair", first=float(periods[a]), second=float(periods[b]))
        if np.any(data[b] < data[a] * (1 - 1e-9)):
            falls.append(pair)
        elif np.array_equal(data[a], data[b], equal_nan=True) and np.any(data[a] > 0):
            equal.append(pair)
    if falls:
        note(Problem("risk.losses_fall", Phrase("losses_by_period"), severity="warning", pairs=falls))
    if equal:
        note(Problem("risk.losses_equal", Phrase("losses_by_period"), severity="warning", pairs=equal))


# A unit of losses -> the quantity of their yearly mean.
_YEARLY = {"yuan": "expected_annual_loss", "person": "expected_annual_deaths"}


def _as_layer(out: Array, like: xr.DataArray, method: str, tail: bool, protection: Protection | None) -> xr.DataArray:
    """The result as a layer in the unit of the losses per year; losses that state no unit get none."""
    units = str(like.attrs.get("units", ""))
    attrs: dict[str, Any] = {"method": method, "tail": "constant" if tail else "none"}
    if protection is not None:
        attrs["protection"] = protection if isinstance(protection, int | float) else "by cell"
    deaths = units == "person" and like.attrs.get("quantity") == "deaths"
    quantity = (
        "expected_annual_value" if units == "person" and not deaths else _YEARLY.get(units, "expected_annual_value")
    )
    layer = describe(like.copy(data=out), quantity=quantity, **attrs)
    layer.attrs["units"] = f"{units}/a"
    if not units:
        del layer.attrs["units"]
    return layer
