"""From daily values to yearly extremes, and what the L-moments of a series are."""

from __future__ import annotations

from math import comb
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.extremes.moments import l_moments_of


class LMoments(NamedTuple):
    """L-moments of a series: mean, scale, ratios of skewness and kurtosis (t3 = l3 / l2, t4 = l4 / l2)."""

    l1: float
    l2: float
    t3: float
    t4: float


@takes()
def l_moments(values: ArrayLike) -> LMoments:
    """L-moments of a series (线性矩): mean, scale, ratios of skewness and kurtosis; unbiased.

    Parameters
    ----------
    values : array, shape (n,)
        NaN is left out; four values at least.

    Raises
    ------
    LayerError
        There are fewer than four values.

    Examples
    --------
    >>> [round(part, 6) for part in l_moments([2, 3, 4, 2.4, 5.5, 1.2, 5.4, 2.2, 7.1, 1.3, 1.5])]
    [3.236364, 1.141818, 0.273885, 0.023355]
    """
    return LMoments(*(float(part) for part in l_moments_of(_series(values, least=4))))


@takes()
def l_moment_ratio(values: ArrayLike, order: int) -> float:
    """Ratio of the L-moment of an order to the scale of a series (线性矩系数), t5 = l5 / l2; unbiased.

    Parameters
    ----------
    values : array, shape (n,)
        NaN is left out; as many values as the order, at least.
    order : int
        3 and more: 3 is skewness, 4 kurtosis.

    Returns
    -------
    float
        -1..1; NaN for values that are all the same.

    Raises
    ------
    LayerError
        There are fewer values, or the order is below 3.

    References
    ----------
    Hosking, J. R. M. (1990): L-moments: analysis and estimation of distributions using linear combinations of order
    statistics. J. R. Stat. Soc. B 52:105-124.

    Examples
    --------
    >>> round(l_moment_ratio([2, 3, 4, 2.4, 5.5, 1.2, 5.4, 2.2, 7.1, 1.3, 1.5], 5), 8)
    -0.04246285
    """
    if order < 3:
        raise LayerError(Problem("extremes.order", Phrase("extreme_series"), order=order))
    series = np.sort(_series(values, least=max(int(order), 3)))
    # Differences to the mean: constants drop out before they are added up.
    weight, moments = series - series.mean(), []
    rank = np.arange(series.size)
    for k in range(order):
        moments.append(float(weight.mean()))
        weight = weight * (rank - k) / max(series.size - 1 - k, 1)

    def moment(r: int) -> float:
        return sum((-1) ** (r - 1 - k) * comb(r - 1, k) * comb(r - 1 + k, k) * moments[k] for k in range(r))

    scale = moment(2)
    return moment(order) / scale if scale > 0 else float("nan")


def _series(values: ArrayLike, *, least: int) -> NDArray[np.float64]:
    """The finite values, where there are enough."""
    series = np.asarray(values, dtype=np.float64).ravel()
    series = series[np.isfinite(series)]
    if series.size < least:
        raise LayerError(Problem("extremes.short", Phrase("extreme_series"), count=series.size, least=least))
    return series


@takes()
def yearly_extremes(
    daily: pd.Series[Any] | pd.DataFrame,
    *,
    mode: Literal["max", "min", "sum"] = "max",
    season: Literal["calendar", "cold"] = "calendar",
    min_share: float | None = None,
) -> Any:
    """Extreme of each year of daily values (年极值), of complete years only.

    Parameters
    ----------
    daily : Series or DataFrame
        Index of days (DatetimeIndex), a column a station. A day that is not there counts as missing, as NaN does.
    mode : {"max", "min", "sum"}
        ``sum``: total of the year.
    season : {"calendar", "cold"}
        ``cold``: years from July to June, named after the year in which they begin; a snowfall of January lies in one.
    min_share : float
        Share of the days of a year that must be there; default 0.95. Other years are NaN, which is said.

    Returns
    -------
    Series or DataFrame
        Index ``year``.

    Raises
    ------
    LayerError
        The index has no days, a day is there twice, or an option is not known.

    Examples
    --------
    >>> days = pd.date_range("2020-01-01", "2021-06-30", name="day")
    >>> rain = pd.Series(np.arange(len(days)) % 40.0, index=days)
    >>> yearly_extremes(rain).to_dict()
    {2020: 39.0, 2021: nan}
    """
    rules = standards.table("methods/extremes").data
    share = float(rules["complete_share"] if min_share is None else min_share)
    thing = Phrase("daily_series")
    _check_days(daily, mode, season, share)
    days = pd.DatetimeIndex(daily.index).normalize()
    if days.has_duplicates:
        twice = sorted({str(day.date()) for day in days[days.duplicated()]})
        raise LayerError(Problem("extremes.days_twice", thing, days=twice))
    start = int(rules["season_start"][season])
    labels = pd.Index(days.year - (days.month < start), name="year")
    frame = daily.to_frame() if isinstance(daily, pd.Series) else daily
    grouped = frame.groupby(labels)
    first = {int(str(year)): pd.Timestamp(int(str(year)), start, 1) for year in grouped.groups}
    lengths = pd.Series({year: (day + pd.DateOffset(years=1) - day).days for year, day in first.items()})
    complete = grouped.count().div(lengths, axis=0) >= share
    every = range(int(labels.min()), int(labels.max()) + 1)
    out = getattr(grouped, mode)().where(complete).reindex(pd.Index(every, name="year"))
    left = out.index[out.isna().all(axis=1)]
    if len(left):
        years = [int(year) for year in left]
        note(Problem("extremes.incomplete", thing, severity="info", years=years, share=share))
    return out.iloc[:, 0].rename(daily.name) if isinstance(daily, pd.Series) else out


def _check_days(daily: object, mode: str, season: str, share: float) -> None:
    problems = []
    if (
        not isinstance(daily, pd.Series | pd.DataFrame)
        or not isinstance(daily.index, pd.DatetimeIndex)
        or not len(daily)
    ):
        problems.append(Problem("extremes.days", Phrase("daily_series")))
    seasons = list(standards.table("methods/extremes").data["season_start"])
    for name, value, known in (("mode", mode, ["max", "min", "sum"]), ("season", season, seasons)):
        if value not in known:
            problems.append(Problem("extremes.choice", Phrase("argument", name=name), value=value, known=known))
    if not 0 < share <= 1:
        thing = Phrase("argument", name="min_share")
        problems.append(Problem("extremes.number", thing, value=share, low=0.0, high=1.0))
    if problems:
        raise LayerError(problems=problems)
