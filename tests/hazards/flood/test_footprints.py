"""Water at buildings that cut holes in depths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.flood import water_at_buildings
from riskzoning.layers import layer_on

GRID = analysis_grid((0, 0, 35, 25), crs="EPSG:4547", resolution=5)
NAN = np.nan
# A house over the nine cells in the middle, a shed on dry ground far from the water.
HOUSES = gpd.GeoDataFrame(geometry=[box(11, 6, 19, 19), box(31, 1, 34, 4)], crs="EPSG:4547")


def layer(values: Any, periods: list[float] | None = None) -> xr.DataArray:
    return layer_on(GRID, np.array(values, dtype=float), quantity="flood_depth", return_periods=periods)


def ponded(hole: float) -> np.ndarray:
    """Water in the two columns on the left of the house, a hole where it stands, dry ground on the right."""
    out = np.zeros((5, 7))
    out[:, 1] = [0.5, 0.6, 0.7, 0.8, 0.9]
    out[1:4, 2:4] = hole
    return out


@pytest.mark.parametrize("hole", [0.0, NAN])
def test_each_rule_on_a_house_in_the_water(hole: float) -> None:
    depths = layer(ponded(hole))
    with hearing(Journal()) as heard:
        nearest = water_at_buildings(depths, HOUSES, rule="nearest_wet").values
        zero = water_at_buildings(depths, HOUSES, rule="zero").values
        deepest = water_at_buildings(depths, HOUSES, rule="buffer", within=10.0).values
    np.testing.assert_allclose(nearest[1:4, 2], [0.6, 0.7, 0.8])
    np.testing.assert_array_equal(zero[1:4, 2:4], 0.0)
    assert deepest[2, 2] == pytest.approx(0.9)
    for made in (nearest, zero, deepest):
        assert made[4, 6] == 0.0, "the shed stays dry"
        np.testing.assert_array_equal(made[:, [0, 1, 4, 5]], ponded(hole)[:, [0, 1, 4, 5]])
    facts = dict(heard.steps[0].values)
    assert (facts["buildings"], facts["total"]) == (1, 2)


def test_far_water_does_not_wet_a_house() -> None:
    values = np.zeros((5, 7))
    values[:, 0] = 2.0
    shed = HOUSES.iloc[[1]]
    np.testing.assert_array_equal(water_at_buildings(layer(values), shed), values)
    assert water_at_buildings(layer(values), shed, within=100.0).values[4, 6] == 2.0


def test_a_rarer_flood_is_no_shallower_and_lazy_is_the_same() -> None:
    # At 20 years deep water two cells away, at 100 years shallow water beside the house.
    often, rare = np.zeros((5, 7)), np.zeros((5, 7))
    often[2, 0], rare[2, 0], rare[2, 1] = 1.0, 1.2, 0.1
    house = gpd.GeoDataFrame(geometry=[box(11, 11, 14, 14)], crs="EPSG:4547")
    stack = layer([often, rare], [20, 100])
    filled = water_at_buildings(stack, house, within=20.0)
    assert filled.values[:, 2, 2].tolist() == [1.0, 1.0]
    lazy = water_at_buildings(stack.chunk({"return_period": 1, "y": 2, "x": 3}), house, within=20.0)
    np.testing.assert_array_equal(lazy.compute(), filled)


@given(st.lists(st.floats(0, 3) | st.just(NAN), min_size=35, max_size=35), st.sampled_from(["nearest_wet", "buffer"]))
def test_only_dry_cells_of_buildings_change_and_never_to_less(depths: list[float], rule: Any) -> None:
    before = layer(np.reshape(depths, (5, 7)))
    with hearing(Journal()):
        after = water_at_buildings(before, HOUSES, rule=rule).values
    old = before.values
    same = (after == old) | (np.isnan(after) & np.isnan(old))
    assert same[old > 0].all()
    assert np.nanmax(after, initial=0.0) <= np.nanmax(old, initial=0.0)
    assert same[:, [0, 1, 4, 5]].all()


def test_coarse_cells_points_and_wrong_rules() -> None:
    coarse = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    depths = layer_on(coarse, np.array([[1.0, 0.0, 0.0]]), quantity="flood_depth")
    with hearing(Journal()) as heard:
        assert water_at_buildings(depths, HOUSES) is depths
    assert [problem.rule for problem in heard.warnings] == ["flood.footprints_coarse"]
    spot = gpd.GeoDataFrame(geometry=[Point(12, 12)], crs="EPSG:4547").to_crs(4490)
    assert water_at_buildings(layer(ponded(0.0)), spot).values[2, 2] == pytest.approx(0.7)
    with pytest.raises(LayerError) as caught:
        water_at_buildings(layer(ponded(0.0)), HOUSES, rule="mean")  # type: ignore[arg-type]
    assert caught.value.problems[0].rule == "flood.footprint_rule"


def test_a_study_names_the_rule(make_layer: Callable[..., xr.DataArray]) -> None:
    depths = layer([ponded(0.0), ponded(0.0) * 2], [20, 100])
    spec = HAZARDS["flood"]
    plain = spec.assess({"depth": depths})["intensity"]
    made = spec.assess({"depth": depths, "buildings": HOUSES}, {"building_rule": "nearest_wet"})["intensity"]
    assert float(plain.sel(return_period=100)[2, 2]) == 0.0
    assert float(made.sel(return_period=100)[2, 2]) == pytest.approx(1.4)
    off = spec.assess({"depth": depths, "buildings": HOUSES}, {"building_rule": "zero"})["intensity"]
    np.testing.assert_array_equal(off, plain)
