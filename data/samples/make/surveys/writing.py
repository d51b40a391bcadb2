"""Files of filled forms as people hand them in; the same rows give the same bytes."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from riskzoning.samples.files import write_vector
from riskzoning.surveys import form, write_template

_MOMENT = (2021, 10, 31, 8, 0, 0)
_EDGE = Border(*(Side(style="thin", color="BFBFBF"),) * 4)
# Rows of a filled form by their index -> the row that a person sees.
Rows = dict[Any, int]


def titles(name: str, columns: Sequence[str]) -> list[str]:
    """Chinese headings of fields of a form."""
    fields = form(name).by_name
    return [fields[column].zh for column in columns]


def write_filled_template(path: Path, name: str, frame: pd.DataFrame) -> Rows:
    """The project's own empty form, filled in: drop-downs, notes and the sheets that explain it stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(name, path, lang="zh")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    _trim(sheet)
    position = {field.name: number for number, field in enumerate(form(name).fields, start=1)}
    dates = {field.name for field in form(name).of_kind("date")}
    for row, values in enumerate(frame.to_dict("records"), start=3):
        for column, value in values.items():
            cell = sheet.cell(row, position[str(column)], _day(value) if column in dates else _cell(value))
            if column in dates:
                cell.number_format = "yyyy-mm-dd"
    _saved(book, path)
    return {label: row for row, label in enumerate(frame.index, start=3)}


def _trim(sheet: Worksheet) -> None:
    """Without the formats of empty rows, which make a small file large."""
    if sheet.max_row > 2:
        sheet.delete_rows(3, sheet.max_row - 2)


def _day(value: Any) -> Any:
    """A date of Excel; a text that is no day stays as it was typed."""
    day = pd.to_datetime(value, format="%Y-%m-%d", errors="coerce") if isinstance(value, str) else pd.NaT
    return _cell(value) if day is pd.NaT else day.to_pydatetime()


def _cell(value: Any) -> Any:
    """A value as openpyxl takes it; missing ones are empty cells."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    return value.item() if isinstance(value, np.generic) else value


def write_book(path: Path, sheets: Sequence[tuple[str, list[str], list[str], pd.DataFrame]]) -> list[Rows]:
    """A workbook as an office makes it: on each sheet title rows (merged), headings, rows.

    A sheet is its name, the lines above the headings, the headings, the rows. Headings such as ``倒塌房屋|户`` stand in
    two rows, the group merged over its parts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    out = []
    for name, above, headings, frame in sheets:
        sheet = book.create_sheet(name)
        for line in above:
            sheet.append([line])
            sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=len(headings))
        sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, size=14), Alignment(horizontal="center")
        first = len(above) + 1 + _heading(sheet, headings, len(above) + 1)
        for values in frame.itertuples(index=False):
            sheet.append([_cell(value) for value in values])
        out.append({label: row for row, label in enumerate(frame.index, start=first)})
    _saved(book, path)
    return out


def _heading(sheet: Worksheet, headings: list[str], row: int) -> int:
    """The headings from a row on; how many rows they take."""
    grouped = any("|" in text for text in headings)
    for column, text in enumerate(headings, start=1):
        group, _, part = text.partition("|")
        _head(sheet, row, column, group)
        sheet.column_dimensions[get_column_letter(column)].width = max(9, min(22, 2 * len(text)))
        if grouped and part:
            _head(sheet, row + 1, column, part)
            if column > 1 and headings[column - 2].partition("|")[0] == group:
                sheet.merge_cells(start_row=row, start_column=column - 1, end_row=row, end_column=column)
        elif grouped:
            sheet.merge_cells(start_row=row, start_column=column, end_row=row + 1, end_column=column)
    return 2 if grouped else 1


def _head(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.value, cell.font, cell.border = text, Font(bold=True), _EDGE
    cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")


def _saved(book: openpyxl.Workbook, path: Path) -> None:
    """The workbook with the clock stopped: in its properties, and for each part of the archive."""
    moment = pd.Timestamp(*_MOMENT).to_pydatetime()
    book.properties.creator, book.properties.created = "riskzoning sample", moment
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = parts["docProps/core.xml"]
    head, _, rest = core.partition(b"<dcterms:modified")
    if rest:
        opening, _, closing = rest.partition(b">")
        core = head + b"<dcterms:modified" + opening + b">" + stamp + closing[closing.index(b"<") :]
    parts["docProps/core.xml"] = core
    _share_texts(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)


_INLINE = re.compile(rb't="inlineStr"(?: ?/>|><is><t(?: xml:space="preserve")?>(.*?)</t></is></c>)', re.DOTALL)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHARED = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def _share_texts(parts: dict[str, bytes]) -> None:
    """Texts in one list that cells point to, as Excel saves them."""
    texts: dict[bytes, int] = {}

    def pointed(match: re.Match[bytes]) -> bytes:
        number = texts.setdefault(match[1] or b"", len(texts))
        return b't="s"><v>%d</v></c>' % number

    for name in sorted(parts):
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = _INLINE.sub(pointed, parts[name])
    if not texts or "xl/sharedStrings.xml" in parts:
        return
    items = b"".join(b'<si><t xml:space="preserve">' + text + b"</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_SHEETS}" uniqueCount="{len(texts)}">'.encode() + items + b"</sst>"
    kind = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHARED}"/></Types>'
    link = f'<Relationship Id="rIdTexts" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    parts[types] = parts[types].replace(b"</Types>", kind.encode())
    parts[links] = parts[links].replace(b"</Relationships>", link.encode())


def write_gbk(path: Path, name: str, frame: pd.DataFrame) -> Rows:
    """A table as CSV in GBK, as Excel saves it on a Chinese Windows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="gb18030", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(titles(name, list(frame.columns)))
        for values in frame.itertuples(index=False):
            out.writerow(["" if _cell(value) is None else _cell(value) for value in values])
    return {label: row for row, label in enumerate(frame.index, start=2)}


def _points(frame: pd.DataFrame, crs: str = "EPSG:4490") -> gpd.GeoDataFrame:
    places = shapely.points(frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float))
    return gpd.GeoDataFrame(frame, geometry=places, crs="EPSG:4490").to_crs(crs)


def write_package(path: Path, name: str, frame: pd.DataFrame) -> Rows:
    """Points of a GeoPackage with Chinese headings."""
    points = _points(frame).rename(columns=dict(zip(frame.columns, titles(name, list(frame.columns)), strict=True)))
    write_vector(path, {name: points})
    return {label: row for row, label in enumerate(frame.index, start=1)}


def write_shapefile(path: Path, frame: pd.DataFrame, *, crs: str = "EPSG:4490") -> Rows:
    """Points of a shapefile: names of fields cut to ten bytes, texts in GBK, coordinates only as points."""
    path.parent.mkdir(parents=True, exist_ok=True)
    points = _points(frame, crs).drop(columns=["lon", "lat"])
    points = points.rename(columns={column: column[:10] for column in points.columns if column != "geometry"})
    points.geometry = shapely.set_precision(points.geometry.to_numpy(), 1e-6 if crs == "EPSG:4490" else 1e-3)
    options = {"ENCODING": "GBK", "DBF_DATE_LAST_UPDATE": "2021-10-31"}
    pyogrio.write_dataframe(points, path, driver="ESRI Shapefile", layer_options=options)
    return {label: row for row, label in enumerate(frame.index, start=1)}
