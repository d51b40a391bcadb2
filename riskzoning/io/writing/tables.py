"""Tables and records: CSV for Excel, Parquet, workbooks, JSON."""

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
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from riskzoning.io.writing.atomic import atomic

# A cell that begins so would be run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
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
        _safe(frame).to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n")


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


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    out = pd.DataFrame(frame).copy()
    for column in out.columns:
        if not pd.api.types.is_numeric_dtype(out[column]) and not pd.api.types.is_bool_dtype(out[column]):
            out[column] = [_safe_text(value) for value in out[column]]
    return out


def _safe_text(value: object) -> Any:
    if isinstance(value, str):
        value = _CONTROL.sub("", value)
        return f"'{value}" if value.startswith(_FORMULA) and not _is_number(value) else value
    if isinstance(value, list | dict | tuple):
        return json.dumps(_plain(value), ensure_ascii=False)
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


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
    book = Workbook()
    book.remove(book.active)
    when = _moment(date)
    book.properties.created = book.properties.modified = when
    book.properties.creator = "riskzoning"
    for name, frame in sheets.items():
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", name)[:31])
        table = _safe(frame)
        sheet.append([str(column) for column in table.columns])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in table.itertuples(index=False, name=None):
            sheet.append([_cell(value) for value in row])
        sheet.freeze_panes = "A2"
        for index, column in enumerate(table.columns, start=1):
            shown = [str(column), *(str(value) for value in table.iloc[:200, index - 1])]
            wide = max(sum(2 if ord(letter) > 255 else 1 for letter in text) for text in shown)
            sheet.column_dimensions[get_column_letter(index)].width = min(wide + 2, _WIDEST)
    with atomic(path) as partial:
        book.save(partial)
        _without_clock(partial, when)


def _moment(date: str | datetime.date | None) -> datetime.datetime:
    if date is None:
        return datetime.datetime(2000, 1, 1)
    day = datetime.date.fromisoformat(date) if isinstance(date, str) else date
    return datetime.datetime(day.year, day.month, day.day)


def _without_clock(path: Path, when: datetime.datetime) -> None:
    """Rewrite the zip with one date for all members: openpyxl puts the clock into them."""
    with zipfile.ZipFile(path) as source:
        members = [(info, source.read(info)) for info in source.infolist()]
    stamp = (max(when.year, 1980), when.month, when.day, 0, 0, 0)
    saved = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info, content in members:
            if info.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + saved.encode(), content)
            target.writestr(zipfile.ZipInfo(info.filename, stamp), content, zipfile.ZIP_DEFLATED)


def _cell(value: object) -> Any:
    value = _plain(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json(path: str | os.PathLike[str], value: object) -> None:
    """A value as JSON: keys sorted, Chinese as it is, NaN and infinities null, numpy and paths as plain values.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(Path(folder) / "a.json", {"x": np.float64("nan"), "path": Path("a")})
    ...     json.loads((Path(folder) / "a.json").read_text())
    {'path': 'a', 'x': None}
    """
    text = json.dumps(_plain(value), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    with atomic(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or value is pd.NaT or isinstance(value, bool | int | str):
        return None if value is pd.NaT else value
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime | pd.Timestamp) else str(value)
