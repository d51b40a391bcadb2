"""What a map shows: grades of units or of a layer, checked, with their classes and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.layers import grid_of, layer_on
from riskzoning.maps.furniture import ClassRow, words
from riskzoning.maps.options import Legend

_ROWS = 512
_MOST_GRADES = 16
# Pixels of the longer side of a picture on a sheet: more than a printed sheet of A3 shows.
MOST_PIXELS = 2400


@dataclass(frozen=True)
class GradeScheme:
    """Names (lowest first) and colours of the classes of a map."""

    name: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    no_data: str

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.names)

    def colour(self, grade: int) -> str:
        """Colour of a grade; 0 is no data."""
        return self.colours[grade - 1] if grade else self.no_data

    def rows(
        self,
        lang: str,
        area: Mapping[int, float],
        people: Mapping[int, float],
        breaks: Sequence[float] | None,
        closed: str = "right",
    ) -> list[ClassRow]:
        """Rows of the legend, highest first and no data last."""
        texts = intervals(breaks, self.k, closed)
        rows = [
            ClassRow(g, self.colour(g), self.names[g - 1], texts[g - 1], area.get(g, 0.0), people.get(g, np.nan))
            for g in range(self.k, 0, -1)
        ]
        none = ClassRow(0, self.no_data, words("no_data", lang), "", area.get(0, np.nan), people.get(0, np.nan))
        return [*rows, none]


@dataclass(frozen=True)
class GradePicture:
    """A grade layer as it is drawn: values (rows, columns), extent (left, right, bottom, top), cells by grade."""

    values: NDArray[np.uint8]
    extent: tuple[float, float, float, float]
    counts: NDArray[np.int64]


def grade_scheme(legend: Legend, lang: str) -> GradeScheme:
    """The classes of a map, from ``grades/schemes`` or named by the caller (lowest first)."""
    scheme, classes = legend.scheme, legend.classes
    if classes is None:
        known = standards.table("grades/schemes").data
        if scheme not in known:
            raise LayerError(Problem("maps.scheme", Phrase("scheme", name=scheme), known=list(known)))
        facts = known[scheme]
        classes = [facts["names"][g][lang] for g in range(1, int(facts["k"]) + 1)]
    none = str(standards.table("palettes/grades").data["no_data"])
    colours = tuple(palette_colours(legend.palette or "risk_5", len(classes)))
    return GradeScheme(scheme, tuple(str(name) for name in classes), colours, none)


def palette_colours(palette: str, k: int) -> list[str]:
    """Colours of k classes, lowest first, spread over the ramp."""
    known = {name: ramp for name, ramp in standards.table("palettes/grades").data.items() if isinstance(ramp, list)}
    if palette not in known:
        raise LayerError(Problem("maps.palette", Phrase("palette", name=palette), known=list(known)))
    colours = known[palette]
    if not 1 <= k <= len(colours):
        thing = Phrase("palette", name=palette)
        raise LayerError(Problem("maps.palette_short", thing, colours=len(colours), k=k))
    # One class takes the middle of the ramp; it is neither low nor high.
    at = [len(colours) // 2] if k == 1 else np.rint(np.linspace(0, len(colours) - 1, k)).astype(int)
    return [str(colours[i]) for i in at]


def graded_units(units: gpd.GeoDataFrame, column: str | None, k: int, crs: str | None) -> gpd.GeoDataFrame:
    """The units in the projection of the map (``None``: as they are) with whole grades in ``_grade``; NaN becomes 0."""
    problems = []
    if len(units) == 0:
        problems.append(Problem("maps.units", Phrase("map_units")))
    if units.crs is None:
        problems.append(Problem("maps.crs", Phrase("map_units"), name="units"))
    grades, wrong = _whole_grades(units, column, k)
    problems += wrong
    if problems:
        kind = MissingCRSError if [problem.rule for problem in problems] == ["maps.crs"] else LayerError
        raise kind(problems=problems)
    out = units if crs is None else units.to_crs(crs)
    return out.assign(_grade=grades)


def _whole_grades(units: gpd.GeoDataFrame, column: str | None, k: int) -> tuple[NDArray[Any] | None, list[Problem]]:
    if column is None or column not in units.columns:
        geometry = getattr(units, "_geometry_column_name", "geometry")
        usual = [str(name) for name in units.columns if name != geometry]
        graded = [name for name in usual if name.endswith("grade")]
        if column is None:
            return None, [Problem("maps.no_column", Phrase("map_units"), columns=graded or usual)]
        return None, [Problem("maps.column", Phrase("column", name=column), columns=graded or usual)]
    values = pd.to_numeric(units[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    given = units[column].notna().to_numpy()
    # Infinities count as missing, as everywhere.
    whole = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    bad = (given & np.isnan(values)) | (whole != np.rint(whole)) | (whole < 0) | (whole > k)
    if bad.any():
        names = units["name"] if "name" in units.columns else pd.Series(units.index, index=units.index)
        shown = [
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in zip(names[bad], units[column][bad], strict=True)
        ]
        thing = Phrase("column", name=column)
        return None, [Problem("maps.grades", thing, count=int(bad.sum()), values=shown, k=k)]
    return whole.astype(np.int64), []


def graded_layer(layer: xr.DataArray, k: int, crs: str) -> GradePicture:
    """Count a grade layer block by block and thin it to the pixels of a sheet, in the projection of the map."""
    thing = Phrase("layer", name=layer.name or "unnamed")
    grid = grid_of(layer)
    if layer.ndim != 2:
        raise LayerError(Problem("maps.dims", thing, dims=[str(dim) for dim in layer.dims]))
    step = max(1, int(np.ceil(max(layer.shape) / MOST_PIXELS)))
    nodata = layer.odc.nodata
    counts, rows = np.zeros(k + 1, dtype=np.int64), []
    for first in range(0, layer.shape[0], _ROWS):
        block = np.asarray(layer.isel(y=slice(first, first + _ROWS)).to_numpy())
        values = block if block.dtype.kind in "ui" else np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        if nodata is not None and np.isfinite(nodata):
            values = np.where(values == nodata, 0, values)
        bad = (values < 0) | (values > k) | ((values != np.rint(values)) if values.dtype.kind == "f" else False)
        if np.any(bad):
            raise LayerError(Problem("maps.layer_grades", thing, value=float(np.asarray(values)[bad].flat[0]), k=k))
        small = values.astype(np.uint8)
        counts += np.bincount(small.ravel(), minlength=k + 1)
        rows.append(small[(-first) % step :: step, ::step])
    return GradePicture(*picture_of(np.concatenate(rows), grid, step, crs), counts)


def picture_of(
    values: NDArray[Any], grid: GeoBox, step: int, crs: str, *, resampling: str = "nearest", nodata: float = 0
) -> tuple[NDArray[Any], tuple[float, float, float, float]]:
    """Thinned values of a grid in another projection where it is needed, and their extent there."""
    thin = grid if step == 1 else GeoBox(values.shape, grid.affine * grid.affine.scale(step), grid.crs)
    if grid.crs != crs:
        source = layer_on(thin, values, quantity="mask")
        warped = source.odc.reproject(crs, resampling=resampling, dst_nodata=nodata)
        values, thin = warped.to_numpy(), warped.odc.geobox
    box = thin.boundingbox
    return values, (float(box.left), float(box.right), float(box.bottom), float(box.top))


def people_by_grade(people: xr.DataArray, grades: xr.DataArray) -> pd.Series:
    """Residents on the cells of each grade, read band by band; both layers lie on one grid."""
    total = np.zeros(_MOST_GRADES)
    for first in range(0, grades.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        codes = np.nan_to_num(np.asarray(grades.isel(y=rows).to_numpy())).ravel().astype(np.uint8)
        persons = np.nan_to_num(people.isel(y=rows).to_numpy().ravel())
        total += np.bincount(codes, persons, minlength=_MOST_GRADES)[:_MOST_GRADES]
    return pd.Series(total)


def intervals(breaks: Sequence[float] | None, k: int, closed: str) -> list[str]:
    """Texts of the intervals of k classes, lowest first; digits are added until neighbouring bounds look different."""
    if breaks is None:
        return [""] * k
    bounds = [float(value) for value in breaks][:k]
    finite = [value for value in bounds if np.isfinite(value)]
    digits = next((d for d in range(3, 8) if len({f"{v:.{d}g}" for v in finite}) == len(set(finite))), 8)
    text = [_number(value, digits) for value in bounds]
    below, above = ("<", "≥") if closed == "left" else ("≤", ">")
    shown = []
    for index, upper in enumerate(bounds):
        if index == 0:
            shown.append(f"{below} {text[0]}" if np.isfinite(upper) else "")
        else:
            shown.append(f"{text[index - 1]} – {text[index]}" if np.isfinite(upper) else f"{above} {text[index - 1]}")
    return shown + [""] * (k - len(shown))


def _number(value: float, digits: int) -> str:
    """A number with a true minus sign, without powers of ten."""
    text = np.format_float_positional(float(f"{value:.{digits}g}"), trim="-")
    return text.replace("-", "−")
