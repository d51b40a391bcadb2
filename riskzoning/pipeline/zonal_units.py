"""The polygons of the command ``riskzoning zonal``: read, named, in their place, made whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import io
from riskzoning.admin.geometry import polygon_parts
from riskzoning.codes import code_texts, is_code_column
from riskzoning.errors import AdminError, LayerError, Problem, note
from riskzoning.io.contradiction import known_crs

Array = np.ndarray[Any, np.dtype[Any]]


def read_units(path: Path, *, layer: str | None, identifier: str | None, crs: str | None) -> gpd.GeoDataFrame:
    """The polygons of a file with the identifier as their index: the column that is named, else ``code``, else rows."""
    stated = None
    if crs is not None:
        known_crs(Path("--crs"), crs)
        stated = io.vector_crs(path, layer)
    frame = io.read_vector(path, layer=layer, crs=crs if stated is None else None, identifier=identifier)
    if frame.empty:
        raise LayerError(Problem("zonal.empty", str(path)))
    io.check_place(frame, thing=str(path))
    column = _column(frame, identifier, path)
    named = frame if column is None else _named(frame, column, path)
    named.attrs["crs"] = "option" if stated is None else "file"
    return named


def _column(frame: gpd.GeoDataFrame, identifier: str | None, path: Path) -> str | None:
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    if identifier is None:
        return "code" if "code" in columns else None
    if identifier in columns:
        return identifier
    # In another case of letters, when only one is meant; the number of a feature by any of its names.
    same = [name for name in columns if name.lower() == identifier.lower()]
    if len(same) == 1:
        return same[0]
    raise LayerError(Problem("zonal.id", str(path), column=identifier, columns=columns))


def _named(frame: gpd.GeoDataFrame, column: str, path: Path) -> gpd.GeoDataFrame:
    """The frame by its identifier; rows without one and identifiers that repeat are told."""
    values = frame[column]
    if is_code_column(column) or values.dtype == object or values.hasnans:
        values = pd.Series([text or "" for text in code_texts(values)], index=frame.index, dtype=object)
    bare = (values.astype(str) == "").to_numpy()
    if bare.any():
        rows = (np.flatnonzero(bare) + 1).tolist()
        note(Problem("zonal.nameless", str(path), severity="warning", column=column, count=len(rows), rows=rows))
    out = frame.drop(columns=column).set_index(pd.Index(values, name=column))
    doubled = out.index[~bare][out.index[~bare].duplicated()].unique()
    if len(doubled):
        note(Problem("zonal.repeats", str(path), severity="warning", column=column, values=list(doubled)))
    return out


def whole_polygons(frame: gpd.GeoDataFrame, path: Path, *, repair: bool) -> gpd.GeoDataFrame:
    """The polygons, repaired when that is asked for; else those that are none are refused by name."""
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    bare: Array = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    other: Array = ~bare & ~np.isin(shapely.get_type_id(shapes), (3, 6))
    parts = {int(i): polygon_parts(shapes[i]) for i in np.flatnonzero(other)}
    mixed: Array = np.array([parts.get(i) is not None for i in range(len(shapes))], dtype=bool)
    none: Array = other & ~mixed
    wrong: Array = ~bare & ~other & ~shapely.is_valid(shapes)
    problems = _problems(frame.index, shapes, path, bare=bare, mixed=mixed, none=none, wrong=wrong)
    if problems and (not repair or none.any()):
        raise AdminError(problems=problems)
    for i in np.flatnonzero(mixed):
        shapes[i] = parts[int(i)]
    again: Array = wrong | (mixed & ~shapely.is_valid(shapes))
    shapes[again] = _areas(shapes[again])
    for rule, which in (("zonal.mixed_taken", mixed), ("zonal.repaired", wrong)):
        if which.any():
            units = _names(frame.index, which) if rule != "zonal.repaired" else dict(problems[-1].values)["units"]
            note(Problem(rule, str(path), severity="info", count=int(which.sum()), units=units))
    lost: Array = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if lost.any():
        units = _names(frame.index, lost)
        note(Problem("zonal.no_values", str(path), severity="warning", count=len(units), units=units))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _names(index: pd.Index[str], which: Array) -> list[str]:
    return [str(name) or f"({position + 1})" for position, name in enumerate(index) if which[position]]


def _problems(
    index: pd.Index[str],
    shapes: Array,
    path: Path,
    **kinds: Array,
) -> list[Problem]:
    """What is wrong with units, one problem a kind."""
    rules = {"bare": "zonal.bare", "none": "zonal.no_polygons", "mixed": "zonal.mixed", "wrong": "zonal.invalid"}
    problems = []
    for kind, rule in rules.items():
        which = kinds[kind]
        if not which.any():
            continue
        names = _names(index, which)
        if kind == "wrong":
            names = [f"{a} ({b})" for a, b in zip(names, shapely.is_valid_reason(shapes[which]), strict=True)]
        elif kind == "none":
            names = [f"{a} ({b.geom_type})" for a, b in zip(names, shapes[which], strict=True)]
        problems.append(Problem(rule, str(path), count=len(names), units=names))
    return problems


def _areas(shapes: Array) -> list[shapely.Geometry]:
    """Valid polygons of what was none; spikes come out as lines beside them, and only what has an area stays."""
    return [polygon_parts(shape) or shapely.Polygon() for shape in shapely.make_valid(shapes)]
