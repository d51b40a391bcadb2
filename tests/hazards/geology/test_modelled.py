"""Other models in the hazard: measured, kept as JSON and read off the ladder like the information value."""

import json

import numpy as np
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.methods.ladders import load_ladder
from riskzoning.methods.susceptibility import METHODS

SPEC = HAZARDS["geology"]


@pytest.fixture
def prepared(example_inputs, hazard_grid):
    inputs = example_inputs("geology", hazard_grid, seed=5)
    plain = {key: value for key, value in inputs.items() if key not in ("rainfall", "subsidence_rate")}
    return SPEC.prepare(plain, None, hazard_grid)


@pytest.mark.parametrize("method", METHODS)
def test_every_model_ends_on_the_ladder(prepared, hazard_grid, method):
    params = SPEC.params(model=method, trees=10, folds=3, repeats=2)
    with hearing(Journal()) as journal:
        scale = json.loads(json.dumps(SPEC.calibrate(prepared, params)))
    result = SPEC.assess(prepared, params, grid=hazard_grid, calibration=scale)
    ladder = load_ladder("geology/landslide")
    np.testing.assert_array_equal(result["hazard_index"], ladder.index(result["relative_density"]))
    assert float(result["susceptibility"].min()) >= 0
    assert float(result["susceptibility"].max()) <= 1
    assert method.replace("_", " ") in result.attrs["method"]
    assert 0.5 < scale["validation"]["auc_holdout"] < 1
    assert scale["holdout"]["folds"] == 3
    density = result["relative_density"].values[prepared.layers["domain"].values > 0]
    assert 0.4 < np.nanmean(density) < 1.6
    # What is told of this model and of that is told once.
    rules = [problem.rule for problem in [*journal.warnings, *journal.dropped]]
    assert len(rules) == len(set(zip(rules, map(str, [*journal.warnings, *journal.dropped]))))


def test_a_lazy_forest_says_the_same(prepared, hazard_grid, lazy):
    params = SPEC.params(model="random_forest", trees=10, folds=3, repeats=1)
    with hearing(Journal()):
        scale = SPEC.calibrate(prepared, params)
        plain = SPEC.assess(prepared, params, grid=hazard_grid, calibration=scale)
        layers = type(prepared)(lazy(dict(prepared.layers)), prepared.facts)
        again = SPEC.calibrate(layers, params)
        later = SPEC.assess(layers, params, grid=hazard_grid, calibration=again)
    assert later["hazard_index"].chunks is not None
    np.testing.assert_array_equal(later["hazard_index"], plain["hazard_index"])


@pytest.mark.parametrize("method", ["logistic_regression", "random_forest"])
def test_models_of_measured_factors(prepared, hazard_grid, lazy, method):
    params = SPEC.params(model=method, model_inputs="values", trees=10, folds=3, repeats=1)
    with hearing(Journal()):
        scale = json.loads(json.dumps(SPEC.calibrate(prepared, params)))
        plain = SPEC.assess(prepared, params, grid=hazard_grid, calibration=scale)
        layers = type(prepared)(lazy(dict(prepared.layers)), prepared.facts)
        later = SPEC.assess(layers, params, grid=hazard_grid, calibration=scale)
        classes = SPEC.calibrate(prepared, params.model_copy(update={"model_inputs": "information_value"}))
    np.testing.assert_allclose(later["hazard_index"], plain["hazard_index"])
    assert 0.5 < scale["validation"]["auc_holdout"] < 1
    assert scale["validation"] != classes["validation"]
    assert "middles" in scale["state"]


def test_only_models_that_learn_take_values(prepared):
    with pytest.raises(LayerError) as refused:
        SPEC.calibrate(prepared, {"model_inputs": "values"})
    (problem,) = refused.value.problems
    assert (problem.rule, problem.field) == ("geology.model_inputs", "model_inputs")
    assert "random_forest" in problem.text("zh")
