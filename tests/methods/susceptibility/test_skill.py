"""Skill by folds of ground: equal to a plain calculation, the density curve from ground not seen."""

import numpy as np
import pytest

from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import Ground, Rules, block_folds, block_numbers, total_score
from riskzoning.methods.susceptibility.model import class_tables, class_values, train
from riskzoning.methods.susceptibility.skill import FoldModels, measured_skill
from riskzoning.methods.validation import roc_auc

FACTORS = {"slope": {"kind": "breaks", "breaks": [8, 15, 25, 35, 45]}, "lithology": {"kind": "class"}}
RULES = Rules(FACTORS, least_cells=30, max_correlation=0.7, density_classes=20)


@pytest.fixture
def city(make_layer):
    rng = np.random.default_rng(5)
    slope = rng.integers(1, 6, (40, 50)).astype("uint8")
    rock = rng.integers(0, 3, (40, 50)).astype("uint8")
    events = (rng.random((40, 50)) < np.array([0, 0.0, 0.01, 0.03, 0.08, 0.3])[slope]).astype("uint8")
    within = (rng.random((40, 50)) < 0.8).astype("uint8")
    classes = {"slope": make_layer(slope, "grade"), "lithology": make_layer(rock, "lithology")}
    blocks = block_numbers(grid_of(classes["slope"]), 500)
    return classes, Ground(make_layer(events, "mask"), make_layer(within, "mask"), blocks)


def dealt_for(ground, repeats=2):
    events = np.bincount(ground.blocks.ravel(), weights=(ground.events * ground.within).values.ravel())
    return block_folds(events.astype(int), folds=4, repeats=repeats, seed=1)


def measured(classes, ground, dealt):
    tables = class_tables(classes, ground, RULES)
    model = train(tables, {}, RULES, floor="shrink")
    folds = FoldModels(tables, {}, RULES, names=list(model), dealt=dealt, floor="shrink")
    return model, measured_skill(classes, model, ground, folds)


def test_skill_is_the_mean_over_folds_that_the_model_has_not_seen(city):
    classes, ground = city
    dealt = dealt_for(ground)
    model, skill = measured(classes, ground, dealt)
    inside = ground.within.values > 0
    total = total_score(classes, class_values(model)).values
    assert skill["validation"]["auc_in_sample"] == pytest.approx(
        roc_auc(total[inside], ground.events.values[inside]), abs=1e-3
    )
    aucs = []
    for of_block in dealt:
        for fold in range(4):
            held = of_block[ground.blocks] == fold
            seen = Ground(ground.events, ground.within * ~held, ground.blocks)
            trained = train(class_tables(classes, seen, RULES), {}, RULES, floor="shrink")
            own = total_score(classes, class_values(trained)).values
            aucs.append(roc_auc(own[held & inside], ground.events.values[held & inside]))
    assert skill["validation"]["auc_holdout"] == pytest.approx(np.mean(aucs), abs=2e-3)
    assert skill["validation"]["auc_holdout_sd"] == pytest.approx(np.std(aucs, ddof=1), abs=2e-3)
    assert skill["validation"]["auc_holdout"] > 0.75
    assert skill["low"] == np.nanmin(total[inside])
    assert skill["high"] == np.nanmax(total[inside])
    assert skill["prediction"][-1] == 1.0
    assert skill["frequency_rises"]


def test_density_never_falls_with_the_score_and_reaches_what_the_steep_ground_has(city):
    classes, ground = city
    _, skill = measured(classes, ground, dealt_for(ground))
    density = skill["curve"]["density"]
    assert np.all(np.diff(density) >= 0)
    assert np.all(np.diff(skill["curve"]["score"]) > 0)
    steep = (classes["slope"].values == 5) & (ground.within.values > 0)
    inside = ground.within.values > 0
    ratio = ground.events.values[steep].mean() / ground.events.values[inside].mean()
    assert density[-1] == pytest.approx(ratio, rel=0.25)
    assert density[0] < 0.3


def test_without_folds_only_the_in_sample_skill_is_known(city):
    classes, ground = city
    _, skill = measured(classes, ground, np.zeros((0, 1), dtype=int))
    assert skill["validation"]["auc_holdout"] is None
    assert skill["validation"]["auc_holdout_sd"] is None
    assert skill["prediction"] is None
    assert skill["validation"]["auc_in_sample"] > 0.75
    assert np.all(np.diff(skill["curve"]["density"]) >= 0)


def test_lazy_layers_give_the_same_skill(city):
    classes, ground = city
    lazy = {name: layer.chunk(y=7, x=9) for name, layer in classes.items()}
    assert measured(lazy, ground, dealt_for(ground))[1] == measured(classes, ground, dealt_for(ground))[1]


def test_no_cell_with_a_total_has_no_skill(city):
    classes, ground = city
    nowhere = Ground(ground.events, ground.within * 0, ground.blocks)
    tables = class_tables(classes, ground, RULES)
    model = train(tables, {}, RULES, floor="shrink")
    folds = FoldModels(tables, {}, RULES, names=list(model), dealt=dealt_for(ground), floor="shrink")
    assert measured_skill(classes, model, nowhere, folds) == {"cells": 0}
