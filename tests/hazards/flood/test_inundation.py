"""Depths and floodplains from the height above the nearest drainage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood import floodplain, height_above_nearest_drainage, stage_depth
from riskzoning.layers import layer_on

MakeLayer = Callable[..., xr.DataArray]


@pytest.mark.parametrize("stages", [{20: 61.5, 100: 62.4}, {20: 250, 100: 400}])
def test_levels_above_the_sea_and_centimetres_are_no_stages(make_layer: MakeLayer, stages: dict[float, float]) -> None:
    height = make_layer(np.array([[0.0, 1.0]]), "height_above_drainage")
    with pytest.raises(LayerError) as caught:
        stage_depth(height, stages)
    problem = caught.value.problems[0]
    assert (problem.rule, dict(problem.values)["highest"]) == ("flood.stages_high", max(stages.values()))


def test_depth_is_stage_less_height_and_never_below_0(make_layer: MakeLayer) -> None:
    height = make_layer(np.array([[0.0, 1.5, 4.0, np.nan]]), "height_above_drainage")
    depth = stage_depth(height, {"100": 2.5, 20: 1.0})  # type: ignore[dict-item]
    assert depth["return_period"].values.tolist() == [20, 100]
    np.testing.assert_array_equal(depth.values[:, 0], [[1, 0, 0, np.nan], [2.5, 1, 0, np.nan]])
    assert depth.attrs["quantity"] == "flood_depth"
    assert stage_depth(height.chunk({"x": 2}), {20: 1.0}).chunks is not None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=6), st.floats(0, 8), st.floats(0, 5))
def test_a_higher_stage_is_never_shallower(heights: list[float], stage: float, more: float) -> None:
    grid = analysis_grid((0, 0, 10 * len(heights), 10), crs="EPSG:4547", resolution=10)
    depth = stage_depth(layer_on(grid, [heights], quantity="height_above_drainage"), {10: stage, 50: stage + more})
    assert np.all(np.diff(depth.values, axis=0) >= 0)
    assert depth.values.max() <= stage + more


@pytest.mark.parametrize("stages", [{}, {20: -1.0}, {20: 3.0, 100: 2.0}, {0: 1.0}, {20: float("nan")}])
def test_stages_that_cannot_be(make_layer: MakeLayer, stages: dict[float, float]) -> None:
    with pytest.raises(LayerError) as caught:
        stage_depth(make_layer(np.ones((1, 2)), "height_above_drainage"), stages)
    assert caught.value.problems[0].rule == "flood.stages"


def valley(rows: int = 12, columns: int = 15) -> Any:
    y, x = np.mgrid[0:rows, 0:columns]
    return 0.4 * np.abs(x - columns // 2) + 0.01 * (rows - y)


def test_the_floodplain_lies_within_a_power_of_the_upstream_area(make_layer: MakeLayer) -> None:
    dem = make_layer(valley(), "elevation")
    plain = floodplain(dem, min_upstream_area_km2=0.5, exponent=0.3)
    hand = height_above_nearest_drainage(dem, min_upstream_area_km2=0.5)
    # The largest area upstream is 1.8 km2: nothing above 1.8 ** .3 m belongs to it.
    assert plain.values.max() == 1
    assert float(hand.where(plain == 1).max()) <= 1.8**0.3
    assert plain.attrs["quantity"] == "mask"
    wider = floodplain(dem, min_upstream_area_km2=0.5, exponent=0.9)
    assert np.all(wider.values >= floodplain(dem, min_upstream_area_km2=0.5, exponent=0.3).values * 0)
    np.testing.assert_array_equal(floodplain(dem.chunk({"y": 5}), min_upstream_area_km2=0.5, exponent=0.3), plain)
    assert floodplain(dem).values.max() == 0  # no river of 1000 km2
    with pytest.raises(LayerError):
        floodplain(dem, min_upstream_area_km2=0)
