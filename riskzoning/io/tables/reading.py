"""Rows of a file to a frame: the heading, names of columns, types of columns."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from riskzoning.codes import code_texts, is_code_column
from riskzoning.errors import LayerError, Phrase, Problem, decided, note
from riskzoning.files import existing
from riskzoning.io.tables.bounds import check_size
from riskzoning.io.tables.cells import number_column, plain_text, point_decimals
from riskzoning.io.tables.parquet import is_parquet, parquet_frame
from riskzoning.io.tables.texts import text_rows
from riskzoning.io.tables.workbooks import is_workbook, workbook_rows
from riskzoning.places import is_degree_column

_SHOWN = 5
Frame = TypeVar("Frame", bound=pd.DataFrame)


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    header: int | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    text: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Read a table from CSV, TSV, Excel or Parquet.

    Encoding and separator are recognised; comment lines and title rows above the heading are skipped. Codes stay text;
    thousands separators, decimal commas and full-width digits are read as numbers. Headings that occur twice or are
    missing, and further sheets of a workbook, are noted.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.txt``, ``.xlsx``, ``.xlsm`` or ``.parquet``; the first bytes count, not the name.
    sheet : str, optional
        Sheet of a workbook; by default the first visible one that has rows.
    header : int, optional
        Row of the heading, counted from 1; by default the first row that looks like one.
    encoding : str, optional
        Encoding of a text file; by default UTF-8 if the bytes fit, else GB18030.
    columns : mapping, optional
        Wanted name of a column -> its name in the file.
    text : tuple of str
        Further columns to keep as text.

    Returns
    -------
    DataFrame
        Index ``row``: row numbers as Excel shows them. ``attrs``: ``source`` (file name), ``rows``, ``first_row``.
        Empty cells are NaN in columns of numbers and None in columns of text.

    Raises
    ------
    LayerError
        The file is missing, empty or not a table; a sheet or column is not there; a row has more cells than the
        heading; a formula has no stored value.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_bytes("code,人口\\n0410,\\"1,200\\"\\n".encode("gbk"))
    ...     read_table(Path(folder) / "a.csv").to_dict("records")
    [{'code': '0410', '人口': 1200}]
    """
    file = existing(path, what=Phrase("table_file"))
    decimal_comma = False
    if is_parquet(file):
        frame, first = parquet_frame(file), 1
        frame.columns = pd.Index(unique_names(list(frame.columns)))
        if not len(frame):
            raise LayerError(Problem("table.heading_only", file))
    else:
        rows, decimal_comma, workbook = _rows(file, sheet, encoding)
        frame, first = _frame(file, rows, header, workbook=workbook)
    codes = {name for wanted, name in (columns or {}).items() if is_code_column(wanted)}
    typed: dict[str, pd.Series[Any]] = {}
    for name in frame.columns:
        values = frame[name]
        if name in text:
            typed[name] = _objects(values, plain_text)
        elif is_code_column(name) or name in codes:
            typed[name] = pd.Series(code_texts(values), index=values.index, dtype=object)
        else:
            degrees = is_degree_column(name)
            typed[name] = _numbers(
                point_decimals(values) if degrees else values, decimal_comma=decimal_comma and not degrees
            )
    out = renamed(pd.DataFrame(typed, index=frame.index.rename("row")), columns, thing=str(file))
    out.attrs = {"source": file.name, "rows": len(out), "first_row": first}
    return out


def _numbers(values: pd.Series[Any], *, decimal_comma: bool) -> pd.Series[Any]:
    """A column as numbers where every cell is one; columns with a type of their own stay as they are."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values
    return number_column(values.astype(object), decimal_comma=decimal_comma)


def _frame(file: Path, rows: list[list[Any]], header: int | None, *, workbook: bool) -> tuple[pd.DataFrame, int]:
    """Cells below the heading as they are, with the number of the first row below it."""
    index = _heading(file, rows, header)
    written = [_cell(value) for value in rows[index]]
    check_size(file, len(rows), len(written))
    names = unique_names(written)
    if not workbook:
        _check_widths(file, rows, index)
    body = [[*row, *([None] * (len(names) - len(row)))][: len(names)] for row in rows[index + 1 :]]
    numbered = [(number, row) for number, row in enumerate(body, start=index + 2) if any(_cell(v) for v in row)]
    if not numbered:
        raise LayerError(Problem("table.heading_only", file))
    _tell_headings(file, written, names, rows[index + 1 :])
    decided(file, "header", index + 1, why="values" if header is None else "study")
    columns = zip(*(row for _, row in numbered), strict=True)
    cells = {name: pd.Series(column, dtype=object) for name, column in zip(names, columns, strict=True) if name}
    frame = pd.DataFrame(cells)
    frame.index = pd.Index([number for number, _ in numbered])
    return frame, index + 2


def _rows(path: Path, sheet: str | None, encoding: str | None) -> tuple[list[list[Any]], bool, bool]:
    """Rows, whether numbers have decimal commas, whether they come from a workbook."""
    if is_workbook(path):
        return workbook_rows(path, sheet), False, True
    return *text_rows(path, encoding), False


def _objects(column: pd.Series[Any], change: Callable[[object], str | None]) -> pd.Series[Any]:
    return pd.Series([change(value) for value in column], index=column.index, dtype=object)


def _tell_headings(path: Path, written: list[str], names: list[str], rows: list[list[Any]]) -> None:
    doubled = [name for name, text in zip(names, written, strict=True) if name != text]
    if doubled:
        note(Problem("table.headings_twice", path, severity="warning", columns=doubled))
    filled = {at for row in rows for at, value in enumerate(row) if _cell(value)}
    bare = sorted(at + 1 for at in filled if at >= len(names) or not names[at])
    if bare:
        note(Problem("table.headings_missing", path, severity="warning", columns=bare))


def _check_widths(path: Path, rows: list[list[Any]], index: int) -> None:
    """A row of text with more cells than headings: a separator inside a cell has shifted its values."""
    width = len(rows[index])
    wide = [
        number
        for number, row in enumerate(rows[index + 1 :], start=index + 2)
        if len(row) > width and any(_cell(value) for value in row[width:])
    ]
    if wide:
        raise LayerError(Problem("table.width", path, row=wide[0], width=width, count=len(wide), rows=wide[:_SHOWN]))


def renamed(frame: Frame, columns: Mapping[str, str] | None, *, thing: Phrase | str) -> Frame:
    """The frame with the wanted names of columns."""
    problems = []
    for wanted, name in (columns or {}).items():
        if name not in frame.columns:
            known = [str(column) for column in frame.columns]
            near = difflib.get_close_matches(name, known, n=3)
            hint = Phrase("near", names=near) if near else Phrase("nothing")
            problems.append(Problem("table.column", thing, column=name, columns=known, near=hint, wanted=wanted))
    if problems:
        raise LayerError(problems=problems)
    new = {name: wanted for wanted, name in (columns or {}).items()}
    # A column that has the wanted name already, but is not the one that was named, stands aside.
    aside = [wanted for wanted, name in (columns or {}).items() if wanted in frame.columns and wanted not in new]
    numbers = dict(zip(aside, unique_names([*map(str, frame.columns), *aside])[len(frame.columns) :], strict=True))
    if aside:
        note(Problem("table.name_taken", thing, severity="warning", columns=aside, names=list(numbers.values())))
    return frame.rename(columns={**numbers, **new})


def _heading(path: Path, rows: list[list[Any]], header: int | None) -> int:
    if header is not None:
        if header <= len(rows):
            return header - 1
        raise LayerError(Problem("table.header", path, rows=len(rows), header=header))
    widths = [sum(1 for value in row if _cell(value)) for row in rows[:30]]
    if not widths or max(widths) == 0:
        raise LayerError(Problem("table.empty", path))
    # A merged title fills one cell, a heading nearly as many as the rows below it.
    return next(i for i, width in enumerate(widths) if width >= max(1, 0.6 * max(widths)))


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


def unique_names(names: list[str]) -> list[str]:
    """Each name once: what is there already gets a number."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        new = name
        while name and seen[name] > 1 and (new := f"{name}_{seen[name]}") in seen:
            seen[name] += 1
        seen.setdefault(new, 1)
        out.append(new)
    return out
