"""Height above the nearest drainage: where water of a river can reach when no inundation map exists."""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from affine import Affine
from dask.delayed import delayed
from scipy import ndimage

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers import check_layer, check_same_grid, describe, grid_of
from riskzoning.layers.plausible import takes

_MISSING = -9999.0
# Elevations are taken above the lowest cell and to 0.1 mm, so that the datum of the DEM decides nothing.
_DECIMALS = 4
# Cell areas come in single precision; an upstream area this close below the limit has reached it.
_AT_AREA = 1e-6
_M2_PER_KM2 = 1e6


@takes(dem="elevation")
def height_above_nearest_drainage(
    dem: xr.DataArray, *, min_upstream_area_km2: float, drainage: xr.DataArray | None = None
) -> xr.DataArray:
    """Height of each cell above the drainage cell that its water reaches (HAND, 距最近河道高差).

    Depressions are filled for routing (D8), voids inside the DEM are bridged; drainage is where the upstream area
    reaches the limit. HAND = z(cell) - z(first drainage cell downstream), at least 0. Where water leaves the DEM before
    it meets a drainage cell, the cell at the border counts as drainage: use a DEM that reaches one catchment beyond the
    study area.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, ``(y, x)``, projected or geographic. NaN gives NaN.
    min_upstream_area_km2 : float
        Upstream area from which a cell is drainage, km2 (not cells); 1 to 50 for work at county scale.
    drainage : DataArray, optional
        Further drainage cells (rivers), mask on the grid of the DEM.

    Returns
    -------
    DataArray
        m, float; lazy when the DEM is lazy, computed as one piece.

    Raises
    ------
    LayerError
        When the area is not above 0.
    GridMismatchError
        When the mask lies on another grid.

    References
    ----------
    Nobre et al. 2016, Hydrological Processes 30; computed with pyflwdir.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> valley = np.array([[5.0, 3.0, 6.0], [4.0, 2.0, 5.0], [3.0, 1.0, 4.0]])
    >>> dem = layer_on(geobox, valley, quantity="elevation")
    >>> height_above_nearest_drainage(dem, min_upstream_area_km2=0.03).values.tolist()
    [[3.0, 1.0, 4.0], [3.0, 0.0, 4.0], [2.0, 0.0, 3.0]]
    """
    check_layer(dem, name=str(dem.name or "elevation"), quantity="elevation")
    if not min_upstream_area_km2 > 0:
        raise LayerError(
            Problem(
                "flood.drainage", Phrase("argument", name="min_upstream_area_km2"), area=float(min_upstream_area_km2)
            )
        )
    grid = grid_of(dem) if drainage is None else check_same_grid(elevation=dem, drainage=drainage)
    kernel = partial(
        _hand, transform=grid.affine, degrees=bool(grid.crs and grid.crs.geographic), area=float(min_upstream_area_km2)
    )
    extra = None if drainage is None else drainage.data
    if isinstance(dem.data, da.Array):
        whole = delayed(kernel, pure=True)(dem.data, extra)
        values: Any = da.from_delayed(whole, shape=dem.shape, dtype=np.float64)
        values = values.rechunk(dem.data.chunks)
    else:
        values = kernel(np.asarray(dem.data), None if extra is None else np.asarray(extra))
    out = dem.copy(data=values).rename("height_above_drainage")
    area = float(min_upstream_area_km2)
    return describe(out, quantity="height_above_drainage", like=dem, min_upstream_area_km2=area)


def _hand(dem: Array, drainage: Array | None, *, transform: Affine, degrees: bool, area: float) -> Array:
    import pyflwdir  # compiles on import

    z = np.asarray(dem, dtype=np.float64)
    missing = ~np.isfinite(z)
    if missing.all():
        return np.full(z.shape, np.nan)
    if z.size == 1:
        return np.zeros(z.shape)  # water leaves a single cell at once
    z = np.round(z - z[~missing].min(), _DECIMALS)
    z = bridged(z, missing)
    surface = np.where(np.isnan(z), _MISSING, z)
    flow = pyflwdir.from_dem(surface, nodata=_MISSING, transform=transform, latlon=degrees)
    upstream_km2 = flow.accuflux(flow.area.astype(np.float64) / _M2_PER_KM2, nodata=_MISSING)
    drain = upstream_km2 >= area * (1.0 - _AT_AREA)
    if drainage is not None:
        drain |= (np.nan_to_num(drainage) > 0) & ~np.isnan(z)
    hand = flow.hand(drain, surface)
    return np.where(missing | (hand == _MISSING), np.nan, np.maximum(hand, 0.0))


def bridged(z: Array, missing: Array) -> Array:
    """Elevation, NaN outside; holes that do not touch the border take the nearest value, so that water passes them."""
    z = np.where(missing, np.nan, z)
    if not missing.any():
        return z
    parts, _ = ndimage.label(missing, structure=np.ones((3, 3)))
    open_parts = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    hole = missing & ~np.isin(parts, open_parts)
    if hole.any():
        row, column = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
        z[hole] = z[row[hole], column[hole]]
    return z


@takes(height="height_above_drainage")
def drainage_index(height: Cells) -> Any:
    """Hazard index 0..1 from the height above the nearest drainage; a substitute where no depths exist.

    Parameters
    ----------
    height : number, array or layer
        m; NaN stays NaN.

    Examples
    --------
    >>> drainage_index(np.array([0.0, 2.0, 30.0, np.nan]))
    array([1.   , 0.625, 0.   , nan])
    """
    pairs = np.asarray(standards.table("hazards/flood_terrain").data["index"], dtype=np.float64)
    return by_cell(partial(_interpolated, pairs=pairs), height, quantity="hazard_index")


def _interpolated(values: Array, *, pairs: Array) -> Array:
    return np.asarray(np.interp(values, pairs[:, 0], pairs[:, 1]))
