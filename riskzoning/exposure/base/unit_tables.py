"""Totals of administrative units in a table: read by code, checked against the units."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import Phrase, Problem, UnitsError, decided, note
from riskzoning.exposure.base.receptor import StudyUnits
from riskzoning.results import LEVELS

# Digits of a statistical code with all its zeros, and a unit at the end of a heading: 常住人口（万人）, GDP/亿元.
_FULL = 12
_IN_HEADING = re.compile(r"[（(\[]([^（()）\[\]]+)[)）\]]\s*$|[/／_]([^/／_]+)$")


def folded_totals(
    frame: pd.DataFrame, code: str, column: str, known: set[str], zones: Mapping[str, str], factor: float = 1.0
) -> tuple[pd.Series[float], list[str]]:
    """Totals by unit, rows of statistical zones added to the county that holds their ground; and those codes."""
    values = pd.to_numeric(frame[column], errors="coerce").astype(float) * factor
    codes = _texts(frame[code], {*known, *zones})
    target = [zones.get(item, item) if item not in known else item for item in codes]
    folded = [item for item, where in zip(codes, target, strict=True) if item != where]
    return values.groupby(pd.Index(target, name="code")).sum(), folded


def _texts(codes: pd.Series[Any], known: Collection[str] = ()) -> list[str]:
    return [_short(text or "", known) for text in code_texts(codes)]


def _short(code: str, known: Collection[str]) -> str:
    """A statistical code that is filled with zeros to twelve digits as the code of the unit that is known."""
    if code in known or len(code) != _FULL or not code.isdigit():
        return code
    ends = (code[:digits] for digits in (9, 6) if not code[digits:].strip("0"))
    return next((short for short in ends if short in known), code)


def column_units(column: str, stated: str | None, quantity: str) -> str:
    """Units of a column of totals: as the study says, else as its heading says, else those of the quantity."""
    own = standards.quantity(quantity).units
    return stated or heading_units(column, own) or own


def heading_units(column: str, wanted: str) -> str | None:
    """The unit at the end of a heading, in brackets or behind a stroke, when it becomes the wanted one."""
    match = _IN_HEADING.search(column)
    unit = next((text.strip() for text in match.groups() if text), None) if match else None
    return unit if unit and standards.unit_factor(unit, wanted) is not None else None


def units_problems(column: str, stated: str | None, quantity: str, thing: Phrase) -> list[Problem]:
    """Units that the study states and the heading contradicts, or that are none of the quantity."""
    try:
        factor = standards.convert_units(1.0, column_units(column, stated, quantity), quantity, thing=thing)
    except UnitsError as error:
        return [problem.at(thing, field="units") for problem in error.problems]
    heading = heading_units(column, standards.quantity(quantity).units)
    if heading is None or standards.convert_units(1.0, heading, quantity, thing=thing) == factor:
        return []
    return [Problem("table.units_heading", thing, field="units", stated=stated, heading=heading, column=column)]


def unit_totals(
    frame: pd.DataFrame, code: str, column: str, units: StudyUnits, *, name: str, factor: float = 1.0
) -> pd.Series[float]:
    """Totals by unit; that rows of statistical zones were added to their county is noted."""
    totals, folded = folded_totals(frame, code, column, set(units.frame.index), units.zones, factor)
    if folded:
        note(Problem("step.folded", Phrase("input", name=name), severity="info", input=name, detail=folded))
    return totals


def column_total(frame: pd.DataFrame, column: str) -> float:
    """Sum of the numbers of a column."""
    return float(pd.to_numeric(frame[column], errors="coerce").sum())


def table_problems(
    frame: pd.DataFrame, code: str, column: str, units: StudyUnits | None, thing: Phrase
) -> list[Problem]:
    """What is wrong with a table of totals: columns, values, codes."""
    problems = column_problems(frame, (code, column), thing)
    if problems:
        return problems
    if units is not None:
        decided(thing, "columns", {"code": code, "total": column}, "study")
    known = set() if units is None else {*units.frame.index, *units.zones}
    codes = pd.Series(_texts(frame[code], known), index=frame.index)
    values = pd.to_numeric(frame[column], errors="coerce")
    for rule, bad in (("table.negative", values < 0), ("table.not_a_number", ~np.isfinite(values) & ~(values < 0))):
        if bad.any():
            rows = [f"{name} ({value})" for name, value in zip(codes[bad], frame[column][bad], strict=True)]
            problems.append(Problem(rule, thing, field=column, rows=rows))
    repeated = codes[codes.duplicated()]
    if len(repeated):
        problems.append(Problem("table.double", thing, field=code, codes=repeated.tolist()))
    return problems + ([] if units is None else list(_code_problems(codes.tolist(), code, units, thing)))


def _code_problems(codes: list[str], field: str, units: StudyUnits, thing: Phrase) -> Iterator[Problem]:
    known = set(units.frame.index)
    unknown = [code for code in codes if code not in known and code not in units.zones]
    if unknown:
        yield Problem("table.unknown_code", thing, field=field, codes=unknown)
    given = {units.zones.get(code, code) if code not in known else code for code in codes}
    touched = []
    for level, own in _by_level(units.frame):
        lost = [code for code in own if code not in given]
        if lost and len(lost) < len(own):
            where = _level(level)
            yield Problem(
                "table.missing_code", thing, field=field, level=where, missing=len(lost), count=len(own), codes=lost
            )
        if len(lost) < len(own):
            touched.append(level)
    if len(touched) > 1:
        levels = [_level(level) for level in touched]
        yield Problem("table.levels", thing, field=field, levels=levels)


def _level(level: str) -> Phrase | str:
    """A level in words: that of China by its name, one that a study names as it is."""
    return Phrase(f"level_{level}") if level in LEVELS else level


def _by_level(units: gpd.GeoDataFrame) -> Iterator[tuple[str, list[str]]]:
    for level in dict.fromkeys(units["level"]):
        yield str(level), [str(code) for code in units.index[units["level"] == level]]


def column_problems(frame: pd.DataFrame, columns: tuple[str | None, ...], thing: Phrase) -> list[Problem]:
    """A problem for every column that is named and not there."""
    present = [str(column) for column in frame.columns]
    missing = [column for column in columns if column is not None and column not in present]
    return [Problem("exposure.column", thing, field=column, columns=present) for column in missing]


def number_problems(frame: pd.DataFrame, columns: tuple[str | None, ...], thing: Phrase) -> list[Problem]:
    """A problem for every column with values below 0 or that are no numbers; an empty value is none."""
    problems = []
    for column in [column for column in columns if column is not None]:
        values = pd.to_numeric(frame[column], errors="coerce")
        wrong = ((values < 0) | (values.isna() & frame[column].notna())).to_numpy()
        if wrong.any():
            rows = [f"{frame[column].iloc[row]} ({row + 1})" for row in np.flatnonzero(wrong)[:100]]
            problems.append(
                Problem("table.bad_number", thing, field=column, count=int(wrong.sum()), column=column, values=rows)
            )
    return problems
