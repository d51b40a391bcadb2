"""Single cells: codes that stay text, numbers that were written as text, degrees in any notation."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["code_text", "degrees_of", "is_code_column", "number_column", "plain_text"]

# Columns that hold codes: their digits are text, also where a spreadsheet made numbers of them.
_CODE = re.compile(r"(code|代码|编码|区划码|adcode|town9|vill12|xzqdm|^id$|_id$|^pac$|^gb$|^编号$)", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^\d(?:\.(\d+))?[eE]\+?(\d+)$")
_WHOLE = re.compile(r"^\d+\.0+$")
_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")
_SPACED = re.compile(r"^[-+]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?$")
_POINTS = re.compile(r"^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$")
_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,\d+$")
# An apostrophe before a number is how spreadsheets mark text.
_QUOTES = "'`\u2018\u2019"
_FULL_WIDTH = {ord("０") + i: str(i) for i in range(10)} | {ord("．"): ".", ord("－"): "-", ord("＋"): "+"}
_DEGREES = re.compile(
    r"""^([NSEW东西南北]?)[经纬]?\s*
    ([-+]?\d+(?:\.\d+)?)\s*(?:[°ºdD度:]|\s|$)\s*
    (?:(\d+(?:\.\d+)?)\s*(?:['′’mM分:]|\s|$)\s*)?
    (?:(\d+(?:\.\d+)?)\s*(?:["″”s秒]|''|′′)?\s*)?
    ([NSEW东西南北]?)[经纬]?$""",
    re.VERBOSE,
)
_BEHIND = re.compile(r"^([-+]?\d+(?:\.\d+)?)\s*°?\s*([NSEW])$")


def is_code_column(name: object) -> bool:
    """Whether a column holds codes, by its name.

    Examples
    --------
    >>> is_code_column("adcode6"), is_code_column("行政区划代码"), is_code_column("population")
    (True, True, False)
    """
    return _CODE.search(str(name)) is not None


def plain_text(value: Any) -> Any:
    """A cell as text; whole numbers without decimals, missing cells as None.

    Examples
    --------
    >>> plain_text(410702.0), plain_text(None), plain_text(" 甲 ")
    ('410702', None, ' 甲 ')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def code_text(value: Any) -> Any:
    """A code as text: half-width digits, no blanks at its ends or between digits, no decimals of a spreadsheet.

    A number in scientific notation becomes digits where it still has all of them; else it stays as it is, and no unit
    has such a code.

    Examples
    --------
    >>> [code_text(value) for value in (410702.0, " ４１０７０２ ", "410702.0", "'0410", "4.10702E+05", "4.107E+08")]
    ['410702', '410702', '410702', '0410', '410702', '4.107E+08']
    """
    text = plain_text(value)
    if not text:
        return None
    text = unicodedata.normalize("NFKC", text).strip().lstrip(_QUOTES).strip()
    if _WHOLE.match(text):
        return text.split(".")[0]
    if re.fullmatch(r"[\d\s]+", text):
        return "".join(text.split())
    found = _SCIENTIFIC.match(text)
    if found and len(found.group(1) or "") >= int(found.group(2)):
        return str(int(Decimal(text)))
    return text or None


def number_text(value: Any, *, decimal_comma: bool = False) -> Any:
    """A cell without what keeps its text from being a number: thousands separators, apostrophes, full-width digits.

    Examples
    --------
    >>> number_text("1,234.5"), number_text("'12 "), number_text("１２"), number_text("1 200"), number_text("无")
    ('1234.5', '12', '12', '1200', '无')
    >>> number_text("1,5", decimal_comma=True), number_text("1.234,5", decimal_comma=True)
    ('1.5', '1234.5')
    """
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value).strip().lstrip(_QUOTES).strip()
    if _SPACED.match(text):
        text = re.sub(r"\s", "", text)
    if decimal_comma:
        if _POINTS.match(text) or _DECIMAL_COMMA.match(text):
            return text.replace(".", "").replace(",", ".")
        return text
    return text.replace(",", "") if _THOUSANDS.match(text) else text


def is_decimal_comma(text: str) -> bool:
    """Whether a text can only be a number with a decimal comma: 113,9 but not 1,200.

    Examples
    --------
    >>> is_decimal_comma("113,9"), is_decimal_comma("1,200"), is_decimal_comma("0,125")
    (True, False, True)
    """
    text = text.strip()
    return bool(_DECIMAL_COMMA.match(text)) and (not _THOUSANDS.match(text) or text.lstrip("+-").startswith("0,"))


def number_column(column: pd.Series[Any], *, decimal_comma: bool = False) -> pd.Series[Any]:
    """The column as numbers when every filled cell is one; else as it was, with empty cells as None.

    Examples
    --------
    >>> number_column(pd.Series(["1,200", "", "3"])).tolist(), number_column(pd.Series(["1,200", "无"])).tolist()
    ([1200.0, nan, 3.0], ['1,200', '无'])
    """
    values = [number_text(value, decimal_comma=decimal_comma) for value in column]
    filled = [value for value in values if value not in (None, "")]
    numbers = pd.to_numeric(pd.Series(filled, dtype=object), errors="coerce")
    if filled and numbers.notna().all():
        cleaned = pd.Series([None if value in (None, "") else value for value in values], index=column.index)
        return pd.to_numeric(cleaned)
    kept = [value.strip() if isinstance(value, str) else value for value in column]
    return pd.Series([None if value == "" else value for value in kept], index=column.index, dtype=object)


def degrees_of(value: Any) -> float | None:
    """Degrees of a cell in decimals or in degrees, minutes and seconds; NaN when it is empty, None when unreadable.

    Examples
    --------
    >>> [degrees_of(text) for text in ("113.9", "113°54′00″", "35 18 36 N", "113d54m0s", "北纬35°18.6′", "30°S")]
    [113.9, 113.9, 35.31, 113.9, 35.31, -30.0]
    >>> degrees_of(None), degrees_of("113°75′"), degrees_of("unknown")
    (nan, None, None)
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return float("nan")
    if not isinstance(value, str):
        try:
            return float(value)
        except (TypeError, ValueError):
            return None
    text = value.translate(_FULL_WIDTH).strip().strip(_QUOTES + '"').strip()
    try:
        return float(number_text(text))
    except ValueError:
        pass
    behind = _BEHIND.match(text)
    if behind:
        return -float(behind.group(1)) if behind.group(2) in "SW" else float(behind.group(1))
    found = _DEGREES.match(value.translate(_FULL_WIDTH).strip())
    if found is None:
        return None
    before, degrees, minutes, seconds, after = found.groups()
    small = float(minutes or 0), float(seconds or 0)
    if max(small) >= 60:
        return None
    total = abs(float(degrees)) + small[0] / 60 + small[1] / 3600
    negative = degrees.startswith("-") or (before or after) in ("S", "W", "南", "西")
    return round(-total if negative else total, 10)
