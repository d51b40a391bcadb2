"""Ground that shakes more for its shape: ridges, isolated hills, steep slopes, edges of terraces (GB 50011 4.1.8)."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.inputs import input_of
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes

_TABLE = "hazards/earthquake_ridge"


@takes()
def ridge_factor(height_m: Cells, steepness: Cells, distance_ratio: Cells = 0.0, *, rock: bool = True) -> Any:
    """How many times stronger a protruding place shakes (局部突出地形放大系数): ``1 + place x rise``, 1.0..1.6.

    Parameters
    ----------
    height_m : number, array or layer
        Height H of the ridge, hill or terrace over its foot, m, 0 or more.
    steepness : number, array or layer
        Mean slope of the side, H/L: height over horizontal run, 0 or more.
    distance_ratio : number, array or layer
        Distance of the site from the edge over the height; 0 on the edge or crest.
    rock : bool
        Rock; soil has other limits of height.

    Returns
    -------
    number, array or layer
        1.0..1.6; NaN where a number is missing or negative.

    References
    ----------
    GB 50011-2010 clause 4.1.8 for the range; the steps from memory of its explanation (``hazards/earthquake_ridge``,
    unverified). Strengthening there concerns the greatest seismic influence factor.

    Examples
    --------
    >>> ridge_factor(45.0, 0.7), round(ridge_factor(45.0, 0.7, 3.0), 2), ridge_factor(10.0, 0.1)
    (1.4, 1.24, 1.0)
    """
    data = standards.table(_TABLE).data
    kernel = partial(_raised, heights=data["height_rock" if rock else "height_soil"], data=data)
    return by_cell(kernel, height_m, steepness, distance_ratio)


def _raised(height: Array, steepness: Array, distance: Array, *, heights: Any, data: Any) -> Array:
    height, steepness, distance = np.broadcast_arrays(
        *(np.asarray(one, float) for one in (height, steepness, distance))
    )
    known = np.isfinite(height + steepness + distance) & (height >= 0) & (steepness >= 0) & (distance >= 0)
    row = np.searchsorted(data["steepness"], steepness, side="right")
    column = np.searchsorted(heights, height, side="right")
    rise = np.asarray(data["rise"], float)[np.minimum(row, 3), np.minimum(column, 3)]
    place = np.asarray(data["place"], float)[np.searchsorted(data["distance"], np.nan_to_num(distance), side="right")]
    return np.where(known, 1.0 + rise * place, np.nan)


def ridge_layer(ridges: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Polygons with their factor on the grid, 1 beyond them; where they overlap the last one counts."""
    low, high = standards.table(_TABLE).data["range"]
    factor = pd.to_numeric(ridges["factor"], errors="coerce")
    wrong = ~factor.between(low, high)
    if wrong.any():
        rows = [f"{at + 1} ({ridges['factor'].iloc[at]})" for at in np.flatnonzero(wrong.to_numpy())]
        thing = input_of("earthquake", "ridges")
        raise LayerError(Problem("earthquake.ridges", thing, rows=rows, low=low, high=high))
    frame = gpd.GeoDataFrame({"factor": factor.to_numpy()}, geometry=ridges.geometry.array).to_crs(grid.crs)
    return grids.rasterise(frame, grid, column="factor", quantity="amplification", fill=1.0)


def raised(pga: xr.DataArray, ridges: xr.DataArray | None) -> xr.DataArray:
    """Site PGA, raised on protruding ground; ground of which nothing is said stays."""
    if ridges is None:
        return pga
    made: xr.DataArray = by_cell(_times, pga, ridges, quantity="pga")
    return describe(made, quantity="pga", like=pga)


def _times(pga: Array, factor: Array) -> Array:
    return np.asarray(pga * np.where(np.isfinite(factor), factor, 1.0))
