"""Factors as measured values: columns by hand, the fit of scikit-learn, layers that agree with samples."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import dask.array as da
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.susceptibility import Model, Options, Rules, compare, fit, prediction_rate
from riskzoning.methods.susceptibility.measured import Columns, measured_layers, predictor_of

RULES = Rules(
    {
        "slope": {"kind": "breaks", "breaks": [8, 15, 25]},
        "rivers": {"kind": "breaks", "breaks": [100, 500]},
        "height": {"kind": "data", "low": 0, "high": 3000, "classes": 3},
        "rock": {"kind": "class"},
    },
    1,
    0.99,
    20,
)
OPTIONS = Options(inputs="values", buffer_m=0, ratio=1e6, folds=2, repeats=1, block_m=2000, trees=25)


@pytest.fixture(scope="module")
def ground() -> dict[str, Any]:
    """Slopes of which the chance of an event rises inside a class, rocks, heights; some rivers out of reach."""
    shape = (50, 60)
    grid = analysis_grid((500_000, 3_900_000, 506_000, 3_905_000), crs="EPSG:4547", resolution=100)
    rng = np.random.default_rng(11)
    slope = rng.uniform(0, 60, shape)
    rock = rng.integers(1, 4, shape)
    chance = 1 / (1 + np.exp(-(-6 + 0.08 * slope + 0.8 * (rock == 3))))
    rivers = rng.uniform(0, 900, shape)
    rivers[:, :4] = 1e8
    values = {"slope": slope, "rivers": rivers, "height": rng.uniform(100, 900, shape), "rock": rock.astype(float)}
    quantity = {"slope": "slope", "rivers": "distance", "height": "elevation", "rock": "lithology"}
    factors = {name: layer_on(grid, one, quantity=quantity[name]) for name, one in values.items()}
    events = layer_on(grid, (rng.random(shape) < chance).astype("u1"), quantity="mask")
    return {"factors": factors, "events": events, "values": values}


def by_hand(ground: dict[str, Any]) -> tuple[Any, Any]:
    """The columns that a person would make: rivers up to twice the last limit, a column for each rock."""
    values = {name: one.ravel() for name, one in ground["values"].items()}
    rocks = [(values["rock"] == code).astype(float) for code in (1, 2, 3)]
    x = np.column_stack([values["slope"], np.minimum(values["rivers"], 1000), values["height"], *rocks])
    return x, ground["events"].values.ravel() > 0


def test_columns_by_hand() -> None:
    values = np.array([[10.0, 2.0], [30.0, np.nan], [np.nan, 5.0], [20.0, 2.0]])
    columns = Columns.of(values, [False, True])
    assert (columns.middles[0], columns.classes) == (20.0, ((), (2, 5)))
    assert columns.owners() == [0, 1, 1]
    assert columns.table(values).tolist() == [[10, 1, 0], [30, 0, 0], [20, 0, 1], [20, 1, 0]]
    assert Columns.from_state(json.loads(json.dumps(columns.state()))) is not None


def test_values_are_bounded_and_classes_stay(ground: dict[str, Any]) -> None:
    factors = ground["factors"]
    made = measured_layers(factors, factors, RULES.factors)
    assert float(made["rivers"].max()) == 1000.0
    np.testing.assert_array_equal(made["slope"], np.minimum(factors["slope"], 50.0))
    assert made["rock"] is factors["rock"]


def test_the_regression_is_that_of_scikit_learn(ground: dict[str, Any]) -> None:
    model = fit("logistic_regression", ground["factors"], ground["events"], rules=RULES, options=OPTIONS)
    x, event = by_hand(ground)
    x[:, 0] = np.minimum(x[:, 0], 50)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    line = LogisticRegression(C=1.0, max_iter=1000, tol=1e-8).fit(scaled, event)
    slopes = line.coef_[0] / x.std(axis=0)
    known = model.facts["coefficients"]
    assert [known[name] for name in ("slope", "rivers", "height")] == pytest.approx(slopes[:3].tolist(), rel=1e-6)
    chance = model.predict(ground["factors"]).values.ravel()
    # All cells are in the sample, so that nothing has to be brought from it to the ground.
    np.testing.assert_allclose(chance, line.predict_proba(scaled)[:, 1], rtol=1e-6)
    assert known["slope"] == pytest.approx(0.08, abs=0.03)
    assert set(model.facts["vif"]) == {"slope", "rivers", "height"}
    assert model.contributions["share"].sum() == pytest.approx(1)
    assert model.contributions["share"].idxmax() == "slope"
    assert model.rates["value"].isna().all()


def test_the_forest_is_that_of_scikit_learn(ground: dict[str, Any]) -> None:
    model = fit("random_forest", ground["factors"], ground["events"], rules=RULES, options=OPTIONS)
    x, event = by_hand(ground)
    x[:, 0] = np.minimum(x[:, 0], 50)
    trees = RandomForestClassifier(
        25, max_features="sqrt", class_weight="balanced", min_samples_leaf=OPTIONS.least_leaf, random_state=0
    ).fit(x.astype("f4"), event)
    ours = model.predict(ground["factors"]).values.ravel()
    # The order of votes; their level is brought to the rate of the ground.
    assert roc_auc_score(event, ours) == pytest.approx(roc_auc_score(event, trees.predict_proba(x.astype("f4"))[:, 1]))
    assert model.contributions["share"].idxmax() == "slope"


@pytest.mark.parametrize("method", ["logistic_regression", "random_forest"])
def test_lazy_layers_states_and_missing_values(ground: dict[str, Any], method: Any) -> None:
    model = fit(method, ground["factors"], ground["events"], rules=RULES, options=OPTIONS)
    whole = model.predict(ground["factors"])
    lazy = model.predict({name: layer.chunk(y=20, x=25) for name, layer in ground["factors"].items()})
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_allclose(lazy.values, whole.values)
    again = Model.from_state(method, model.names, json.loads(json.dumps(model.state())), RULES)
    np.testing.assert_allclose(again.predict(ground["factors"]).values, whole.values)
    gaps = {name: layer.copy(data=layer.values.copy()) for name, layer in ground["factors"].items()}
    for name in gaps:
        gaps[name].values[0, 0] = np.nan if name != "rock" else 0
    gaps["slope"].values[1, 1] = np.nan
    holed = model.predict(gaps).values
    assert np.isnan(holed[0, 0])
    assert np.isfinite(holed[1, 1])
    np.testing.assert_allclose(holed[2:], whole.values[2:])
    columns = np.array([[30.0, 50.0, 500.0, 2.0], [np.nan] * 4])
    scores = predictor_of(model.state()).scores(
        columns[:, [("slope", "rivers", "height", "rock").index(n) for n in model.names]]
    )
    assert np.isfinite(scores).tolist() == [True, False]
    assert model.scores(columns[:, [("slope", "rivers", "height", "rock").index(n) for n in model.names]]).shape == (2,)
    assert predictor_of(model.state()).scores(np.zeros((0, 4))).shape == (0,)


def test_held_out_skill_and_events_of_later_years(ground: dict[str, Any]) -> None:
    skills = compare(ground["factors"], ground["events"], rules=RULES, options=OPTIONS)
    assert all(np.isfinite(one.auc) for one in skills.values())
    # Inside a class of slope the values still tell the cells apart.
    classes = compare(ground["factors"], ground["events"], rules=RULES, options=replace(OPTIONS, inputs="classes"))
    assert skills["logistic_regression"].auc > classes["logistic_regression"].auc > 0.6
    assert skills["certainty_factor"].auc == classes["certainty_factor"].auc
    model = fit("logistic_regression", ground["factors"], ground["events"], rules=RULES, options=OPTIONS)
    rate = prediction_rate(model, ground["factors"], ground["events"], options=OPTIONS)
    assert rate.attrs["auc"] == pytest.approx(
        roc_auc_score(ground["events"].values.ravel(), model.predict(ground["factors"]).values.ravel())
    )
