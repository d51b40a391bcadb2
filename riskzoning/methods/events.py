"""Events in daily series (过程识别): spells above or below a threshold, their table, and values per year.

Rules that are the same everywhere: a missing day ends an event, also a day that the time axis leaves out; an event that
crosses the end of a year belongs to the year it started in; cold-season hazards count years from July; a year is used
only when enough of its days have values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.layers.numbers import unmasked
from riskzoning.layers.plausible import takes

Array: TypeAlias = NDArray[Any]

__all__ = ["annual_values", "completeness", "in_spell", "over_events", "runs", "season_year", "spells"]

Operator: TypeAlias = Literal[">=", ">", "<=", "<"]
_OPERATORS: dict[str, Any] = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
Statistic: TypeAlias = Literal["sum", "max", "min", "mean", "count"]
_STATISTICS: dict[str, Callable[..., Any]] = {"sum": np.nansum, "max": np.nanmax, "min": np.nanmin, "mean": np.nanmean}
_COLUMNS = ("start", "end", "length", "extreme", "sum")


@takes()
def runs(mask: ArrayLike) -> pd.DataFrame:
    """Run-length coding: the stretches of True of a one-dimensional mask.

    Parameters
    ----------
    mask : array of bool, shape (time,)

    Returns
    -------
    DataFrame
        Columns ``start``, ``end`` (positions, both inside the run) and ``length``.

    Examples
    --------
    >>> runs([False, True, True, False, True]).values.tolist()
    [[1, 2, 2], [4, 4, 1]]
    """
    starts, ends = _run_ends(np.asarray(mask, dtype=bool))
    return pd.DataFrame({"start": starts, "end": ends, "length": ends - starts + 1})


def _run_ends(mask: Array) -> tuple[Any, Any]:
    steps = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1


@takes()
def spells(
    values: ArrayLike, threshold: float, *, op: Operator = ">=", min_length: int = 1, max_gap: int = 0
) -> pd.DataFrame:
    """Events of consecutive days that meet a threshold, e.g. hot spells, wet spells, gales.

    Parameters
    ----------
    values : array, Series or DataArray
        One value a day. A DataArray may have further dimensions (``station`` x ``time``); its time must be ascending.
        NaN is a missing day: it ends an event and never joins two.
    threshold : float
        In the unit of the values.
    op : {">=", ">", "<=", "<"}
        How a day meets the threshold. (xclim's default is ">".)
    min_length : int
        Days that an event lasts at least.
    max_gap : int
        Days below the threshold that an event may bridge; they count in ``length`` and ``sum``, missing days never do.

    Returns
    -------
    DataFrame
        ``start end length extreme sum``: first and last day (time stamps, or positions where there is no time), days,
        largest value (smallest for "<=" and "<") and sum of the values; before them the other dimensions, e.g.
        ``station``.

    Raises
    ------
    LayerError
        The operator is unknown, a length is not a whole number above 0, or time is not ascending.

    Examples
    --------
    >>> spells([29, 31, 31, 31, 29, 31, 31], 30, op=">", min_length=3)
       start  end  length  extreme   sum
    0      1    3       3     31.0  93.0
    """
    _check_options(op, min_length, max_gap)
    table = _Series.of(values)
    parts = []
    for labels, row in table.rows():
        events = _row_spells(row, table.breaks, threshold, op, min_length, max_gap)
        parts.append(pd.DataFrame({**labels, **events}))
    out = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*table.names, *_COLUMNS])
    if table.times is not None:
        for name in ("start", "end"):
            out[name] = table.times[out[name].to_numpy(dtype=np.intp)]
    return out


@takes()
def in_spell(values: ArrayLike, threshold: float, *, op: Operator = ">=", min_length: int = 1, max_gap: int = 0) -> Any:
    """Whether each day belongs to an event of :func:`spells`; days of events may then be counted by month or year.

    Counting after the events are found never cuts an event at the end of a month.

    Parameters
    ----------
    values, threshold, op, min_length, max_gap
        As in :func:`spells`.

    Returns
    -------
    array, Series or DataArray of bool
        Shape of ``values``; a missing day is False.

    Raises
    ------
    LayerError
        As :func:`spells`.

    Examples
    --------
    >>> in_spell([29, 31, 31, 31, 29, 31], 30, min_length=2).tolist()
    [False, True, True, True, False, False]
    """
    _check_options(op, min_length, max_gap)
    table = _Series.of(values)
    mask = np.zeros(table.array.shape, dtype=bool)
    for (_, row), target in zip(table.rows(), mask):
        events = _row_spells(row, table.breaks, threshold, op, min_length, max_gap)
        for start, end in zip(events["start"], events["end"]):
            target[start : end + 1] = True
    return table.back(mask)


@takes()
def season_year(times: ArrayLike, *, start_month: int = 1) -> Any:
    """The year that a day belongs to; with ``start_month=7`` the year in which its July-June season began.

    Parameters
    ----------
    times : array of dates
    start_month : int
        First month of the year, 1..12; 7 for cold-season hazards.

    Examples
    --------
    >>> season_year(["2010-06-30", "2010-07-01", "2011-01-15"], start_month=7).tolist()
    [2009, 2010, 2010]
    """
    index = pd.DatetimeIndex(np.asarray(times))
    return np.asarray(index.year - (index.month < start_month), dtype=np.int64)


@takes()
def completeness(values: xr.DataArray, *, min_share: float = 0.95, start_month: int = 1) -> pd.DataFrame:
    """How many days of each year have a value, and whether that is enough to use the year.

    Parameters
    ----------
    values : DataArray
        Dim ``time`` and any others, e.g. ``station``.
    min_share : float
        Share of the days of a year that must have values, 0..1.
    start_month : int
        First month of the year.

    Returns
    -------
    DataFrame
        The other dimensions, then ``year days share complete``; a row for every year that the series touches.

    Raises
    ------
    LayerError
        There is no ascending time axis.

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", "2002-06-30")
    >>> series = xr.DataArray(np.ones(time.size), coords={"time": time}, dims="time")
    >>> completeness(series)[["year", "complete"]].values.tolist()
    [[2001, True], [2002, False]]
    """
    table = _Series.of(values)
    if table.times is None:
        raise LayerError(Problem("events.no_dates", Phrase("daily_series")))
    years = season_year(table.times, start_month=start_month)
    every = np.unique(years)
    length = np.array([_days_of(int(year), start_month) for year in every])
    place = np.searchsorted(every, years)
    known = np.isfinite(table.array)
    days = np.stack([np.bincount(place, weights=row, minlength=every.size) for row in known]).astype(np.int64)
    out = table.labels.loc[table.labels.index.repeat(every.size)].reset_index(drop=True)
    out["year"], out["days"] = np.tile(every, len(known)), days.ravel()
    out["share"] = (days / length).ravel()
    out["complete"] = out["share"] >= min_share
    return out


def _days_of(year: int, start_month: int) -> int:
    first = pd.Timestamp(year, start_month, 1)
    return int((first + pd.DateOffset(years=1) - first).days)


@takes()
def annual_values(
    events: pd.DataFrame, coverage: pd.DataFrame, columns: str | Sequence[str] = (), *, start_month: int = 1
) -> pd.DataFrame:
    """Number of events and sums of their columns per year; an event belongs to the year of its start.

    A complete year without events has 0; an incomplete year has NaN, never 0.

    Parameters
    ----------
    events : DataFrame
        From :func:`spells`, with dates.
    coverage : DataFrame
        From :func:`completeness`, of the same series.
    columns : str or sequence of str
        Columns of ``events`` to add up, e.g. ``sum``.
    start_month : int
        First month of the year, as in ``coverage``.

    Returns
    -------
    DataFrame
        The other dimensions, ``year``, ``complete``, ``events`` and the columns.

    Raises
    ------
    LayerError
        ``events`` has no dates or lacks a column.

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", "2002-12-31")
    >>> rain = xr.DataArray(np.zeros(time.size), coords={"time": time}, dims="time")
    >>> rain[[364, 365]] = 60.0
    >>> annual_values(spells(rain, 50, min_length=1), completeness(rain), "sum")[["year", "events", "sum"]]
       year  events    sum
    0  2001     1.0  120.0
    1  2002     0.0    0.0
    """
    wanted = [columns] if isinstance(columns, str) else list(columns)
    missing = [name for name in ("start", *wanted) if name not in events.columns]
    if missing:
        raise LayerError(Problem("events.columns", Phrase("event_table"), columns=missing))
    if not (events.empty or pd.api.types.is_datetime64_any_dtype(events["start"])):
        raise LayerError(Problem("events.dates", Phrase("event_table")))
    keys = [name for name in coverage.columns if name not in ("year", "days", "share", "complete")]
    rows = events[[*keys, *wanted]].assign(events=1.0)
    rows["year"] = season_year(events["start"], start_month=start_month) if len(events) else 0
    sums = rows.groupby([*keys, "year"], as_index=False)[["events", *wanted]].sum()
    out = coverage[[*keys, "year", "complete"]].merge(sums, how="left", on=[*keys, "year"])
    for name in ("events", *wanted):
        out[name] = out[name].fillna(0.0).astype(np.float64).where(out["complete"])
    return out


class _Series:
    """Values as rows of a 2-D array, with what is needed to name the rows and to go back to the container."""

    def __init__(
        self, array: Array, labels: pd.DataFrame, times: pd.DatetimeIndex | None, back: Callable[[Array], Any]
    ) -> None:
        self.array, self.labels, self.times, self.back = array, labels, times, back
        self.names = list(labels.columns)
        self.breaks = np.zeros(0, dtype=np.intp)
        if times is not None and len(times) > 1:
            steps = np.diff(times.values.astype("datetime64[s]").astype(np.int64))
            if steps.min() <= 0:
                raise LayerError(Problem("events.time", Phrase("daily_series")))
            self.breaks = np.flatnonzero(steps > 1.5 * steps.min())

    def rows(self) -> Any:
        """Each series with the labels of its dimensions."""
        # A table without columns has no records in pandas 2.
        return zip(self.labels.to_dict("records") or [{}], self.array)

    @classmethod
    def of(cls, values: ArrayLike) -> _Series:
        """From an array, a Series or a DataArray."""
        none = pd.DataFrame(index=range(1))
        if isinstance(values, pd.Series):
            times = values.index if isinstance(values.index, pd.DatetimeIndex) else None
            return cls(_floats(values.to_numpy())[None, :], none, times, lambda m: pd.Series(m[0], values.index))
        if not isinstance(values, xr.DataArray):
            array = _floats(values)
            if array.ndim != 1:
                raise LayerError(Problem("events.dims", Phrase("daily_series"), dims=array.ndim))
            return cls(array[None, :], none, None, lambda m: m[0])
        return cls._of_layer(values)

    @classmethod
    def _of_layer(cls, values: xr.DataArray) -> _Series:
        dim = "time" if "time" in values.dims else values.dims[-1] if values.ndim == 1 else None
        if dim is None:
            raise LayerError(Problem("events.no_time", Phrase("daily_series"), dims=values.dims))
        others = [str(name) for name in values.dims if name != dim]
        turned = values.transpose(*others, dim)
        index = values.indexes.get(dim)
        labels = (
            pd.MultiIndex.from_product(
                [np.asarray(values[name]) if name in values.coords else range(values.sizes[name]) for name in others],
                names=others,
            ).to_frame(index=False)
            if others
            else pd.DataFrame(index=range(1))
        )
        array = _floats(turned.to_numpy()).reshape(len(labels), values.sizes[dim])

        def back(mask: Array) -> xr.DataArray:
            out = turned.copy(data=mask.reshape(turned.shape)).transpose(*values.dims)
            out.attrs = {}
            return out

        return cls(array, labels, index if isinstance(index, pd.DatetimeIndex) else None, back)


def _floats(values: ArrayLike) -> Any:
    array = np.asarray(unmasked(values), dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _row_spells(row: Array, breaks: Array, threshold: float, op: str, min_length: int, max_gap: int) -> dict[str, Any]:
    """Spells of one series by position; ``breaks``: positions after which days are left out of the time axis."""
    mask = _OPERATORS[op](row, threshold)
    starts, ends = _run_ends(mask)
    if breaks.size:
        cuts = breaks[mask[breaks] & mask[np.minimum(breaks + 1, row.size - 1)]]
        starts, ends = np.sort(np.concatenate([starts, cuts + 1])), np.sort(np.concatenate([ends, cuts]))
    if max_gap and starts.size > 1:
        # Missing days, in the values or in the axis, up to each position: equal at both ends of a bridge without any.
        lost = np.cumsum(np.isnan(row))
        lost[1:] += np.cumsum(np.isin(np.arange(row.size - 1), breaks))
        bridged = (starts[1:] - ends[:-1] - 1 <= max_gap) & (lost[starts[1:]] == lost[ends[:-1]])
        starts, ends = starts[np.concatenate([[True], ~bridged])], ends[np.concatenate([~bridged, [True]])]
    keep = ends - starts + 1 >= min_length
    starts, ends = starts[keep], ends[keep]
    largest = np.max if op in (">=", ">") else np.min
    extreme, total = (_of_days(row[None, :], np.zeros_like(starts), starts, ends, of) for of in (largest, np.sum))
    return {"start": starts, "end": ends, "length": ends - starts + 1, "extreme": extreme, "sum": total}


@takes()
def over_events(
    values: ArrayLike, rows: ArrayLike, first: ArrayLike, last: ArrayLike, statistic: Statistic
) -> NDArray[np.float64]:
    """A statistic of a daily series over the days of each event, e.g. the wind during cold spells.

    Parameters
    ----------
    values : array, shape (series, time)
        NaN is a missing day.
    rows, first, last : array of int, shape (events,)
        The series of each event, its first and its last day (positions, both inside).
    statistic : {"sum", "max", "min", "mean", "count"}
        Of the days with a value; ``count``: all days of the event.

    Returns
    -------
    array, shape (events,)
        In the unit of the values (``count``: days); NaN where no day of the event has a value.

    Examples
    --------
    >>> wind = [[3.0, 9.0, np.nan, 4.0, np.nan]]
    >>> over_events(wind, [0, 0, 0], [0, 2, 4], [1, 3, 4], "mean").tolist()
    [6.0, 4.0, nan]
    """
    array = np.asarray(values, dtype=np.float64)
    at, start, end = (np.asarray(part, dtype=np.intp) for part in (rows, first, last))
    known = _of_days(np.isfinite(array), at, start, end, np.any) > 0
    out = np.full(at.size, np.nan)
    if statistic == "count":
        out[known] = (end - start + 1)[known]
    else:
        out[known] = _of_days(array, at[known], start[known], end[known], _STATISTICS[statistic])
    return out


def _of_days(values: Array, rows: Array, first: Array, last: Array, of: Callable[..., Any]) -> Array:
    """A function of the days of each event; events of one length are taken together."""
    out, length = np.zeros(first.size), last - first + 1
    for days in np.unique(length):
        same = np.flatnonzero(length == days)
        out[same] = of(values[rows[same, None], first[same, None] + np.arange(days)], axis=1)
    return out


def _check_options(op: str, min_length: int, max_gap: int) -> None:
    if op not in _OPERATORS or int(min_length) != min_length or min_length < 1 or max_gap < 0:
        known = list(_OPERATORS)
        raise LayerError(
            Problem("events.options", Phrase("spells"), op=op, min_length=min_length, max_gap=max_gap, known=known)
        )


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
