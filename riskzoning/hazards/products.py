"""Layers that several hazards make from one input in the same way: made once a run, kept, handed to each of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.inputs import HazardInputs, HazardValue
from riskzoning.inputs import InputSpec
from riskzoning.layers import describe, grid_of, layer_on
from riskzoning.methods import terrain

Layers = Mapping[str, xr.DataArray]
# Steps finer than this many to a cell cost more than they tell.
_MOST_STEPS = 10


@dataclass(frozen=True)
class Product:
    """Layers made from one input, the keys they are handed in under, and which product they are on a given grid."""

    source: str
    keys: tuple[str, ...]
    make: Callable[[xr.DataArray, GeoBox], Layers]
    same_as: Callable[[xr.DataArray, GeoBox], str | None] = lambda _source, _grid: None


def cell_slope(elevation: xr.DataArray, grid: GeoBox) -> Layers:
    """Slope and aspect (degree; flat -1) of the cells of the grid; a margin of one cell keeps the outermost ones."""
    wide = grids.align(valid_values(elevation, quantity="elevation"), grid.pad(1), quantity="elevation")
    return {
        name: layer_on(grid, layer.isel(y=slice(1, -1), x=slice(1, -1)).data, quantity=name)
        for name, layer in (("slope", terrain.slope(wide)), ("aspect", terrain.aspect(wide)))
    }


def ground_slope(elevation: xr.DataArray, grid: GeoBox) -> Layers:
    """Slope and aspect (degree; flat -1) of the ground as fine as the DEM shows it, averaged to the cells of the grid.

    Slope belongs to the cell it is computed with: on a DEM averaged to 100 m a steep bank is gone.
    """
    dem = describe(valid_values(elevation, quantity="elevation"), quantity="elevation", like=elevation)
    steps = steps_of(dem, grid)
    if steps == 1:
        return cell_slope(elevation, grid)
    fine = grids.align(dem, _divided(grid.pad(1), steps))
    layers = {
        name: grids.align(make(fine), grid) for name, make in (("slope", terrain.slope), ("aspect", terrain.aspect))
    }
    return {name: layer_on(grid, layer.data, quantity=name) for name, layer in layers.items()}


def steps_of(elevation: xr.DataArray, grid: GeoBox) -> int:
    """Into how many parts a cell of the grid is cut along each side to be about as fine as the DEM."""
    own = grid_of(elevation, name="elevation")
    height = abs(own.affine.e)
    if own.crs is not None and own.crs.geographic:
        height *= 111_000.0
    return int(np.clip(math.floor(abs(grid.affine.e) / height + 0.1), 1, _MOST_STEPS))


def _divided(grid: GeoBox, steps: int) -> GeoBox:
    affine = grid.affine * grid.affine.scale(1 / steps)
    return GeoBox((grid.shape[0] * steps, grid.shape[1] * steps), affine, grid.crs)


def _as_cells(elevation: xr.DataArray, grid: GeoBox) -> str | None:
    """On a grid as coarse as the DEM the slope of the ground is that of the cells."""
    return "cell_slope" if steps_of(elevation, grid) == 1 else None


PRODUCTS: Mapping[str, Product] = {
    "cell_slope": Product("elevation", ("slope", "aspect"), cell_slope),
    "ground_slope": Product("elevation", ("slope", "aspect"), ground_slope, _as_cells),
}
Maker = Callable[[str, Product, xr.DataArray], Layers]


def with_products(
    specs: Iterable[InputSpec], inputs: HazardInputs, grid: GeoBox, make: Maker | None = None
) -> dict[str, HazardValue | None]:
    """The inputs with the products that they lack; ``make`` may give one that was made before, by its name."""
    out, by_key = dict(inputs), {item.key: item for item in specs}
    names = dict.fromkeys(item.product for item in by_key.values() if item.product and out.get(item.key) is None)
    for name in names:
        product = PRODUCTS[name]
        source = out.get(product.source)
        # What stands in for the source makes the product needless.
        stand_ins = set(by_key[product.source].alternatives) - set(product.keys)
        if not isinstance(source, xr.DataArray) or any(out.get(key) is not None for key in stand_ins):
            continue
        chosen = product.same_as(source, grid) or name
        layers = PRODUCTS[chosen].make(source, grid) if make is None else make(chosen, PRODUCTS[chosen], source)
        out.update({key: layer for key, layer in layers.items() if out.get(key) is None})
    return out
