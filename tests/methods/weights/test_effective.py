"""Stated and effective weights: shares of the variance of the weighted sum, by hand and as laws."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.methods.weights.effective import effective_weights, warn_of_far


def test_shares_of_the_variance_by_hand() -> None:
    # w x = (0, 1, 2) and (0, 1, 0): total (0, 2, 2), variance 8/9; covariances 2/3 and 2/9.
    parts = pd.DataFrame({"a": [0.0, 2, 4], "b": [0.0, 2, 0]})
    shares = effective_weights(parts, {"a": 0.5, "b": 0.5})
    assert shares["a"] == pytest.approx(0.75)
    assert shares["b"] == pytest.approx(0.25)


def test_they_sum_to_one_and_missing_units_are_left_out() -> None:
    rng = np.random.default_rng(3)
    parts = pd.DataFrame(rng.random((40, 3)), columns=list("abc"))
    weights = {"a": 0.2, "b": 0.3, "c": 0.5}
    whole = effective_weights(parts, weights)
    assert whole.sum() == pytest.approx(1)
    gap = pd.concat([parts, pd.DataFrame({"a": [np.nan], "b": [9.0], "c": [9.0]})], ignore_index=True)
    pd.testing.assert_series_equal(effective_weights(gap, weights), whole)


def test_a_sum_that_does_not_vary_has_no_effective_weights() -> None:
    parts = pd.DataFrame({"a": [0.1 + 0.2, 0.3], "b": [0.5, 0.5]})
    assert effective_weights(parts, {"a": 0.5, "b": 0.5}).isna().all()
    assert effective_weights(parts.iloc[:0], {"a": 0.5, "b": 0.5}).isna().all()


def test_a_weight_that_does_nothing_is_told_with_both_numbers() -> None:
    with hearing(Journal()) as journal, warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_far(pd.Series({"flood": 0.01, "heat": 0.99}), {"flood": 0.41, "heat": 0.59})
    assert [problem.rule for problem in journal.warnings] == ["weights.effective"]
    assert dict(journal.warnings[0].values) == {"stated": 0.41, "share": 0.01}
