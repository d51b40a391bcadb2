"""The part of a large layer that lies on a grid and around it."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.layers import grid_of

# Rows and columns.
Window: TypeAlias = tuple[slice, slice]
# Up to so many cells a layer is taken as a whole.
SMALL = 1 << 26


def window_on(own: GeoBox, other: GeoBox, *, around: int = 8) -> Window | None:
    """Rows and columns of a grid that lie on another one, and some cells around; None where they cannot be told."""
    rows, columns = own.shape
    if own.affine.b or own.affine.d:
        return None
    try:
        box = other.extent.to_crs(str(own.crs), resolution=abs(other.resolution.x) * 10).boundingbox
    except Exception:  # noqa: BLE001 - whatever cannot be projected is taken as a whole
        return None
    corners = [~own.affine * (x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    sides = []
    for axis, count in ((1, rows), (0, columns)):
        places = [corner[axis] for corner in corners]
        if not np.isfinite(places).all():
            return None
        first, last = max(math.floor(min(places)) - around, 0), min(math.ceil(max(places)) + around, count)
        sides.append(slice(first, max(last, first)))
    return sides[0], sides[1]


def large_window(own: GeoBox, other: GeoBox) -> Window | None:
    """The window of a grid that is far larger than another one; None where all of it is to be taken."""
    cells = own.shape[0] * own.shape[1]
    window = window_on(own, other) if cells > SMALL else None
    if window is None:
        return None
    inside = (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
    return window if 0 < inside < cells / 2 else None


def near(layer: xr.DataArray, grid: GeoBox, *, margin_m: float) -> xr.DataArray:
    """The layer itself, or of one that is far larger than a grid in metres what lies on it and in a margin around."""
    cell = min(abs(grid.resolution.x), abs(grid.resolution.y))
    wide = grid.pad(math.ceil(margin_m / cell), math.ceil(margin_m / cell))
    window = large_window(grid_of(layer), wide)
    return layer if window is None else layer.isel(y=window[0], x=window[1])
