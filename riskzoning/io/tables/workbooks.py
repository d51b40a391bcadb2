"""Excel workbooks: the right sheet, merged cells, formulas without values."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskzoning.errors import LayerError, Phrase, Problem, decided, note
from riskzoning.files import beginning, bounded, text_beginning
from riskzoning.io.tables.bounds import check_size
from riskzoning.io.unpacking import check_unpacked
from riskzoning.limits import TABLE_BYTES, TABLE_CELLS

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.worksheet.worksheet import Worksheet

# Larger workbooks are streamed, which does not tell merged cells.
_STREAM_BYTES = 16 << 20
_SHOWN = 5
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


def is_workbook(path: Path) -> bool:
    """Whether a file is (or says that it is) an Excel workbook; the first bytes count before the name."""
    first = beginning(path, 4)
    return first in (_OLD_EXCEL, _ZIP) or path.suffix.lower() in (".xlsx", ".xlsm")


def workbook_rows(path: Path, sheet: str | None) -> list[list[Any]]:
    """Rows of a sheet: the one that is named, else the first visible one with rows; merged cells are filled
    downwards."""
    streamed = path.stat().st_size > _STREAM_BYTES
    book = _opened(path, streamed=streamed, values=True)
    try:
        names = [item.title for item in book.worksheets]
        if sheet is not None and sheet not in names:
            raise LayerError(Problem("table.sheet", path, wanted=sheet, sheets=names))
        filled = _filled_sheets(path, book, sheet, merged=not streamed)
    finally:
        book.close()
    if not filled:
        return []
    name, rows = filled[0]
    if not streamed:
        _check_formulas(path, name, rows)
    decided(path, "layer", name, why="study" if sheet else "only" if len(names) == 1 else "default")
    others = [title for title, _ in filled[1:]]
    if others:
        note(Problem("table.sheet_chosen", path, severity="warning", chosen=name, others=others))
    return rows


def _rows_of(sheet: Worksheet, path: Path) -> list[list[Any]]:
    """Rows of a sheet; a stray cell in its last corner would make it larger than memory."""
    check_size(path, sheet.max_row or 0, sheet.max_column or 0)
    rows, cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        cells += len(row)
        if cells > TABLE_CELLS:
            check_size(path, cells // max(len(row), 1) + 1, len(row))
        rows.append(list(row))
    return rows


def _filled_sheets(
    path: Path, book: openpyxl.Workbook, sheet: str | None, *, merged: bool
) -> list[tuple[str, list[list[Any]]]]:
    """Names and rows of the sheet that is named, or of all visible ones with rows (else of a hidden one)."""
    filled: list[tuple[str, list[list[Any]]]] = []
    # The order of the book, hidden sheets last.
    for item in sorted(book.worksheets, key=lambda item: item.sheet_state != "visible"):
        if sheet is not None and item.title != sheet:
            continue
        rows = _rows_of(item, path)
        rows = [row if any(value is not None for value in row) else [] for row in rows]
        if sheet is None and not any(rows):
            continue
        if filled and item.sheet_state != "visible":
            break
        if not filled and merged:
            _spread_merged(item, rows)
        filled.append((item.title, rows))
    return filled


def _opened(path: Path, *, streamed: bool, values: bool) -> openpyxl.Workbook:
    import openpyxl

    if beginning(path, 4) == _OLD_EXCEL:
        raise LayerError(Problem("table.old_workbook", path))
    try:
        # From memory, so that the ending of the name does not matter.
        content = io.BytesIO(bounded(path, TABLE_BYTES))
        with zipfile.ZipFile(content) as archive:
            check_unpacked(path, archive)
        return openpyxl.load_workbook(content, read_only=streamed, data_only=values)
    except LayerError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl and zipfile have many kinds of failure
        words = text_beginning(path)
        if words:
            raise LayerError(Problem("table.no_workbook", path, words=words)) from None
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LayerError(Problem("table.broken_workbook", path, reason=reason)) from None


def _spread_merged(sheet: Worksheet, rows: list[list[Any]]) -> None:
    for area in sheet.merged_cells.ranges:
        if area.max_col > area.min_col:
            # Across columns it is a title or a group of headings, never a value of its own.
            continue
        column = area.min_col - 1
        first = rows[area.min_row - 1]
        value = first[column] if column < len(first) else None
        if not isinstance(value, str):
            continue
        for row in rows[area.min_row : area.max_row]:
            if row and column < len(row) and row[column] is None:
                row[column] = value


def _check_formulas(path: Path, name: str, rows: list[list[Any]]) -> None:
    """A formula that was never computed has no value: it must not pass for an empty cell."""
    if all(value is not None for row in rows for value in row):
        return
    book = _opened(path, streamed=True, values=False)
    try:
        places = []
        for number, (row, written) in enumerate(zip(rows, book[name].iter_rows(values_only=True), strict=False), 1):
            for value, text in zip(row, written, strict=False):
                if value is None and isinstance(text, str) and text.startswith("="):
                    places.append((number, text))
    finally:
        book.close()
    if places:
        shown = [Phrase("row_formula", row=number, formula=text) for number, text in places[:_SHOWN]]
        first = places[0][0]
        raise LayerError(Problem("table.formula", path, sheet=name, row=first, count=len(places), places=shown))
