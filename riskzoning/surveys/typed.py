"""Cells of a survey as typed columns: numbers, dates, choices, codes; what cannot be read is named, never dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.codes import code_text
from riskzoning.errors import Phrase
from riskzoning.io.tables.cells import number_text
from riskzoning.methods.dates import read_dates
from riskzoning.places.cells import degrees_of
from riskzoning.surveys.forms import CODES, Field
from riskzoning.surveys.headings import Column

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_THOUSAND = 1000
# What is lost when a number is converted between units, and the decimals that are kept.
_ROUNDING, _DECIMALS = 1e-9, 6
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
        return _scaled(_numbers(cells), column.factor, whole=kind == "integer")
    if kind in ("lon", "lat"):
        return _degrees(cells)
    if kind == "date":
        return _dates(cells, column.heading)
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
    values = np.where(odd, np.nan, numbers)
    if bad.any():
        values, bad = _by_notation(cells, values, bad)
    return Typed(pd.Series(values), empty, bad)


def _by_notation(cells: pd.Series, values: Numbers, bad: Mask) -> tuple[Numbers, Mask]:
    """Numbers in the notation of their column: 1,234 where large numbers have commas, １２ where all digits are wide.

    A single cell that is written so among others that are not stays unread: there it is a slip.
    """
    at = np.flatnonzero(bad)
    texts = [cells.iloc[row] for row in at]
    cleaned = pd.to_numeric(pd.Series([number_text(text) for text in texts], dtype=object), errors="coerce")
    numbers = cleaned.to_numpy(dtype=np.float64)
    grouped = np.array([isinstance(text, str) and "," in text for text in texts], dtype=bool)
    plain = values[np.isfinite(values)]
    rivals = {True: int((np.abs(plain) >= _THOUSAND).sum()), False: len(plain)}
    out, left = values.copy(), bad.copy()
    for notation in (True, False):
        chosen = np.isfinite(numbers) & (grouped == notation)
        if chosen.sum() > rivals[notation] or (notation and chosen.any() and not rivals[notation]):
            out[at[chosen]] = numbers[chosen]
            left[at[chosen]] = False
    return out, left


def _scaled(column: Typed, factor: float, *, whole: bool) -> Typed:
    if factor == 1:
        return column
    values = column.values.to_numpy(dtype=np.float64) * factor
    # 2.3147 万人 are 23 147 persons, not 23146.999999999996.
    near = np.round(values) if whole else values.round(_DECIMALS)
    values = np.where(np.abs(near - values) <= _ROUNDING * np.maximum(1, np.abs(values)), near, values)
    return Typed(pd.Series(values), column.empty, column.unreadable)


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


def _dates(cells: pd.Series, heading: str) -> Typed:
    read = read_dates(cells.reset_index(drop=True))
    if read.order in ("assumed", "contradicting"):
        read.tell(Phrase("column", name=heading))
    days = pd.Series(read.values).dt.normalize().astype("datetime64[ns]")
    bad = read.unread.copy()
    if bad.any():
        months = [row for row in np.flatnonzero(bad) if _MONTH.match(str(cells.iloc[row]).strip())]
        # A column of months is read as their first days; a single month among days lacks its day.
        if len(months) > int(days.notna().sum()):
            days.iloc[months] = [_first_day(str(cells.iloc[row])) for row in months]
            bad[months] = days.iloc[months].isna().to_numpy()
    return Typed(days, days.isna().to_numpy() & ~bad, bad)


def _first_day(text: str) -> pd.Timestamp | None:
    parts = _MONTH.match(text.strip())
    try:
        return pd.Timestamp(year=int(parts[1]), month=int(parts[2]), day=1) if parts else None
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
