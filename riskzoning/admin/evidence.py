"""Proof of an offset datum: an offset from a declared reference that the inverse datum shift removes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.admin.codes import current_code, tidy_code, tidy_text
from riskzoning.admin.datum import bd09_to_wgs84, gcj02_to_wgs84, shift
from riskzoning.admin.geometry import to_metres


@dataclass(frozen=True)
class Evidence:
    """What a comparison with a reference says.

    Parameters
    ----------
    datum : str or None
        ``gcj02`` or ``bd09`` when proven.
    before, after : float
        Distance in metres as it is and after the best inverse shift: median of the vertices, or of the points that lie
        outside their unit.
    compared : int
        Points of the reference, or vertices, that could be compared; 0 says nothing about the datum.
    off : bool
        Whether the layer lies off the reference by more than generalisation explains.
    """

    datum: str | None
    before: float
    after: float
    compared: int
    off: bool


def proven_datum(frames: Mapping[str, gpd.GeoDataFrame], reference: gpd.GeoDataFrame) -> Evidence:
    """The datum that units are really in, as a reference of polygons or of points with a column ``code`` proves it."""
    # Boundaries are compared vertex by vertex with the lines of the reference; points (weather stations, villages) with
    # the unit that their code or name says: that code, its first nine or six digits, or the name of a unit.
    reference = reference.to_crs("EPSG:4490")
    reference = reference[~(reference.geometry.isna() | reference.geometry.is_empty)]
    if not len(reference):
        return Evidence(None, 0.0, 0.0, 0, False)
    if (reference.geometry.geom_type == "Point").all():
        return _from_points(frames, reference)
    return _from_lines(frames["county"] if "county" in frames else next(iter(frames.values())), reference)


def _from_lines(units: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> Evidence:
    rules = standards.table("admin/evidence").data
    project = to_metres(units.total_bounds)
    target = shapely.boundary(
        shapely.transform(shapely.union_all(shapely.make_valid(reference.geometry.to_numpy())), project)
    )
    shapely.prepare(target)
    points = shapely.get_coordinates(shapely.union_all(shapely.make_valid(units.geometry.to_numpy())))
    points = points[:: max(1, len(points) // int(rules["vertices"]))]
    places = shapely.points(points)

    def measure(spots: NDArray[Any]) -> float:
        return float(np.median(shapely.distance(shapely.transform(spots, project), target)))

    before = measure(places)
    after = {name: measure(shift(places, formula)) for name, formula in _INVERSE.items()}
    return _judged(before, after, len(places), off=before > float(rules["offset_m"]))


_INVERSE = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


def _judged(before: float, after: Mapping[str, float], compared: int, *, off: bool) -> Evidence:
    best = min(after, key=lambda name: after[name])
    proven = off and after[best] < float(standards.table("admin/evidence").data["improvement"]) * before
    return Evidence(best if proven else None, before, after[best], compared, off)


def _from_points(frames: Mapping[str, gpd.GeoDataFrame], reference: gpd.GeoDataFrame) -> Evidence:
    rules = standards.table("admin/evidence").data
    if "code" not in reference.columns:
        return Evidence(None, 0.0, 0.0, 0, False)
    shapes, unit_of, places = _pairs(frames, reference)
    if len(places) < int(rules["points"]):
        return Evidence(None, 0.0, 0.0, 0, False)

    project = to_metres(shapely.total_bounds(np.array(shapes, dtype=object)))
    spots = shapely.transform(places, project)

    def distances(formula: Callable[[Any, Any], Any] | None = None) -> NDArray[np.float64]:
        """Of each point to its unit; most points lie inside, which a prepared polygon tells at once."""
        out = np.zeros(len(places))
        for unit, shape in enumerate(shapes):
            own = np.flatnonzero(unit_of == unit)
            moved = np.array([shape], dtype=object)
            polygon = shapely.transform(moved if formula is None else shift(moved, formula), project)[0]
            shapely.prepare(polygon)
            away = own[~shapely.intersects(polygon, spots[own])]
            out[away] = shapely.distance(polygon, spots[away])
        return out

    tolerance = float(rules["point_tolerance_m"])
    now = distances()
    outside = now > tolerance
    if int(outside.sum()) < int(rules["points"]):
        return Evidence(None, 0.0, 0.0, len(places), False)
    shifted = {name: distances(formula) for name, formula in _INVERSE.items()}
    # Counted, not measured: a single point in a wrong place must not outweigh the others.
    left = {name: float((values > tolerance).sum()) for name, values in shifted.items()}
    verdict = _judged(float(outside.sum()), left, len(places), off=True)
    best = min(left, key=lambda name: left[name])
    # Some points are misplaced in every survey: alone they say nothing about the boundaries.
    off = verdict.datum is not None or float(outside.mean()) > float(rules["stray_share"])
    return replace(
        verdict, off=off, before=float(np.median(now[outside])), after=float(np.median(shifted[best][outside]))
    )


def _pairs(
    frames: Mapping[str, gpd.GeoDataFrame], reference: gpd.GeoDataFrame
) -> tuple[list[shapely.Geometry], NDArray[np.int64], NDArray[Any]]:
    """Shapes of the units that points name, and for each such point the position of its unit and the point."""
    every: list[shapely.Geometry] = []
    by_code: dict[str, int | None] = {}
    by_name: dict[str, int | None] = {}
    for frame in frames.values():
        names = frame["name"] if "name" in frame.columns else [""] * len(frame)
        for code, name, shape in zip(frame["code"], names, frame.geometry, strict=True):
            # A code or a name that stands twice names no unit.
            by_code[str(code)] = None if str(code) in by_code else len(every)
            by_name[str(name)] = None if str(name) in by_name else len(every)
            every.append(shape)
    used: dict[int, int] = {}
    unit_of, places = [], []
    for code, place in zip(reference["code"], reference.geometry, strict=True):
        text = current_code(tidy_code(code))
        unit = next((by_code[key] for key in (text, text[:9], text[:6]) if key in by_code), None)
        unit = unit if unit is not None else by_name.get(tidy_text(str(code)))
        if unit is not None:
            unit_of.append(used.setdefault(unit, len(used)))
            places.append(place)
    return [every[unit] for unit in used], np.array(unit_of, dtype=np.int64), np.array(places, dtype=object)


def named_datum(source: str) -> str | None:
    """The offset datum that the name of a file states, e.g. ``county_GCJ02.shp``; None when it states none."""
    rules = standards.table("admin/evidence").data
    text = "".join(character for character in source.lower() if character not in "-_ ")
    if any(word in text for word in rules["other_names"]):
        return None
    return next((datum for datum, words in rules["names"].items() if any(word in text for word in words)), None)
