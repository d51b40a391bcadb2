"""Numbers as people write them, one reading for every door: shares (70 %, 1/3), return periods (100年, T100, 1 %)."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.faces import missing

__all__ = ["check_periods", "is_date", "number", "period", "periods", "ratio", "share"]

_HAN = {word: at for at, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_STEPS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_PERCENT = re.compile(r"^(.*?)\s*(?:%|percent|pct|％)$", re.IGNORECASE)
_FRACTION = re.compile(r"^([-+]?\d*\.?\d+)\s*[/:∶⁄]\s*(\d*\.?\d+)$")
_PERIOD = re.compile(
    r"^(?:rp|t|p|return\s*period|重现期)?\s*[=_:]?\s*(?P<number>[\d.]+|[零一两二三四五六七八九十百千万]+)\s*[-_]?\s*"
    r"(?:年一遇|年|a|yrs?|years?)?(?:\s*(?:flood|event|return\s*period))?$",
    re.IGNORECASE,
)
# 3-Jan, Jan-03, 1月3日: what a spreadsheet makes of 1/3; and its serials.
_DATE = re.compile(
    r"^(?:\d{1,2}[-\s][A-Za-z]{3,9}|[A-Za-z]{3,9}[-\s]\d{1,4}|\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}.*)$"
)
_SERIALS = (20_000, 80_000)


def _text(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip().lstrip("'`=")


def number(value: object) -> float:
    """A cell as a number; a share in percent as so many percent. NaN where it is none.

    Examples
    --------
    >>> [number(cell) for cell in ("80%", " 95 % ", "９０", 7, "soon")]
    [80.0, 95.0, 90.0, 7.0, nan]
    """
    if isinstance(value, str):
        percent = _PERCENT.match(_text(value))
        value = percent.group(1) if percent else _text(value)
    try:
        return float("nan") if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def ratio(value: object) -> float:
    """A number or a fraction; NaN where it is none (a date is none).

    Examples
    --------
    >>> ratio("1/4"), ratio("2:1"), ratio(3), ratio("3-Jan")
    (0.25, 2.0, 3.0, nan)
    """
    if is_date(value):
        return float("nan")
    parts = _FRACTION.match(_text(value)) if isinstance(value, str) else None
    if parts is None:
        return number(value) if not isinstance(value, str) or not _PERCENT.match(_text(value)) else float("nan")
    below = float(parts.group(2))
    return float(parts.group(1)) / below if below else float("nan")


def share(value: object) -> float:
    """A weight or another share of a whole: 0.7, ``"70%"``, ``"7/10"``; NaN where it is none.

    Examples
    --------
    >>> share("70%"), share("7/10"), share(0.7), share("most")
    (0.7, 0.7, 0.7, nan)
    """
    if isinstance(value, str) and _PERCENT.match(_text(value)):
        return number(value) / 100
    return ratio(value)


def is_date(value: object) -> bool:
    """Whether a cell holds a date where a number belongs: what a spreadsheet makes of 1/3.

    Examples
    --------
    >>> is_date(datetime.datetime(2026, 1, 3)), is_date("3-Jan"), is_date("1月3日"), is_date(46025), is_date("1/3")
    (True, True, True, True, False)
    """
    if isinstance(value, datetime.date | np.datetime64):
        return True
    if isinstance(value, str):
        return _DATE.match(_text(value)) is not None
    return isinstance(value, Real) and _SERIALS[0] < float(value) < _SERIALS[1]


def period(value: object) -> float:
    """A return period in years: 100, ``"100年一遇"``, ``"百年一遇"``, ``"T100"``, ``"1/100"``, ``"1 %"``; else NaN.

    Numbers are years as they stand: whether they may be, :func:`check_periods` says.

    Examples
    --------
    >>> [period(text) for text in ("100年", "百年一遇", "T100", "1/100", "1 %", "100 a", 100, "often")]
    [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, nan]
    """
    if not isinstance(value, str):
        return number(value)
    text = _text(value)
    if _PERCENT.match(text) or _FRACTION.match(text):
        frequency = share(text)
        return 1 / frequency if 0 < frequency <= 1 else float("nan")
    parts = _PERIOD.match(text)
    if parts is None:
        return float("nan")
    count = parts.group("number")
    return number(count) if count[0].isdigit() or count[0] == "." else _han(count)


def _han(text: str) -> float:
    total, digit = 0, 0
    for word in text:
        if word in _HAN:
            digit = _HAN[word]
        else:
            total = (total + digit) * 10_000 if word == "万" and total else total + (digit or 1) * _HAN_STEPS[word]
            digit = 0
    return float(total + digit)


def periods(values: ArrayLike | pd.Series[Any] | pd.Index[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return periods of a list, an array or one value, in years; NaN where one is none.

    Examples
    --------
    >>> periods(["20年", 50, "1 %"]).tolist()
    [20.0, 50.0, 100.0]
    """
    array = np.asarray(values)
    if array.dtype.kind in "fiu":
        return np.asarray(array, dtype=np.float64)
    cells = np.asarray(values, dtype=object)
    return np.array([period(cell) for cell in cells.ravel()], dtype=np.float64).reshape(cells.shape)


def check_periods(years: Iterable[float], thing: Phrase | str) -> None:
    """Refuse frequencies that were given as return periods; periods below a year beside longer ones are a warning.

    Raises
    ------
    ConfigError
        No period is above one year, and one below.

    Examples
    --------
    >>> from riskzoning.errors import ConfigError
    >>> try:
    ...     check_periods([0.01, 0.1], Phrase("return_periods"))
    ... except ConfigError as error:
    ...     print(error)
    return periods are 0.01, 0.1; expected years, not frequencies below 1. Give 1 divided by each: 100, 10.
    """
    values: Sequence[float] = [float(year) for year in years]
    below = [year for year in values if 0 < year < 1]
    if not below:
        return
    if max(values) <= 1:
        inverse = [f"{1 / year:.6g}" for year in values if year > 0]
        raise ConfigError(
            Problem("periods.frequencies", thing, periods=[f"{year:g}" for year in values], years=inverse)
        )
    note(Problem("periods.below_one", thing, severity="warning", periods=[f"{year:g}" for year in below]))


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
