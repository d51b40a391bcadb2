"""The terrain factor of rainstorms: low and flat ground keeps the water."""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy.ndimage import uniform_filter

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.layers import layer_on
from riskzoning.layers.plausible import takes


@takes()
def terrain_factor(elevation: xr.DataArray, grid: GeoBox) -> xr.DataArray:
    """Terrain factor of rainstorms (地形影响系数), 0.4..0.9: low and flat ground keeps the water.

    Parameters
    ----------
    elevation : layer
        m, on its own grid.
    grid : GeoBox

    Returns
    -------
    layer
        Quantity ``share``; NaN where elevation is missing.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> plain = layer_on(geobox, 70.0, quantity="elevation")
    >>> float(terrain_factor(plain, geobox)[1, 1])
    0.9
    """
    table = standards.table("hazards/meteorology_terrain").data
    margin = int(table["window"]) // 2
    wide = grids.align(valid_values(elevation, quantity="elevation"), grid.pad(margin), quantity="elevation")
    block = partial(_deviation, window=int(table["window"]))
    if wide.chunks is None:
        spread = block(wide.data)
    else:
        lazy: Any = da
        spread = lazy.map_overlap(block, wide.data, depth=margin, boundary=np.nan, dtype=np.float64)
    inner = slice(margin, -margin)
    kernel = partial(_factor, **{name: np.asarray(table[name]) for name in ("elevation", "deviation", "factor")})
    height = layer_on(grid, wide.data[inner, inner], quantity="elevation")
    deviation = layer_on(grid, spread[inner, inner], quantity="elevation")
    out: xr.DataArray = by_cell(kernel, height, deviation, quantity="share")
    return out


def _deviation(values: Array, *, window: int) -> Any:
    """Standard deviation of the valid cells of a window."""
    good = np.isfinite(values)
    # Heights above their mean: squares of heights lose digits.
    centre = float(values[good].mean()) if good.any() else 0.0
    rest = np.where(good, values - centre, 0.0).astype(np.float64)
    count = np.maximum(uniform_filter(good.astype(np.float64), window, mode="constant"), 1e-12)
    mean = uniform_filter(rest, window, mode="constant") / count
    square = uniform_filter(rest**2, window, mode="constant") / count
    return np.where(good, np.sqrt(np.maximum(square - mean**2, 0.0)), np.nan)


def _factor(height: Array, spread: Array, *, elevation: Array, deviation: Array, factor: Array) -> Any:
    row, column = np.searchsorted(elevation, height, side="left"), np.searchsorted(deviation, spread, side="left")
    known = np.isfinite(height) & np.isfinite(spread)
    return np.where(known, factor[np.where(known, row, 0), np.where(known, column, 0)], np.nan)
