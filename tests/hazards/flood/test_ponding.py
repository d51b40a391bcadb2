"""Water poured into depressions: depth by the volume curve, spilling onwards, nothing made or lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from riskzoning.errors import GridMismatchError, LayerError
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood import fill_depressions, ponding_depth
from riskzoning.hazards.flood.depressions import find_hollows
from riskzoning.hazards.flood.ponding import fill
from riskzoning.layers import layer_on

MakeLayer = Callable[..., xr.DataArray]

# Within walls of 9 a bowl with two steps: 1 cell at 0, 2 cells at 1, outlet over 4 at the right border.
STEPS = np.full((3, 6), 9.0)
STEPS[1] = [9.0, 0.0, 1.0, 1.0, 4.0, 3.0]


def dem_of(make_layer: MakeLayer, values: Any, **options: Any) -> xr.DataArray:
    return make_layer(np.asarray(values, dtype=float), "elevation", **options)


@pytest.mark.parametrize(
    ("volume", "depths"),
    [
        (0.0, [0.0, 0.0, 0.0]),
        (0.5, [0.5, 0.0, 0.0]),  # one cell alone
        (1.0, [1.0, 0.0, 0.0]),  # up to the step
        (2.5, [1.5, 0.5, 0.5]),  # 1 + 3 x .5
        (10.0, [4.0, 3.0, 3.0]),  # 4 + 3 + 3: full
        (99.0, [4.0, 3.0, 3.0]),
    ],
)
def test_depth_by_the_volume_curve(volume: float, depths: list[float]) -> None:
    area = np.full(STEPS.shape, 400.0)
    hollows = find_hollows(STEPS, area, transform=Affine.scale(20, -20), degrees=False, channel_km2=1e9)
    poured = np.zeros(STEPS.shape)
    poured[1, 2] = volume * 1000.0  # mm on one cell, so that the volume is in cells x m
    depth, (water, stored, left) = fill(hollows, poured)
    np.testing.assert_allclose(depth[1, 1:4], depths, atol=1e-9)
    assert depth[[0, 2]].max() == 0.0
    assert stored == pytest.approx(sum(depths) * 400.0)
    assert stored + left == pytest.approx(water)


def test_what_a_depression_cannot_hold_fills_the_next_one(make_layer: MakeLayer) -> None:
    heights = np.full((3, 8), 9.0)
    heights[1] = [9.0, 5.0, 6.0, 2.0, 4.0, 3.9, 3.8, 3.7]  # 1 m up to 6, then 2 m up to 4, then out
    depth, balance = ponding_depth(dem_of(make_layer, heights), 200.0)
    area = 100.0 * 100.0
    # Every cell of the walls beside drains into the first or the second bowl; both together hold 3 m of one cell.
    assert depth.values[1, 1] == pytest.approx(min(1.0, depth.values[1, 1]))
    assert balance["stored"].item() == pytest.approx(float(depth.sum()) * area)
    full, _ = ponding_depth(dem_of(make_layer, heights), 1999.0)
    np.testing.assert_allclose(full.values[1, [1, 3]], [1.0, 2.0])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 1500))
def test_mass_is_kept_and_more_rain_is_never_shallower(seed: int, rain: float) -> None:
    grid = analysis_grid((0, 0, 600, 500), crs="EPSG:4547", resolution=20)
    heights = 8 * ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=tuple(grid.shape)), 1.5)
    dem = layer_on(grid, heights, quantity="elevation")
    runoff = layer_on(
        grid, np.full((2, *grid.shape), rain) * np.array([0.5, 1.0])[:, None, None],
        quantity="precipitation", return_periods=[10, 100],
    )  # fmt: skip
    depth, balance = ponding_depth(dem, runoff)
    np.testing.assert_allclose(depth.sum(("y", "x")).values * 400.0, balance["stored"], rtol=1e-9)
    np.testing.assert_allclose(balance["poured"], balance["stored"] + balance["left"])
    np.testing.assert_allclose(
        balance["poured"], rain * 1e-3 * np.array([0.5, 1.0]) * grid.shape[0] * grid.shape[1] * 400
    )
    assert np.all(depth.values[1] >= depth.values[0] - 1e-9)
    most = (fill_depressions(dem) - dem).values
    assert np.all(depth.values <= most + 1e-6)
    # Water is level: in a depression, ground plus water is the same wherever it is wet.
    moved, _ = ponding_depth(layer_on(grid, heights + 50.0, quantity="elevation"), runoff)
    np.testing.assert_allclose(moved, depth, atol=1e-6)


def test_rivers_missing_cells_and_what_is_refused(make_layer: MakeLayer) -> None:
    heights = STEPS.copy()
    heights[0, 0] = np.nan
    dem = dem_of(make_layer, heights)
    depth, _ = ponding_depth(dem, 100.0)
    np.testing.assert_array_equal(np.isnan(depth), np.isnan(heights))
    with pytest.raises(LayerError) as caught:
        ponding_depth(dem, 100.0, min_upstream_area_km2=0)
    assert caught.value.problems[0].rule == "flood.drainage"
    with pytest.raises(LayerError) as caught:
        ponding_depth(dem_of(make_layer, np.full((3, 3), np.nan)), 1.0)
    assert caught.value.problems[0].rule == "layer.empty"
    with pytest.raises(GridMismatchError):
        ponding_depth(dem, make_layer(np.ones(STEPS.shape), "precipitation", left=0))


def test_cells_in_degrees_count_by_their_area(make_layer: MakeLayer) -> None:
    flat = ponding_depth(dem_of(make_layer, STEPS), 50.0).depth.values
    degrees = dem_of(make_layer, STEPS, crs="EPSG:4490", resolution=0.001, left=114, bottom=35)
    np.testing.assert_allclose(ponding_depth(degrees, 50.0).depth.values, flat, rtol=1e-3)
