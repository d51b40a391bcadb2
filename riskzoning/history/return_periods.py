"""Return periods of yearly losses: the record itself, and distributions where it is long enough for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note

Array = NDArray[np.float64]
_COLUMNS = ("method", "return_period", "value", "year", "years", "ks", "p_value", "fit")


def return_periods(annual: pd.Series[float], *, periods: Sequence[float] | None = None) -> pd.DataFrame:
    """Return-period curve of a yearly series (annual sums or annual maxima): observed, empirical and fitted.

    The year with the i-th largest value of n is exceeded with p = i/(n+1) a year. From 15 years on a lognormal
    distribution (with the share of years without loss) and a generalised Pareto distribution (of what lies above the
    median year) are fitted, and their fit is judged by the distance of Kolmogorov and Smirnov with a bootstrap.

    Parameters
    ----------
    annual : Series
        Index: year; values 0 or more in any unit. A missing year (absent or NaN) is unknown, not 0.
    periods : sequence of float, optional
        Return periods to tell, years; by default 2, 5, 10, 20, 50, 100.

    Returns
    -------
    DataFrame
        Columns ``method return_period value year years ks p_value fit``. ``observed``: one row a year with its
        return period; ``empirical``: values between them, none beyond n + 1 years; ``lognormal``, ``gpd``: fitted, with
        ``fit`` good, doubtful (p below .05). ``years`` is n.

    Warns
    -----
    RiskZoningWarning
        The record is too short to fit (only what was observed is told), or has too few years with losses.

    References
    ----------
    Weibull plotting positions; Hosking and Wallis (1987), Technometrics 29 (probability-weighted moments).

    Examples
    --------
    >>> years = pd.Series([4.0, 1.0, 2.0, 8.0], index=[2001, 2002, 2003, 2004])
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     table = return_periods(years, periods=[5, 50])
    >>> table[["method", "return_period", "value"]].dropna().iloc[[0, -1]].values.tolist()
    [['observed', 5.0, 8.0], ['empirical', 5.0, 8.0]]
    """
    rules = standards.table("history/return_periods").data
    wanted = np.asarray(rules["periods"] if periods is None else periods, dtype=np.float64)
    known = annual.dropna().astype(np.float64)
    ordered = known.sort_values(ascending=False, kind="stable")
    count = len(ordered)
    times = np.asarray((count + 1) / np.arange(1, count + 1), dtype=np.float64)
    parts = [
        pd.DataFrame({"method": "observed", "return_period": times, "value": ordered.to_numpy(), "year": ordered.index})
    ]
    parts.append(
        pd.DataFrame({"method": "empirical", "return_period": wanted, "value": _between(ordered, times, wanted)})
    )
    values: Array = np.asarray(np.sort(known.to_numpy()), dtype=np.float64)
    thing = Phrase("losses_recorded")
    if count < int(rules["least_years"]):
        note(Problem("history.short_record", thing, severity="warning", years=count, least=int(rules["least_years"])))
    else:
        for name, fit in (("lognormal", _lognormal), ("gpd", _pareto)):
            told = fit(values, wanted, rules)
            if told is None:
                note(Problem("history.few_losses", thing, severity="info", method=name, years=int((values > 0).sum())))
            else:
                parts.append(told.assign(method=name, return_period=wanted))
    return pd.concat(parts, ignore_index=True).assign(years=count).reindex(columns=list(_COLUMNS))


def _between(ordered: pd.Series[float], times: Array, wanted: Array) -> Array:
    """Values between those observed, on the logarithm of the return period; none beyond the record."""
    if not len(times):
        return np.full(len(wanted), np.nan)
    inside = np.interp(np.log(wanted), np.log(times[::-1]), ordered.to_numpy()[::-1])
    return np.where((wanted <= times[0]) & (wanted >= times[-1]), inside, np.nan)


def _lognormal(values: Array, wanted: Array, rules: Mapping[str, float]) -> pd.DataFrame | None:
    above = values[values > 0]
    if len(above) < rules["least_above"] or np.ptp(np.log(above)) == 0:
        return None
    mean, spread = np.log(above).mean(), np.log(above).std(ddof=1)
    share = len(above) / len(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.exp(mean + spread * ndtri(1 - (1 / wanted) / share))

    def refitted(draws: Array) -> Array:
        logs = mean + spread * ndtri(draws)
        own = (logs - logs.mean(axis=1, keepdims=True)) / logs.std(axis=1, ddof=1, keepdims=True)
        return ndtr(own)

    distance, chance = _judged(ndtr((np.log(above) - mean) / spread), refitted, rules)
    return _told(np.where(1 / wanted < share, at, 0.0), distance, chance, rules)


def _pareto(values: Array, wanted: Array, rules: Mapping[str, float]) -> pd.DataFrame | None:
    limit = float(np.quantile(values, rules["threshold"]))
    excess = values[values > limit] - limit
    if len(excess) < rules["least_above"]:
        return None
    shape, scale = _moments(excess[None, :])
    rate = len(excess) / len(values)
    at = limit + _quantile(np.clip(rate * wanted, 1.0, None), shape[0], scale[0])

    def refitted(draws: Array) -> Array:
        sample = np.sort(_quantile(1 / (1 - draws), shape[0], scale[0]), axis=1)
        return _below(sample, *_moments(sample))

    distance, chance = _judged(_below(excess[None, :], shape, scale)[0], refitted, rules)
    # Up to the threshold the values are those of the record.
    known = np.quantile(values, 1 - 1 / wanted)
    return _told(np.where(rate * wanted > 1, at, known), distance, chance, rules)


def _moments(sorted_excess: Array) -> tuple[Array, Array]:
    """Shape and scale of generalised Pareto distributions, rows of sorted samples, by probability-weighted moments."""
    count = sorted_excess.shape[1]
    first = sorted_excess.mean(axis=1)
    second = (sorted_excess * (count - np.arange(1, count + 1)) / (count - 1)).mean(axis=1)
    gap = first - 2 * second
    gap = np.where(gap == 0, np.finfo(float).tiny, gap)
    return 2 - first / gap, 2 * first * second / gap


def _quantile(times: Array, shape: float, scale: float) -> Array:
    """Excess that is exceeded once in so many exceedances."""
    if abs(shape) < 1e-9:
        return scale * np.log(times)
    return scale / shape * (times**shape - 1)


def _below(excess: Array, shape: Array, scale: Array) -> Array:
    """Chance of a smaller excess, by rows."""
    bent = np.where(np.abs(shape) < 1e-9, 1e-9, shape)[:, None]
    base = np.maximum(1 + bent * excess / scale[:, None], 0.0)
    with np.errstate(divide="ignore"):
        return 1 - base ** (-1 / bent)


def _judged(below: Array, refitted: Callable[[Array], Array], rules: Mapping[str, float]) -> tuple[float, float]:
    """Distance of Kolmogorov and Smirnov, and the chance of one as large when the distribution is right."""
    own = float(_distance(np.sort(below)[None, :])[0])
    draws = np.random.default_rng(int(rules["seed"])).uniform(1e-12, 1 - 1e-12, (int(rules["draws"]), len(below)))
    others = _distance(np.sort(refitted(draws), axis=1))
    return own, float((1 + (others >= own).sum()) / (1 + len(others)))


def _distance(below: Array) -> Array:
    count = below.shape[1]
    steps = np.arange(1, count + 1) / count
    return np.maximum(np.abs(below - steps), np.abs(below - steps + 1 / count)).max(axis=1)


def _told(values: Array, distance: float, chance: float, rules: Mapping[str, float]) -> pd.DataFrame:
    fit = "good" if chance >= rules["alpha"] else "doubtful"
    return pd.DataFrame({"value": values, "ks": distance, "p_value": chance, "fit": fit})
