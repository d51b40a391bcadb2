"""Repairs of survey tables that cannot be wrong: digits in full width, units behind numbers, exchanged coordinates."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd

from riskzoning.io import atomic
from riskzoning.io.tables.cells import number_text
from riskzoning.surveys.checking import Checked

_WITH_UNIT = re.compile(r"^([-+]?\d+(?:\.\d+)?)\s*([\u4e00-\u9fffA-Za-z0-9/²]+)$")
LOG = ("file", "sheet", "row", "field", "rule", "before", "after")


@dataclass(frozen=True)
class Repair:
    """One cell that is changed: its place, the rule, and what it held before and holds after."""

    file: str
    sheet: str
    row: int
    column: int
    field: str
    rule: str
    before: object
    after: object


def repairs(checked: Iterable[Checked]) -> list[Repair]:
    """The cells of checked tables that can be repaired safely; nothing is changed."""
    out: list[Repair] = []
    for item in checked:
        out += _numbers(item)
        out += _exchanged(item)
    return out


def _numbers(item: Checked) -> list[Repair]:
    out = []
    for name, cells in item.records.unread.items():
        field = item.records.form.by_name[name]
        if field.kind not in ("integer", "number", "year"):
            continue
        for row, text in cells.items():
            number = _number(text, field.unit, field.zh)
            if number is not None:
                out.append(_at(item, row, name, "Q02", text, number))
    return out


def _number(text: str, unit: str, title: str) -> float | None:
    """The number that a text can only mean; None for about 200, none, 1.2.5."""
    plain = str(number_text(text))
    with_unit = _WITH_UNIT.match(plain)
    # Only the unit of the column itself may stand behind a number; any other would change the value.
    if with_unit and (with_unit[2] == unit or f"({with_unit[2]})" in title):
        plain = with_unit[1]
    try:
        value = float(plain)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def _exchanged(item: Checked) -> list[Repair]:
    out = []
    for finding in item.findings.items:
        if finding.rule != "Q05.swapped":
            continue
        east, north = item.records.numbers("lon"), item.records.numbers("lat")
        for row in finding.rows.tolist():
            out.append(_at(item, row, "lon", "Q05", float(east[row]), float(north[row])))
            out.append(_at(item, row, "lat", "Q05", float(north[row]), float(east[row])))
    return out


def _at(item: Checked, row: int, name: str, rule: str, before: object, after: object) -> Repair:
    places, records = item.records.places, item.records
    file, sheet = places.files[places.file[row]], places.sheets[places.sheet[row]]
    column = records.positions[(file, sheet)][name]
    title = records.form.by_name[name].zh
    return Repair(file, sheet, int(places.row[row]), column, title, rule, before, after)


def log_of(made: Iterable[Repair]) -> pd.DataFrame:
    """Repairs as a table: file, sheet, row, field, rule, before, after."""
    rows = [(r.file, r.sheet, r.row, r.field, r.rule, str(r.before), str(r.after)) for r in made]
    return pd.DataFrame(rows, columns=list(LOG))


def write_repaired(source: str | os.PathLike[str], made: Iterable[Repair], target: str | os.PathLike[str]) -> None:
    """A copy of a workbook with the repairs made; the file itself is never touched."""
    grouped: dict[str, list[Repair]] = {}
    for repair in made:
        grouped.setdefault(repair.sheet, []).append(repair)
    book = openpyxl.load_workbook(Path(source))
    for name, changes in grouped.items():
        for change in changes:
            book[name].cell(change.row, change.column + 1).value = change.after
    with atomic(target) as partial:
        book.save(partial)
