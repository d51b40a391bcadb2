"""Dates and times as tables of the field write them: ISO, d/m/yyyy or m/d/yyyy, 20210720, spreadsheet serials, HHMM."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import Phrase, Problem, decided, note
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = ["DateColumn", "clock_minutes", "parse_dates", "read_dates"]

Order = Literal["day_first", "month_first", "assumed", "contradicting"]
# Days since 1899-12-30: 1927 to 2119.
_SERIALS = (10_000, 80_000)
_YEARS = (1678, 2261)
_SHOWN = 5
_CLOCK = (
    r"(?:(?:[T\s]\s*|(?<=日)|(?<=\d{8}))(?P<half>上午|下午)?\s*(?P<hour>\d{1,2})(?:[:时点h](?P<minute>\d{1,2})?)?"
    r"(?:[:分](?P<second>\d{1,2})(?:\.\d+)?)?[分秒]?\s*(?P<late>[AaPp]\.?[Mm]\.?)?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_FORMS = tuple(
    re.compile(form + _CLOCK + r"$")
    for form in (
        r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?(?:\s*(?:星期|周)[一二三四五六日天])?",
        r"^(?P<first>\d{1,2})\s*[-/.]\s*(?P<next>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})",
        r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"^(?P<day>\d{1,2})[-\s/]*(?P<name>[A-Za-z]{3,9})\.?[-\s/,]*(?P<year>\d{4})",
        r"^(?P<name>[A-Za-z]{3,9})\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    )
)
_DIGITS = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})?(?P<minute>\d{2})?(?P<second>\d{2})?$"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_NAMES, start=1)}


@dataclass(frozen=True, eq=False)
class DateColumn:
    """The dates of a column and how they were read.

    Parameters
    ----------
    values : Series
        Time stamps with the index of the column; NaT where there is no date.
    unread : array of bool
        Cells that hold something which is no date.
    order : {"day_first", "month_first", "assumed", "contradicting"} or None
        Of dates such as 1/11/2021: proven by a day above 12 somewhere in the column; assumed to have the day first
        where nothing proves it; contradicting where some prove one order and some the other. None without such dates.
    swapped : int
        Dates in which a spreadsheet has probably exchanged day and month.
    examples : tuple of str
        Some of the cells that the order decides, or that were not read.

    Examples
    --------
    >>> read_dates(["1/11/2021", "1/13/2021"]).order
    'month_first'
    """

    values: pd.Series
    unread: NDArray[np.bool_]
    order: Order | None
    swapped: int
    examples: tuple[str, ...]

    def tell(self, thing: Phrase | str) -> None:
        """Note what is doubtful about the dates of a thing.

        Examples
        --------
        >>> read_dates(["2021-07-20"]).tell("rain.csv")
        """
        if self.order is not None:
            decided(thing, "dates", Phrase(f"dates_{self.order}"), why="values")
        if self.order == "assumed":
            note(Problem("dates.assumed", thing, severity="warning", examples=self.examples))
        if self.order == "contradicting":
            note(Problem("dates.contradicting", thing, severity="warning", examples=self.examples))
        if self.swapped:
            note(Problem("dates.swapped", thing, severity="warning", count=self.swapped, examples=self.examples))


@dataclass
class _Cell:
    """One cell: its parts, whether a spreadsheet or a person wrote year, month and day in a fixed order."""

    year: int
    month: int
    day: int
    seconds: float = 0.0
    loose: bool = False  # two numbers before the year: which is the day is not yet known


@takes()
def parse_dates(values: ArrayLike, *, thing: Phrase | str | None = None) -> pd.Series:
    """Dates of a column, whatever form they have in the file; NaT where there is none.

    Parameters
    ----------
    values : Series or array
        Dates; texts such as ``2021-07-20``, ``2021-07-20 16:30``, ``2021/7/20``, ``2021年7月20日``, ``20-Jul-2021``,
        ``20210720``, ``2021072008``; ``20/7/2021`` or ``7/20/2021`` (the column decides which comes first; where it
        does not, the day); numbers such as 20210720, or serials of a spreadsheet (44397). A time zone behind the clock
        is left away: the date is the one that stands there.
    thing : Phrase or str, optional
        What has the dates, for the notes; by default the name of the column.

    Returns
    -------
    Series
        Time stamps with the index of the values. A text that is no date is NaT, never guessed at.

    Warns
    -----
    RiskZoningWarning
        Cells that are no date, an order of day and month that nothing proves or that contradicts itself, days and
        months that a spreadsheet has exchanged.

    Examples
    --------
    >>> forms = ["2021-07-20", "2021/7/20", "20/7/2021", 20210720, 44397, None]
    >>> parse_dates(forms).dt.strftime("%y%m%d").tolist()
    ['210720', '210720', '210720', '210720', '210720', nan]
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    read = read_dates(column)
    about = thing or (Phrase("column", name=str(column.name)) if column.name is not None else Phrase("dates_given"))
    read.tell(about)
    if read.unread.any():
        texts = [str(text) for text in column[read.unread].unique()[:_SHOWN]]
        count, total = int(read.unread.sum()), len(column)
        note(Problem("dates.unread", about, severity="warning", count=count, total=total, texts=texts))
    return read.values


@takes()
def read_dates(values: ArrayLike) -> DateColumn:
    """Dates of a column with how they were read; nothing is noted.

    Parameters
    ----------
    values : Series or array
        As of :func:`parse_dates`.

    Examples
    --------
    >>> read_dates(["20/7/2021", "soon"]).unread.tolist()
    [False, True]
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    if pd.api.types.is_datetime64_any_dtype(column):
        return DateColumn(column.dt.tz_localize(None), np.zeros(len(column), dtype=bool), None, 0, ())
    codes, uniques = pd.factorize(column.astype(object))
    filled = np.array([str(value).strip() != "" for value in uniques], dtype=bool)
    cells = [_cell(value) for value in uniques]
    order, examples = _order(uniques, cells)
    stamps = np.array([_stamp(cell, order) for cell in cells], dtype="datetime64[ns]")
    # Empty cells have the code -1: the last of the list.
    out = np.append(stamps, np.datetime64("NaT", "ns"))[codes]
    unread = np.append(filled & np.isnat(stamps), False)[codes]
    swapped = _swapped(cells, order)
    count = int(np.isin(codes, np.flatnonzero(swapped)).sum())
    shown = tuple(str(uniques[at]) for at in np.flatnonzero(swapped)[:_SHOWN]) if count else examples
    return DateColumn(pd.Series(out, index=column.index, name=column.name), unread, order, count, shown)


def _cell(value: object) -> _Cell | None:
    if isinstance(value, datetime.datetime | np.datetime64):
        stamp = pd.Timestamp(value)
        clock = (stamp - stamp.normalize()).total_seconds()
        return _Cell(stamp.year, stamp.month, stamp.day, clock)
    if isinstance(value, datetime.date):
        return _Cell(value.year, value.month, value.day)
    text = unicodedata.normalize("NFKC", str(value)).strip().lstrip("'`")
    try:
        number = float(text)
    except ValueError:
        return _of_text(text)
    return _of_number(number)


def _of_number(number: float) -> _Cell | None:
    if _SERIALS[0] <= number <= _SERIALS[1]:
        seconds = round(number * 86400)
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=seconds // 86400)
        return _Cell(day.year, day.month, day.day, seconds % 86400)
    parts = _DIGITS.match(f"{number:.0f}") if number == np.floor(number) else None
    return _of_parts(parts.groupdict()) if parts else None


def _of_text(text: str) -> _Cell | None:
    for form in _FORMS:
        parts = form.match(text)
        if parts is not None:
            return _of_parts(parts.groupdict())
    return None


def _of_parts(parts: Mapping[str, str | None]) -> _Cell | None:
    clock = [float(parts.get(name) or 0) for name in ("hour", "minute", "second")]
    half = (parts.get("half") or parts.get("late") or "").lower().replace(".", "")
    if half:
        clock[0] = clock[0] % 12 + (12 if half in ("pm", "下午") else 0)
    # 24:00 is the end of the day.
    if clock[0] > 24 or clock[1] > 59 or clock[2] >= 60 or (clock[0] == 24 and clock[1] + clock[2] > 0):
        return None
    month: str | int | None = parts.get("month")
    if parts.get("name"):
        month = _MONTHS.get(str(parts["name"])[:3].lower())
    loose = parts.get("first") is not None
    first, second = (parts["first"], parts["next"]) if loose else (parts.get("day"), month)
    if first is None or second is None or parts.get("year") is None:
        return None
    return _Cell(int(str(parts["year"])), int(second), int(first), float(np.dot(clock, (3600, 60, 1))), loose)


def _order(uniques: Any, cells: list[_Cell | None]) -> tuple[Order | None, tuple[str, ...]]:
    """What the column as a whole says of dates with two numbers before the year."""

    def texts(fits: Callable[[_Cell], bool]) -> list[str]:
        return [str(text) for text, cell in zip(uniques, cells) if cell is not None and cell.loose and fits(cell)]

    day_first = texts(lambda cell: cell.day > 12 >= cell.month)
    month_first = texts(lambda cell: cell.month > 12 >= cell.day)
    if day_first and month_first:
        return "contradicting", (day_first[0], month_first[0])
    if day_first or month_first:
        return ("day_first", tuple(day_first[:1])) if day_first else ("month_first", tuple(month_first[:1]))
    open_ = texts(lambda cell: cell.day != cell.month)
    return ("assumed", tuple(open_[:_SHOWN])) if open_ else (None, ())


def _stamp(cell: _Cell | None, order: Order | None) -> np.datetime64:
    missing = np.datetime64("NaT", "ns")
    if cell is None or not _YEARS[0] <= cell.year <= _YEARS[1]:
        return missing
    day, month = cell.day, cell.month
    if cell.loose and order == "contradicting" and day != month and max(day, month) <= 12:
        return missing
    if cell.loose and (order == "month_first" or (order == "contradicting" and month > 12)):
        day, month = month, day
    try:
        start = datetime.datetime(cell.year, month, day)
    except ValueError:
        return missing
    return np.datetime64(start, "ns") + np.timedelta64(round(cell.seconds * 1000), "ms")


def _swapped(cells: list[_Cell | None], order: Order | None) -> NDArray[np.bool_]:
    """Dates that a spreadsheet has read in the other order.

    It makes a date of 1/11/2021 by its own order and leaves 1/13/2021 as text: then all texts have a day above 12, and
    all dates one up to 12.
    """
    out = np.zeros(len(cells), dtype=bool)
    loose = [cell for cell in cells if cell is not None and cell.loose]
    fixed = [at for at, cell in enumerate(cells) if cell is not None and not cell.loose]
    proven = order in ("day_first", "month_first") and all(max(cell.day, cell.month) > 12 for cell in loose)
    if proven and fixed and all(cell.day <= 12 for at in fixed if (cell := cells[at]) is not None):
        out[fixed] = True
    return out


@takes()
def clock_minutes(values: ArrayLike) -> pd.Series:
    """Minutes after midnight of clock times; NaN where there is none.

    Parameters
    ----------
    values : Series or array
        HHMM as number or text (``1630``, ``0450``, 450), ``16:30``, ``16:30:00``, or times.

    Examples
    --------
    >>> clock_minutes([1630, "0450", "16:30", "16:30:00", 2460]).tolist()
    [990.0, 290.0, 990.0, 990.0, nan]
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    text = column.astype(str).str.strip()
    parts = text.str.extract(r"^(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$").astype(float)
    number = pd.to_numeric(text, errors="coerce")
    hours = parts[0].where(parts[0].notna(), number // 100)
    minutes = parts[1].where(parts[1].notna(), number % 100)
    good = hours.between(0, 23) & minutes.between(0, 59)
    return (hours * 60 + minutes).where(good)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
