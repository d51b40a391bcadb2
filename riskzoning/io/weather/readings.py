"""Cells of station tables as readings: numbers, traces, words for missing; what cannot be read is told with its row."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.io.tables.cells import number_text
from riskzoning.io.weather.decoding import Array, Thing, decode, note_codes
from riskzoning.methods.elements import element_units, impossible, known_values, possible_range, too_many_impossible

_TABLE = "formats/station_tables"
_SHOWN = 5


def readings(
    column: pd.Series[Any], element: str, *, units: str, tenths: bool, thing: Thing, problems: list[Problem]
) -> Array:
    """Values of an element in its unit; what was decoded or rejected is noted, another unit goes to the problems."""
    numbers, words, unread = _numbers(column, element)
    if tenths:
        factor = 1.0 if element.startswith("humidity") else 0.1
        own, _ = known_values(numbers, element, units=f"{factor:g} {element_units()[element]}" if factor < 1 else "")
        values, counts = decode(numbers, rain=element == "precipitation", factor=factor)
        # Codes of other tables: -9999 and the like.
        other = np.isnan(own) & np.isfinite(values)
        values, counts["missing"] = np.where(other, np.nan, values), counts["missing"] + int(other.sum())
    else:
        values, counts = known_values(numbers, element, units=units)
    counts["missing"] -= int(unread.sum())
    counts["trace"] = counts.get("trace", 0) + words
    beyond = impossible(values, element)
    _tell(column, element, values, unread, beyond, thing, problems)
    note_codes(thing, element, {**counts, "impossible_rejected": int(beyond.sum())})
    return np.where(beyond, np.nan, values)


def _tell(
    column: pd.Series[Any],
    element: str,
    values: Array,
    unread: Array,
    beyond: Array,
    thing: Thing,
    problems: list[Problem],
) -> None:
    field, known = str(column.name), int(np.isfinite(values).sum())
    if unread.any():
        texts = [Phrase("text_in_row", text=str(column.iloc[at]), row=column.index[at]) for at in _first(unread)]
        facts: dict[str, Any] = {"count": int(unread.sum()), "total": len(column), "texts": texts}
        note(Problem("stations.texts", thing, severity="warning", field=field, **facts))
    if not beyond.any():
        return
    low, high = possible_range(element)
    first = int(np.flatnonzero(beyond)[0])
    facts = {"count": int(beyond.sum()), "total": known, "example": float(values[first]), "variable": element}
    limits: dict[str, Any] = {"low": low, "high": high, "units": element_units().get(element, "")}
    refused = bool(too_many_impossible(beyond.sum(), known))
    problem = Problem(
        "weather.range_column" if refused else "weather.rejected", thing, severity="error" if refused else "warning",
        row=int(column.index[first]), field=field, **facts, **limits,
    )  # fmt: skip
    problems.append(problem) if refused else note(problem)


def _first(where: Array) -> Array:
    return np.flatnonzero(where)[:_SHOWN]


def _numbers(column: pd.Series[Any], element: str) -> tuple[Array, int, Array]:
    """Cells as numbers (NaN: none), how many words stand for 0, and which cells cannot be read."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan), 0, np.zeros(len(column), dtype=bool)
    data, facts = standards.table(_TABLE).data, standards.table("formats/weather_elements").data["elements"][element]
    zero = {*(data["trace_words"] if facts.get("trace") else ()), *(data["calm_words"] if facts.get("calm") else ())}
    codes, uniques = pd.factorize(column.astype(object))
    numbers = np.full(len(uniques) + 1, np.nan)
    trace, unread = np.zeros((2, len(uniques) + 1), dtype=bool)
    for at, cell in enumerate(uniques):
        text = unicodedata.normalize("NFKC", str(cell)).strip().casefold()
        if text in zero:
            numbers[at], trace[at] = 0.0, True
        elif text and text not in data["missing_words"]:
            numbers[at] = _number(cell)
            unread[at] = np.isnan(numbers[at])
    return numbers[codes], int(trace[codes].sum()), unread[codes]


def _number(cell: object) -> float:
    text = re.sub(r"\s*%$", "", str(number_text(cell))) if isinstance(cell, str) else cell
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
