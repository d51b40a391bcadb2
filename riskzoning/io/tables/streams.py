"""Every sheet of a file of tables, row by row, so that millions of rows are never held at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from riskzoning.errors import LayerError, Problem
from riskzoning.io.encodings import encoding_of_file
from riskzoning.io.tables.marks import SheetMarks, sheet_marks
from riskzoning.io.tables.texts import _separator
from riskzoning.io.tables.workbooks import _opened, is_workbook

Cells = list[object]


@dataclass(frozen=True)
class TableSheet:
    """One sheet of a workbook, or the one table of a text file: its name (empty for text) and its rows.

    Texts of merged cells stand in all rows of their area; ``merged`` has the areas of one column (first row, last row,
    column, all from 1). A formula that was never computed is its text.
    """

    name: str
    rows: Iterator[Cells]
    hidden: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()


def table_sheets(path: Path, *, encoding: str | None = None) -> Iterator[TableSheet]:
    """The sheets of a workbook that hold something, hidden ones last, or the table of a text file; cells as written."""
    if is_workbook(path):
        book = _opened(path, streamed=True, values=True)
        try:
            for sheet in sorted(book.worksheets, key=lambda item: item.sheet_state != "visible"):
                marks = _marks(sheet)
                rows = _workbook_rows(sheet, marks)
                yield TableSheet(sheet.title, rows, sheet.sheet_state != "visible", marks.merged)
        finally:
            book.close()
    else:
        yield TableSheet("", _text_rows(path, encoding))


def _marks(sheet: openpyxl.worksheet.worksheet.Worksheet) -> SheetMarks:
    member = getattr(sheet, "_worksheet_path", None)
    return sheet_marks(sheet.parent._archive, member) if member else SheetMarks()


def _workbook_rows(sheet: openpyxl.worksheet.worksheet.Worksheet, marks: SheetMarks) -> Iterator[Cells]:
    # The size that a file states may be wrong: rows are read to their end.
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    rows = (list(row) for row in sheet.iter_rows(values_only=True))
    return _with_marks(rows, marks) if marks.merged or marks.formulas else rows


def _with_marks(rows: Iterable[Cells], marks: SheetMarks) -> Iterator[Cells]:
    """The rows with texts of merged cells in their whole area, and formulas without a value as they are written."""
    areas: dict[int, list[tuple[int, int]]] = {}
    for first, last, column in marks.merged:
        areas.setdefault(first, []).append((last, column))
    formulas: dict[int, list[tuple[int, str]]] = {}
    for (number, column), text in marks.formulas.items():
        formulas.setdefault(number, []).append((column, text))
    begun: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows, 1):
        begun = {column: (last, text) for column, (last, text) in begun.items() if number <= last}
        for column, text in (*formulas.get(number, ()), *((column, text) for column, (_, text) in begun.items())):
            _put(row, column, text)
        for last, column in areas.get(number, ()):
            value = row[column - 1] if column <= len(row) else None
            if isinstance(value, str):
                begun[column] = (last, value)
        yield row


def _put(row: Cells, column: int, value: str) -> None:
    """A value into an empty cell of a row that may end before it."""
    row.extend([None] * (column - len(row)))
    if row[column - 1] is None:
        row[column - 1] = value


def _text_rows(path: Path, encoding: str | None) -> Iterator[Cells]:
    name = encoding_of_file(path, encoding=encoding)
    with path.open(encoding=name, newline="") as sample:
        mark = _separator(sample.read(1 << 18))
    number = 0
    with path.open(encoding=name, newline="") as file:
        try:
            for row in csv.reader(_without_nul(file, path), delimiter=mark, strict=True):
                number += 1
                yield list(row)
        except csv.Error as error:
            raise LayerError(Problem("table.quotes", path, reason=error, row=number + 1)) from None


def _without_nul(lines: Iterable[str], path: Path) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise LayerError(Problem("table.binary", path))
        yield line
