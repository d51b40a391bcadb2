"""The rows of a form from any number of files: typed columns, their places, and what reading them says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.surveys.findings import Findings, Places
from riskzoning.surveys.forms import Field, Form
from riskzoning.surveys.reading import Table
from riskzoning.surveys.typed import typed

Rows = NDArray[np.int64]


@dataclass
class Records:
    """The rows of one form: ``frame`` has a column for each field that is there, in the field's unit (NaN where a cell
    is empty or unreadable); ``findings`` is what reading says, ``unread`` the cells that are not empty and not read."""

    form: Form
    frame: pd.DataFrame
    places: Places
    findings: Findings = field(default_factory=Findings)
    unread: dict[str, dict[int, str]] = field(default_factory=dict)
    # File and sheet -> field -> its column, counted from 0.
    positions: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    # Lines or areas in EPSG:4490, where the form came as a layer of them; None for rows of a table beside it.
    shapes: NDArray[np.object_] | None = None
    # File and sheet -> the CRS that a layer states, empty where it states none.
    crs: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def keys(self) -> pd.Series[str]:
        """The key of each row as text, empty where it is missing."""
        if self.form.key not in self.frame:
            return pd.Series([""] * len(self.frame), dtype=object)
        return self.frame[self.form.key].astype("string").fillna("").astype(object)

    def has(self, *names: str) -> bool:
        """Whether the table has columns for all these fields."""
        return all(name in self.frame for name in names)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A field as numbers; NaN where it is empty, unreadable or not there."""
        if name not in self.frame:
            return np.full(len(self.frame), np.nan)
        return self.frame[name].to_numpy(dtype=np.float64)

    def unique(self, name: str) -> tuple[NDArray[np.intp], list[str]]:
        """A field as positions in the list of its different texts; a missing one is the empty text."""
        codes, texts = pd.factorize(self.texts(name))
        return codes, [str(text) for text in texts]

    def each(self, name: str, function: Callable[[str], bool]) -> NDArray[np.bool_]:
        """A yes or no about each row, asked once for each different text of a field."""
        codes, texts = self.unique(name)
        return np.array([function(text) for text in texts], dtype=bool)[codes] if texts else np.zeros(0, dtype=bool)

    def texts(self, name: str) -> NDArray[np.object_]:
        """A field as text, empty where it is missing or not there."""
        if name not in self.frame:
            return np.full(len(self.frame), "", dtype=object)
        return self.frame[name].astype("string").fillna("").to_numpy(dtype=object)


class _Gathering:
    """What is put together while tables are read, block by block."""

    def __init__(self, of: Form) -> None:
        self.form = of
        self.parts: list[pd.DataFrame] = []
        self.empty: dict[str, list[Rows]] = {}
        self.unread: dict[str, dict[int, str]] = {}
        self.count = 0

    def take(self, table: Table, block: pd.DataFrame) -> None:
        part = {}
        for column in table.matched.columns:
            cells, name = block.iloc[:, column.position], column.field.name
            column_read = typed(cells, column)
            part[name] = column_read.values
            if column.field.required and column_read.empty.any():
                self.empty.setdefault(name, []).append(np.flatnonzero(column_read.empty) + self.count)
            for at in np.flatnonzero(column_read.unreadable):
                self.unread.setdefault(name, {})[int(at) + self.count] = str(cells.iloc[at])
        self.parts.append(pd.DataFrame(part))
        self.count += len(block)


def gathered(tables: Sequence[Table]) -> Records:
    """The tables of one form as records."""
    of = tables[0].form
    files, sheets = _index(item.file for item in tables), _index(item.sheet for item in tables)
    findings, gathering = Findings(), _Gathering(of)
    file, sheet, row = [], [], []
    shapes: list[NDArray[np.object_]] = []
    for item in tables:
        _about_columns(item, findings)
        begin = gathering.count
        for numbers, block in item.blocks:
            gathering.take(item, block)
            file.append(np.full(len(block), files[item.file], dtype=np.int32))
            sheet.append(np.full(len(block), sheets[item.sheet], dtype=np.int32))
            row.append(numbers)
        none = np.full(gathering.count - begin, None, dtype=object)
        shapes.append(none if item.shapes is None else item.shapes)
    empty = np.array([], dtype=np.int64)
    frame = pd.concat(gathering.parts, ignore_index=True) if gathering.parts else pd.DataFrame()
    places = Places(
        tuple(files),
        tuple(sheets),
        np.concatenate(file) if file else empty.astype(np.int32),
        np.concatenate(sheet) if sheet else empty.astype(np.int32),
        np.concatenate(row) if row else empty,
    )
    for name, rows in gathering.empty.items():
        findings.add("Q01.empty", np.concatenate(rows), field=name)
    for name, cells in gathering.unread.items():
        _about_cells(findings, of.by_name[name], cells)
    columns = {(t.file, t.sheet): {c.field.name: c.position for c in t.matched.columns} for t in tables}
    crs = {(item.file, item.sheet): item.crs for item in tables if item.crs is not None}
    drawn = None if all(item.shapes is None for item in tables) else np.concatenate(shapes)
    return Records(of, frame, places, findings, gathering.unread, columns, drawn, crs)


def _index(names: Iterable[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(names))}


def _about_columns(table: Table, findings: Findings) -> None:
    for item in table.form.fields:
        if item.required and item.name not in table.matched.names:
            findings.about_all("Q01.column", field=item.name, table=_name_of(table))
    for problem in table.matched.problems:
        findings.about_all(problem.rule, **dict(problem.values))


def _name_of(table: Table) -> str:
    return f"{table.file} / {table.sheet}" if table.sheet else table.file


def _about_cells(findings: Findings, item: Field, cells: dict[int, str]) -> None:
    """Cells that cannot be read as the type of their field."""
    rows, texts = list(cells), np.array(list(cells.values()), dtype=object)
    if item.kind == "choice":
        findings.add("Q02.choice", rows, field=item.name, value=texts, choices=tuple(item.choices))
    elif item.kind == "date":
        findings.add("Q02.date", rows, field=item.name, value=texts)
    else:
        findings.add("Q02.number", rows, field=item.name, value=texts)
