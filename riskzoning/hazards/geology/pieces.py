"""What only some studies ask for: more factors of the terrain, slope units, a table of catchments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.geology.catchments import debris_flow_catchments, slope_units
from riskzoning.hazards.inputs import HazardInputs
from riskzoning.layers import describe, layer_on
from riskzoning.methods import terrain
from riskzoning.methods.susceptibility import fold_blocks

# Made from the DEM when a study names them among its factors.
TERRAIN = ("wetness_index", "plan_curvature", "profile_curvature")
# Cells around the grid that a ridge, a valley or a hollow may reach.
_MARGIN = 30


def asked_for(
    inputs: HazardInputs, grid: GeoBox, *, factors: Sequence[str], slope_unit_km2: float | None
) -> dict[str, xr.DataArray]:
    """Factors of the terrain that are named, and slope units."""
    names = [name for name in TERRAIN if name in factors and inputs.get(name) is None]
    dem = inputs.get("elevation")
    if not names and slope_unit_km2 is None:
        return {}
    if not isinstance(dem, xr.DataArray):
        wanted = [*names, *(["slope_unit"] if slope_unit_km2 is not None else [])]
        raise LayerError(Problem("geology.needs_elevation", Phrase("hazard", name="geology"), wanted=wanted))
    wide = _wide(dem, grid)
    out = {name: _cropped(_terrain(name, wide), grid) for name in names}
    if slope_unit_km2 is not None:
        units = slope_units(wide, least_km2=slope_unit_km2)
        out["slope_unit"] = _cropped(units, grid)
    return out


def _wide(dem: xr.DataArray, grid: GeoBox) -> xr.DataArray:
    clean = describe(valid_values(dem, quantity="elevation"), quantity="elevation", like=dem)
    return grids.align(clean, grid.pad(_MARGIN))


def _terrain(name: str, wide: xr.DataArray) -> xr.DataArray:
    if name == "wetness_index":
        return terrain.wetness_index(wide)
    return terrain.curvature(wide, "plan" if name == "plan_curvature" else "profile")


def _cropped(wide: xr.DataArray, grid: GeoBox) -> xr.DataArray:
    inner = slice(_MARGIN, -_MARGIN)
    return layer_on(grid, wide.isel(y=inner, x=inner).data, quantity=str(wide.attrs["quantity"]))


def catchment_tables(inputs: HazardInputs, grid: GeoBox, least_km2: float | None) -> dict[str, pd.DataFrame]:
    """The catchments that touch the grid, without their outlines."""
    dem = inputs.get("elevation")
    if least_km2 is None or not isinstance(dem, xr.DataArray):
        return {}
    rows = debris_flow_catchments(_wide(dem, grid), least_km2=least_km2)
    centre = rows.geometry.representative_point()
    left, bottom, right, top = grid.boundingbox
    table = pd.DataFrame(rows.drop(columns="geometry")).assign(x=centre.x, y=centre.y)
    inside = table["x"].between(left, right) & table["y"].between(bottom, top)
    return {"catchments": table[inside].sort_values("melton", ascending=False, ignore_index=True)}


def unit_means(density: xr.DataArray, layers: Mapping[str, xr.DataArray]) -> list[float]:
    """Mean density of every slope unit over its susceptible ground, by number; 0 for a unit without any."""
    units = layers["slope_unit"]
    count = int(fold_blocks(_largest, np.maximum, units)) + 1
    kernel = partial(_sums, count=count)
    total, cells = fold_blocks(kernel, np.add, density, layers["domain"], units)
    return [float(one) for one in np.where(cells > 0, total / np.maximum(cells, 1), 0.0)]


def _largest(units: Array) -> Array:
    return np.asarray(np.asarray(units).max(initial=0))


def _sums(density: Array, domain: Array, units: Array, *, count: int) -> Array:
    known = np.isfinite(density) & (np.asarray(domain) > 0)
    number = np.asarray(units)[known]
    weights = np.asarray(density)[known]
    return np.stack([np.bincount(number, weights=weights, minlength=count), np.bincount(number, minlength=count)])


def by_unit(density: xr.DataArray, layers: Mapping[str, xr.DataArray], means: Sequence[float]) -> xr.DataArray:
    """The mean of its slope unit in every cell of the susceptible ground."""
    kernel = partial(_of_unit, means=np.asarray(means))
    out: xr.DataArray = by_cell(kernel, density, layers["domain"], layers["slope_unit"], quantity="relative_density")
    return out


def _of_unit(density: Array, domain: Array, units: Array, *, means: Array) -> Array:
    inside = (np.asarray(domain) > 0) & (np.asarray(units) > 0)
    return np.where(np.isnan(density), np.nan, np.where(inside, means[np.asarray(units, dtype=np.intp)], density))
