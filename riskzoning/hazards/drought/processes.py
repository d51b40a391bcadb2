"""Drought processes (干旱过程): start, end and intensity at each station; days of drought in a year; frequency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells
from riskzoning.hazards.drought.composite import drought_class
from riskzoning.hazards.drought.series import Daily, Dates, series_of
from riskzoning.hazards.drought.standardised import rule
from riskzoning.layers.plausible import takes

_COLUMNS = ("start", "end", "days", "drought_days", "intensity", "lowest", "worst_class")


@takes()
def drought_processes(
    index: Cells,
    *,
    dates: Dates | None = None,
    limit: float | None = None,
    start_days: int | None = None,
    end_days: int | None = None,
) -> pd.DataFrame:
    """Drought processes of a daily index: from ``start_days`` days of drought in a row to ``end_days`` days without.

    Parameters
    ----------
    index : array, Series or DataArray
        MCI (or another index) of days; time is the first axis of an array (with ``dates``), the index of a Series, the
        dim ``time`` of a DataArray, which may have one more dim (stations).
    dates : array of dates, optional
    limit : float, optional
        A day at or below it is a day of drought, default -0.5.
    start_days, end_days : int, optional
        Default 15 and 5; older practice ends after 10, some systems take 10 and 10.

    Returns
    -------
    DataFrame
        ``start`` (the first of the days of drought), ``end`` (the last day of drought), ``days`` (from the one to the
        other), ``drought_days``, ``intensity`` (sum of the absolute index over the days of drought), ``lowest`` index,
        ``worst_class``; before them the station, where there are several. A missing day ends a process: nobody knows
        whether the drought went on.

    Raises
    ------
    LayerError
        The dates are no days, or a number of days is not whole.

    Examples
    --------
    >>> days = pd.date_range("2001-03-01", periods=40)
    >>> index = pd.Series(np.r_[np.zeros(5), np.full(20, -1.2), np.zeros(4), [-0.6], np.zeros(10)], days)
    >>> drought_processes(index)[["start", "end", "days", "drought_days", "intensity"]]
           start        end  days  drought_days  intensity
    0 2001-03-06 2001-03-30    25            21       24.6
    """
    table = rule("process")
    least = float(table["limit"] if limit is None else limit)
    lengths = {
        name: table[name] if given is None else given
        for name, given in (("start_days", start_days), ("end_days", end_days))
    }
    for name, length in lengths.items():
        if isinstance(length, bool) or not float(length).is_integer() or length < 1:
            raise LayerError(Problem("drought.window", Phrase("argument", name=name), window=length))
    series = daily_index(index, dates)
    parts = []
    for label, values in zip(labels_of(index, series), np.atleast_2d(series.values)):
        rows = _processes(values, least, int(lengths["start_days"]), int(lengths["end_days"]))
        part = pd.DataFrame(rows, columns=list(_COLUMNS))
        for name in ("start", "end"):
            part[name] = series.time[part[name].to_numpy(dtype=np.intp)]
        if series.values.ndim > 1:
            part.insert(0, "station", [label] * len(part))
        parts.append(part)
    out = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_COLUMNS))
    return out.astype({"days": int, "drought_days": int, "worst_class": int}) if len(out) else out


def daily_index(index: Cells | Daily, dates: Dates | None = None) -> Daily:
    """An index of days."""
    series = series_of(index, dates)
    if series.step != "day":
        raise LayerError(Problem("drought.daily", series.thing))
    if series.values.ndim > 2:
        raise LayerError(Problem("drought.stations_only", series.thing, dims=series.values.ndim))
    return series


def labels_of(index: Cells | Daily, series: Daily) -> list[object]:
    """What the series of an index are called: the stations, or their numbers."""
    if isinstance(index, xr.DataArray) and series.values.ndim == 2:
        (dim,) = (str(name) for name in index.dims if name != "time")
        if dim in index.coords:
            return list(index[dim].to_numpy())
    return list(range(len(np.atleast_2d(series.values))))


def _processes(values: Array, limit: float, start: int, end: int) -> list[tuple[Any, ...]]:
    """Positions and figures of the processes of one series."""
    dry = np.isfinite(values) & (values <= limit)
    steps = np.diff(np.concatenate([[False], dry, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    gaps = np.concatenate([[0], np.cumsum(~np.isfinite(values))])
    out, at = [], 0
    while at < firsts.size:
        if lasts[at] - firsts[at] + 1 < start:
            at += 1
            continue
        until = at
        # A shorter break than the end of a process goes on, unless a day in it is missing.
        while (
            until + 1 < firsts.size
            and firsts[until + 1] - lasts[until] - 1 < end
            and gaps[firsts[until + 1]] == gaps[lasts[until] + 1]
        ):
            until += 1
        inside = slice(firsts[at], lasts[until] + 1)
        days = values[inside][dry[inside]]
        lowest = float(days.min())
        out.append((
            firsts[at], lasts[until], lasts[until] - firsts[at] + 1, days.size,
            float(np.abs(days).sum()), lowest, int(drought_class(lowest)),
        ))  # fmt: skip
        at = until + 1
    return out


@takes()
def drought_days(
    index: Cells, *, dates: Dates | None = None, limit: float | None = None, undefined: Cells | None = None
) -> pd.DataFrame:
    """Days of moderate and worse drought in each year, and whether the year is complete.

    Parameters
    ----------
    index : array, Series or DataArray
        As for :func:`drought_processes`.
    dates : array of dates, optional
    limit : float, optional
        A day at or below it counts, default -1.0.
    undefined : array of bool, optional
        Days, time last, on which frost keeps the index from being defined: without drought, but not missing.

    Returns
    -------
    DataFrame
        ``station`` (0 for a single series), ``year``, ``value`` (days, NaN where the year is not complete), ``count``
        (the same), ``complete``: 95 % of the days of the year have an index.

    Examples
    --------
    >>> days = pd.date_range("2001-01-01", "2002-06-30")
    >>> drought_days(pd.Series(np.where(days.month == 5, -1.0, 0.0), days))[["year", "value", "complete"]]
       year  value  complete
    0  2001   31.0      True
    1  2002    NaN     False
    """
    series = daily_index(index, dates)
    least = float(rule("day_limit") if limit is None else limit)
    values = np.atleast_2d(series.values)
    known = np.isfinite(values)
    if undefined is not None:
        known |= np.atleast_2d(np.asarray(undefined, dtype=bool))
    years = series.time.year.to_numpy()
    every = np.unique(years)
    place = years - every[0]
    length = np.where(pd.DatetimeIndex([f"{year}-01-01" for year in every]).is_leap_year, 366, 365)
    share = float(rule("min_year_share"))
    rows = []
    for label, row, good in zip(labels_of(index, series), values, known):
        dry = np.bincount(place, weights=good & (np.nan_to_num(row) <= least), minlength=every.size)
        complete = np.bincount(place, weights=good, minlength=every.size) >= share * length
        days = np.where(complete, dry, np.nan)
        rows.append(pd.DataFrame({"station": label, "year": every, "value": days, "count": days, "complete": complete}))
    return pd.concat(rows, ignore_index=True)


@takes()
def drought_frequency(processes: pd.DataFrame, years: float) -> pd.DataFrame:
    """Processes in a year by the class of their lowest index: how often light, moderate, severe, extreme ones came.

    Parameters
    ----------
    processes : DataFrame
        From :func:`drought_processes`.
    years : float
        Years that the index covers.

    Returns
    -------
    DataFrame
        Index ``class`` 1..4: ``count``, ``frequency`` (1/a), ``mean_days``, ``mean_intensity``. The rule counted is the
        process; every day at or below a limit gives other numbers (:func:`drought_days`).

    Raises
    ------
    LayerError
        ``years`` is not above 0.

    Examples
    --------
    >>> processes = pd.DataFrame({"worst_class": [2, 2, 4], "days": [20, 40, 90], "intensity": [20.0, 50.0, 160.0]})
    >>> drought_frequency(processes, 30)["frequency"].round(3).tolist()
    [0.0, 0.067, 0.0, 0.033]
    """
    if not years > 0:
        raise LayerError(Problem("drought.record", Phrase("argument", name="years"), years=years))
    grouped = processes.groupby("worst_class")
    classes = pd.RangeIndex(1, 5, name="class")
    count = grouped.size().reindex(classes, fill_value=0)
    means = grouped[["days", "intensity"]].mean().reindex(classes).add_prefix("mean_")
    return pd.DataFrame({"count": count, "frequency": count / float(years)}).join(means)
