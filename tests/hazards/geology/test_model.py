"""What the susceptibility of slopes is trained on: factors that are there, ground that the inventory covers."""

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.hazards.geology.model import factor_layers, rules, score_total, training_ground
from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import block_numbers


def test_the_ground_is_where_slopes_can_fail_and_the_inventory_reaches(make_layer):
    domain = np.zeros((30, 40), dtype="uint8")
    domain[:, :28] = 1
    area = np.zeros((30, 40), dtype="uint8")
    area[:, :20] = 1
    layers = {"domain": make_layer(domain, "mask"), "landslide_cells": make_layer(domain * 0, "mask")}
    assert int(training_ground(layers, 500).within.sum()) == 30 * 28
    part = training_ground({**layers, "study_area": make_layer(area, "mask")}, 500)
    assert int(part.within.sum()) == 30 * 20
    np.testing.assert_array_equal(part.blocks, block_numbers(grid_of(layers["domain"]), 500))
    lazy = training_ground({name: layer.chunk(y=7, x=9) for name, layer in layers.items()}, 500)
    np.testing.assert_array_equal(np.asarray(lazy.blocks), part.blocks)


def test_slope_is_required_and_other_factors_are_made_up_for(make_layer):
    classes = {
        "slope": make_layer(np.array([[1, 0, 2]], dtype="uint8"), "grade"),
        "lithology": make_layer(np.array([[1, 1, 0]], dtype="uint8"), "lithology"),
    }
    model = {
        "slope": {"codes": [1, 2], "values": [0.5, 1.0]},
        "lithology": {"codes": [1], "values": [-0.25]},
    }
    np.testing.assert_allclose(score_total(classes, model, None).values, [[0.25, np.nan, 2.0]])
    assert rules().factors["slope"]["required"]


def test_factors_asked_for_must_be_there():
    with pytest.raises(LayerError, match="lacks the factors ndvi"):
        factor_layers({"slope": 1}, ["slope", "ndvi"])
    assert list(factor_layers({"ndvi": 1, "slope": 2, "landslides": 3})) == ["slope", "ndvi"]
