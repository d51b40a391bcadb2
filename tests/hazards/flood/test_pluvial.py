"""Waterlogging in a study: what it is asked for by, where the water goes, how it joins the water of rivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood import Params, assess, calibrate, flood_severity, prepare
from riskzoning.hazards.flood.pluvial import depths_at, pond
from riskzoning.layers import grid_of, layer_on

MakeLayer = Callable[..., xr.DataArray]


@pytest.fixture(autouse=True)
def notes() -> Iterator[Journal]:
    """Notes are heard here; where one is the matter, a test hears it itself."""
    with hearing(Journal()) as journal:
        yield journal


@pytest.fixture
def town() -> dict[str, Any]:
    """A plain that falls by 1 : 1000 to the east, with a bowl of 3 x 3 cells and 1 m in it; built-up in the west."""
    grid = analysis_grid((0, 0, 600, 360), crs="EPSG:4547", resolution=20)
    y, x = np.mgrid[0:18, 0:30]
    heights = 20.0 - 0.02 * x + 0.001 * np.abs(y - 9)
    heights[8:11, 20:23] -= 1.0
    cover = np.where(x < 15, 80, 10).astype(np.uint8)
    rain = np.full((2, 18, 30), 100.0) * np.array([1.0, 2.0])[:, None, None]
    return {
        "elevation": layer_on(grid, heights, quantity="elevation"),
        "landcover": layer_on(grid, cover, quantity="landcover"),
        "design_rain": layer_on(grid, rain, quantity="precipitation", return_periods=[10, 100]),
        "depth": layer_on(grid, np.zeros((2, 18, 30)), quantity="flood_depth", return_periods=[10, 100]),
    }


def grid_and(town: dict[str, Any]) -> tuple[dict[str, Any], GeoBox]:
    return town, grid_of(town["elevation"])


def test_rain_fills_the_bowl_and_the_balance_closes(town: dict[str, Any]) -> None:
    water = pond(town, Params(drainage_mm=30.0), grid_of(town["elevation"]))
    wet = water.depth.values > 0
    assert wet[1].any()
    assert not wet[:, :, :18].any()
    balance = water.balance
    np.testing.assert_allclose(balance["poured_m3"], balance["stored_m3"] + balance["left_m3"])
    # West: .7 x rain less 30 mm; east: .3 x rain.
    np.testing.assert_allclose(balance["excess_mm"], [(40 + 30) / 2, (110 + 60) / 2])
    assert water.facts["runoff"] == "land cover"
    assert water.streets is None


def test_drains_carry_the_rain_of_their_period(town: dict[str, Any]) -> None:
    water = pond(town, Params(drains_period=10, runoff=0.5), grid_of(town["elevation"]))
    np.testing.assert_allclose(water.balance["excess_mm"], [(0 + 50) / 2, (50 + 100) / 2])
    area = gpd.GeoDataFrame(geometry=[box(0, 0, 600, 360)], crs="EPSG:4547")
    everywhere = pond(town | {"drained_area": area}, Params(drains_period=10, runoff=0.5), grid_of(town["elevation"]))
    np.testing.assert_allclose(everywhere.balance["excess_mm"], [0, 50])


def test_sealed_share_comes_before_land_cover_and_nothing_known_is_built_up(town: dict[str, Any]) -> None:
    grid = grid_of(town["elevation"])
    sealed = layer_on(grid, np.ones((18, 30)), quantity="share")
    water = pond(town | {"sealed": sealed}, Params(drainage_mm=0.0), grid)
    np.testing.assert_allclose(water.balance["excess_mm"], [90, 180])
    bare = {key: value for key, value in town.items() if key != "landcover"}
    np.testing.assert_allclose(pond(bare, Params(drainage_mm=0.0), grid).balance["excess_mm"], [60, 120])


def test_water_stands_in_the_streets_of_flat_built_up_ground(town: dict[str, Any]) -> None:
    water = pond(town, Params(drainage_mm=30.0, street_share=0.2), grid_of(town["elevation"]))
    assert water.streets is not None
    np.testing.assert_allclose(water.streets.values[:, 2, 3], [0.2, 0.55])  # 40 and 110 mm on a fifth of the ground
    assert water.streets.values[:, :, 20].max() == 0.0
    np.testing.assert_allclose(
        water.balance["poured_m3"], water.balance[["streets_m3", "stored_m3", "left_m3"]].sum(axis=1)
    )
    inputs, grid = grid_and(town)
    result = assess(inputs, {"drainage_mm": 30.0, "street_share": 0.2}, grid=grid)
    assert result["waterlogging_depth"].values[1, 2, 3] == pytest.approx(0.55)
    assert result["intensity"].values[1, 2, 3] == 0.0  # what houses meet
    assert result["waterlogging_grade"].values[2, 3] == 3  # between .2 and .55 at 30 years
    assert result["waterlogging_index"].values[2, 3] > 0.25
    assert result["hazard_index"].values[2, 3] == 0.0
    counted = assess(inputs, {"drainage_mm": 30.0, "street_share": 0.2, "streets_in_index": True}, grid=grid)
    assert counted["hazard_index"].values[2, 3] == result["waterlogging_index"].values[2, 3]
    np.testing.assert_array_equal(counted["intensity"], result["intensity"])


def test_the_worse_of_rivers_and_rain_counts_and_old_studies_stay(town: dict[str, Any]) -> None:
    inputs, grid = grid_and(town)
    river = inputs["depth"].copy(data=np.where(np.arange(30) == 2, 1.0, 0.0) * np.ones((2, 18, 1)))
    plain = assess({"depth": river}, grid=grid)
    assert "waterlogging_depth" not in plain
    assert plain.attrs == assess({"depth": river, "elevation": inputs["elevation"]}, grid=grid).attrs
    with hearing(Journal()) as journal:
        result = assess(inputs | {"depth": river}, {"drainage_mm": 30.0}, grid=grid)
    assert "flood.ponding" in {problem.rule for problem in journal.warnings}
    wet = flood_severity(result["waterlogging_depth"])
    np.testing.assert_array_equal(result["severity"], np.maximum(plain["severity"], wet))
    np.testing.assert_array_equal(result["waterlogging_index"], wet)
    np.testing.assert_allclose(
        result["intensity"], np.maximum(plain["intensity"], result["waterlogging_depth"]), rtol=1e-6
    )
    assert result["waterlogging_grade"].attrs["scheme"] == "flood_4"


def test_without_rivers_rain_joins_the_substitute_by_terrain(town: dict[str, Any]) -> None:
    inputs, grid = grid_and(town)
    rest = {key: value for key, value in inputs.items() if key != "depth"}
    result = assess(rest, {"drainage_mm": 30.0, "min_upstream_area_km2": 0.05}, grid=grid)
    alone = assess({"elevation": rest["elevation"]}, {"min_upstream_area_km2": 0.05}, grid=grid)
    assert np.all(result["severity"].values >= alone["severity"].values)
    assert result["intensity"].attrs["quantity"] == "flood_depth"


def test_rain_without_ground_is_refused_and_frozen_scalars_are_plain(town: dict[str, Any]) -> None:
    inputs, grid = grid_and(town)
    rest = {key: value for key, value in inputs.items() if key != "elevation"}
    with pytest.raises(LayerError) as caught:
        prepare(rest, Params(), grid)
    assert caught.value.problems[0].rule == "flood.rain_without_dem"
    prepared = prepare(inputs, Params(drainage_mm=0.0), grid)
    assert calibrate(prepared)["waterlogging"]["depressions"] == 1
    assert list(prepared.tables) == ["villages", "waterlogging"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=3, max_size=3), st.floats(2, 400))
def test_depths_at_other_periods(depths: list[float], period: float) -> None:
    grid = analysis_grid((0, 0, 10, 10), crs="EPSG:4547", resolution=10)
    values = np.sort(depths).reshape(3, 1, 1)
    stack = layer_on(grid, values, quantity="flood_depth", return_periods=[5, 20, 100])
    got = depths_at(stack, (period,)).item()
    if period < 5:
        assert got == 0.0
    else:
        expected = np.interp(np.log(period), np.log([5, 20, 100]), values.ravel())
        assert got == pytest.approx(expected, abs=1e-9)
    assert depths_at(stack, (5.0, 20.0, 100.0)) is stack
