"""Whether a layer has the kind of features that is read from it."""

from __future__ import annotations

import geopandas as gpd

from riskzoning.errors import Phrase, Problem

_GEOMETRIES = {
    "points": {"Point", "MultiPoint"},
    "lines": {"LineString", "MultiLineString", "LinearRing"},
    "polygons": {"Polygon", "MultiPolygon"},
    "footprints": {"Point", "MultiPoint", "Polygon", "MultiPolygon"},
}


def geometry_problems(frame: gpd.GeoDataFrame, wanted: str, thing: Phrase | str) -> list[Problem]:
    """Whether the features are points, lines or polygons, as wanted; an empty layer is neither."""
    kinds = set(frame.geometry.geom_type.dropna()) - _GEOMETRIES[wanted]
    if not kinds:
        return []
    return [Problem("vector.type", thing, types=sorted(map(str, kinds)), wanted=Phrase(f"form_{wanted}"))]
