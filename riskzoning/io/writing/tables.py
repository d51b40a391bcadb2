"""Tables and records: CSV for Excel, Parquet, Arrow, workbooks, JSON."""

from __future__ import annotations

import datetime
import json
import math
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import feather

from riskzoning.errors import escaped_json
from riskzoning.io.writing.atomic import atomic
from riskzoning.io.writing.sheets import plain, rows_xml

# A cell that begins so would be run as a formula by a spreadsheet; East Asian ones take the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What a terminal would obey, and letters that no XML holds.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_WIDEST = 40


def write_csv(path: str | os.PathLike[str], frame: pd.DataFrame) -> None:
    """A table as CSV: UTF-8 with BOM (Excel shows Chinese), line feeds, numbers in full, missing values empty.

    Text that a spreadsheet would run as a formula gets an apostrophe in front.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(Path(folder) / "a.csv", pd.DataFrame({"name": ["乡", "=1+1"], "x": [0.1, None]}))
    ...     (Path(folder) / "a.csv").read_text("utf-8-sig").splitlines()
    ['name,x', '乡,0.1', "'=1+1,"]
    """
    with atomic(path) as partial:
        _safe(frame).to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n", errors="replace")


def csv_text(frame: pd.DataFrame) -> str:
    """A table as the text of a CSV file, safe for whoever opens or prints it: no formulas, no control codes.

    Headings too are text: names of columns come from the files of others. The index is not written.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"=1+1": ["@SUM(1)", "乡"], "x": [-1, 2.5]}))
    "'=1+1,x\\n'@SUM(1),-1.0\\n乡,2.5\\n"
    """
    return str(_safe(frame).to_csv(index=False, lineterminator="\n"))


def write_parquet(path: str | os.PathLike[str], frame: pd.DataFrame) -> None:
    """A table as Parquet, with its index.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_parquet(Path(folder) / "a.parquet", pd.DataFrame({"x": [0.1]}))
    ...     float(pd.read_parquet(Path(folder) / "a.parquet").x[0])
    0.1
    """
    with atomic(path) as partial:
        pd.DataFrame(frame).to_parquet(partial)


def write_frame(path: str | os.PathLike[str], frame: pd.DataFrame) -> None:
    """A table as Arrow file, with its index: what a run keeps for itself, in a fraction of the time that Parquet takes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_frame(Path(folder) / "a.arrow", pd.DataFrame({"x": [0.1]}, index=["乡"]))
    ...     read_frame(Path(folder) / "a.arrow").x.to_dict()
    {'乡': 0.1}
    """
    # One thread: these tables are small and many, and threads cost more than they give.
    table = pa.Table.from_pandas(pd.DataFrame(frame), nthreads=1)
    with atomic(path) as partial:
        feather.write_feather(table, partial, compression="lz4")


def read_frame(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A table that :func:`write_frame` wrote, as it was.

    Raises
    ------
    OSError
        There is no such file.
    ValueError
        It is no Arrow file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_frame(Path(folder) / "a.arrow", pd.DataFrame({"name": ["乡", None]}))
    ...     int(read_frame(Path(folder) / "a.arrow").name.isna().sum())
    1
    """
    table = feather.read_table(os.fspath(path), use_threads=False, memory_map=False)
    return pd.DataFrame(table.to_pandas(use_threads=False))


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    names = [safe_text(str(column)) for column in frame.columns]
    parts = [_safe_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    out = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=frame.index)
    out.columns = pd.Index(names, dtype=object)
    return out


def _safe_column(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column
    values = column.tolist()
    # Names and codes come again and again.
    safe: dict[object, Any] = {value: safe_text(value) for value in {value for value in values if type(value) is str}}
    return pd.Series(
        [safe[value] if type(value) is str else safe_text(value) for value in values], index=column.index, dtype=object
    )


def safe_text(value: object) -> Any:
    """A value of a cell or heading: text that a spreadsheet would run, or a terminal obey, is text only."""
    if isinstance(value, str):
        value = _CONTROL.sub("", value)
        return f"'{value}" if value.lstrip().startswith(_FORMULA) and not _is_number(value) else value
    if isinstance(value, list | dict | tuple):
        return json.dumps(plain(value), ensure_ascii=False)
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value if isinstance(value, int | float | np.generic | datetime.date) else safe_text(str(value))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_workbook(
    path: str | os.PathLike[str], sheets: Mapping[str, pd.DataFrame], *, date: str | datetime.date | None = None
) -> None:
    """Tables as an Excel workbook: one sheet each, bold heading that stays in view, codes as text.

    Parameters
    ----------
    sheets : mapping
        Name of the sheet (at most 31 characters are kept) -> table.
    date : date, optional
        Date of creation in the file, instead of the clock.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(Path(folder) / "a.xlsx", {"units": pd.DataFrame({"code": ["0410"]})})
    ...     pd.read_excel(Path(folder) / "a.xlsx", dtype=str).code[0]
    '0410'
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    when = _moment(date)
    book.properties.created = book.properties.modified = when
    book.properties.creator = "riskzoning"
    rows: dict[str, pd.DataFrame] = {}
    for name, frame in sheets.items():
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", name)[:31])
        table = _safe(frame)
        sheet.append([str(column) for column in table.columns])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        rows[f"xl/worksheets/sheet{len(book.worksheets)}.xml"] = table
        sheet.freeze_panes = "A2"
        for index, column in enumerate(table.columns, start=1):
            shown = [str(column), *(str(value) for value in table.iloc[:200, index - 1])]
            wide = max(sum(2 if ord(letter) > 255 else 1 for letter in text) for text in shown)
            sheet.column_dimensions[get_column_letter(index)].width = min(wide + 2, _WIDEST)
    with atomic(path) as partial:
        book.save(partial)
        _filled(partial, when, rows)


def _moment(date: str | datetime.date | None) -> datetime.datetime:
    if date is None:
        return datetime.datetime(2000, 1, 1)
    day = datetime.date.fromisoformat(date) if isinstance(date, str) else date
    return datetime.datetime(day.year, day.month, day.day)


def _filled(path: Path, when: datetime.datetime, rows: Mapping[str, pd.DataFrame]) -> None:
    """Rewrite the zip with the rows of its sheets and one date for all members: openpyxl puts the clock into them."""
    with zipfile.ZipFile(path) as source:
        members = [(info, source.read(info)) for info in source.infolist()]
    stamp = (max(when.year, 1980), when.month, when.day, 0, 0, 0)
    saved = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info, content in members:
            if info.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + saved.encode(), content)
            elif info.filename in rows:
                content = _with_rows(content, rows[info.filename])
            target.writestr(zipfile.ZipInfo(info.filename, stamp), content, zipfile.ZIP_DEFLATED)


def _with_rows(sheet: bytes, table: pd.DataFrame) -> bytes:
    """A sheet that has its heading only, with the rows of the table below it."""
    if table.empty:
        return sheet
    whole = re.sub(rb'(<dimension ref="A1:[A-Z]+)1"', rb'\g<1>%d"' % (len(table) + 1), sheet, count=1)
    head, mark, tail = whole.rpartition(b"</sheetData>")
    return b"".join([head, rows_xml(table), mark, tail])


def write_json(path: str | os.PathLike[str], value: object, *, indent: int | None = 1) -> None:
    """A value as JSON: keys sorted, Chinese as it is, NaN and infinities null, numpy and paths as plain values.

    Without ``indent`` it stands in one line, which takes a third of the time: for what no person reads.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(Path(folder) / "a.json", {"x": float("nan"), "path": Path("a")})
    ...     json.loads((Path(folder) / "a.json").read_text())
    {'path': 'a', 'x': None}
    """
    text = json.dumps(plain(value), ensure_ascii=False, indent=indent, sort_keys=True, allow_nan=False)
    with atomic(path) as partial:
        partial.write_text(escaped_json(text) + "\n", encoding="utf-8", errors="replace")
