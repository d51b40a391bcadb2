"""Rows of a file to a frame: the heading, names of columns, types of columns."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from riskzoning.codes import code_texts, is_code_column
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.files import existing
from riskzoning.io.tables.cells import is_degree_comma, number_column, plain_text
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
    """Read a table from CSV, TSV or Excel.

    Encoding and separator are recognised; comment lines and title rows above the heading are skipped. Codes stay text;
    thousands separators, decimal commas and full-width digits are read as numbers. Headings that occur twice or are
    missing, and further sheets of a workbook, are noted.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.xlsm``; the first bytes count, not the name.
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
    rows, decimal_comma, workbook = _rows(file, sheet, encoding)
    index = _heading(file, rows, header)
    names = _unique([_cell(value) for value in rows[index]])
    if not workbook:
        _check_widths(file, rows, index)
    body = [[*row, *([None] * (len(names) - len(row)))][: len(names)] for row in rows[index + 1 :]]
    numbered = [(number, row) for number, row in enumerate(body, start=index + 2) if any(_cell(v) for v in row)]
    if not numbered:
        raise LayerError(Problem("table.heading_only", file))
    _tell_headings(file, names, rows[index + 1 :])
    frame = pd.DataFrame([row for _, row in numbered], columns=names, index=[number for number, _ in numbered])
    frame = frame.loc[:, [name for name in frame.columns if name]]
    codes = {name for wanted, name in (columns or {}).items() if is_code_column(wanted)}
    for name in frame.columns:
        values = frame[name]
        if name in text:
            frame[name] = _objects(values, plain_text)
        elif is_code_column(name) or name in codes:
            frame[name] = pd.Series(code_texts(values), index=values.index, dtype=object)
        else:
            degrees = is_degree_column(name) and all(map(is_degree_comma, values))
            frame[name] = number_column(values, decimal_comma=decimal_comma or degrees)
    frame.index.name = "row"
    out = renamed(frame, columns, thing=str(file))
    out.attrs = {"source": file.name, "rows": len(out), "first_row": index + 2}
    return out


def _rows(path: Path, sheet: str | None, encoding: str | None) -> tuple[list[list[Any]], bool, bool]:
    """Rows, whether numbers have decimal commas, whether they come from a workbook."""
    if is_workbook(path):
        return workbook_rows(path, sheet), False, True
    return *text_rows(path, encoding), False


def _objects(column: pd.Series[Any], change: Callable[[object], str | None]) -> pd.Series[Any]:
    return pd.Series([change(value) for value in column], index=column.index, dtype=object)


def _tell_headings(path: Path, names: list[str], rows: list[list[Any]]) -> None:
    doubled = [name for name in names if names.count(name.rpartition("_")[0]) and name.rpartition("_")[2].isdigit()]
    if doubled:
        note(Problem("table.headings_twice", path, severity="warning", columns=doubled))
    width = max((len(row) for row in rows), default=0)
    bare = [
        position + 1
        for position in range(width)
        if (position >= len(names) or not names[position])
        and any(position < len(row) and _cell(row[position]) for row in rows)
    ]
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
    return frame.rename(columns={name: wanted for wanted, name in (columns or {}).items()})


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


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 or not name else f"{name}_{seen[name]}")
    return out
