"""A fitted model: what is taken out, what weights do, classes that it was trained with."""

import numpy as np
import pytest

from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import (
    Counted,
    Ground,
    Rules,
    Training,
    block_numbers,
    class_values,
    fitted,
    model_classes,
    total_score,
)

FACTORS = {
    "slope": {"kind": "breaks", "breaks": [2, 3, 4, 5]},
    "height": {"kind": "data", "classes": 4, "low": 0, "high": 100},
    "twin": {"kind": "breaks", "breaks": [2, 3, 4, 5]},
    "rock": {"kind": "class"},
    "faults": {"kind": "breaks", "breaks": [100]},
}
RULES = Rules(FACTORS, least_cells=30, max_correlation=0.7, density_classes=20)
# Few events in small classes are the matter of test_empty.py.
pytestmark = pytest.mark.filterwarnings("ignore:.*without an event")
TRAINING = Training(folds=4, repeats=2, block_m=500, seed=1)


@pytest.fixture
def factors(make_layer):
    rng = np.random.default_rng(6)
    slope = rng.integers(1, 6, (40, 50)).astype("f8")
    rock = rng.integers(0, 4, (40, 50)).astype("uint8")
    return {
        "slope": make_layer(slope, "slope"),
        "height": make_layer(rng.random((40, 50)) * 100, "elevation"),
        "twin": make_layer(slope, "slope"),
        "rock": make_layer(rock, "lithology"),
        "faults": make_layer(np.full((40, 50), np.nan), "distance"),
    }


@pytest.fixture
def ground(factors, make_layer):
    rng = np.random.default_rng(7)
    dense = np.array([0, 0.0, 0.01, 0.03, 0.08, 0.3])[factors["slope"].values.astype(int)]
    events = (rng.random((40, 50)) < dense).astype("uint8")
    within = (rng.random((40, 50)) < 0.8).astype("uint8")
    blocks = block_numbers(grid_of(factors["slope"]), 500)
    return Ground(make_layer(events, "mask"), make_layer(within, "mask"), blocks)


def test_of_twins_one_stays_and_what_is_unknown_where_events_are_is_skipped(factors, ground):
    counted = Counted.of(factors, ground, RULES)
    assert counted.without_events() == ["faults"]
    assert counted.events_by_block().sum() == (ground.events * ground.within).sum()
    model = fitted(counted, TRAINING)
    assert list(model["factors"]) == ["slope", "height", "rock"]
    assert model["dropped"] == [["twin", "slope", 1.0]]
    assert model["skipped"] == ["faults"]
    assert model["validation"]["auc_holdout"] > 0.75
    assert model["validation"]["auc_holdout_sd"] > 0
    assert (model["holdout"]["folds"], model["holdout"]["repeats"]) == (4, 2)
    assert model["holdout"]["events"] == int((ground.events * ground.within).sum())


def test_stated_weights_keep_every_factor_and_are_shared_where_one_is_absent(factors, ground):
    weights = {"slope": 0.4, "height": 0.2, "twin": 0.1, "rock": 0.1, "faults": 0.2}
    model = fitted(Counted.of(factors, ground, RULES), TRAINING, weights)
    assert model["weights"] == pytest.approx({"slope": 0.5, "height": 0.25, "twin": 0.125, "rock": 0.125})
    assert model["dropped"] == []
    assert model["correlated"] == [["slope", "twin", 1.0]]


def test_a_model_reads_new_ground_with_the_limits_of_its_training(factors, ground):
    model = fitted(Counted.of(factors, ground, RULES), TRAINING)["factors"]
    part = {name: layer[:10] for name, layer in factors.items()}
    whole = total_score(model_classes(factors, model, RULES), class_values(model))
    np.testing.assert_array_equal(
        total_score(model_classes(part, model, RULES), class_values(model)).values, whole.values[:10]
    )
    assert list(np.unique(model_classes(factors, model, RULES)["height"])) == [1, 2, 3, 4]


def test_no_folds_where_none_are_asked_for_or_the_events_are_in_one_block(factors, ground):
    alone = fitted(Counted.of(factors, ground, RULES), Training(folds=0))
    assert alone["validation"]["auc_holdout"] is None
    assert "no hold-out asked for" in alone["holdout"]["note"]
    one_block = Ground(ground.events, ground.within, ground.blocks * 0)
    assert fitted(Counted.of(factors, one_block, RULES), TRAINING)["holdout"]["note"].startswith("no hold-out: ")


def test_nothing_known_anywhere_is_no_model(factors, ground):
    nowhere = Ground(ground.events, ground.within * 0, ground.blocks)
    counted = Counted.of({"slope": factors["slope"]}, nowhere, RULES)
    assert counted.without_events() == ["slope"]
