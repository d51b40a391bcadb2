"""Depths and floodplains from the height above the nearest drainage, where no hydraulic model has been run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from affine import Affine
from dask.delayed import delayed

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, by_cell
from riskzoning.hazards.flood.depressions import check_memory
from riskzoning.hazards.flood.drainage import bridged
from riskzoning.layers import check_layer, describe, grid_of
from riskzoning.layers.plausible import takes

_MISSING = -9999.0
_M2_PER_KM2 = 1e6


@takes(height="height_above_drainage")
def stage_depth(height: xr.DataArray, stages: Mapping[float, float]) -> xr.DataArray:
    """Depth of floods whose level in the rivers is known (水位—淹没): max(0, stage - height above the drainage).

    One stage holds for all rivers of the layer: cut the city by its rivers where they differ. Depressions behind
    higher ground are flooded as well, dykes are not seen, so that the extent is that of a screening.

    Parameters
    ----------
    height : DataArray
        Height above the nearest drainage, m, ``(y, x)`` (:func:`height_above_nearest_drainage`).
    stages : mapping
        Return period (years) -> level of the water above the bed of the DEM, m.

    Returns
    -------
    DataArray
        ``flood_depth``, m, ``(return_period, y, x)``, periods rising; NaN stays NaN. Lazy when the input is lazy.

    Raises
    ------
    LayerError
        There is no stage, one is below 0, or a rarer flood has a lower one.

    References
    ----------
    Nobre et al. 2016, Hydrological Processes 30.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> height = layer_on(geobox, [[0.0, 1.5, 4.0]], quantity="height_above_drainage")
    >>> stage_depth(height, {20: 1.0, 100: 2.5}).values.tolist()
    [[[1.0, 0.0, 0.0]], [[2.5, 1.0, 0.0]]]
    """
    check_layer(height, name=str(height.name or "height"), quantity="height_above_drainage")
    levels = checked_stages(stages)
    planes = [by_cell(partial(_above, stage=stage), height, quantity="flood_depth") for stage in levels.values()]
    stack = xr.concat(planes, dim="return_period", join="override", combine_attrs="override")
    stack = stack.assign_coords(return_period=list(levels)).transpose("return_period", "y", "x").rename("depth")
    return describe(stack, quantity="flood_depth", like=height, method="stage above the nearest drainage")


def checked_stages(stages: Mapping[float, float]) -> dict[float, float]:
    """Stages by rising return period."""
    thing = Phrase("argument", name="stages")
    levels = {float(numerals.period(year)): float(stage) for year, stage in stages.items()}
    years = sorted(levels)
    values = [levels[year] for year in years]
    bad = not years or not np.all(np.isfinite([*years, *values])) or min(years) <= 0 or min(values) < 0
    if bad or np.any(np.diff(values) < 0):
        shown = [f"{year:g}: {levels[year]:g}" for year in years]
        raise LayerError(Problem("flood.stages", thing, stages=shown))
    hard = standards.quantity("flood_depth").hard
    if hard is not None and max(values) > hard[1]:
        raise LayerError(Problem("flood.stages_high", thing, highest=max(values), most=hard[1]))
    return {year: levels[year] for year in years}


def _above(height: Array, *, stage: float) -> Array:
    return np.where(np.isnan(height), np.nan, np.maximum(stage - height, 0.0))


@takes(dem="elevation")
def floodplain(
    dem: xr.DataArray, *, min_upstream_area_km2: float | None = None, exponent: float | None = None
) -> xr.DataArray:
    """Whether a cell belongs to the floodplain of its river (洪泛平原): z - z_drain <= A_drain ^ exponent.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, wider than the study area by its catchments; held in memory as a whole, about 110 bytes a cell.
    min_upstream_area_km2 : float, optional
        Upstream area from which a cell is a river; default 1000, that of rivers worth a plain.
    exponent : float, optional
        Default 0.3; A_drain in km2 gives m.

    Returns
    -------
    DataArray
        ``mask``: 1 floodplain, 0 other ground and cells without elevation. Lazy when the DEM is lazy, in one task.

    Raises
    ------
    LayerError
        The DEM needs more memory than the machine has, or an area is not above 0.

    References
    ----------
    Nardi et al. 2019, Scientific Data 6 (GFPLAIN); computed with pyflwdir.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 500, 300), crs="EPSG:4547", resolution=100)
    >>> across = np.array([9.0, 0.5, 0.0, 0.5, 9.0])
    >>> valley = layer_on(geobox, across + np.array([[0.2], [0.1], [0.0]]), quantity="elevation")
    >>> floodplain(valley, min_upstream_area_km2=0.05).values[2].tolist()
    [0, 1, 1, 1, 0]
    """
    check_layer(dem, name=str(dem.name or "elevation"), quantity="elevation")
    table = standards.table("hazards/flood_terrain").data["floodplain"]
    limit = float(table["min_upstream_area_km2"] if min_upstream_area_km2 is None else min_upstream_area_km2)
    power = float(table["exponent"] if exponent is None else exponent)
    if not limit > 0:
        raise LayerError(Problem("flood.drainage", Phrase("argument", name="min_upstream_area_km2"), area=limit))
    check_memory(dem.size, Phrase("layer", name=str(dem.name or "elevation")))
    grid = grid_of(dem)
    degrees = bool(grid.crs and grid.crs.geographic)
    kernel = partial(_plain, transform=grid.affine, degrees=degrees, limit=limit, power=power)
    if isinstance(dem.data, da.Array):
        whole = delayed(kernel, pure=True)(dem.data)
        values: Any = da.from_delayed(whole, shape=dem.shape, dtype=np.uint8).rechunk(dem.data.chunks)
    else:
        values = kernel(np.asarray(dem.data))
    return describe(dem.copy(data=values).rename("floodplain"), quantity="mask", like=dem)


def _plain(dem: Array, *, transform: Affine, degrees: bool, limit: float, power: float) -> Array:
    import pyflwdir  # compiles on import

    z = np.asarray(dem, dtype=np.float64)
    missing = ~np.isfinite(z)
    if missing.all():
        return np.zeros(z.shape, dtype=np.uint8)
    z = bridged(z - z[~missing].min(), missing)
    surface = np.where(np.isnan(z), _MISSING, z)
    flow = pyflwdir.from_dem(surface, nodata=_MISSING, transform=transform, latlon=degrees)
    upstream = flow.accuflux(flow.area.astype(np.float64) / _M2_PER_KM2, nodata=_MISSING)
    plain = flow.floodplains(surface, uparea=upstream, b=power, upa_min=limit)
    return np.where(missing, 0, np.asarray(plain) == 1).astype(np.uint8)
