"""The information-value model: what is learnt from which ground, which factors say the same, scores of many models."""

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.hazards.geology.model import (
    Ground,
    Scores,
    class_tables,
    correlated,
    data_breaks,
    factor_classes,
    factor_layers,
    score_total,
    single_skill,
    train,
    training_ground,
)
from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import block_numbers, information_value
from riskzoning.methods.validation import roc_auc


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


def test_the_model_learns_from_its_ground_only(classes, ground, make_layer):
    model = train(class_tables(classes, ground), {}, floor="shrink")
    expected = information_value(classes["slope"][:, :28], ground.events[:, :28], floor="shrink")
    np.testing.assert_allclose(model["slope"]["values"][:3], expected["information_value"])
    assert sum(model["slope"]["area"]) == 30 * 28
    area = make_layer(np.pad(np.ones((30, 20), dtype="uint8"), ((0, 0), (0, 20))), "mask")
    layers = {"domain": ground.within, "study_area": area, "landslide_cells": ground.events}
    part = training_ground(layers, 500)
    assert int(part.within.sum()) == 30 * 20
    np.testing.assert_array_equal(part.blocks, ground.blocks)


def test_steeper_classes_that_were_not_seen_take_the_value_of_the_steepest_seen(classes, ground):
    model = train(class_tables(classes, ground), {}, floor="shrink")["slope"]
    assert model["codes"] == [1, 2, 3, 4, 5, 6]
    assert model["values"][3:] == [model["values"][2]] * 3
    assert model["area"][3:] == [0, 0, 0]


def test_small_classes_of_ordered_factors_are_joined_and_rocks_are_not(classes, ground):
    steep = classes["slope"].copy(deep=True)
    steep[:2, :6] = 5
    rock = classes["lithology"].copy(deep=True)
    rock[:2, :6] = 9
    tables = class_tables({"slope": steep, "lithology": rock}, ground)
    assert tables["slope"][1] == {1: 1, 2: 2, 3: 3, 5: 3}
    assert tables["lithology"][1] == {}
    model = train(tables, {}, floor="shrink")
    assert model["slope"]["values"][4] == model["slope"]["values"][2]
    assert 9 in model["lithology"]["codes"]


def test_a_rock_that_one_fold_has_not_seen_counts_as_the_mean(classes, ground):
    tables = class_tables(classes, ground)
    rows, goes = tables["lithology"]
    unseen = {"lithology": (rows[rows["class"] == 1], goes)}
    full = Scores([train(tables, {}, floor="shrink"), train(unseen, {}, floor="shrink")], ["lithology"], None)
    np.testing.assert_array_equal(full.of(0, np.array([1, 2, 0]))[1], [0.0, 0.0, np.nan])


def test_scores_of_one_model_are_its_total(classes, ground):
    model = train(class_tables(classes, ground), {}, floor="shrink")
    weights = {"slope": 0.75, "lithology": 0.25}
    for chosen in (None, weights):
        total = score_total(classes, model, chosen).values
        scores = Scores([model], list(model), chosen)
        made = scores.total([classes[name].values for name in model], 0)
        np.testing.assert_allclose(made, total)
        low, high = scores.limits()
        assert low <= np.nanmin(made) <= np.nanmax(made) <= high


def test_correlated_factors_are_named_and_the_skill_of_each_is_its_own(classes, ground):
    twins = {"slope": classes["slope"], "relief": classes["slope"], "lithology": classes["lithology"]}
    tables = class_tables(twins, ground)
    model = train(tables, {"relief": [1.5, 2.5]}, floor="shrink")
    assert correlated(twins, model, ground.within) == [("slope", "relief", 1.0)]
    skill = single_skill(tables, model)
    score = np.array(model["slope"]["values"])[classes["slope"].values[:, :28] - 1]
    assert skill["slope"] == skill["relief"] == pytest.approx(roc_auc(score, ground.events.values[:, :28]))
    assert skill["lithology"] < skill["slope"]


def test_no_event_on_the_ground_is_refused_for_the_slope_only(classes, ground, make_layer):
    empty = Ground(ground.events * 0, ground.within, ground.blocks)
    tables = class_tables(classes, empty)
    with pytest.raises(LayerError) as caught:
        train(tables, {}, floor="shrink")
    assert caught.value.problems[0].rule == "geology.events"
    assert train(tables, {}, floor="shrink", strict=False) == {}


def test_natural_breaks_of_the_data(make_layer):
    values = np.concatenate([np.full(50, 100.0), np.full(30, 500.0), np.full(20, 900.0)]).reshape(10, 10)
    values[0, 0] = np.nan
    layer, everywhere = make_layer(values, "elevation"), make_layer(np.ones((10, 10), dtype="uint8"), "mask")
    with pytest.warns(UserWarning, match="3 instead of 5"):
        breaks = data_breaks({"elevation": layer}, everywhere)
    codes = factor_classes({"elevation": layer}, breaks)["elevation"].values
    assert codes[0, 0] == 0
    assert len({int(code) for code in codes[np.isfinite(values)]}) == 3
    with pytest.warns(UserWarning, match="3 instead of 5"):
        assert data_breaks({"elevation": layer.chunk(x=3)}, everywhere) == breaks
    assert data_breaks({"slope": layer}, everywhere) == {}
    high = make_layer((np.nan_to_num(values) > 100).astype("uint8"), "mask")
    with pytest.warns(UserWarning, match="2 instead of 5"):
        assert len(data_breaks({"elevation": layer}, high)["elevation"]) == 1


def test_factors_asked_for_must_be_there():
    with pytest.raises(LayerError, match="lacks the factors ndvi"):
        factor_layers({"slope": 1}, ["slope", "ndvi"])
    assert list(factor_layers({"ndvi": 1, "slope": 2, "landslides": 3})) == ["slope", "ndvi"]
