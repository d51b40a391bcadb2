"""Where fires start: learnt on burnable ground, used where it foretells, said where it does not."""

import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from riskzoning.errors import Journal, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.forest_fire.occurrence import (
    burnable_ground,
    occurrence_factors,
    occurrence_rules,
    occurrence_score,
    trained_occurrence,
)
from riskzoning.layers import layer_on
from riskzoning.methods.susceptibility import Training
from riskzoning.methods.validation import roc_auc

SPEC = HAZARDS["forest_fire"]
ROAD_ROWS = (40, 140)

# Points of tests have only the columns that matter there.
pytestmark = pytest.mark.filterwarnings("ignore:.*have no column")


@pytest.fixture
def grid():
    return analysis_grid((500_000, 3_900_000, 540_000, 3_920_000), crs="EPSG:4547", resolution=100)


@pytest.fixture
def inputs(grid):
    """Woods with two roads; fields in the south."""
    cover = np.full(tuple(grid.shape), 20, dtype="uint8")
    cover[:, ::3] = 30
    cover[170:] = 10
    top = 3_920_000
    roads = [LineString([(500_000, top - 100 * row - 50), (540_000, top - 100 * row - 50)]) for row in ROAD_ROWS]
    return {
        "fwi": layer_on(grid, 15.0, quantity="fire_weather_index", name="fwi"),
        "landcover": layer_on(grid, cover, quantity="landcover", name="landcover"),
        "roads": gpd.GeoDataFrame(geometry=roads, crs="EPSG:4547"),
    }


def fires(grid, rows, columns):
    x, y = grid.affine * (np.asarray(columns) + 0.5, np.asarray(rows) + 0.5)
    dates = pd.date_range("2001-01-05", "2020-02-01", len(x)).strftime("%Y-%m-%d")
    return gpd.GeoDataFrame(
        {"acq_date": dates, "confidence": 90, "type": 0}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4547"
    )


@pytest.fixture
def by_the_road(grid):
    """Three of four on the grass along the roads: the danger score holds grass for safer than woods."""
    rng = np.random.default_rng(3)
    near = np.array(ROAD_ROWS)[rng.integers(0, 2, 150)] + rng.integers(-3, 4, 150)
    rows = np.concatenate([near, rng.integers(0, 170, 50)])
    columns = np.concatenate([3 * rng.integers(0, 133, 150), rng.integers(0, 400, 50)])
    return fires(grid, rows, columns)


@pytest.fixture
def anywhere(grid):
    rng = np.random.default_rng(4)
    return fires(grid, rng.integers(0, 170, 200), rng.integers(0, 400, 200))


def calibrated(inputs, grid, **options):
    params = SPEC.params(**options)
    with hearing(Journal()) as heard:
        scale = SPEC.calibrate(SPEC.prepare(inputs, params, grid), params)
    rules = [problem.rule for problem in heard.warnings + heard.steps]
    return scale, [rule for rule in rules if rule.startswith("forest_fire.")]


def test_fires_that_can_be_foretold_say_where_fires_start(inputs, by_the_road, grid):
    given = inputs | {"fire_points": by_the_road}
    scale, rules = calibrated(given, grid, folds=4, block_m=2000)
    occurrence, skill = scale["occurrence"], scale["validation"]
    assert skill["auc_holdout"] > 0.8
    assert 0 < skill["auc_holdout_sd"] < 0.1
    assert 0.5 < skill["auc_danger_score"] < skill["auc_holdout"]
    assert 190 < occurrence["fires"] <= 200
    assert occurrence["cells"] == 170 * 400
    assert occurrence["density"] == pytest.approx(scale["fire_points"]["fires"] / 680)
    assert occurrence["used"]
    assert rules == []
    json.dumps(scale)


def test_the_model_takes_the_place_of_people_and_earlier_fires(inputs, by_the_road, grid):
    given = inputs | {"fire_points": by_the_road}
    prepared = SPEC.prepare(given, SPEC.params(), grid)
    scale, _ = calibrated(given, grid, folds=4, block_m=2000)
    made = SPEC.assess(prepared, grid=grid, calibration=scale)
    assert made.attrs["missing_parts"] == "terrain"
    score = made["danger_score"].values
    assert score[40, 100] > score[90, 100]
    np.testing.assert_array_equal(score[170:], 0)
    reference = scale["density_of_1"]
    part = occurrence_score(
        prepared.layers, scale["occurrence"], density=scale["occurrence"]["density"], reference=reference
    ).values
    fuel, weather = 0.8, np.interp(15.0, [11.2, 21.3], [0.4, 0.6])
    row, column = 40, 100
    total = 0.30 + 0.25 + 0.35
    by_hand = fuel ** (0.30 / total) * weather ** (0.25 / total) * part[row, column] ** (0.35 / total)
    assert score[row, column] == pytest.approx(by_hand)
    scale["occurrence"]["used"] = False
    parts = SPEC.assess(prepared, grid=grid, calibration=scale)
    assert (parts["danger_score"].values != score)[:170].any()


def test_fires_that_nothing_foretells_leave_the_danger_score_and_are_said(inputs, anywhere, grid):
    scale, rules = calibrated(inputs | {"fire_points": anywhere}, grid, block_m=2000)
    assert not scale["occurrence"]["used"]
    assert scale["validation"]["auc_holdout"] == pytest.approx(0.5, abs=0.08)
    assert rules == ["forest_fire.no_skill"]
    alone, _ = calibrated(inputs | {"fire_points": anywhere}, grid, folds=0)
    assert alone["validation"] == {}
    params = SPEC.params()
    prepared = SPEC.prepare(inputs | {"fire_points": anywhere}, params, grid)
    np.testing.assert_array_equal(
        SPEC.assess(prepared, grid=grid, calibration=scale)["hazard_index"],
        SPEC.assess(prepared, grid=grid, calibration=alone)["hazard_index"],
    )


def test_few_fires_and_fires_of_one_block_train_nothing(inputs, anywhere, grid):
    few, rules = calibrated(inputs | {"fire_points": anywhere.iloc[:20]}, grid)
    assert rules == ["forest_fire.few_fires"]
    assert few["occurrence"]["used"] is False
    assert few["validation"] == {}
    one, rules = calibrated(inputs | {"fire_points": anywhere}, grid, block_m=1e6)
    assert rules == ["forest_fire.few_blocks"]
    assert one["occurrence"]["used"] is False
    undated, rules = calibrated(inputs | {"fire_points": anywhere.drop(columns="acq_date")}, grid)
    assert rules == ["forest_fire.points_column", "forest_fire.record"]
    assert undated["occurrence"] is None
    assert calibrated(inputs, grid)[0]["occurrence"] is None


def test_the_skill_of_the_danger_score_is_that_of_a_plain_calculation(inputs, by_the_road, grid):
    given = inputs | {"fire_points": by_the_road}
    prepared = SPEC.prepare(given, SPEC.params(), grid)
    scale, _ = calibrated(given, grid, block_m=2000)
    bare = {key: layer for key, layer in prepared.layers.items() if key != "fire_density"}
    off = {**scale, "occurrence": None}
    danger = SPEC.assess(dataclasses.replace(prepared, layers=bare), grid=grid, calibration=off)["danger_score"]
    inside = np.isin(inputs["landcover"].values, (20, 30))
    wanted = roc_auc(danger.values[inside], prepared.layers["fire_cells"].values[inside])
    assert scale["validation"]["auc_danger_score"] == pytest.approx(wanted, abs=1e-3)


def test_tombs_canopy_and_greenness_are_factors_where_they_are_given(inputs, anywhere, grid):
    values = np.linspace(0, 1, int(np.prod(grid.shape))).reshape(tuple(grid.shape))
    more = {
        "tombs": gpd.GeoDataFrame(geometry=[box(510_000, 3_905_000, 510_100, 3_905_100)], crs="EPSG:4547"),
        "canopy": layer_on(grid, values, quantity="canopy_density"),
        "ndvi": layer_on(grid, values, quantity="ndvi"),
    }
    layers = SPEC.prepare(inputs | {"fire_points": anywhere} | more, SPEC.params(), grid).layers
    assert list(occurrence_factors(layers)) == ["landcover", "fwi", "roads", "tombs", "canopy", "ndvi"]


def test_ground_is_what_burns_and_what_the_record_covers(inputs, anywhere, grid):
    west = gpd.GeoDataFrame(geometry=[box(500_000, 3_900_000, 520_000, 3_920_000)], crs="EPSG:4547")
    given = inputs | {"fire_points": anywhere, "study_area": west}
    layers = SPEC.prepare(given, SPEC.params(), grid).layers
    ground = burnable_ground(layers, 5000)
    assert int(ground.within.sum()) == 170 * 200
    assert list(occurrence_factors(layers)) == ["landcover", "fwi", "roads"]
    assert set(occurrence_rules().factors) >= {"landcover", "fuel_type", "slope", "aspect", "fwi", "roads"}
    lazy = {key: layer.chunk(y=37, x=91) for key, layer in layers.items()}
    danger = layers["fwi"] / 100
    training = Training(folds=3, repeats=2, block_m=2000)
    with hearing(Journal()):
        one, two = (trained_occurrence(each, danger, training) for each in (layers, lazy))
    assert one == two
