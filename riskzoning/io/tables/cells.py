"""Single cells: codes that stay text, numbers that were written as text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.codes import is_padded

_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")
_SPACED = re.compile(r"^[-+]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?$")
_POINTS = re.compile(r"^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$")
_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,\d+$")
# An apostrophe before a number is how spreadsheets mark text.
_QUOTES = "'`\u2018\u2019"
_DEGREE_COMMA = re.compile(r"^\s*[-+]?\d{1,3},\d+\s*$")


def plain_text(value: Any) -> Any:
    """A cell as text; whole numbers without decimals, missing cells as None."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_text(value: Any, *, decimal_comma: bool = False) -> Any:
    """A cell without what keeps its text from being a number: thousands separators, apostrophes, full-width digits."""
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
    """Whether a text can only be a number with a decimal comma: 113,9 but not 1,200."""
    text = text.strip()
    return bool(_DECIMAL_COMMA.match(text)) and (not _THOUSANDS.match(text) or text.lstrip("+-").startswith("0,"))


def point_decimals(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column of degrees with points for its decimal commas: 113,900 is no number of six digits there."""
    if not any(isinstance(value, str) and "," in value for value in column):
        return column
    whole = (isinstance(value, str) and _DEGREE_COMMA.match(value) for value in column)
    values = [value.replace(",", ".") if fits else value for value, fits in zip(column, whole, strict=True)]
    return pd.Series(values, index=column.index, dtype=object)


def number_column(column: pd.Series[Any], *, decimal_comma: bool = False) -> pd.Series[Any]:
    """The column as numbers when every filled cell is one; else as it was, with empty cells as None."""
    values = [number_text(value, decimal_comma=decimal_comma) for value in column]
    filled = [value for value in values if value not in (None, "")]
    if is_padded(value if isinstance(value, str) else str(value) for value in filled):
        return pd.Series([value or None for value in values], index=column.index, dtype=object)
    numbers = pd.to_numeric(pd.Series(filled, dtype=object), errors="coerce")
    if filled and numbers.notna().all():
        cleaned = pd.Series([None if value in (None, "") else value for value in values], index=column.index)
        return pd.to_numeric(cleaned)
    kept = [value.strip() if isinstance(value, str) else value for value in column]
    return pd.Series([None if value == "" else value for value in kept], index=column.index, dtype=object)
