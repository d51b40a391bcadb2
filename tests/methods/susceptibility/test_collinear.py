"""Correlated factors: which are found, which one goes."""

import numpy as np
import pytest

from riskzoning.methods.susceptibility import collinear_losers, correlated_pairs, table_auc
from riskzoning.methods.validation import roc_auc


def test_pairs_are_those_of_the_correlation_matrix():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 500))
    x[2] = x[0] + 0.3 * x[2]
    rows = np.vstack([x, np.ones(500)])
    ((one, two, r),) = correlated_pairs(rows @ rows.T, ["a", "b", "c"])
    assert (one, two) == ("a", "c")
    assert r == pytest.approx(np.corrcoef(x)[0, 2], abs=1e-3)
    rows[1] = 5.0
    assert len(correlated_pairs(rows @ rows.T, ["a", "b", "c"])) == 1
    assert correlated_pairs(np.ones((2, 2)), ["a"]) == []


def test_the_closest_pair_is_settled_first():
    skill = {"slope": 0.7, "relief": 0.72, "height": 0.6}
    pairs = [("slope", "relief", 0.75), ("relief", "height", -0.9), ("slope", "height", 0.8)]
    assert collinear_losers(pairs, skill) == [("height", "relief", -0.9), ("slope", "relief", 0.75)]
    assert collinear_losers([("a", "b", 0.8)], {"a": 0.5, "b": 0.5}) == [("b", "a", 0.8)]


def test_auc_of_a_table_is_that_of_its_cells():
    scores, cells, events = [0.2, -1.0, 0.7, 0.2], [50, 80, 20, 10], [5, 1, 6, 0]
    values = np.repeat(scores, cells)
    labels = np.concatenate([np.arange(n) < k for n, k in zip(cells, events, strict=True)])
    assert table_auc(scores, cells, events) == pytest.approx(roc_auc(values, labels))
    assert np.isnan(table_auc([1.0], [5], [0]))
