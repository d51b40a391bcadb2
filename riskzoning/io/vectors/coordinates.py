"""Geometries with coordinates that are no numbers: told by row, kept as rows without geometry."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.errors import Phrase, Problem, note


def without_broken(frame: gpd.GeoDataFrame, thing: Phrase | str) -> gpd.GeoDataFrame:
    """The frame with its geometries checked: NaN and infinite coordinates have no place; missing ones are noted."""
    missing = int(frame.geometry.isna().sum())
    if missing:
        note(Problem("vector.without_geometry", thing, severity="info", count=missing))
    shapes = frame.geometry.to_numpy()
    values, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.unique(owner[~np.isfinite(values).all(axis=1)])
    if not bad.size:
        return frame
    rows = (bad + 1).tolist()
    note(Problem("vector.no_numbers", thing, severity="warning", count=len(rows), rows=rows))
    kept = shapes.copy()
    kept[bad] = None
    return frame.set_geometry(gpd.GeoSeries(kept, index=frame.index, crs=frame.crs))
