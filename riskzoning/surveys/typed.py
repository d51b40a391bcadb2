"""Cells of a survey as typed columns: numbers, dates, choices, codes; what cannot be read is named, never dropped."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.codes import code_text
from riskzoning.places.cells import degrees_of
from riskzoning.surveys.forms import CODES, Field
from riskzoning.surveys.headings import Column

Mask = NDArray[np.bool_]
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?$")
# Kinds of columns in which no cell can be a truth value.
_PLAIN = ("string", "integer", "floating", "mixed-integer-float", "empty")


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
    if not pd.api.types.is_numeric_dtype(cells):
        rest = cells.to_numpy(dtype=object)
        blank |= rest == ""
        short = [at for at in np.flatnonzero(~blank) if isinstance(rest[at], str) and rest[at].isspace()]
        blank[short] = True
    return blank


def _numbers(cells: pd.Series) -> Typed:
    if pd.api.types.is_bool_dtype(cells):
        cells = cells.astype(object)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    odd = ~np.isfinite(numbers)
    if not pd.api.types.is_numeric_dtype(cells) and pd.api.types.infer_dtype(cells, skipna=True) not in _PLAIN:
        odd |= np.array([isinstance(value, bool) for value in cells], dtype=bool)
    empty = np.zeros(len(cells), dtype=bool)
    at = np.flatnonzero(odd)
    if at.size:
        empty[at] = _empty(cells.iloc[at])
    bad = odd & ~empty
    return Typed(pd.Series(np.where(odd, np.nan, numbers)), empty, bad)


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
    codes, uniques = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    parsed = pd.Series([*map(_day, uniques), None], dtype="datetime64[ns]")
    days = parsed.take(np.where(codes < 0, len(uniques), codes)).reset_index(drop=True)
    empty = _empty(cells)
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
        year, month, day = map(int, numbers)
        return pd.Timestamp(year=year, month=month, day=day)
    except ValueError:
        return None


def _texts(cells: pd.Series) -> Typed:
    empty = _empty(cells)
    values = cells.astype("string").str.strip().reset_index(drop=True).mask(empty)
    return Typed(values, empty, np.zeros(len(cells), dtype=bool))


def _codes(cells: pd.Series) -> Typed:
    values, empty = _by_value(cells, lambda value: code_text(value) or "")
    return Typed(pd.Series(values).astype("string").mask(empty), empty, np.zeros(len(cells), dtype=bool))


def _choices(cells: pd.Series, field: Field) -> Typed:
    def chosen(value: object) -> str:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        return text if text in field.choices else field.labels.get(text, "")

    values, empty = _by_value(cells, chosen)
    column = pd.Series(pd.Categorical([value or None for value in values], categories=list(field.choices)))
    return Typed(column, empty, ~empty & column.isna().to_numpy())


def _by_value(cells: pd.Series, function: Callable[[object], str]) -> tuple[NDArray[np.object_], Mask]:
    """A function of each cell, called once a different value; empty cells are empty text."""
    codes, uniques = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    texts = np.array([*(function(value) for value in uniques), ""], dtype=object)
    return texts[codes], _empty(cells)
