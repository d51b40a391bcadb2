"""The information-value model: what is learnt from which ground, and how its skill is measured."""

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.hazards.geology.model import data_breaks, factor_classes, factor_layers, score_total, train, validate
from riskzoning.methods.susceptibility import information_value
from riskzoning.methods.validation import roc_auc


@pytest.fixture
def ground(make_layer):
    """Two factors, events that prefer class 2 of the first, ground held out on the right."""
    rng = np.random.default_rng(3)
    slope = rng.integers(1, 4, (30, 40)).astype("uint8")
    rock = rng.integers(0, 3, (30, 40)).astype("uint8")
    events = (rng.random((30, 40)) < np.array([0, 0.02, 0.25, 0.05])[slope]).astype("uint8")
    holdout = np.zeros((30, 40), dtype="uint8")
    holdout[:, 28:] = 1
    classes = {"slope": make_layer(slope, "grade"), "lithology": make_layer(rock, "lithology")}
    return classes, make_layer(events, "mask"), make_layer(holdout, "mask")


def test_the_model_learns_from_the_training_ground_only(ground, make_layer):
    classes, events, holdout = ground
    model = train(classes, {}, events, holdout=holdout, floor="laplace")
    seen = {name: layer[:, :28] for name, layer in classes.items()}
    expected = information_value(seen["slope"], events[:, :28])
    np.testing.assert_allclose(model["slope"]["values"][:3], expected["information_value"])
    assert sum(model["slope"]["area"]) == 30 * 28
    area = make_layer(np.pad(np.ones((30, 20), dtype="uint8"), ((0, 0), (0, 20))), "mask")
    part = train(classes, {}, events, holdout=holdout, study_area=area, floor="laplace")
    assert sum(part["slope"]["area"]) == 30 * 20


def test_steeper_classes_that_were_not_seen_take_the_value_of_the_steepest_seen(ground):
    classes, events, _ = ground
    model = train(classes, {}, events, floor="laplace")["slope"]
    assert model["codes"] == [1, 2, 3, 4, 5, 6]
    assert model["values"][3:] == [model["values"][2]] * 3
    assert model["area"][3:] == [0, 0, 0]


def test_skill_equals_a_plain_calculation(ground):
    classes, events, holdout = ground
    model = train(classes, {}, events, holdout=holdout, floor="laplace")
    found = validate(classes, model, None, events, holdout=holdout)
    total = score_total(classes, model, None).values
    held = holdout.values == 1
    assert found["validation"]["auc_in_sample"] == pytest.approx(roc_auc(total[~held], events.values[~held]), abs=1e-4)
    assert found["validation"]["auc_holdout"] == pytest.approx(roc_auc(total[held], events.values[held]), abs=1e-4)
    steep = held & (classes["slope"].values > 1)
    assert found["validation"]["auc_holdout_slopes"] == pytest.approx(
        roc_auc(total[steep], events.values[steep]), abs=1e-4
    )
    assert found["low"] == np.nanmin(total)
    assert found["high"] == np.nanmax(total)
    assert found["prediction"][-1] == 1.0
    assert found["validation"]["auc_holdout"] > 0.65
    lazy = validate(
        {name: layer.chunk(y=7, x=9) for name, layer in classes.items()}, model, None, events, holdout=holdout
    )
    for key in ("low", "high", "validation", "success", "correlated"):
        assert lazy[key] == found[key]


def test_without_holdout_only_the_in_sample_skill_is_known(ground):
    classes, events, _ = ground
    found = validate(classes, train(classes, {}, events, floor="laplace"), None, events)
    assert found["validation"]["auc_holdout"] is None
    assert found["prediction"] is None
    assert found["validation"]["auc_in_sample"] > 0.6


def test_correlated_factors_are_named(ground):
    classes, events, _ = ground
    twins = {"slope": classes["slope"], "relief": classes["slope"]}
    model = train(twins, {"relief": [1.0, 2.0]}, events, floor="laplace")
    assert validate(twins, model, None, events)["correlated"] == [["slope", "relief", 1.0]]


def test_natural_breaks_of_the_data(make_layer):
    values = np.concatenate([np.full(50, 100.0), np.full(30, 500.0), np.full(20, 900.0)]).reshape(10, 10)
    values[0, 0] = np.nan
    layer = make_layer(values, "elevation")
    with pytest.warns(UserWarning, match="3 instead of 5"):
        breaks = data_breaks({"elevation": layer})
    codes = factor_classes({"elevation": layer}, breaks)["elevation"].values
    assert codes[0, 0] == 0
    assert len({int(code) for code in codes[np.isfinite(values)]}) == 3
    with pytest.warns(UserWarning, match="3 instead of 5"):
        assert data_breaks({"elevation": layer.chunk(x=3)}) == breaks
    assert data_breaks({"slope": layer}) == {}


def test_factors_asked_for_must_be_there():
    with pytest.raises(LayerError, match="lacks the factors ndvi"):
        factor_layers({"slope": 1}, ["slope", "ndvi"])
    assert list(factor_layers({"ndvi": 1, "slope": 2, "landslides": 3})) == ["slope", "ndvi"]
