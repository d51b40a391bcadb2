"""Excel workbooks: the right sheet, merged cells, formulas without values."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl

from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.files import beginning, text_beginning

# Larger workbooks are streamed, which does not tell merged cells.
_STREAM_BYTES = 16 << 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


def is_workbook(path: Path) -> bool:
    """Whether a file is (or says that it is) an Excel workbook; the first bytes count before the name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.xls").write_text("code,name", encoding="utf-8")
    ...     is_workbook(Path(folder) / "a.xls")
    False
    """
    first = beginning(path, 4)
    return first in (_OLD_EXCEL, _ZIP) or path.suffix.lower() in (".xlsx", ".xlsm")


def workbook_rows(path: Path, sheet: str | None) -> tuple[list[list[Any]], list[str]]:
    """Rows of a sheet, and what people should know about the choice.

    Without a name the first visible sheet with rows is taken. A merged cell gives its text to every cell that it
    covers, a number only to the first: it would count more than once.

    Raises
    ------
    LayerError
        No workbook, an old one (.xls), no such sheet, a formula without a stored value.

    Examples
    --------
    >>> import tempfile
    >>> book = openpyxl.Workbook()
    >>> book.active.append(["code", 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book.save(Path(folder) / "a.xlsx")
    ...     workbook_rows(Path(folder) / "a.xlsx", None)
    ([['code', 1]], [])
    """
    streamed = path.stat().st_size > _STREAM_BYTES
    book = _opened(path, streamed=streamed, values=True)
    try:
        names = [item.title for item in book.worksheets]
        if sheet is not None and sheet not in names:
            found = f"has no sheet '{sheet}'"
            raise LayerError(Problem(str(path), found, f"one of {first_few(names)}", "Correct it.", rule="table.sheet"))
        # The order of the book, hidden sheets last.
        items = sorted(book.worksheets, key=lambda item: item.sheet_state != "visible")
        filled: list[tuple[str, list[list[Any]]]] = []
        for item in items:
            if sheet is not None and item.title != sheet:
                continue
            rows = [list(row) for row in item.iter_rows(values_only=True)]
            rows = [row if any(value is not None for value in row) else [] for row in rows]
            if sheet is None and not any(rows):
                continue
            if filled and item.sheet_state != "visible":
                break
            if not filled and not streamed:
                _spread_merged(item, rows)
            filled.append((item.title, rows))
    finally:
        book.close()
    if not filled:
        return [], []
    name, rows = filled[0]
    if not streamed:
        _check_formulas(path, name, rows)
    others = [title for title, _ in filled[1:]]
    said = [f"sheet '{name}' is read, not {first_few(others)}; name one with sheet:"] if others else []
    return rows, said


def _opened(path: Path, *, streamed: bool, values: bool) -> Any:
    if beginning(path, 4) == _OLD_EXCEL:
        raise LayerError(
            Problem(
                str(path),
                "is a workbook of Excel 97-2003 (.xls), or one with a password",
                "an Excel workbook (.xlsx)",
                "Open it in Excel or WPS and save it as .xlsx without a password.",
                rule="file.format",
            )
        )
    try:
        # From memory, so that the ending of the name does not matter.
        return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=streamed, data_only=values)
    except Exception as error:  # noqa: BLE001 - openpyxl and zipfile have many kinds of failure
        words = text_beginning(path)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        found = f"is text, not a workbook (it begins with '{words}')" if words else f"cannot be opened ({reason})"
        raise LayerError(
            Problem(str(path), found, "an Excel workbook (.xlsx)", "Save it again as .xlsx.", rule="file.format")
        ) from None


def _spread_merged(sheet: Any, rows: list[list[Any]]) -> None:
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
        shown = first_few(f"row {number} ({text})" for number, text in places)
        raise LayerError(
            Problem(
                str(path),
                f"has formulas without a stored value: {shown}",
                "values",
                "Open it in Excel or WPS, let it compute, and save it; or paste the values.",
                rule="table.formula",
                sheet=name,
                row=places[0][0],
            )
        )
