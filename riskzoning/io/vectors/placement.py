"""Whether features lie where their CRS says: metres under degrees, zone numbers, swapped axes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.admin.crs import in_box
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.io.contradiction import check_crs


def check_place(frame: gpd.GeoDataFrame, *, thing: Phrase | str) -> None:
    """Refuse a layer whose coordinates contradict its CRS, or most of whose features lie in China only when turned.

    Parameters
    ----------
    frame : GeoDataFrame
        With a CRS; missing geometries are passed over.
    thing : Phrase or str
        The layer, for the message: a phrase or a path.

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
    ...     print(error.problems[0].rule)
    crs.zone
    """
    every = shapely.bounds(frame.geometry.to_numpy())
    there = np.isfinite(every).all(axis=1)
    bounds, rows = every[there], np.flatnonzero(there) + 1
    if not len(bounds):
        return
    check_crs(bounds, frame.crs, rows, thing)
    turned = in_box(bounds[:, [1, 0, 3, 2]]) & ~in_box(bounds)
    if frame.crs.is_geographic and turned.sum() > len(bounds) / 2:
        first = bounds[turned][0]
        raise LayerError(Problem("vector.axes", thing, x=first[0], y=first[1]))
