"""Ground on which slopes can fail at all: steep, or rugged, or beside such ground."""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy import ndimage

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.hazards.cells import Array, valid_values
from riskzoning.hazards.geology.factors import line_distance
from riskzoning.layers import describe, layer_on
from riskzoning.methods import terrain


def relief_around(elevation: object, relief: object, grid: GeoBox) -> xr.DataArray | None:
    """Highest minus lowest elevation in a window of about 500 m, three cells at least; without a DEM what is given."""
    if not isinstance(elevation, xr.DataArray):
        return relief if isinstance(relief, xr.DataArray) else None
    metres = float(_rules()["relief_window_m"])
    half = max(1, int(metres / abs(grid.affine.a) / 2))
    dem = describe(valid_values(elevation, quantity="elevation"), quantity="elevation", like=elevation)
    wide = terrain.relief(grids.align(dem, grid.pad(half)), window=2 * half + 1)
    return layer_on(grid, wide.isel(y=slice(half, -half), x=slice(half, -half)).data, quantity="relief")


def susceptible_ground(
    slope: xr.DataArray, relief: xr.DataArray | None, grid: GeoBox, embankments: gpd.GeoDataFrame | None = None
) -> xr.DataArray:
    """1 where the slope, or the relief of the window, reaches its limit or such a cell is near; else 0.

    Beside embankments the slope does not count: what is steep there was made.
    """
    rules = _rules()
    steep: Any = slope.data >= np.float32(rules["slope"])
    if embankments is not None:
        reach = float(rules.get("embankment_m", 300.0))
        steep = steep & (line_distance(embankments, grid, reach_m=reach).data > reach)
    if relief is not None:
        steep = steep | (relief.data >= np.float32(rules["relief"]))
    cells = int(rules["near_m"] / abs(grid.affine.a) + 1e-9)
    y, x = np.mgrid[-cells : cells + 1, -cells : cells + 1]
    kernel = partial(_grown, disk=np.hypot(y, x) * abs(grid.affine.a) <= rules["near_m"])
    if isinstance(steep, da.Array):
        dask_array: Any = da
        near = dask_array.map_overlap(kernel, steep, depth=cells, boundary=False, dtype=np.uint8)
    else:
        near = kernel(np.asarray(steep))
    return layer_on(grid, near, quantity="mask", name="domain")


def _grown(steep: Array, *, disk: Array) -> Array:
    return ndimage.binary_dilation(steep, structure=disk).astype(np.uint8)


def _rules() -> dict[str, float]:
    rules: dict[str, float] = standards.table("ladders/geology").data["domain"]
    return rules
