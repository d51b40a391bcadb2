"""Exposed objects (承灾对象): which school, plant or road lies in which grade."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.coverage import Coverage
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid.cutting import cell_pieces
from riskzoning.grid.points import sample
from riskzoning.layers import check_same_grid, grid_of, layer_on
from riskzoning.names import object_grades

Grades = Mapping[str, xr.DataArray] | xr.Dataset
_KINDS = ("Point", "LineString", "Polygon")
_PLAIN = {"kind": "", "name": "", "adcode6": "", "town9": "", "people": 0.0, "value_yuan": 0.0}
_COMMON_CRS = "EPSG:6933"


def exposed_objects(objects: gpd.GeoDataFrame, grades: Grades, *, buffer_m: float = 0.0) -> gpd.GeoDataFrame:
    """The grade that each object lies in, by hazard (重要承灾对象所在等级): schools, plants, reservoirs, roads ...

    A point has the grade of its cell. A polygon, a line or a point with ``buffer_m`` has the highest grade g for which
    the parts in g and above make at least 20 % of it (a line also: 500 m); its highest grade stands beside it.

    Parameters
    ----------
    objects : GeoDataFrame
        Points, lines or polygons in any CRS; ``object_id`` (else the index) and of ``kind name adcode6 town9 people
        value_yuan`` what is there.
    grades : mapping or Dataset
        Hazard -> layer of grades on one grid, integers, 0 or NaN without data. A layer whose ``scheme`` has four
        classes is compared with the others through its five.
    buffer_m : float
        Radius around points, metres.

    Returns
    -------
    GeoDataFrame
        ``object_id kind name adcode6 town9``, per hazard ``<h>_grade`` and ``<h>_max_grade`` (0 without data),
        ``max_grade`` (of five), ``main_hazard``, ``people``, ``value_yuan``, ``natural_hazard_exposed`` (a grade of 4
        of 5 or more), geometry; sorted by grade, people and id. As many rows as objects.

    Raises
    ------
    LayerError
        No layer, layers on different grids, objects without geometry or id twice.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> layer = layer_on(grid, [[1, 4, 5]], quantity="grade")
    >>> at = gpd.points_from_xy([50, 250], [50, 50])
    >>> schools = gpd.GeoDataFrame({"object_id": ["a", "b"]}, geometry=at, crs="EPSG:4547")
    >>> exposed_objects(schools, {"flood": layer})[["object_id", "flood_grade"]].to_dict("list")
    {'object_id': ['b', 'a'], 'flood_grade': [5, 1]}
    """
    layers = {str(name): layer for name, layer in grades.items()}
    frame = _checked(objects, layers, buffer_m)
    limits = standards.table("exposure/objects").data
    out = pd.DataFrame({"object_id": frame["object_id"]})
    for column, empty in _PLAIN.items():
        values = frame[column] if column in frame else pd.Series(empty, index=frame.index)
        kind = np.float64 if isinstance(empty, float) else "string"
        out[column] = values.astype(kind).fillna(empty)  # type: ignore[arg-type]
    five = np.zeros((len(frame), len(layers)), dtype=np.int64)
    for at, (hazard, layer) in enumerate(layers.items()):
        grade, highest = _grades(frame, layer, limits)
        for column, values in zip(object_grades(hazard), (grade, highest), strict=True):
            out[column] = values
        five[:, at] = _of_five(layer)[grade]
    out["max_grade"] = five.max(axis=1)
    out["main_hazard"] = np.where(five.max(axis=1) > 0, np.array(list(layers), dtype=object)[five.argmax(axis=1)], "")
    out["natural_hazard_exposed"] = out["max_grade"] >= limits["exposed_from"]
    placed = gpd.GeoDataFrame(out, geometry=objects.geometry.to_numpy(), crs=objects.crs)
    order = placed.sort_values(["max_grade", "people", "object_id"], ascending=[False, False, True], kind="stable")
    return order.reset_index(drop=True)


def _checked(objects: gpd.GeoDataFrame, layers: Mapping[str, xr.DataArray], buffer_m: float) -> gpd.GeoDataFrame:
    thing = Phrase("objects")
    if not layers:
        raise LayerError(Problem("objects.no_grades", thing))
    check_same_grid(**layers)
    frame = objects.reset_index(drop=True)
    if "object_id" not in frame:
        frame["object_id"] = objects.index.astype(str)
    frame["object_id"] = frame["object_id"].astype(str)
    problems = []
    twice = frame["object_id"][frame["object_id"].duplicated()].unique().tolist()
    if twice:
        problems.append(Problem("objects.id_twice", thing, ids=twice))
    bare = frame["object_id"][frame.geometry.isna() | frame.geometry.is_empty].tolist()
    if bare:
        problems.append(Problem("objects.no_geometry", thing, ids=bare))
    if frame.crs is None:
        problems.append(Problem("objects.no_crs", thing))
    if problems:
        raise LayerError(problems=problems)
    grid = grid_of(next(iter(layers.values())), name="grades")
    frame = frame.to_crs(grid.crs)
    points = frame.geom_type.isin(["Point", "MultiPoint"])
    if buffer_m > 0 and points.any():
        # Circles are drawn where a metre is a metre.
        plane = frame.estimate_utm_crs() if grid.crs is None or grid.crs.geographic else frame.crs
        round_shapes = frame.geometry[points].to_crs(plane).buffer(buffer_m).to_crs(frame.crs)
        frame = frame.set_geometry(frame.geometry.where(~points, round_shapes))
    return frame


def _of_five(layer: xr.DataArray) -> NDArray[np.int64]:
    """Grade -> grade of five."""
    schemes = standards.table("grades/schemes").data
    entry = schemes.get(str(layer.attrs.get("scheme", "")), schemes["risk_5"])
    return np.array([0, *entry["to_5"], *[5] * 10], dtype=np.int64)


def _grades(
    frame: gpd.GeoDataFrame, layer: xr.DataArray, limits: Mapping[str, float]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Grade and highest grade of each object."""
    grade, highest = np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=np.int64)
    kind = frame.geom_type.str.removeprefix("Multi")
    for name, measure in (("Point", _points), ("LineString", _lines), ("Polygon", _polygons)):
        at = np.flatnonzero(kind == name)
        if not at.size:
            continue
        part = frame.iloc[at]
        amounts, whole = measure(part, layer)
        share = amounts[:, ::-1].cumsum(axis=1)[:, ::-1] / np.where(whole > 0, whole, np.nan)[:, None]
        enough = share >= limits["share"] - 1e-9
        if name == "LineString":
            enough |= amounts[:, ::-1].cumsum(axis=1)[:, ::-1] >= limits["length_m"]
        classes = np.arange(1, amounts.shape[1] + 1)
        grade[at] = (enough * classes).max(axis=1, initial=0)
        highest[at] = ((amounts > 1e-9 * np.where(whole > 0, whole, 1)[:, None]) * classes).max(axis=1, initial=0)
        # A sliver of data does not make a grade, but what little is known is better than nothing.
        grade[at] = np.where((grade[at] == 0) & (amounts.sum(axis=1) > 0), 1 + amounts.argmax(axis=1), grade[at])
    return grade, highest


def _points(frame: gpd.GeoDataFrame, layer: xr.DataArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = frame.geometry.representative_point()
    values = np.nan_to_num(sample(layer, gpd.GeoSeries(points, crs=frame.crs), resampling="nearest")).astype(np.int64)
    return _one_hot(values, np.ones(len(frame))), np.ones(len(frame))


def _one_hot(grades: NDArray[np.int64], amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros((len(grades), max(int(grades.max(initial=0)), 1)))
    at = np.flatnonzero(grades > 0)
    out[at, grades[at] - 1] = amounts[at]
    return out


def _lines(frame: gpd.GeoDataFrame, layer: xr.DataArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    line, row, column, length = cell_pieces(frame, grid_of(layer, name="grades"))
    values = np.nan_to_num(np.asarray(layer.values, dtype=np.float64)).astype(np.int64)
    grades = np.where(row >= 0, values[np.maximum(row, 0), np.maximum(column, 0)], 0)
    out = np.zeros((len(frame), max(int(values.max(initial=0)), 1)))
    known = grades > 0
    np.add.at(out, (line[known], grades[known] - 1), length[known])
    whole = np.bincount(line, weights=length, minlength=len(frame)).astype(np.float64)
    return out, whole


def _polygons(frame: gpd.GeoDataFrame, layer: xr.DataArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    grid = grid_of(layer, name="grades")
    coverage = Coverage.from_units(grid, gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs))
    values = np.nan_to_num(np.asarray(layer.values, dtype=np.float64)).astype(np.int64)
    most = max(int(values.max(initial=0)), 1)
    parts = {str(g): layer_on(grid, (values == g).astype(np.float64), quantity="share") for g in range(1, most + 1)}
    sums = coverage.statistics(parts, ("sum",))
    out = np.column_stack([sums[(str(g), "sum")].to_numpy(dtype=np.float64) for g in range(1, most + 1)])
    cell = abs(grid.resolution.x * grid.resolution.y)
    return np.nan_to_num(out), shapely.area(frame.geometry.to_numpy()) / cell


def objects_by_grade(exposed: gpd.GeoDataFrame, *, unit: str = "adcode6") -> pd.DataFrame:
    """How many objects of each kind lie in each grade of each unit; grade 0 is without data.

    Parameters
    ----------
    exposed : GeoDataFrame
        Result of :func:`exposed_objects`.
    unit : str
        Column of the unit's code.

    Returns
    -------
    DataFrame
        ``code kind grade objects people``; the objects add up to all of them.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> layer = layer_on(grid, [[1, 4, 0]], quantity="grade")
    >>> at = gpd.points_from_xy([50, 150, 250], [50, 50, 50])
    >>> places = gpd.GeoDataFrame({"kind": ["school"] * 3}, geometry=at, crs="EPSG:4547")
    >>> objects_by_grade(exposed_objects(places, {"flood": layer}))["objects"].tolist()
    [1, 1, 1]
    """
    keys = [exposed[unit].rename("code"), exposed["kind"], exposed["max_grade"].rename("grade")]
    out = exposed.groupby(keys, dropna=False).agg(objects=("object_id", "size"), people=("people", "sum"))
    return out.reset_index()
