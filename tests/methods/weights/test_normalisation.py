"""Normalisation and the checks of weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
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


@pytest.mark.parametrize(
    "given", ["+-+", ["+", "-", "+"], ["benefit", "cost", "Benefit"], ["正向", "负向", 1], [1, "-1", "+1"]]
)
def test_directions_as_people_write_them(given) -> None:
    assert check_directions(given, ["a", "b", "c"]).tolist() == [1, -1, 1]


def test_words_that_are_no_direction_are_refused() -> None:
    with pytest.raises(ConfigError, match="are up, -1"):
        check_directions(["up", -1], ["a", "b"])


def test_results_carry_the_names_of_a_frame() -> None:
    values = np.array([0.4, 0.6])
    assert labelled(values, pd.DataFrame(columns=["a", "b"])).to_dict() == {"a": 0.4, "b": 0.6}
    assert labelled(values, [[1, 2]]) is values


def test_absent_is_nothing_or_the_least() -> None:
    values = [[0], [2], [4], [10], [np.nan]]
    nan = pytest.approx([0, 0.05, 0.2875, 1, np.nan], nan_ok=True)
    assert normalise(values, method="true_zero").ravel().tolist() == nan
    least = pytest.approx([0.1, 0.1, 0.325, 1, np.nan], nan_ok=True)
    assert normalise(values, method="floor").ravel().tolist() == least
    assert normalise(values, method="true_zero", least=0.5).ravel().tolist()[1:4] == pytest.approx([0.5, 0.625, 1])


def test_logarithm_compresses_what_is_large() -> None:
    values = np.array([0, 5, 10, 20, 40, 125], dtype=float)[:, None]
    present = values[values > 0]
    assert present.mean() + 0.5 * present.std() == pytest.approx(62.079402, abs=1e-6)
    expected = [0, 0.080542, 0.161084, 0.322168, 0.644336, 1.699899]
    assert normalise(values, method="log").ravel().tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", ["true_zero", "floor", "log"])
def test_forms_with_a_zero_refuse_what_has_none(method) -> None:
    with pytest.raises(LayerError) as caught:
        normalise([[-1], [2]], method=method)
    assert caught.value.problems[0].rule == "weights.zero_negative"
    with pytest.raises(ConfigError) as refused:
        normalise([[1], [2]], directions=[-1], method=method)
    assert refused.value.problems[0].rule == "weights.zero_cost"
    assert normalise([[0], [0]], method=method).ravel().tolist() == [0.1 if method == "floor" else 0.0] * 2


def test_one_value_above_zero_is_the_least() -> None:
    with pytest.warns(UserWarning, match="constant"):
        assert normalise([[0], [3], [3]], method="true_zero").ravel().tolist() == [0, 0.05, 0.05]
    with pytest.raises(ConfigError) as caught:
        normalise([[0], [3]], method="floor", least=2)
    assert caught.value.problems[0].rule == "weights.least"


def test_fixed_bounds_compare_places() -> None:
    bounds = [[1], [11]]
    here = normalise([[1], [6]], method="true_zero", reference=bounds).ravel()
    there = normalise([[6], [11]], method="true_zero", reference=bounds).ravel()
    assert here[1] == there[0] == pytest.approx(0.525)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=12), st.sampled_from(["true_zero", "floor", "log"]))
def test_zero_is_the_lowest_and_order_is_kept(values, method) -> None:
    with hearing(Journal()):
        made = normalise(np.array([*values, 0.0])[:, None], method=method).ravel()
    order = np.argsort([*values, 0.0], kind="stable")
    assert np.all(np.diff(made[order]) >= -1e-12)
    assert made[-1] == (0.1 if method == "floor" else 0)
    if method == "true_zero":
        assert all((result == 0) == (value == 0) for value, result in zip(values, made))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0.5, 1000), min_size=3, max_size=12, unique=True),
    st.sampled_from(["minmax", "half", "vector", "true_zero", "floor", "log"]),
    st.sampled_from([0.125, 3.0, 1000.0]),
    st.integers(0, 11),
)
def test_units_and_gaps_change_no_other_value(values, method, factor, place) -> None:
    column = np.array(values)[:, None]
    with hearing(Journal()):
        made = normalise(column, method=method)
        np.testing.assert_allclose(normalise(factor * column, method=method), made, rtol=1e-9, atol=1e-9)
        gap = np.insert(column, min(place, len(values)), np.nan, axis=0)
        beside = normalise(gap, method=method)
    np.testing.assert_array_equal(np.isnan(beside), np.isnan(gap))
    np.testing.assert_allclose(beside[~np.isnan(gap)], made[:, 0])
    if method == "vector":
        assert np.linalg.norm(made) == pytest.approx(1)
    least = {"minmax": 0.0, "half": 0.5, "true_zero": 0.05, "floor": 0.1}.get(method)
    if least is not None:
        assert (made.min(), made.max()) == (pytest.approx(least), pytest.approx(1))
