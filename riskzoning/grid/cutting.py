"""Lines cut at the borders of cells: which line runs how far in which cell."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning.errors import Phrase
from riskzoning.grid.lattice import metres_per_unit
from riskzoning.grid.vectors import in_crs

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


def cell_pieces(lines: gpd.GeoDataFrame, grid: GeoBox) -> tuple[Integers, Integers, Integers, Numbers]:
    """Position of the line, row, column and length in metres of each piece; row -1 for what lies beyond the grid."""
    thing = Phrase("lines_for", quantity="length")
    shapes = in_crs(lines, grid.crs, thing).geometry.to_numpy()
    parts, owner = shapely.get_parts(shapes, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    start, end = points[:-1][joined], points[1:][joined]
    line = owner[part[:-1][joined]]
    if grid.crs is not None and grid.crs.geographic:
        geod: Any = grid.crs.proj.get_geod()
        lengths = np.asarray(geod.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2])
    else:
        lengths = np.hypot(*(end - start).T) * metres_per_unit(grid, thing=thing, need=Phrase("need_length"))
    to_pixel = ~grid.affine
    x0, y0 = to_pixel * start.T
    x1, y1 = to_pixel * end.T
    at = [_crossings(*segment) for segment in zip(x0, y0, x1, y1, strict=True)]
    counts = np.array([len(t) - 1 for t in at], dtype=np.int64)
    if not counts.size:
        none = np.array([], dtype=np.int64)
        return none, none, none, np.array([])
    segment = np.repeat(np.arange(len(at)), counts)
    low = np.concatenate([t[:-1] for t in at])
    share = np.concatenate([np.diff(t) for t in at])
    middle = low + share / 2
    column = np.floor(x0[segment] + middle * (x1 - x0)[segment]).astype(np.int64)
    row = np.floor(y0[segment] + middle * (y1 - y0)[segment]).astype(np.int64)
    inside = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
    return line[segment], np.where(inside, row, -1), np.where(inside, column, -1), share * lengths[segment]


def _crossings(x0: float, y0: float, x1: float, y1: float) -> Numbers:
    """Shares of a segment, 0 and 1 included, at which it meets whole numbers of x or y."""
    out = [np.array([0.0, 1.0])]
    for a, b in ((x0, x1), (y0, y1)):
        if a != b:
            whole = np.arange(np.floor(min(a, b)) + 1, np.ceil(max(a, b)))
            out.append((whole - a) / (b - a))
    return np.unique(np.clip(np.concatenate(out), 0, 1))
