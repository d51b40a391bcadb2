"""Scores of fuel, weather, terrain, people, history, and their mean."""

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from riskzoning.errors import LayerError
from riskzoning.hazards.forest_fire.scores import (
    aspect_score,
    burnable_share,
    danger_score,
    fuel_codes,
    fuel_score,
    history_score,
    near_score,
    slope_score,
    weather_score,
)


def test_stands_by_burning_class_code_and_species(make_grid):
    grid = make_grid(1, 4)
    shapes = [box(500_000 + i * 100, 3_900_000, 500_100 + i * 100, 3_900_100) for i in range(3)]

    def codes(**columns):
        return fuel_codes(gpd.GeoDataFrame(columns, geometry=shapes, crs=grid.crs), grid).values.tolist()

    assert codes(燃烧性=["易燃", "可燃", "难燃"]) == [[3, 2, 1, 9]]
    assert codes(fuel_type=[1, 2, 3]) == [[1, 2, 3, 9]]
    assert codes(优势树种=["侧柏", "刺槐", "不详"]) == [[3, 1, 0, 9]]
    with pytest.raises(LayerError, match="fuel_column"):
        codes(other=["a", "b", "c"])


def test_fuel_and_burnable_share_by_land_cover_and_stand():
    cover = np.array([10, 20, 30, 40, 60, 80, 0, 77], dtype="uint8")
    np.testing.assert_array_equal(fuel_score(cover), [0, 0.8, 0.6, 0.7, 0, 0, np.nan, np.nan])
    np.testing.assert_array_equal(burnable_share(cover), [0, 1, 1, 1, 0, 0, np.nan, np.nan])
    stand = np.array([9, 3, 0, 1], dtype="uint8")
    np.testing.assert_array_equal(fuel_score(None, stand), [0, 1, np.nan, 0.3])
    np.testing.assert_array_equal(fuel_score(np.array([20, 80, 30, 0]), stand), [0.8, 1.0, 0.6, 0.3])
    np.testing.assert_array_equal(burnable_share(np.array([20, 80, 30, 0]), stand), [1, 1, 1, 1])


def test_weather_follows_the_danger_classes():
    np.testing.assert_allclose(weather_score(np.array([0, 5.2, 11.2, 21.3, 38, 50, 70])), [0, 0.2, 0.4, 0.6, 0.8, 1, 1])
    assert np.isnan(weather_score(np.nan))


def test_terrain_people_and_history():
    assert slope_score(np.array([0, 4.99, 5, 15, 25, 35])).tolist() == [0.2, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert aspect_score(np.array([0, 22.4, 45, 180, 225, 337.5, -1])).tolist() == [0.2, 0.2, 0.3, 1.0, 0.9, 0.2, 0.5]
    assert near_score(np.array([0, 200, 5000]), "roads").tolist() == [1.0, 0.8, 0.1]
    assert near_score(np.array([499.0]), "settlements").tolist() == [1.0]
    # Where no fire was seen the score is 0.2: the record is short.
    np.testing.assert_allclose(history_score(np.array([0, 0.5, 2, np.nan]), reference=1.0), [0.2, 0.6, 1, np.nan])


def test_the_score_is_a_weighted_product_on_burnable_ground(make_layer):
    share = make_layer(np.array([[1.0, 1.0, 0.2, 0.0, np.nan]]), "share")
    fuel = make_layer(np.array([[0.8, 0.8, 0.5, 0.8, 0.8]]), "share")
    terrain = make_layer(np.array([[0.2, np.nan, 0.5, 0.2, 0.2]]), "share")
    weights = {"fuel": 0.6, "terrain": 0.2, "weather": 0.2}
    found = danger_score(share, {"fuel": fuel, "terrain": terrain, "weather": None}, weights, required=("fuel",))
    np.testing.assert_allclose(found, [[0.8**0.75 * 0.2**0.25, 0.8, 0.1, 0.0, np.nan]])
    fuel_only = danger_score(share, {"fuel": fuel, "terrain": terrain}, {"fuel": 1.0}, required=("fuel",))
    np.testing.assert_allclose(fuel_only, [[0.8, 0.8, 0.1, 0.0, np.nan]])
    strict = danger_score(share, {"fuel": fuel, "terrain": terrain}, weights, required=("terrain",))
    assert np.isnan(strict[0, 1])
    lazy = danger_score(share.chunk(x=2), {"fuel": fuel, "terrain": terrain}, weights, required=("fuel",))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy, found)


def test_one_part_that_is_nothing_puts_the_fire_out(make_layer):
    ones = make_layer(np.array([[1.0, 1.0, 1.0]]), "share")
    wet = make_layer(np.array([[0.0, 1e-12, 1.0]]), "share")
    score = danger_score(ones, {"fuel": ones, "weather": wet}, {"fuel": 0.5, "weather": 0.5}, required=("fuel",))
    np.testing.assert_allclose(score, [[0.0, 1e-6, 1.0]])
    assert score.values[0, 0] == 0
    unweighted = danger_score(ones, {"fuel": ones, "weather": wet}, {"fuel": 1.0}, required=("fuel",))
    np.testing.assert_array_equal(unweighted, 1.0)


@given(st.floats(0, 200), st.floats(0, 50))
def test_more_fire_weather_never_lowers_the_score(fwi, more):
    assert 0 <= weather_score(fwi) <= weather_score(fwi + more) <= 1
