"""Height above the nearest drainage on terrain whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import GridMismatchError, LayerError, UnitsError
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood import (
    drainage_index,
    height_above_nearest_drainage,
)
from riskzoning.layers import grid_of, layer_on

MakeLayer = Callable[..., xr.DataArray]


def dem_of(make_layer: MakeLayer, values: Any, **options: Any) -> xr.DataArray:
    return make_layer(np.asarray(values, dtype=float), "elevation", **options)


def valley(rows: int = 9, columns: int = 11) -> np.ndarray[Any, Any]:
    """A river in the middle column that falls southwards; elevation is the number of steps to it plus its own fall."""
    y, x = np.mgrid[0:rows, 0:columns]
    return 2.0 * np.abs(x - columns // 2) + 0.01 * (rows - y)


def test_hand_of_a_slope_that_ends_in_drains_is_the_elevation(make_layer: MakeLayer) -> None:
    # rank 0 is the river; every cell drains straight down to it
    rank = np.abs(np.arange(7) - 3.0) * np.ones((5, 1))
    drains = dem_of(make_layer, rank).copy(data=(rank == 0).astype(np.uint8))
    found = height_above_nearest_drainage(dem_of(make_layer, rank), min_upstream_area_km2=9e9, drainage=drains)
    np.testing.assert_array_equal(found, rank)


def test_hand_of_a_plateau_above_its_drains_is_1(make_layer: MakeLayer) -> None:
    plateau = np.ones((6, 8))
    plateau[:, 4] = 0.0
    drains = dem_of(make_layer, plateau).copy(data=(plateau == 0).astype(np.uint8))
    found = height_above_nearest_drainage(dem_of(make_layer, plateau), min_upstream_area_km2=9e9, drainage=drains)
    inner = np.zeros_like(plateau, dtype=bool)
    inner[1:-1, 1:-1] = True
    np.testing.assert_array_equal(found.values[inner], plateau[inner])


def test_hand_by_upstream_area_is_0_on_drains_and_rises_off_them(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    found = height_above_nearest_drainage(dem, min_upstream_area_km2=0.06)
    assert float(found.min()) == 0.0
    np.testing.assert_array_equal(found[2:, 5], 0.0)
    assert np.all(np.diff(found.values[2:4, 5:9], axis=1) > 1.9)
    assert found.attrs["units"] == "m"
    assert grid_of(found) == grid_of(dem)


@pytest.mark.parametrize("constant", [1000.0, -77.3, 1e-3])
def test_hand_does_not_know_the_datum(make_layer: MakeLayer, constant: float) -> None:
    rough = valley(20, 20) + np.random.default_rng(5).normal(0, 1.5, (20, 20))
    found = [
        height_above_nearest_drainage(dem_of(make_layer, rough + shift), min_upstream_area_km2=0.1)
        for shift in (0, constant)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert float(found[0].min()) >= 0


def test_hand_bridges_a_hole_and_keeps_the_outside_missing(make_layer: MakeLayer) -> None:
    values = valley(12, 13)
    values[5:7, 6] = np.nan
    values[:, 0] = np.nan
    whole = height_above_nearest_drainage(dem_of(make_layer, valley(12, 13)), min_upstream_area_km2=0.05)
    found = height_above_nearest_drainage(dem_of(make_layer, values), min_upstream_area_km2=0.05)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_array_equal(found[8:, 6:], whole[8:, 6:])
    nothing = dem_of(make_layer, np.full((4, 5), np.nan))
    assert np.isnan(height_above_nearest_drainage(nothing, min_upstream_area_km2=1)).all()


def test_hand_is_lazy_for_a_lazy_dem_and_knows_geographic_areas(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    expected = height_above_nearest_drainage(dem, min_upstream_area_km2=0.05)
    found = height_above_nearest_drainage(dem.chunk({"y": 4, "x": 5}), min_upstream_area_km2=0.05)
    assert found.chunks is not None
    np.testing.assert_array_equal(found, expected)
    # 0.01 degree near 35 N: about 0.91 x 1.11 km a cell, so 5 km2 are some 5 cells
    degrees = dem_of(make_layer, valley(), crs="EPSG:4490", resolution=0.01, left=114, bottom=35)
    np.testing.assert_array_equal(height_above_nearest_drainage(degrees, min_upstream_area_km2=5), expected)


def test_hand_refuses_what_it_cannot_use(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    with pytest.raises(LayerError, match="above 0 km2"):
        height_above_nearest_drainage(dem, min_upstream_area_km2=0)
    with pytest.raises(UnitsError, match="'ft'"):
        height_above_nearest_drainage(dem.assign_attrs(units="ft"), min_upstream_area_km2=1)
    with pytest.raises(GridMismatchError):
        height_above_nearest_drainage(
            dem, min_upstream_area_km2=1, drainage=make_layer(np.ones((9, 11)), "mask", left=0)
        )


def test_drainage_index_falls_with_height() -> None:
    np.testing.assert_allclose(
        drainage_index(np.array([0, 1, 2, 3, 5, 15, 99, np.nan])), [1, 0.75, 0.625, 0.5, 0.25, 0, 0, np.nan]
    )
    assert np.all(np.diff(drainage_index(np.linspace(0, 20, 99))) <= 0)


def test_hand_of_a_single_cell_is_0(make_layer: MakeLayer) -> None:
    assert (
        height_above_nearest_drainage(make_layer(np.array([[5.0]]), "elevation"), min_upstream_area_km2=1).item() == 0
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.1, 0.3]), st.integers(-300, 3000))
def test_hand_of_any_ground_is_0_on_drains_and_never_below(seed: int, upstream: float, datum: int) -> None:
    grid = analysis_grid((0, 0, 1400, 1200), crs="EPSG:4547", resolution=100)
    random = np.random.default_rng(seed)
    # Eighths of a metre, so that a datum changes no bit of a difference.
    heights = random.integers(0, 400, grid.shape) / 8
    drains = layer_on(grid, (random.random(grid.shape) < 0.1).astype(np.uint8), quantity="mask")
    for more in ({}, {"drainage": drains}):
        one, other = (
            height_above_nearest_drainage(
                layer_on(grid, heights + shift, quantity="elevation"), min_upstream_area_km2=upstream, **more
            ).values
            for shift in (0, datum)
        )
        np.testing.assert_array_equal(one, other)
        assert one.min() >= 0
        if more:
            assert (one[drains.values == 1] == 0).all()
