"""Every sheet of a file of tables, row by row, so that millions of rows are never held at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from riskzoning.errors import LayerError, Problem
from riskzoning.io.encodings import encoding_of_file
from riskzoning.io.tables.texts import _separator
from riskzoning.io.tables.workbooks import _opened, is_workbook

Cells = list[object]


@dataclass(frozen=True)
class TableSheet:
    """One sheet of a workbook, or the one table of a text file: its name (empty for text) and its rows."""

    name: str
    rows: Iterator[Cells]


def table_sheets(path: Path, *, encoding: str | None = None) -> Iterator[TableSheet]:
    """The sheets of a workbook that hold something, hidden ones last, or the table of a text file; cells as written."""
    if is_workbook(path):
        book = _opened(path, streamed=True, values=True)
        try:
            for sheet in sorted(book.worksheets, key=lambda item: item.sheet_state != "visible"):
                yield TableSheet(sheet.title, _workbook_rows(sheet))
        finally:
            book.close()
    else:
        yield TableSheet("", _text_rows(path, encoding))


def _workbook_rows(sheet: openpyxl.worksheet.worksheet.Worksheet) -> Iterator[Cells]:
    # The size that a file states may be wrong: rows are read to their end.
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        yield list(row)


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
