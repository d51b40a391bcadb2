"""Products are made when they lack, shared by what they are, and left alone where they are given or needless."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.products import PRODUCTS, cell_slope, ground_slope, steps_of, with_products
from riskzoning.layers import grid_of, layer_on


def ramp(grid: GeoBox, rise: float = 0.1) -> xr.DataArray:
    rows, columns = grid.shape
    return layer_on(grid, np.tile(np.arange(columns) * abs(grid.affine.a) * rise, (rows, 1)), quantity="elevation")


@pytest.fixture
def grid() -> GeoBox:
    return grids.analysis_grid((0, 0, 900, 600), crs="EPSG:4547", resolution=100)


@pytest.fixture
def dem(grid: GeoBox) -> xr.DataArray:
    return ramp(grid.pad(3))


def test_slope_and_aspect_of_a_ramp(grid: GeoBox, dem: xr.DataArray) -> None:
    layers = cell_slope(dem, grid)
    np.testing.assert_allclose(layers["slope"], np.degrees(np.arctan(0.1)), rtol=1e-6)
    np.testing.assert_allclose(layers["aspect"], 270.0)
    assert all(grid_of(layer) == grid for layer in layers.values())


def test_on_cells_as_coarse_as_the_dem_both_slopes_are_one(grid: GeoBox, dem: xr.DataArray) -> None:
    assert steps_of(dem, grid) == 1
    assert PRODUCTS["ground_slope"].same_as(dem, grid) == "cell_slope"
    xr.testing.assert_identical(ground_slope(dem, grid)["slope"], cell_slope(dem, grid)["slope"])


def test_a_fine_dem_keeps_the_steep_bank_that_coarse_cells_lose(grid: GeoBox) -> None:
    fine = grids.analysis_grid((-300, -300, 1200, 900), crs="EPSG:4547", resolution=20)
    x = np.arange(fine.shape[1])
    bank = layer_on(fine, np.tile(np.where(x % 10 < 5, 0.0, 10.0), (fine.shape[0], 1)), quantity="elevation")
    assert steps_of(bank, grid) == 5
    assert PRODUCTS["ground_slope"].same_as(bank, grid) is None
    assert float(ground_slope(bank, grid)["slope"].mean()) > 2 * float(cell_slope(bank, grid)["slope"].mean())


def test_hazards_share_what_is_the_same(grid: GeoBox, dem: xr.DataArray) -> None:
    made: dict[str, Any] = {}

    def make(name: str, product: Any, source: xr.DataArray) -> Any:
        assert source is dem
        return made.setdefault(name, product.make(source, grid))

    one = with_products(HAZARDS["geology"].inputs, {"elevation": dem}, grid, make)
    two = with_products(HAZARDS["forest_fire"].inputs, {"elevation": dem}, grid, make)
    assert list(made) == ["cell_slope"]
    assert one["slope"] is two["slope"]
    assert one["aspect"] is two["aspect"]


def test_what_is_given_or_needless_is_not_made(grid: GeoBox, dem: xr.DataArray) -> None:
    own = cell_slope(dem, grid)
    specs = HAZARDS["geology"].inputs
    filled = with_products(specs, {"elevation": dem, "slope": own["slope"]}, grid)
    assert filled["slope"] is own["slope"]
    assert filled["aspect"] is not None
    given = layer_on(grid, 0.5, quantity="susceptibility")
    assert "slope" not in with_products(specs, {"elevation": dem, "susceptibility": given}, grid)
    assert with_products(specs, {}, grid) == {}
