"""The information-value model: what is learnt from which ground, which factors say the same, scores of many models."""

import numpy as np
import pytest

from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import Ground, Rules, block_numbers, information_value, total_score
from riskzoning.methods.susceptibility.model import (
    Scores,
    class_tables,
    class_values,
    correlated,
    single_skill,
    train,
)
from riskzoning.methods.validation import roc_auc

FACTORS = {
    "slope": {"kind": "breaks", "breaks": [8, 15, 25, 35, 45]},
    "relief": {"kind": "data", "classes": 5, "low": 0, "high": 4000},
    "lithology": {"kind": "class"},
}
RULES = Rules(FACTORS, least_cells=30, max_correlation=0.7, density_classes=20)


@pytest.fixture
def classes(make_layer):
    rng = np.random.default_rng(3)
    slope = rng.integers(1, 4, (30, 40)).astype("uint8")
    rock = rng.integers(0, 3, (30, 40)).astype("uint8")
    return {"slope": make_layer(slope, "grade"), "lithology": make_layer(rock, "lithology")}


@pytest.fixture
def ground(classes, make_layer):
    """Events that prefer class 2 of the slope, susceptible ground on the left."""
    rng = np.random.default_rng(4)
    events = rng.random((30, 40)) < np.array([0, 0.02, 0.25, 0.05])[classes["slope"].values]
    within = np.zeros((30, 40), dtype="uint8")
    within[:, :28] = 1
    slope = classes["slope"]
    return Ground(
        make_layer(events.astype("uint8"), "mask"), make_layer(within, "mask"), block_numbers(grid_of(slope), 500)
    )


def test_the_model_learns_from_its_ground_only(classes, ground):
    model = train(class_tables(classes, ground, RULES), {}, RULES, floor="shrink")
    expected = information_value(classes["slope"][:, :28], ground.events[:, :28], floor="shrink")
    np.testing.assert_allclose(model["slope"]["values"][:3], expected["information_value"])
    assert sum(model["slope"]["area"]) == 30 * 28


def test_steeper_classes_that_were_not_seen_take_the_value_of_the_steepest_seen(classes, ground):
    model = train(class_tables(classes, ground, RULES), {}, RULES, floor="shrink")["slope"]
    assert model["codes"] == [1, 2, 3, 4, 5, 6]
    assert model["values"][3:] == [model["values"][2]] * 3
    assert model["area"][3:] == [0, 0, 0]


def test_small_classes_of_ordered_factors_are_joined_and_rocks_are_not(classes, ground):
    steep = classes["slope"].copy(deep=True)
    steep[:2, :6] = 5
    rock = classes["lithology"].copy(deep=True)
    rock[:2, :6] = 9
    tables = class_tables({"slope": steep, "lithology": rock}, ground, RULES)
    assert tables["slope"][1] == {1: 1, 2: 2, 3: 3, 5: 3}
    assert tables["lithology"][1] == {}
    model = train(tables, {}, RULES, floor="shrink")
    assert model["slope"]["values"][4] == model["slope"]["values"][2]
    assert 9 in model["lithology"]["codes"]


def test_a_rock_that_one_fold_has_not_seen_counts_as_the_mean(classes, ground):
    tables = class_tables(classes, ground, RULES)
    rows, goes = tables["lithology"]
    unseen = {"lithology": (rows[rows["class"] == 1], goes)}
    full = Scores(
        [train(tables, {}, RULES, floor="shrink"), train(unseen, {}, RULES, floor="shrink")], ["lithology"], None
    )
    np.testing.assert_array_equal(full.of(0, np.array([1, 2, 0]))[1], [0.0, 0.0, np.nan])


def test_scores_of_one_model_are_its_total(classes, ground):
    model = train(class_tables(classes, ground, RULES), {}, RULES, floor="shrink")
    weights = {"slope": 0.75, "lithology": 0.25}
    for chosen in (None, weights):
        total = total_score(classes, class_values(model), weights=chosen).values
        scores = Scores([model], list(model), chosen)
        made = scores.total([classes[name].values for name in model], 0)
        np.testing.assert_allclose(made, total)
        low, high = scores.limits()
        assert low <= np.nanmin(made) <= np.nanmax(made) <= high


def test_correlated_factors_are_named_and_the_skill_of_each_is_its_own(classes, ground):
    twins = {"slope": classes["slope"], "relief": classes["slope"], "lithology": classes["lithology"]}
    tables = class_tables(twins, ground, RULES)
    model = train(tables, {"relief": [1.5, 2.5]}, RULES, floor="shrink")
    assert correlated(twins, model, ground.within, limit=0.7) == [("slope", "relief", 1.0)]
    skill = single_skill(tables, model)
    score = np.array(model["slope"]["values"])[classes["slope"].values[:, :28] - 1]
    assert skill["slope"] == skill["relief"] == pytest.approx(roc_auc(score, ground.events.values[:, :28]))
    assert skill["lithology"] < skill["slope"]


def test_a_factor_without_events_on_its_ground_is_left_out(classes, ground):
    empty = Ground(ground.events * 0, ground.within, ground.blocks)
    assert train(class_tables(classes, empty, RULES), {}, RULES, floor="shrink") == {}


def test_rules_of_a_table():
    table = {"factors": FACTORS, "least_cells": 30, "max_correlation": 0.7, "density_classes": 20, "block_m": 5000}
    assert Rules.of(table) == RULES
