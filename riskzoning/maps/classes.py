"""What a map shows: grades of units or of a layer, checked, with their classes and shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.layers import grid_of, layer_on
from riskzoning.maps.furniture import ClassRow, words
from riskzoning.maps.intervals import intervals, ladder_intervals, none_interval
from riskzoning.maps.options import Legend
from riskzoning.methods.classification import Grades, classify

_ROWS = 512
# Grade on units and grids where the hazard does not act, and in the rows of the legend.
NONE = 100
_MOST_GRADES = 256
_MOST_CLASSES = 5
# Share of the cells of a pixel that must reach a class, so that the pixel has it; that of the grades of units.
_REACHED = 0.2
# Pixels of the longer side of a picture on a sheet: more than a printed sheet of A3 shows.
MOST_PIXELS = 2400


@dataclass(frozen=True)
class GradeScheme:
    """Names (lowest first) and colours of the classes of a map, and of what has no class: no data, no hazard."""

    name: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    no_data: str
    none: str

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.names)

    def colour(self, grade: int) -> str:
        """Colour of a grade; 0 is no data, ``NONE`` where the hazard does not act."""
        if grade == NONE:
            return self.none
        return self.colours[grade - 1] if grade else self.no_data

    def rows(self, lang: str, area: Mapping[int, float], people: Mapping[int, float], legend: Legend) -> list[ClassRow]:
        """Rows of the legend, highest first, then where the hazard does not act, and no data last."""
        ladder = legend.ladder
        texts = intervals(legend.breaks, self.k, legend.closed) if ladder is None else ladder_intervals(ladder)
        shown = [(g, self.names[g - 1], texts[g - 1]) for g in range(self.k, 0, -1)]
        if legend.zero:
            shown.append((NONE, words("none", lang), none_interval(ladder) if ladder else "0"))
        rows = [
            ClassRow(g, self.colour(g), name, text, area.get(g, 0.0), people.get(g, np.nan)) for g, name, text in shown
        ]
        gap = ClassRow(0, self.no_data, words("no_data", lang), "", area.get(0, np.nan), people.get(0, np.nan))
        return [row for row in (*rows, gap) if legend.complete or not area or area.get(row.grade, 0.0) > 0]


@dataclass(frozen=True)
class GradePicture:
    """A grade layer as it is drawn: values (rows, columns), extent (left, right, bottom, top), cells of 0..k."""

    values: NDArray[np.uint8]
    extent: tuple[float, float, float, float]
    counts: NDArray[np.int64]
    # Cells whose index is exactly 0.
    none: int = 0


def grade_scheme(legend: Legend, lang: str) -> GradeScheme:
    """The classes of a map, from ``grades/schemes`` or named by the caller (lowest first)."""
    scheme, classes = legend.scheme, legend.classes
    if classes is None:
        known = standards.table("grades/schemes").data
        if scheme not in known:
            raise LayerError(Problem("maps.scheme", Phrase("scheme", name=scheme), known=list(known)))
        facts = known[scheme]
        classes = [facts["names"][g][lang] for g in range(1, int(facts["k"]) + 1)]
    palette = standards.table("palettes/grades").data
    colours = tuple(standards.palette_colours(legend.palette or standards.RISK_PALETTE, len(classes), zero=legend.zero))
    names = tuple(str(name) for name in classes)
    return GradeScheme(scheme, names, colours, str(palette["no_data"]), str(palette["none"]))


def classed_units(
    units: gpd.GeoDataFrame, column: str | None, cut: tuple[str, int], legend: Legend, lang: str
) -> tuple[gpd.GeoDataFrame, str, Legend]:
    """Numbers cut into classes: the units with their class, its column, and a legend with the limits."""
    problems = _columns_wrong(units, column)
    if problems:
        raise LayerError(problems=problems)
    assert column is not None
    values = pd.to_numeric(units[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    values, (scheme, k) = np.where(np.isfinite(values), values, np.nan), cut
    if not np.isfinite(values).any():
        raise LayerError(Problem("maps.no_numbers", Phrase("column", name=column)))
    if not 2 <= k <= _MOST_CLASSES:
        raise LayerError(Problem("maps.option", Phrase("argument", name="k"), value=k, known=[2, 3, 4, _MOST_CLASSES]))
    grades = classify(values, scheme, k=k)
    count = len(grades.breaks)
    bounds = tuple(map(float, grades.breaks))
    classed = replace(legend, classes=_degrees(count, lang), breaks=bounds, closed=grades.closed)
    return units.assign(_class=np.asarray(grades.codes, dtype=np.int64)), "_class", classed


def _degrees(count: int, lang: str) -> list[str]:
    """Names of so many classes, lowest first, spread over those of five."""
    names = standards.table("grades/schemes").data["risk_5"]["names"]
    steps = [round(at * (_MOST_CLASSES - 1) / max(count - 1, 1)) + 1 for at in range(count)]
    return [str(names[step][lang]) for step in steps]


def _columns_wrong(units: gpd.GeoDataFrame, column: str | None) -> list[Problem]:
    """Why a column cannot be drawn: there is none, or it holds objects instead of their codes."""
    geometry = getattr(units, "_geometry_column_name", "geometry")
    usual = [str(name) for name in units.columns if name != geometry]
    graded = [name for name in usual if name.endswith("grade")]
    if column is None:
        return [Problem("maps.no_column", Phrase("map_units"), columns=graded or usual)]
    if column not in units.columns:
        return [Problem("maps.column", Phrase("column", name=column), columns=graded or usual)]
    if any(isinstance(value, Grades) for value in units[column].iloc[:1]):
        return [Problem("maps.grades_object", Phrase("column", name=column), column=column)]
    return []


def graded_units(
    units: gpd.GeoDataFrame, column: str | None, k: int, crs: str | None, *, index: str | None = None
) -> gpd.GeoDataFrame:
    """The units in the projection of the map (``None``: as they are) with whole grades in ``_grade``; NaN becomes 0.

    With the column of their index, units where that is exactly 0 are ``NONE``.
    """
    problems = []
    if len(units) == 0:
        problems.append(Problem("maps.units", Phrase("map_units")))
    if units.crs is None:
        problems.append(Problem("maps.crs", Phrase("map_units"), name="units"))
    grades, wrong = _whole_grades(units, column, k)
    problems += wrong
    if problems or grades is None:
        kind = MissingCRSError if [problem.rule for problem in problems] == ["maps.crs"] else LayerError
        raise kind(problems=problems)
    out = units if crs is None else units.to_crs(crs)
    if index is not None and index in units.columns:
        zero = (pd.to_numeric(units[index], errors="coerce") == 0).to_numpy()
        grades = np.where(zero & (grades > 0), NONE, grades)
    return out.assign(_grade=grades)


def _whole_grades(units: gpd.GeoDataFrame, column: str | None, k: int) -> tuple[NDArray[Any] | None, list[Problem]]:
    wrong = _columns_wrong(units, column)
    if wrong or column is None:
        return None, wrong
    values = pd.to_numeric(units[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    given = units[column].notna().to_numpy()
    # Infinities count as missing, as everywhere.
    whole = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    bad = (given & np.isnan(values)) | (whole != np.rint(whole)) | (whole < 0) | (whole > k)
    if bad.any():
        names = unit_names(units)
        shown = [
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in zip(names[bad], units[column][bad], strict=True)
        ]
        thing = Phrase("column", name=column)
        return None, [Problem("maps.grades", thing, count=int(bad.sum()), values=shown, k=k)]
    return whole.astype(np.int64), []


def graded_layer(layer: xr.DataArray, k: int, crs: str, *, index: xr.DataArray | None = None) -> GradePicture:
    """Count a grade layer block by block and thin it to the pixels of a sheet, in the projection of the map.

    A pixel of several cells takes the highest class that a fifth of them reach; with the index, cells where that is
    exactly 0 are ``NONE``.
    """
    thing = Phrase("layer", name=layer.name or "unnamed")
    grid = grid_of(layer)
    if layer.ndim != 2:
        raise LayerError(Problem("maps.dims", thing, dims=[str(dim) for dim in layer.dims]))
    step = max(1, int(np.ceil(max(layer.shape) / MOST_PIXELS)))
    counts, rows = np.zeros(_MOST_GRADES, dtype=np.int64), []
    for band in _bands(layer.shape[0], step):
        codes = _codes(layer, band, index)
        bad = (codes != NONE) & ((codes < 0) | (codes > k) | (codes != np.rint(codes)))
        if np.any(bad):
            raise LayerError(Problem("maps.layer_grades", thing, value=float(codes[bad].flat[0]), k=k))
        small = codes.astype(np.uint8)
        counts += np.bincount(small.ravel(), minlength=_MOST_GRADES)
        rows.append(_thinned(small, step, k))
    values = np.concatenate(rows)
    if step > 1:
        _put_back(values, layer, index, counts, step)
    return GradePicture(*picture_of(values, grid, step, crs), counts[: k + 1], int(counts[NONE]))


def _bands(rows: int, step: int) -> list[slice]:
    """Bands of whole pixels."""
    high = max(_ROWS // step, 1) * step
    return [slice(first, min(first + high, rows)) for first in range(0, rows, high)]


def _codes(layer: xr.DataArray, band: slice, index: xr.DataArray | None) -> NDArray[Any]:
    """Grades of a band as they are given; missing ones are 0, those of an index of exactly 0 are ``NONE``."""
    block = np.asarray(layer.isel(y=band).to_numpy())
    values = block if block.dtype.kind in "ui" else np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    nodata = layer.odc.nodata
    if nodata is not None and np.isfinite(nodata):
        values = np.where(values == nodata, 0, values)
    if np.any(values == NONE):
        # No grade: told by whoever checks them.
        values = np.where(values == NONE, NONE + 1, values)
    if index is None:
        return values
    return np.where((values > 0) & (index.isel(y=band).to_numpy() == 0), NONE, values)


def ranks_of(codes: NDArray[Any]) -> NDArray[np.uint8]:
    """Codes by severity: 0 no data, 1 no hazard, 2 the lowest class."""
    return np.where(codes == NONE, 1, np.where(codes > 0, codes + 1, 0)).astype(np.uint8)


def codes_of(ranks: NDArray[Any]) -> NDArray[np.uint8]:
    """The inverse of :func:`ranks_of`."""
    return np.where(ranks == 1, NONE, np.where(ranks > 0, ranks - 1, 0)).astype(np.uint8)


def _thinned(codes: NDArray[np.uint8], step: int, k: int) -> NDArray[np.uint8]:
    """Pixels of ``step`` x ``step`` cells: the highest class that a fifth of the cells with data reach."""
    if step == 1:
        return codes
    ranks = ranks_of(codes)
    ranks = np.pad(ranks, [(0, -size % step) for size in ranks.shape])
    cells = ranks.reshape(ranks.shape[0] // step, step, ranks.shape[1] // step, step)
    out = np.zeros((cells.shape[0], cells.shape[2]), dtype=np.uint8)
    known = (cells > 0).sum(axis=(1, 3))
    for rank in range(1, k + 2):
        reached = (cells >= rank).sum(axis=(1, 3))
        out[(reached > 0) & (reached >= _REACHED * known)] = rank
    return codes_of(out)


def _put_back(
    values: NDArray[np.uint8], layer: xr.DataArray, index: xr.DataArray | None, counts: NDArray[np.int64], step: int
) -> None:
    """A class that thinning has lost altogether keeps the pixels of its first cells."""
    lost = [code for code in np.flatnonzero(counts) if code and not (values == code).any()]
    for band in _bands(layer.shape[0], step) if lost else ():
        codes = _codes(layer, band, index)
        for code in list(lost):
            rows, columns = np.nonzero(codes == code)
            if len(rows):
                values[(rows + band.start) // step, columns // step] = code
                lost.remove(code)


def picture_of(
    values: NDArray[Any], grid: GeoBox, step: int, crs: str, *, resampling: str = "nearest", nodata: float = 0
) -> tuple[NDArray[Any], tuple[float, float, float, float]]:
    """Thinned values of a grid in another projection where it is needed, and their extent there."""
    thin = grid if step == 1 else GeoBox(values.shape, grid.affine * grid.affine.scale(step), grid.crs)
    if grid.crs != crs:
        source = layer_on(thin, values, quantity="mask")
        target = thin.to_crs(crs)
        # Classes are picked, not mixed: pixels half as wide miss no cell.
        target = target.zoom_out(0.5) if resampling == "nearest" else target
        warped = source.odc.reproject(target, resampling=resampling, dst_nodata=nodata)
        values, thin = warped.to_numpy(), warped.odc.geobox
    box = thin.boundingbox
    return values, (float(box.left), float(box.right), float(box.bottom), float(box.top))


def people_by_grade(people: xr.DataArray, grades: xr.DataArray, *, index: xr.DataArray | None = None) -> pd.Series:
    """Residents on the cells of each grade, read band by band; all layers lie on one grid."""
    total = np.zeros(_MOST_GRADES)
    for band in _bands(grades.shape[0], 1):
        codes = _codes(grades, band, index).ravel().astype(np.uint8)
        persons = np.nan_to_num(people.isel(y=band).to_numpy().ravel())
        total += np.bincount(codes, persons, minlength=_MOST_GRADES)[:_MOST_GRADES]
    return pd.Series(total)
