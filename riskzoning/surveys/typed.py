"""Cells of a survey as typed columns: numbers, dates, choices, codes; what cannot be read is named, never dropped."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.io.tables.cells import code_text, degrees_of
from riskzoning.surveys.forms import CODES, Field
from riskzoning.surveys.headings import Column

Mask = NDArray[np.bool_]
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_CHINESE_DATE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]$")
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?$")
_EARLIEST = pd.Timestamp(1900, 1, 1)


@dataclass(frozen=True)
class Typed:
    """A column as its type: values (NaN, NaT or None where nothing could be read), empty cells, unreadable cells."""

    values: pd.Series
    empty: Mask
    unreadable: Mask


def typed(cells: pd.Series, column: Column) -> Typed:
    """The cells of a column by the type of its field, in the field's unit."""
    kind = column.field.kind
    if kind in ("integer", "number", "year"):
        return _scaled(_numbers(cells), column.factor)
    if kind in ("lon", "lat"):
        return _degrees(cells)
    if kind == "date":
        return _dates(cells)
    if kind == "choice":
        return _choices(cells, column.field)
    return _codes(cells) if kind in CODES else _texts(cells)


def _empty(cells: pd.Series) -> Mask:
    blank = cells.isna().to_numpy(dtype=bool).copy()
    if pd.api.types.is_numeric_dtype(cells):
        return blank
    words = cells[~blank]
    blank[~blank] = [isinstance(value, str) and not value.strip() for value in words]
    return blank


def _numbers(cells: pd.Series) -> Typed:
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        values = cells.astype(np.float64).reset_index(drop=True)
        return Typed(values, values.isna().to_numpy(), np.isinf(values.to_numpy()))
    empty = _empty(cells)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    flags = np.array([isinstance(value, bool) or _is_odd(value) for value in cells], dtype=bool)
    bad = ~empty & (~np.isfinite(numbers) | flags)
    return Typed(pd.Series(np.where(bad, np.nan, numbers)), empty, bad)


def _is_odd(value: object) -> bool:
    """Text that Python reads as a number and a person does not: full-width digits, underscores, exponents of text."""
    return isinstance(value, str) and (not value.isascii() or "_" in value)


def _scaled(column: Typed, factor: float) -> Typed:
    return column if factor == 1 else Typed(column.values * factor, column.empty, column.unreadable)


def _degrees(cells: pd.Series) -> Typed:
    plain = _numbers(cells)
    if not plain.unreadable.any():
        return plain
    values, bad = plain.values.to_numpy().copy(), plain.unreadable.copy()
    for at in np.flatnonzero(bad):
        degrees = degrees_of(cells.iloc[at])
        if degrees is not None and np.isfinite(degrees):
            values[at], bad[at] = degrees, False
    return Typed(pd.Series(values), plain.empty, bad)


def _dates(cells: pd.Series) -> Typed:
    if pd.api.types.is_datetime64_any_dtype(cells):
        days = cells.reset_index(drop=True).astype("datetime64[ns]")
        return Typed(days, days.isna().to_numpy(), np.zeros(len(days), dtype=bool))
    empty = _empty(cells)
    known: dict[object, pd.Timestamp | None] = {}
    values = []
    for value in cells:
        key = value if isinstance(value, str | datetime.date) else repr(value)
        if key not in known:
            known[key] = _day(value)
        values.append(known[key])
    days = pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[ns]")
    return Typed(days, empty, ~empty & days.isna().to_numpy())


def _day(value: object) -> pd.Timestamp | None:
    """The day of a cell: a date of Excel, 2021-07-20, 2021/7/20, 2021年7月20日, 20210720; None when it is none."""
    if isinstance(value, datetime.datetime | datetime.date):
        return pd.Timestamp(value).normalize()
    if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
        value = str(int(value)) if float(value).is_integer() else ""
    if not isinstance(value, str):
        return None
    text = value.strip()
    parts = _DAY.match(text)
    numbers = parts.groups() if parts else (text[:4], text[4:6], text[6:8]) if re.fullmatch(r"\d{8}", text) else None
    if numbers is None:
        return None
    try:
        return pd.Timestamp(*(int(number) for number in numbers))
    except ValueError:
        return None


def _texts(cells: pd.Series) -> Typed:
    empty = _empty(cells)
    values = pd.Series([None if gone else str(value).strip() for value, gone in zip(cells, empty, strict=True)])
    return Typed(values.astype("string"), empty, np.zeros(len(cells), dtype=bool))


def _codes(cells: pd.Series) -> Typed:
    empty = _empty(cells)
    uniques, inverse = np.unique(cells.astype("string").fillna("").to_numpy(dtype=object).astype(str), return_inverse=True)
    codes = np.array([code_text(text) or "" for text in uniques], dtype=object)[inverse]
    values = pd.Series(codes, dtype="string").mask(empty)
    return Typed(values, empty, np.zeros(len(cells), dtype=bool))


def _choices(cells: pd.Series, field: Field) -> Typed:
    empty = _empty(cells)
    known: dict[str, str] = {}
    values = []
    for value in cells:
        key = str(value)
        if key not in known:
            text = str(int(value)) if isinstance(value, float) and value.is_integer() else key.strip()
            known[key] = text if text in field.choices else field.labels.get(text, "")
        values.append(known[key] or None)
    column = pd.Series(pd.Categorical(values, categories=list(field.choices)))
    return Typed(column, empty, ~empty & column.isna().to_numpy())


def wide_to_narrow(value: object) -> str:
    """A text with half-width letters and without blanks at its ends."""
    return unicodedata.normalize("NFKC", str(value)).strip()
