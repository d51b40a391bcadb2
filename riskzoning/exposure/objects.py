"""Exposed objects (承灾对象): which school, plant or road lies in which grade."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.exposure.placing import AREA, LINE, POINT, Placed, placed
from riskzoning.layers import check_same_grid, grid_of
from riskzoning.layers.plausible import takes
from riskzoning.names import MULTI, object_grades

Grades = Mapping[str, xr.DataArray] | xr.Dataset
_PLAIN = {"kind": "", "name": "", "adcode6": "", "town9": "", "people": 0.0, "value_yuan": 0.0}


@takes()
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
        classes is compared with the others through its five. ``multi``, all hazards together, has its columns as
        well, but a hazard of its own it is not: it counts for ``max_grade`` only where it is given alone.
    buffer_m : float
        Radius around points, metres.

    Returns
    -------
    GeoDataFrame
        ``object_id kind name adcode6 town9``, per hazard ``<h>_grade`` and ``<h>_max_grade`` (0 without data),
        ``max_grade`` (of five), ``main_hazard``, ``people``, ``value_yuan``, ``length_km`` (lines) and ``area_km2``
        (areas), ``natural_hazard_exposed`` (a grade of 4 of 5 or more), geometry; sorted by grade, people and id. As
        many rows as objects.

    Raises
    ------
    LayerError
        No layer, layers on different grids, objects without geometry or id twice.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> from riskzoning.layers import layer_on
    >>> layer = layer_on(grid, [[1, 4, 5]], quantity="grade")
    >>> at = gpd.points_from_xy([50, 250], [50, 50])
    >>> schools = gpd.GeoDataFrame({"object_id": ["a", "b"]}, geometry=at, crs="EPSG:4547")
    >>> exposed_objects(schools, {"flood": layer})[["object_id", "flood_grade"]].to_dict("list")
    {'object_id': ['b', 'a'], 'flood_grade': [5, 1]}
    """
    return objects_and_extent(objects, grades, buffer_m=buffer_m)[0]


@takes()
def objects_extent(objects: gpd.GeoDataFrame, grades: Grades) -> pd.DataFrame:
    """How much of the objects of each kind lies in each grade: numbers of points, km of lines, km2 of areas.

    Parameters
    ----------
    objects : GeoDataFrame
        As for :func:`exposed_objects`.
    grades : mapping or Dataset
        As for :func:`exposed_objects`.

    Returns
    -------
    DataFrame
        ``kind hazard quantity grade value share``; quantity ``objects``, ``length_km`` or ``area_km2``; grade 0 is
        what has no grade or lies beyond the grid. The values of a kind add up to all of it, for every hazard.

    Examples
    --------
    >>> import shapely
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 3000, 1000), crs="EPSG:4547", resolution=1000)
    >>> from riskzoning.layers import layer_on
    >>> layer = layer_on(grid, [[1, 4, 5]], quantity="grade")
    >>> road = shapely.LineString([(500, 500), (3000, 500)])
    >>> roads = gpd.GeoDataFrame({"kind": ["road"]}, geometry=[road], crs="EPSG:4547")
    >>> objects_extent(roads, {"flood": layer})[["grade", "value", "share"]].round(6).values.tolist()
    [[1.0, 0.5, 0.2], [4.0, 1.0, 0.4], [5.0, 1.0, 0.4]]
    """
    return objects_and_extent(objects, grades)[1]


def objects_and_extent(
    objects: gpd.GeoDataFrame, grades: Grades, *, buffer_m: float = 0.0, where: Placed | None = None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The results of :func:`exposed_objects` and :func:`objects_extent`, of cells that are looked for once.

    ``where`` is what :func:`cells_of` gave for these objects, this grid and no buffer.
    """
    layers = {str(name): layer for name, layer in grades.items()}
    frame = _checked(objects, layers)
    grid = grid_of(next(iter(layers.values())), name="grades")
    where = placed(_round(frame, buffer_m), grid) if where is None else where
    amounts = {hazard: where.by_class(layer) for hazard, layer in layers.items()}
    out = _described(frame)
    five: dict[str, NDArray[np.int64]] = {}
    for hazard, layer in layers.items():
        grade, highest = _grades(amounts[hazard], where)
        for column, values in zip(object_grades(hazard), (grade, highest), strict=True):
            out[column] = values
        five[hazard] = _of_five(layer)[grade]
    single = {hazard: values for hazard, values in five.items() if hazard != MULTI} or five
    most = np.column_stack(list(single.values()))
    out["max_grade"] = most.max(axis=1)
    out["main_hazard"] = np.where(most.max(axis=1) > 0, np.array(list(single), dtype=object)[most.argmax(axis=1)], "")
    plain = placed(frame, grid) if buffer_m > 0 else where
    out["length_km"] = np.where(plain.kinds == LINE, plain.whole / 1e3, 0.0)
    out["area_km2"] = np.where(plain.kinds == AREA, plain.whole / 1e6, 0.0)
    out["natural_hazard_exposed"] = out["max_grade"] >= standards.table("exposure/objects").data["exposed_from"]
    exposed = gpd.GeoDataFrame(out, geometry=objects.geometry.to_numpy(), crs=objects.crs)
    order = exposed.sort_values(["max_grade", "people", "object_id"], ascending=[False, False, True], kind="stable")
    return order.reset_index(drop=True), _extent(out["kind"], amounts, plain)


def cells_of(objects: gpd.GeoDataFrame, grid: GeoBox) -> Placed:
    """The cells that objects lie on."""
    return placed(_valid(objects).to_crs(grid.crs), grid)


def _described(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """What is known of the objects, with nothing where it is not given."""
    out = pd.DataFrame({"object_id": frame["object_id"]})
    for column, empty in _PLAIN.items():
        values = frame[column] if column in frame else pd.Series(empty, index=frame.index)
        kind = np.float64 if isinstance(empty, float) else "string"
        out[column] = values.astype(kind).fillna(empty)  # type: ignore[arg-type]
    return out


def _checked(objects: gpd.GeoDataFrame, layers: Mapping[str, xr.DataArray]) -> gpd.GeoDataFrame:
    if not layers:
        raise LayerError(Problem("objects.no_grades", Phrase("objects")))
    check_same_grid(**layers)
    return _valid(objects).to_crs(grid_of(next(iter(layers.values())), name="grades").crs)


def _valid(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    thing = Phrase("objects")
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
    return frame


def _round(frame: gpd.GeoDataFrame, buffer_m: float) -> gpd.GeoDataFrame:
    """The objects with circles for points."""
    points = frame.geom_type.isin(["Point", "MultiPoint"])
    if buffer_m <= 0 or not points.any():
        return frame
    # Circles are drawn where a metre is a metre.
    plane = frame.estimate_utm_crs() if frame.crs.is_geographic else frame.crs
    round_shapes = frame.geometry[points].to_crs(plane).buffer(buffer_m).to_crs(frame.crs)
    return frame.set_geometry(frame.geometry.where(~points, round_shapes))


def _of_five(layer: xr.DataArray) -> NDArray[np.int64]:
    """Grade -> grade of five."""
    schemes = standards.table("grades/schemes").data
    entry = schemes.get(str(layer.attrs.get("scheme", "")), schemes["risk_5"])
    return np.array([0, *entry["to_5"], *[5] * 10], dtype=np.int64)


def _grades(amounts: NDArray[np.float64], where: Placed) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Grade and highest grade of each object."""
    limits = standards.table("exposure/objects").data
    whole = np.where(where.whole > 0, where.whole, np.nan)[:, None]
    from_above = amounts[:, ::-1].cumsum(axis=1)[:, ::-1]
    enough = from_above / whole >= limits["share"] - 1e-9
    enough |= (where.kinds == LINE)[:, None] & (from_above >= limits["length_m"])
    classes = np.arange(1, amounts.shape[1] + 1)
    grade = (enough * classes).max(axis=1, initial=0)
    highest = ((amounts > 1e-9 * np.nan_to_num(whole, nan=1.0)) * classes).max(axis=1, initial=0)
    # A sliver of data does not make a grade, but what little is known is better than nothing.
    grade = np.where((grade == 0) & (amounts.sum(axis=1) > 0), 1 + amounts.argmax(axis=1), grade)
    return grade.astype(np.int64), highest.astype(np.int64)


# What is counted of points, lines and areas, and how much of it one amount is.
_QUANTITIES = {POINT: ("objects", 1.0), LINE: ("length_km", 1e-3), AREA: ("area_km2", 1e-6)}


def _extent(kinds: pd.Series, amounts: Mapping[str, NDArray[np.float64]], where: Placed) -> pd.DataFrame:
    rows = []
    for shape, (quantity, factor) in _QUANTITIES.items():
        own = where.kinds == shape
        for kind in sorted(set(kinds[own])):
            at = own & (kinds == kind).to_numpy()
            total = float(where.whole[at].sum())
            for hazard, of_grade in amounts.items():
                sums = of_grade[at].sum(axis=0)
                missing = max(total - float(sums.sum()), 0.0)
                for grade, value in enumerate([missing if missing > 1e-9 * total else 0.0, *sums]):
                    if value > 0:
                        rows.append((kind, hazard, quantity, grade, value * factor, value / total))
    return pd.DataFrame(rows, columns=["kind", "hazard", "quantity", "grade", "value", "share"])


@takes()
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
    >>> from riskzoning.layers import layer_on
    >>> layer = layer_on(grid, [[1, 4, 0]], quantity="grade")
    >>> at = gpd.points_from_xy([50, 150, 250], [50, 50, 50])
    >>> places = gpd.GeoDataFrame({"kind": ["school"] * 3}, geometry=at, crs="EPSG:4547")
    >>> objects_by_grade(exposed_objects(places, {"flood": layer}))["objects"].tolist()
    [1, 1, 1]
    """
    keys = [exposed[unit].rename("code"), exposed["kind"], exposed["max_grade"].rename("grade")]
    out = exposed.groupby(keys, dropna=False).agg(objects=("object_id", "size"), people=("people", "sum"))
    return out.reset_index()
