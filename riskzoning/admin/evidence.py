"""Proof of an offset datum: an offset from a declared reference that the inverse datum shift removes."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.admin.datum import bd09_to_wgs84, gcj02_to_wgs84, shift
from riskzoning.admin.geometry import to_albers

__all__ = ["proven_datum"]


def proven_datum(units: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> tuple[str | None, float, float]:
    """The datum that units are really in, as a reference proves it.

    Boundaries are compared vertex by vertex with the lines of the reference; points (weather stations with the code of
    their unit) with the unit that should hold them.

    Parameters
    ----------
    units : GeoDataFrame
        Column or index ``code``, EPSG:4490.
    reference : GeoDataFrame
        Polygons, or points with a column ``code``.

    Returns
    -------
    datum, before, after
        ``gcj02`` or ``bd09`` when proven, else None; median distance in metres as it is and after the inverse shift.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(113, 35, 114, 36)], crs="EPSG:4490")
    >>> proven_datum(frame, frame)
    (None, 0.0, 0.0)
    """
    rules = standards.table("admin/evidence").data
    reference = reference.to_crs("EPSG:4490")
    shapes = np.asarray(units.geometry.to_numpy())[: int(rules["units"])]
    if (reference.geometry.geom_type == "Point").all():
        measure = _point_distance(units, reference)
        if measure is None:
            return None, 0.0, 0.0
    else:
        target = shapely.boundary(_metric(shapely.union_all(reference.geometry.to_numpy())))
        shapely.prepare(target)

        def measure(found: NDArray[Any]) -> float:
            return _line_distance(found, target, int(rules["vertices"]))

        outline = shapely.union_all(shapely.make_valid(shapes))
        shapes = np.array([outline], dtype=object)
    before = measure(shapes)
    best: tuple[str | None, float] = (None, before)
    for name, formula in (("gcj02", gcj02_to_wgs84), ("bd09", bd09_to_wgs84)):
        after = measure(shift(shapes, formula))
        if after < best[1]:
            best = (name, after)
    limit = float(rules["point_tolerance_m"] if (reference.geometry.geom_type == "Point").all() else rules["offset_m"])
    if before > limit and best[0] is not None and best[1] < float(rules["improvement"]) * before:
        return best[0], before, best[1]
    return None, before, best[1]


def _metric(geometry: Any) -> Any:
    return shapely.transform(geometry, to_albers)


def _line_distance(shapes: NDArray[Any], target: Any, vertices: int) -> float:
    points = shapely.get_coordinates(shapes)
    step = max(1, len(points) // (vertices * 20))
    places = shapely.points(to_albers(points[::step]))
    return float(np.median(shapely.distance(places, target)))


def _point_distance(units: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> Any:
    codes = list(units["code"]) if "code" in units.columns else list(units.index)
    if "code" not in reference.columns:
        return None
    place = {str(code): i for i, code in enumerate(codes)}
    pairs = [(place[str(c)], p) for c, p in zip(reference["code"], reference.geometry, strict=True) if str(c) in place]
    least = int(standards.table("admin/evidence").data["points"])
    if len(pairs) < least:
        return None

    def measure(shapes: NDArray[Any]) -> float:
        distances = [
            float(shapely.distance(_metric(shapes[index]), _metric(point)))
            for index, point in pairs
            if index < len(shapes)
        ]
        return float(np.mean(distances)) if distances else 0.0

    return measure
