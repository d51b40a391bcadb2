"""Whether features lie where their CRS says: metres under degrees, zone numbers, swapped axes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.admin.crs import crs_contradiction, in_box
from riskzoning.errors import LayerError, Phrase, Problem

__all__ = ["check_place"]


def check_place(frame: gpd.GeoDataFrame, *, thing: str) -> None:
    """Refuse a layer whose coordinates contradict its CRS, or most of whose features lie in China only when turned.

    Parameters
    ----------
    frame : GeoDataFrame
        With a CRS; missing geometries are passed over.
    thing : str
        The layer in words.

    Raises
    ------
    LayerError
        With the rows (first row = 1) that contradict.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([38500000.0], [3900000.0]), crs="EPSG:4547")
    >>> try:
    ...     check_place(frame, thing="levees.shp")
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    has eastings from 38500000 under EPSG:4547: zone prefix 38: EPSG:4526
    """
    every = shapely.bounds(frame.geometry.to_numpy())
    there = np.isfinite(every).all(axis=1)
    bounds, rows = every[there], np.flatnonzero(there) + 1
    if not len(bounds):
        return
    contradiction = crs_contradiction(bounds, frame.crs)
    if contradiction is not None:
        wrong, problem = contradiction
        whom = Phrase("nothing") if wrong.all() else Phrase("in_rows", rows=rows[wrong].tolist())
        raise LayerError(problem.at(thing, whom=whom))
    turned = in_box(bounds[:, [1, 0, 3, 2]]) & ~in_box(bounds)
    if frame.crs.is_geographic and turned.sum() > len(bounds) / 2:
        first = bounds[turned][0]
        text = f"has swapped axes: x {first[0]:.6g}, y {first[1]:.6g} is a place in China only as latitude, longitude"
        required, fix = "x is longitude, y is latitude", "Swap the axes (ogr2ogr -swap_xy), or export the layer again."
        raise LayerError(Problem(thing, text, required, fix, rule="vector.axes"))
