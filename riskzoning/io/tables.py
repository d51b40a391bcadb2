"""Tables: CSV, TSV and Excel as the field sends them; codes stay text, nothing is dropped without a word."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd

from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.io.encodings import text_of_file
from riskzoning.io.sources import existing, text_beginning

__all__ = ["read_points", "read_table", "renamed"]

_EXCEL = (".xlsx", ".xlsm")
_X_NAMES = ("lon", "longitude", "lng", "x", "经度", "东经", "lon_dd", "坐标x")
_Y_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "lat_dd", "坐标y")
# Columns that hold codes: their digits are text, also where a spreadsheet made numbers of them.
_CODE = re.compile(r"(code|代码|编码|adcode|town9|vill12|^id$|_id$|^pac$)", re.IGNORECASE)
_THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    header: int | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    text: tuple[str, ...] = (),
) -> pd.DataFrame:
    """A table from CSV, TSV or Excel.

    Encoding and separator are found, comment lines and title rows above the heading are passed over, codes stay text,
    numbers with thousands separators become numbers. ``attrs`` tell ``source``, ``rows`` and ``first_row`` (as a person
    sees it).

    Parameters
    ----------
    sheet : str, optional
        Sheet of a workbook; default the first one with rows.
    header : int, optional
        Row of the heading, first row = 1; default: the first row that looks like one.
    columns : mapping, optional
        Name that is wanted -> name in the file.
    text : tuple of str
        Further columns that stay text.

    Raises
    ------
    LayerError
        Missing, empty, not a table, no such sheet or column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_bytes("code,人口\\n0410,\\"1,200\\"\\n".encode("gbk"))
    ...     read_table(Path(folder) / "a.csv").to_dict("records")
    [{'code': '0410', '人口': 1200}]
    """
    found = existing(path, what="a table (CSV or Excel)")
    rows = _excel_rows(found, sheet) if found.suffix.lower() in _EXCEL else _text_rows(found, encoding)
    index = _heading(found, rows, header)
    names = _unique([_cell(value) for value in rows[index]])
    body = [[*row, *([None] * (len(names) - len(row)))][: len(names)] for row in rows[index + 1 :]]
    numbered = [(number, row) for number, row in enumerate(body, start=index + 2) if any(_cell(v) for v in row)]
    frame = pd.DataFrame([row for _, row in numbered], columns=names, index=[number for number, _ in numbered])
    frame = frame.loc[:, [name for name in frame.columns if name]]
    for name in frame.columns:
        stays = name in text or _CODE.search(str(name)) is not None
        frame[name] = _as_text(frame[name]) if stays else _as_numbers(frame[name])
    frame.index.name = "row"
    out = renamed(frame, columns, thing=str(found))
    out.attrs = {"source": found.name, "rows": len(out), "first_row": index + 2}
    return out


def renamed(frame: Any, columns: Mapping[str, str] | None, *, thing: str) -> Any:
    """The frame with the wanted names of columns.

    Raises
    ------
    LayerError
        A column is not there; the message has near names.

    Examples
    --------
    >>> renamed(pd.DataFrame({"人口": [1]}), {"pop": "人口"}, thing="a.csv").columns.tolist()
    ['pop']
    """
    problems = []
    for wanted, name in (columns or {}).items():
        if name not in frame.columns:
            known = [str(column) for column in frame.columns]
            near = difflib.get_close_matches(name, known, n=3)
            hint = f"; near ones: {first_few(near)}" if near else ""
            required = f"one of {first_few(known, shown=15)}{hint}"
            fix = f"Correct the column for '{wanted}' in study.yaml."
            problems.append(Problem(thing, f"has no column '{name}'", required, fix, rule="table.column"))
    if problems:
        raise LayerError(problems=problems)
    return frame.rename(columns={name: wanted for wanted, name in (columns or {}).items()})


def _excel_rows(path: Path, sheet: str | None) -> list[list[Any]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # noqa: BLE001 - openpyxl and zipfile have many kinds of failure
        words = text_beginning(path)
        found = f"is text, not a workbook (it begins with '{words}')" if words else f"cannot be opened ({error})"
        raise LayerError(
            Problem(str(path), found, "an Excel workbook (.xlsx)", "Save it again as .xlsx.", rule="file.format")
        ) from None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            found = f"has no sheet '{sheet}'"
            raise LayerError(
                Problem(str(path), found, f"one of {first_few(book.sheetnames)}", "Correct it.", rule="table.sheet")
            )
        for name in [sheet] if sheet else book.sheetnames:
            rows = [list(row) for row in book[name].iter_rows(values_only=True)]
            if sheet or any(any(_cell(value) for value in row) for row in rows):
                return rows
    finally:
        book.close()
    return []


def _text_rows(path: Path, encoding: str | None) -> list[list[Any]]:
    text = text_of_file(path, encoding=encoding)
    if "\0" in text:
        raise LayerError(
            Problem(str(path), "is a binary file", "a text table", "Export it as CSV.", rule="file.format")
        )
    lines = [line for line in text.splitlines() if line.strip()]
    sample = [line for line in lines if not line.lstrip().startswith("#")][:20]
    separators = [",", "\t", ";", "|"]
    counts = {mark: [line.count(mark) for line in sample] for mark in separators}
    best = max(separators, key=lambda mark: (np.median(counts[mark]) if sample else 0, -separators.index(mark)))
    reader = csv.reader(io.StringIO(text), delimiter=best)
    # Comment lines keep their place, so that row numbers are those that a person sees.
    return [[] if row and row[0].lstrip().startswith("#") else list(row) for row in reader]


def _heading(path: Path, rows: list[list[Any]], header: int | None) -> int:
    if header is not None:
        if header <= len(rows):
            return header - 1
        raise LayerError(
            Problem(
                str(path), f"has {len(rows)} rows", f"a heading in row {header}", "Correct it.", rule="table.header"
            )
        )
    widths = [sum(1 for value in row if _cell(value)) for row in rows[:30]]
    if not widths or max(widths) == 0:
        raise LayerError(
            Problem(str(path), "has no rows", "a heading and rows", "Export it again.", rule="table.empty")
        )
    # A merged title fills one cell, a heading nearly as many as the rows below it.
    return next(i for i, width in enumerate(widths) if width >= max(1, 0.6 * max(widths)))


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 or not name else f"{name}_{seen[name]}")
    return out


def _as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    def plain(value: Any) -> Any:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return None
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    return pd.Series([plain(value) for value in column], index=column.index, dtype=object)


def _as_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    values = [_number_text(value) for value in column]
    filled = [value for value in values if value not in (None, "")]
    numbers = pd.to_numeric(pd.Series(filled, dtype=object), errors="coerce")
    if filled and numbers.notna().all():
        cleaned = pd.Series([None if value in (None, "") else value for value in values], index=column.index)
        return pd.to_numeric(cleaned)
    return pd.Series([None if value == "" else value for value in values], index=column.index, dtype=object)


def _number_text(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        return text.replace(",", "") if _THOUSANDS.match(text) else text
    return value


def read_points(
    path: str | os.PathLike[str],
    *,
    x: str | None = None,
    y: str | None = None,
    crs: Any = "EPSG:4490",
    encoding: str | None = None,
    sheet: str | None = None,
    header: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """A table with coordinates as points; rows without coordinates are listed in ``attrs["dropped"]``.

    Parameters
    ----------
    x, y : str, optional
        Columns of the coordinates; found by their usual names (lon, longitude, 经度 ...) when not given.
    crs : optional
        CRS of the coordinates.

    Raises
    ------
    LayerError
        No coordinates, or latitude and longitude are swapped.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("name,lon,lat\\nA,114,35\\nB,,\\n", encoding="utf-8")
    ...     points = read_points(Path(folder) / "a.csv")
    >>> len(points), points.attrs["dropped"]
    (1, ['row 3: no coordinates'])
    """
    frame = read_table(path, sheet=sheet, header=header, encoding=encoding, columns=columns)
    x, y = _column(frame, x, _X_NAMES, path, "x"), _column(frame, y, _Y_NAMES, path, "y")
    east, north = (pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float) for name in (x, y))
    good = np.isfinite(east) & np.isfinite(north)
    dropped = [f"row {number}: no coordinates" for number in frame.index[~good]]
    geographic = gpd.GeoSeries([], crs=crs).crs.is_geographic
    if geographic and good.any() and np.median(np.abs(north[good])) > 90:
        found = f"has latitudes such as {north[good][0]:g} in column '{y}'"
        fix = "The columns are swapped: exchange x: and y: in study.yaml, or declare the projected CRS."
        raise LayerError(Problem(str(path), found, "latitudes within -90..90", fix, rule="points.swapped"))
    kept = frame[good]
    out = gpd.GeoDataFrame(kept, geometry=gpd.points_from_xy(east[good], north[good]), crs=crs)
    out.attrs = {**frame.attrs, "dropped": dropped}
    return out


def _column(frame: pd.DataFrame, given: str | None, usual: tuple[str, ...], path: Any, what: str) -> str:
    if given is not None and given in frame.columns:
        return given
    lowered = {str(name).lower(): str(name) for name in frame.columns}
    if given is None:
        for name in usual:
            if name in lowered:
                return lowered[name]
    found = f"has no column '{given}'" if given else f"has no column for {what}"
    required = f"one of {first_few(frame.columns, shown=15)}"
    raise LayerError(
        Problem(str(path), found, required, f'Name it with "{what}:" in study.yaml.', rule="points.column")
    )
