"""Scores from the codes of classes: sums, folded certainties, log-odds, trees; what is missing; states as JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.methods.susceptibility import combine_certainty
from riskzoning.methods.susceptibility.measured import predictor_of
from riskzoning.methods.susceptibility.predictors import ClassTotals, Forest, logistic

VALUES = [{1: -0.5, 2: 0.7}, {1: 0.2, 3: 0.4}]
CODES = np.array([[1, 1], [2, 3], [2, 0], [0, 0], [9, 3]])


def test_sums_make_up_what_is_missing():
    scores = ClassTotals.of(VALUES, "sum").scores(CODES)
    np.testing.assert_allclose(scores, [-0.3, 1.1, 1.4, np.nan, 0.8])
    weighted = ClassTotals.of(VALUES, "sum", np.array([0.25, 0.75])).scores(CODES)
    np.testing.assert_allclose(weighted, [0.025, 0.475, 0.7, np.nan, 0.4])


def test_certainties_are_folded_and_what_is_missing_says_nothing():
    scores = ClassTotals.of(VALUES, "certainty").scores(CODES)
    np.testing.assert_allclose(scores, [combine_certainty(-0.5, 0.2), 0.7 + 0.4 - 0.28, 0.7, np.nan, 0.4])


def test_log_odds_become_a_probability():
    # b = (-1, 2, 1), x = (.5, .3)
    predictor = ClassTotals.of([{1: 2 * 0.5}, {1: 1 * 0.3}], "logistic", None, -1.0)
    assert predictor.scores(np.array([[1, 1]]))[0] == pytest.approx(0.574443, abs=1e-6)
    assert np.isnan(predictor.scores(np.array([[0, 0]]))[0])


@given(st.floats(-800, 800))
def test_logistic_is_the_inverse_of_log_odds_and_never_overflows(at):
    value = float(logistic(np.array(at)))
    assert 0 <= value <= 1
    assert value + float(logistic(np.array(-at))) == pytest.approx(1)
    if abs(at) < 30:
        assert np.log(value / (1 - value)) == pytest.approx(at, abs=1e-3)


def forest(tau=0.01):
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 5, (200, 2))
    return Forest.of(codes, rng.random(200) < codes[:, 0] / 5, trees=20, seed=1, least=3, tau=tau)


def test_votes_of_trees_are_brought_to_the_rate_of_the_ground():
    codes = np.array([[1, 1], [4, 2], [0, 0]])
    low, even = forest().scores(codes), forest(0.5).scores(codes)
    assert low[0] < low[1]
    assert np.isnan(low[2])
    odds = even / (1 - even)
    np.testing.assert_allclose(low[:2] / (1 - low[:2]), (odds * 0.01 / 0.99)[:2])
    assert forest().scores(np.zeros((0, 2))).size == 0


@pytest.mark.parametrize("predictor", [ClassTotals.of(VALUES, "certainty"), forest()], ids=["classes", "forest"])
def test_a_state_goes_through_json(predictor):
    again = predictor_of(json.loads(json.dumps(predictor.state())))
    np.testing.assert_array_equal(again.scores(CODES), predictor.scores(CODES))
