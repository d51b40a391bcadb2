"""What a map in a notebook shows: units or a layer by classes, categories or a ramp, with the rows of its legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.maps.intervals import intervals
from riskzoning.maps.remarks import legend_notes
from riskzoning.methods.classification import Grades, classify
from riskzoning.names import Index
from riskzoning.results import StudyResult

_CLASSES = "risk_5"
_MOST_CLASSES, _MOST_CATEGORIES = 5, 12
_CATEGORY_COLOURS = (
    "#4E79A7", "#F28E2B", "#76B7B2", "#E15759", "#EDC948", "#B07AA1", "#59A14F", "#FF9DA7", "#9C755F", "#BAB0AC",
    "#2F4B7C", "#A05195",
)  # fmt: skip
_PLAIN = "#8FB4D9"
# A number from 0.001 to a million is written out.
_SMALLEST, _LARGEST = 1e-3, 1e6


@dataclass(frozen=True)
class Row:
    """A row of the legend."""

    colour: str
    name: str
    interval: str = ""


@dataclass(frozen=True)
class Shading:
    """Class of each unit or cell (0 no data), rows of the legend by class from 1 on, and the text of each unit."""

    codes: NDArray[Any]
    rows: tuple[Row, ...]
    no_data: Row
    title: str = ""
    notes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    none: Row | None = None

    def colour(self, code: int) -> str:
        """Colour of a class."""
        return self.rows[code - 1].colour if code else self.no_data.colour


def of_index(result: StudyResult, index: Index, level: str, lang: str) -> Shading:
    """An index of a run at a level, as on its page: classes and limits of the run, zero as a class of its own."""
    frame = result.units[level]
    grades = frame[index.grade_key].fillna(0).to_numpy(dtype=np.int64)
    values = frame[index.key].to_numpy(dtype=np.float64) if index.key in frame else np.full(len(frame), np.nan)
    names = standards.table("grades/schemes").data[index.scheme]["names"]
    colours = standards.palette_colours(index.palette, index.classes, zero=index.has_none)
    cut = result.breaks.get(index)
    bounds = None if cut is None or cut.units.by_share else cut.units.bounds or None
    texts = intervals(bounds, index.classes, "right" if cut is None else cut.units.closed)
    rows = [Row(colours[g - 1], names[g][lang], texts[g - 1]) for g in range(1, index.classes + 1)]
    none = None
    if index.has_none:
        none = Row(standards.table("palettes/grades").data["none"], _word("no_hazard", lang), "0")
        rows.append(none)
        grades = np.where(values == 0, len(rows), grades)
    title = f"{index.hazard_title(lang)} · {index.grade_title(lang)}"
    labels = _labels(grades, rows, values, lang)
    notes = tuple(legend_notes(result, index, lang))
    return Shading(grades, tuple(rows), _no_data(lang), title, notes, labels, none)


def of_column(frame: gpd.GeoDataFrame, column: str | None, scheme: str | None, k: int, lang: str) -> Shading:
    """A column of any polygons: classes by a scheme, categories, or numbers cut by natural breaks."""
    if frame.crs is None:
        raise MissingCRSError(Problem("maps.crs", Phrase("map_units"), name="units"))
    if column is None:
        return Shading(
            np.ones(len(frame), dtype=np.int64), (Row(_PLAIN, ""),), _no_data(lang), texts=("",) * len(frame)
        )
    if column not in frame.columns:
        known = [str(name) for name in frame.columns if name != frame.geometry.name]
        raise LayerError(Problem("maps.column", Phrase("column", name=column), columns=known))
    values = frame[column]
    if any(isinstance(value, Grades) for value in values.iloc[:1]):
        raise LayerError(Problem("maps.grades_object", Phrase("column", name=column), column=column))
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if not numeric:
        if scheme is not None:
            raise LayerError(Problem("webmap.not_numbers", Phrase("column", name=column), scheme=scheme))
        return _categories(values, column, lang)
    return _classes(values.to_numpy(dtype=np.float64, na_value=np.nan), scheme, k, column, lang)


def of_layer(layer: xr.DataArray, scheme: str | None, k: int, lang: str) -> Shading:
    """A layer by classes; its codes are of its own cells."""
    title = str(layer.attrs.get("long_name") or layer.name or "")
    units = str(layer.attrs.get("units") or "")
    values = np.asarray(layer.to_numpy(), dtype=np.float64)
    shading = _classes(values.ravel(), scheme, k, f"{title} ({units})" if units not in ("", "1") else title, lang)
    return Shading(shading.codes.reshape(values.shape), shading.rows, shading.no_data, shading.title)


def _classes(values: NDArray[np.float64], scheme: str | None, k: int, title: str, lang: str) -> Shading:
    finite = np.isfinite(values)
    whole = finite.any() and scheme is None and bool(np.all(values[finite] == np.rint(values[finite])))
    if whole and values[finite].min() >= 0 and values[finite].max() <= _MOST_CLASSES:
        return _grades(np.where(finite, values, 0).astype(np.int64), title, lang)
    graded = classify(values, scheme or "natural_breaks", k=k)
    count = len(graded.breaks)
    if not count:
        return Shading(np.zeros(values.shape, dtype=np.int64), (), _no_data(lang), title, texts=("",) * values.size)
    colours = standards.palette_colours(_CLASSES, min(count, _MOST_CLASSES)) if count <= _MOST_CLASSES else _ramp(count)
    lowest = graded.minimum if np.isfinite(graded.minimum) else float(values[finite].min())
    bounds = [lowest, *(float(bound) for bound in graded.breaks)]
    rows = tuple(
        Row(colour, f"{_number(low)}–{_number(high)}")
        for colour, low, high in zip(colours, bounds[:-1], bounds[1:], strict=True)
    )
    texts = tuple(
        _number(value) if known else _word("no_data", lang) for value, known in zip(values, finite, strict=True)
    )
    return Shading(np.asarray(graded.codes, dtype=np.int64), rows, _no_data(lang), title, texts=texts)


def _grades(codes: NDArray[np.int64], title: str, lang: str) -> Shading:
    """Whole numbers from 0 to 5 are grades: 0 no data, 1 the lowest."""
    names = standards.table("grades/schemes").data["risk_5"]["names"]
    colours = standards.palette_colours(_CLASSES, _MOST_CLASSES)
    rows = tuple(Row(colours[g - 1], names[g][lang]) for g in range(1, _MOST_CLASSES + 1))
    texts = _labels(codes, rows, np.full(codes.size, np.nan), lang)
    return Shading(codes, rows, _no_data(lang), title, texts=texts)


def _categories(values: pd.Series[Any], title: str, lang: str) -> Shading:
    kinds = [str(kind) for kind in pd.unique(values.dropna().astype(str))]
    if len(kinds) > _MOST_CATEGORIES:
        raise LayerError(
            Problem("webmap.categories", Phrase("column", name=title), count=len(kinds), most=_MOST_CATEGORIES)
        )
    place = {kind: at + 1 for at, kind in enumerate(sorted(kinds))}
    codes = np.array([0 if pd.isna(value) else place[str(value)] for value in values], dtype=np.int64)
    rows = tuple(Row(_CATEGORY_COLOURS[at - 1], kind) for kind, at in place.items())
    texts = tuple(rows[code - 1].name if code else _word("no_data", lang) for code in codes)
    return Shading(codes, rows, _no_data(lang), title, texts=texts)


def _labels(codes: NDArray[Any], rows: Sequence[Row], values: NDArray[np.float64], lang: str) -> tuple[str, ...]:
    """Name of the class of each unit, with its number where it has one."""
    names = [rows[int(code) - 1].name if code else _word("no_data", lang) for code in np.ravel(codes)]
    return tuple(
        f"{name} ({_number(value)})" if np.isfinite(value) else name
        for name, value in zip(names, np.ravel(values), strict=True)
    )


def names_of(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """What each unit is called: its name, else its code or index."""
    if "name" in frame.columns:
        return tuple(str(name) for name in unit_names(frame))
    return tuple(str(key) for key in frame.index)


def _ramp(count: int) -> list[str]:
    """More colours than a palette has, between its own."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb

    own = standards.palette_colours(_CLASSES, _MOST_CLASSES)
    between = LinearSegmentedColormap.from_list("classes", [to_rgb(colour) for colour in own])
    return [to_hex(between(at / (count - 1))) for at in range(count)]


def _number(value: float) -> str:
    size = abs(value)
    if size and not _SMALLEST <= size < _LARGEST:
        return f"{value:.3g}"
    return f"{value:,.0f}" if size >= 1000 or value == int(value) else f"{value:.3g}"


def _no_data(lang: str) -> Row:
    return Row(standards.table("palettes/grades").data["no_data"], _word("no_data", lang))


def _word(key: str, lang: str) -> str:
    return str(standards.table("names/site").data[lang][key])
