"""Collections of geometries, as intersections leave them: parts of the wanted kind are taken, with a word."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.errors import Phrase, Problem, note

_COLLECTION = 7
# Types of shapely: a point, a line, a polygon.
_KINDS = {"points": (0,), "lines": (1, 2), "polygons": (3,), "layer": (3,), "footprints": (0, 3)}


def parts_of_kind(frame: gpd.GeoDataFrame, form: str, thing: Phrase | str) -> gpd.GeoDataFrame:
    """The frame with, for each collection, its parts of the form; a collection without any stays as it is."""
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    taken = []
    for row in mixed:
        parts = _simple_parts(shapes[row])
        kept = parts[np.isin(shapely.get_type_id(parts), _KINDS[form])]
        if len(kept):
            shapes[row] = _together(kept)
            taken.append(int(row) + 1)
    if not taken:
        return frame
    wanted = Phrase("form_polygons" if form == "layer" else f"form_{form}")
    note(Problem("vector.mixed_taken", thing, severity="warning", count=len(taken), rows=taken, wanted=wanted))
    out = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    out.attrs = dict(frame.attrs)
    return out


def _simple_parts(shape: shapely.Geometry) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The points, lines and polygons inside, also of collections in collections."""
    parts = shapely.get_parts([shape])
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts)


def _together(parts: np.ndarray[tuple[int], np.dtype[np.object_]]) -> shapely.Geometry:
    """One geometry of parts of one type; of several types the largest polygon counts."""
    kind = int(shapely.get_type_id(parts).max())
    same = list(parts[shapely.get_type_id(parts) == kind])
    if len(same) == 1:
        return same[0]
    if kind == 3:
        return shapely.MultiPolygon(same)
    return shapely.MultiPoint(same) if kind == 0 else shapely.MultiLineString([shapely.LineString(s) for s in same])
