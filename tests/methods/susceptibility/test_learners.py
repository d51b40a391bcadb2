"""What the models learn: values of tables, regression brought to the ground, coefficients of classes, choices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.methods.susceptibility import Options, fit, information_value, prior_corrected
from riskzoning.methods.susceptibility.learners import fitted_line, inflation
from riskzoning.methods.susceptibility.predictors import logistic


def model(city, method, **choices):
    options = Options(block_m=1000, buffer_m=100, trees=10, **choices)
    return fit(method, city["factors"], city["events"], city["within"], options=options)


def test_choices_that_cannot_be_are_refused_at_once():
    with pytest.raises(LayerError) as caught:
        Options(ratio=0, folds=1, inputs="raw")
    assert [dict(problem.about.values)["name"] for problem in caught.value.problems] == ["inputs", "ratio", "folds"]


def test_class_values_are_those_of_the_table_of_each_factor(city):
    made = model(city, "information_value")
    slope = city["factors"]["slope"].where(city["within"] > 0, 0).astype("u1").assign_attrs(quantity="mask")
    table = information_value(slope, city["events"], floor="shrink")["information_value"]
    rows = made.rates[made.rates["factor"] == "slope"]
    np.testing.assert_allclose(rows["value"], table)
    np.testing.assert_array_equal(rows["value"], rows["information_value"])


@given(st.floats(1e-6, 0.5), st.floats(0.05, 0.95), st.floats(-5, 5))
def test_the_corrected_intercept_gives_the_rate_of_the_ground_back(tau, share, spread):
    # A model without slopes says the share of its sample; corrected it says that of the ground.
    intercept = float(np.log(share / (1 - share)))
    assert logistic(np.array(prior_corrected(intercept, tau, share))) == pytest.approx(tau, rel=1e-9)
    assert prior_corrected(spread, share, share) == pytest.approx(spread)


@pytest.mark.parametrize(("tau", "share"), [(0, 0.5), (0.1, 1), (5, 0.5)])
def test_rates_that_are_no_shares_are_refused(tau, share):
    with pytest.raises(LayerError) as caught:
        prior_corrected(0.0, tau, share)
    assert caught.value.problems[0].rule == "susceptibility.prior"


def test_regression_finds_the_line_and_leaves_a_constant_alone():
    rng = np.random.default_rng(2)
    x = np.column_stack([rng.normal(size=4000), np.full(4000, 3.0), rng.normal(size=4000)])
    event = rng.random(4000) < logistic(-1 + 2 * x[:, 0] + x[:, 2])
    slopes, intercept = fitted_line(x, event, 1e-3)
    np.testing.assert_allclose(slopes, [2, 0, 1], atol=0.2)
    assert intercept == pytest.approx(-1, abs=0.2)
    none, alone = fitted_line(x[:, 1:2], event, 1.0)
    assert none.tolist() == [0.0]
    assert logistic(np.array(alone)) == pytest.approx(event.mean())


def test_regression_on_information_values_says_as_many_events_as_there_are(city):
    made = model(city, "logistic_regression")
    inside = city["within"].values > 0
    said = made.predict(city["factors"]).values[inside].sum()
    assert said == pytest.approx(made.facts["events"], rel=0.35)
    assert set(made.facts["coefficients"]) == {"slope", "rock", "noise"}
    assert made.facts["coefficients"]["slope"] > 0
    assert all(1 <= value < 1.2 for value in made.facts["vif"].values())


def test_regression_on_classes_has_a_coefficient_for_each(city):
    made = model(city, "logistic_regression", inputs="classes")
    slope = made.rates[made.rates["factor"] == "slope"]["value"].to_numpy()
    assert (np.diff(slope) > 0).all()
    certain = model(city, "logistic_regression", inputs="certainty_factor")
    assert certain.facts["coefficients"]["slope"] > 0


def test_a_buffer_that_leaves_nothing_is_told(city):
    with pytest.raises(LayerError) as caught:
        fit("random_forest", city["factors"], city["events"], city["within"], options=Options(buffer_m=1e6))
    assert caught.value.problems[0].rule == "susceptibility.sample"


def test_columns_that_tell_each_other_are_inflated():
    rng = np.random.default_rng(0)
    one = rng.normal(size=500)
    x = np.column_stack([one, one + rng.normal(0, 0.1, 500), rng.normal(size=500), np.ones(500)])
    vif = inflation(x, ["slope", "relief", "rock", "constant"])
    assert vif["slope"] > 50
    assert vif["rock"] == pytest.approx(1, abs=0.05)
    assert "constant" not in vif
    assert inflation(x[:, 2:], ["rock", "constant"]) == {}
