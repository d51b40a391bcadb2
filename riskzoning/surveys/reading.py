"""Survey files as they come: workbooks with titles and grouped headings, CSV in any encoding, vector layers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from riskzoning.errors import LANGUAGES, LayerError, MissingCRSError, Phrase, Problem, SurveyError, note
from riskzoning.files import beginning, existing
from riskzoning.io import read_vector
from riskzoning.io.tables.streams import Cells, TableSheet, table_sheets
from riskzoning.places import place_columns
from riskzoning.rasters.placing import crs_definition
from riskzoning.standards import names
from riskzoning.surveys.forms import NUMBERS, Form, form, form_names
from riskzoning.surveys.headings import Matched, best_form, matched
from riskzoning.surveys.remarks import Remarks, is_numbering, records_only, units_row

# Headings are looked for in the first rows; titles, units and dates stand above them.
_HEAD = 12
_BLOCK = 100_000
# Degrees of CGCS2000, in which places and layers of surveys pass.
EXCHANGE = "EPSG:4490"
# Headings that fit a form so well are the headings: rows below them are not tried.
_WHOLE = 0.95
Numbers = NDArray[np.int64]
# What is said of rows that are no records, by their kind.
_PASSED = {
    "totals": "survey.no_records_totals",
    "headings": "survey.no_records_headings",
    "remarks": "survey.no_records_remarks",
}
# How much of a file shows that it is a page of the web under the name of a workbook.
_MARKUP = 64
_TABLES = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt")
_LAYERS = (".gpkg", ".geojson", ".shp")


@dataclass(frozen=True)
class Table:
    """One table of a file with its form: blocks of raw cells, headings as written, the row of the first record."""

    file: str
    sheet: str
    form: Form
    matched: Matched
    blocks: Iterable[tuple[Numbers, pd.DataFrame]]
    heading_row: int = 0
    # Of a layer: its lines or areas in EPSG:4490, row by row, and the CRS that the file states.
    shapes: NDArray[np.object_] | None = None
    crs: str | None = None


def survey_tables(path: str | os.PathLike[str], *, name: str | None = None, shown: str = "") -> Iterator[Table]:
    """The tables of a survey file whose form is known (or given); a sheet of no form is noted and left out."""
    file = existing(path, what=Phrase("table_file"))
    label = shown or file.name
    if file.suffix.lower() not in _TABLES:
        yield from _vector_tables(file, name, label)
        return
    if beginning(file, _MARKUP).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise SurveyError(Problem("survey.web_page", label))
    recognised = 0
    # The sheets that explain a form are no tables of it.
    own = {names("survey", key, lang) for key in ("sheet_columns", "sheet_choices") for lang in LANGUAGES}
    forms = [form(key) for key in ((name,) if name else form_names())]
    for sheet in table_sheets(file):
        head = list(islice(sheet.rows, _HEAD))
        if not any(any(_filled(cell) for cell in row) for row in head):
            continue
        if sheet.name in own:
            continue
        at, headings, key = _heading(head, forms)
        if key is None:
            note(
                Problem("dropped.survey_sheet", label, severity="warning", sheet=sheet.name or None, headings=headings)
            )
            continue
        if sheet.hidden and recognised:
            # A copy that was put away: its rows would all be there twice.
            note(Problem("dropped.survey_hidden", label, severity="warning", sheet=sheet.name))
            continue
        recognised += 1
        of = form(key)
        columns = matched(headings, of, label)
        rest = chain(head[at + 1 :], sheet.rows)
        blocks = _records(_blocks(rest, headings, at + 2), columns, sheet, label)
        yield Table(label, sheet.name, of, columns, blocks, at + 1)
    if not recognised:
        raise SurveyError(Problem("survey.no_form", label, form=name or ""))


def _heading(head: list[Cells], forms: list[Form]) -> tuple[int, list[str], str | None]:
    """The row of the headings: the one (or the pair: a group above, parts below) that covers a form best."""
    best: tuple[float, int, list[str], str | None] = (-1.0, 0, [], None)
    for at, row in enumerate(head):
        candidates = [(at, [_text(cell) for cell in row])]
        if at + 1 < len(head):
            candidates.append((at + 1, _grouped(row, head[at + 1])))
        for last, headings in candidates:
            if sum(bool(text) for text in headings) < 2:
                continue
            key, share = best_form(headings, forms)
            if share > best[0]:
                # A form that was named is taken with any share of its fields.
                best = (share, last, headings, forms[0].name if len(forms) == 1 and share > 0 else key)
        if best[0] >= _WHOLE:
            break
    return _below(head, best[1], best[2], best[3])


def _below(head: list[Cells], at: int, headings: list[str], key: str | None) -> tuple[int, list[str], str | None]:
    """Past the rows between headings and records: units, which join the headings, and numbers of the columns."""
    while at + 1 < len(head):
        with_units = units_row(head[at + 1], headings)
        if with_units is None and not is_numbering(head[at + 1]):
            break
        at, headings = at + 1, with_units or headings
    return at, headings, key


def _grouped(upper: Cells, lower: Cells) -> list[str]:
    """Headings of two rows: 倒塌房屋 over 户 and 间 is 倒塌房屋(户), 倒塌房屋(间)."""
    out, group = [], ""
    for index in range(max(len(upper), len(lower))):
        above = _text(upper[index]) if index < len(upper) else ""
        below = _text(lower[index]) if index < len(lower) else ""
        group = above or group
        parts = below and group and below not in (above, group)
        out.append(f"{group}({below})" if parts else below or above)
    return out


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _filled(cell: object) -> bool:
    return _text(cell) != ""


def _blocks(rows: Iterable[Cells], headings: list[str], first: int) -> Iterator[tuple[Numbers, pd.DataFrame]]:
    """Blocks of rows with their numbers; rows without a filled cell, and remarks below the table, are skipped."""
    width = len(headings)
    least = 1 if width < 3 else 2
    numbered = (
        (number, row[:width]) for number, row in enumerate(rows, start=first) if _cells_filled(row[:width]) >= least
    )
    while True:
        block = list(islice(numbered, _BLOCK))
        if not block:
            return
        cells = [row if len(row) == width else [*row, *([None] * (width - len(row)))] for _, row in block]
        frame = pd.DataFrame(cells, columns=range(width), dtype=object)
        yield np.array([number for number, _ in block], dtype=np.int64), frame


def _records(
    blocks: Iterable[tuple[Numbers, pd.DataFrame]], columns: Matched, sheet: TableSheet, label: str
) -> Iterator[tuple[Numbers, pd.DataFrame]]:
    """The blocks without rows that are no records, told at the end; codes of merged cells in all their rows."""
    remarks = Remarks()
    filled = {column.position for column in columns.columns if column.field.kind not in NUMBERS}
    areas = [area for area in sheet.merged if area[2] - 1 in filled]
    above: dict[int, object] = {}
    for numbers, block in blocks:
        if areas:
            _spread(numbers, block, areas, above)
        keep = records_only(numbers, block, columns, remarks)
        yield (numbers, block) if keep.all() else (numbers[keep], block[keep].reset_index(drop=True))
    for kind, rows in remarks.rows.items():
        thing = f"{label} / {sheet.name}" if sheet.name else label
        note(Problem(_PASSED[kind], thing, severity="info", rows=rows, count=len(rows)))


def _spread(numbers: Numbers, block: pd.DataFrame, areas: list[tuple[int, int, int]], above: dict[int, object]) -> None:
    """Values of merged cells into the rows of their area: codes, names, dates; a number counts once."""
    for first, last, column in areas:
        inside = np.flatnonzero((numbers >= first) & (numbers <= last))
        if not inside.size:
            continue
        cells = block[column - 1].to_numpy(dtype=object).copy()
        if numbers[inside[0]] == first:
            above[column] = cells[inside[0]]
        for row in inside:
            if not _filled(cells[row]):
                cells[row] = above.get(column)
        block[column - 1] = cells


def _cells_filled(row: Cells) -> int:
    """How many cells of a row hold something; blanks are looked for only where that decides."""
    filled = len(row) - row.count(None) - row.count("")
    return filled if filled > len(row) // 2 else sum(map(_filled, row))


def _vector_tables(path: Path, name: str | None, label: str) -> Iterator[Table]:
    recognised = 0
    try:
        layers = [str(item[0]) for item in pyogrio.list_layers(path)] if path.suffix.lower() != ".geojson" else [None]
    except (DataSourceError, DataLayerError):
        raise SurveyError(Problem("survey.no_files", label, endings=(*_TABLES, *_LAYERS))) from None
    for layer in layers:
        try:
            placed, crs = _layer(path, layer)
        except LayerError as error:
            note(Problem("dropped.survey_layer", label, severity="warning", sheet=layer, reason=str(error)))
            continue
        frame, shapes = _with_degrees(placed), _shapes(placed)
        # A layer of a million features is not held twice.
        del placed
        headings = [str(column) for column in frame.columns]
        key, _ = (name, 1.0) if name else best_form(headings)
        if key is None:
            note(Problem("dropped.survey_sheet", label, severity="warning", sheet=layer, headings=headings))
            continue
        recognised += 1
        of = form(key)
        frame.columns = pd.Index(range(len(headings)))
        numbers = np.arange(1, len(frame) + 1)
        sheet = layer if len(layers) > 1 else ""
        columns = matched(headings, of, label)
        yield Table(label, sheet or "", of, columns, [(numbers, frame)], 0, shapes, crs)
    if not recognised:
        raise SurveyError(Problem("survey.no_form", label, form=name or ""))


def _layer(path: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, str]:
    """A layer and the CRS that it states; one that states none is taken for degrees, and its CRS is empty."""
    try:
        frame = read_vector(path, layer=layer)
    except MissingCRSError:
        return read_vector(path, layer=layer, crs=EXCHANGE), ""
    return frame, crs_definition(frame.crs) or ""


def _shapes(frame: gpd.GeoDataFrame) -> NDArray[np.object_] | None:
    """Lines and areas of a layer; places are in the columns of coordinates."""
    kinds = set(frame.geom_type.dropna())
    if not kinds or kinds <= {"Point", "MultiPoint"}:
        return None
    return frame.geometry.to_crs(EXCHANGE).to_numpy(dtype=object)


def _with_degrees(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """The attributes of a layer; where it has no columns of coordinates, those of its features in degrees."""
    out = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = place_columns(out.columns)
    if columns.x is not None or columns.several or frame.geometry.isna().all():
        return out
    shapes = frame.geometry.to_crs(EXCHANGE).to_numpy(dtype=object)
    points = np.where(shapely.is_missing(shapes) | shapely.is_empty(shapes), None, shapely.point_on_surface(shapes))
    return out.assign(lon=shapely.get_x(points), lat=shapely.get_y(points))


def frame_table(frame: pd.DataFrame, of: Form) -> Table:
    """A frame in memory as a table; its index, when it is called ``row``, holds the rows of the file, else row 2 is
    the first."""
    numbers = frame.index.to_numpy(dtype=np.int64) if frame.index.name == "row" else np.arange(2, len(frame) + 2)
    shapes, crs = None, None
    if isinstance(frame, gpd.GeoDataFrame):
        crs = crs_definition(frame.crs) or ""
        placed = frame if frame.crs is not None else frame.set_crs(EXCHANGE)
        frame, shapes = _with_degrees(placed), _shapes(placed)
    headings = [str(column) for column in frame.columns]
    label = str(frame.attrs.get("source", of.name))
    blocks = (
        (numbers[at : at + _BLOCK], frame.iloc[at : at + _BLOCK].reset_index(drop=True))
        for at in range(0, len(frame), _BLOCK)
    )
    return Table(label, "", of, matched(headings, of, label), blocks, 0, shapes, crs)
