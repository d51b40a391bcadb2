"""Normalisation and the checks of weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, LayerError
from riskzoning.methods.weights import normalise
from riskzoning.methods.weights.normalisation import check_directions, check_weights, indicator_matrix, labelled, scaled

X = pd.DataFrame({"a": [1.0, 3.0, np.nan, 2.0], "b": [5.0, 7.0, 9.0, 5.0]}, index=list("wxyz"))


def test_minmax_with_directions():
    found = normalise(X, directions={"a": 1, "b": -1})
    assert found["a"].tolist() == pytest.approx([0, 1, np.nan, 0.5], nan_ok=True)
    assert found["b"].tolist() == [1, 0.5, 0, 1]
    assert found.index.tolist() == list("wxyz")


def test_half_and_vector():
    assert normalise(X, method="half")["b"].tolist() == [0.5, 0.75, 1, 0.5]
    assert normalise([[3], [4]], method="vector").ravel().tolist() == [0.6, 0.8]


@pytest.mark.parametrize("degenerate", [0.0, 0.5])
def test_constant_indicator(degenerate):
    with pytest.warns(UserWarning, match="1 constant"):
        found = normalise([[2, 1], [2, 3]], degenerate=degenerate)
    assert found[:, 0].tolist() == [degenerate] * 2


def test_reference_set():
    years = [[0], [10]]
    assert normalise([[2], [4]], reference=years).ravel().tolist() == [0.2, 0.4]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20, unique=True), st.sampled_from([1, -1]))
def test_minmax_law(values, direction):
    found = normalise(np.array(values)[:, None], directions=[direction]).ravel()
    assert (found.min(), found.max()) == (0, 1)
    order = np.argsort(values)[::direction]
    assert np.all(np.diff(found[order]) >= 0)


def test_wrong_method():
    with pytest.raises(ConfigError, match="minmax, half, vector"):
        normalise(X, method="rank")


def test_weights_that_miss_one_are_refused():
    assert check_weights([0.333333, 0.333333, 0.333333]).sum() == pytest.approx(1, abs=2e-6)
    with pytest.raises(ConfigError, match=r"sum to 0\.9"):
        check_weights([0.5, 0.4])
    with pytest.raises(ConfigError, match="sum to 0"):
        check_weights([0.0, 0.0], renormalise=True)
    with pytest.raises(ConfigError, match="name c, which is unknown"):
        check_weights({"a": 0.5, "c": 0.5}, ["a"])
    with pytest.raises(ConfigError, match="numbers"):
        check_weights([np.nan, 1])


def test_the_formulas_on_plain_arrays() -> None:
    values = np.array([[1.0], [3.0]])
    assert scaled(values, np.array([1.0]), "half").tolist() == [[0.5], [1.0]]
    assert scaled(values, np.array([-1.0]), "minmax").tolist() == [[1.0], [0.0]]
    with pytest.raises(ConfigError) as caught:
        scaled(values, np.array([1.0]), "sum")
    assert caught.value.problems[0].rule == "weights.normalise"


def test_a_table_of_indicators_is_checked() -> None:
    values, index, columns = indicator_matrix([[1, 2], [3, np.inf]])
    assert (values.shape, index, list(columns), np.isnan(values[1, 1])) == ((2, 2), None, [0, 1], True)
    for matrix, rule in (
        ([["a", 1]], "weights.matrix_text"),
        ([[1, 2]], "weights.matrix"),
        ([1, 2], "weights.matrix"),
        ([[1, np.nan], [2, np.nan]], "weights.empty"),
    ):
        with pytest.raises(LayerError) as caught:
            indicator_matrix(matrix)
        assert caught.value.problems[0].rule == rule


def test_directions_by_name_or_by_place() -> None:
    assert check_directions({"a": 1, "b": -1}, ["a", "b"]).tolist() == [1.0, -1.0]
    assert check_directions(None, ["a", "b"]).tolist() == [1.0, 1.0]
    for wrong in ({"a": 1}, {"a": 1, "b": 1, "c": 1}, [1], [1, 2]):
        with pytest.raises(ConfigError) as caught:
            check_directions(wrong, ["a", "b"])
        assert caught.value.problems[0].rule == "weights.directions"


def test_results_carry_the_names_of_a_frame() -> None:
    values = np.array([0.4, 0.6])
    assert labelled(values, pd.DataFrame(columns=["a", "b"])).to_dict() == {"a": 0.4, "b": 0.6}
    assert labelled(values, [[1, 2]]) is values
