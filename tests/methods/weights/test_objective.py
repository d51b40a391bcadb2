"""Objective weights: worked examples and their laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskzoning.errors import ConfigError, LayerError
from riskzoning.methods.weights import critic, entropy, merec, std_dev

X = [[30, 2, 5], [55, 3, 8], [80, 1, 2], [45, 5, 9], [60, 4, 4]]
D10 = [
    [80, 16, 2, 5],
    [110, 32, 2, 9],
    [130, 64, 4, 9],
    [185, 64, 4, 1],
    [135, 64, 4, 4],
    [140, 32, 8, 4],
    [185, 64, 8, 6],
    [110, 16, 4, 3],
    [120, 16, 4, 2],
    [340, 128, 6, 5],
]


@pytest.mark.parametrize(
    ("normalise", "entropies", "weights"),
    [
        ("minmax", [0.80654, 0.79522, 0.79298], [0.31963, 0.33834, 0.34203]),
        ("half", [0.98434, 0.98246, 0.98138], [0.30214, 0.33856, 0.35930]),
    ],
)
def test_w2_w3(normalise, entropies, weights):
    found = entropy(X, normalise=normalise)
    assert found.entropies == pytest.approx(entropies, abs=5e-6)
    assert found.weights == pytest.approx(weights, abs=5e-6)
    assert found.scaling == normalise


def test_w3_score():
    values = np.array(X, dtype=float)
    half = 0.5 + 0.5 * (values - values.min(axis=0)) / np.ptp(values, axis=0)
    score = half @ entropy(X, normalise="half").weights
    assert score == pytest.approx([0.6193, 0.8142, 0.6511, 0.8943, 0.7689], abs=5e-5)


def test_d10_entropy_of_raw_values():
    found = entropy(D10)
    assert found.entropies == pytest.approx([0.962475, 0.908723, 0.959200, 0.937806], abs=1e-6)
    assert found.weights == pytest.approx([0.161888, 0.393782, 0.176018, 0.268312], abs=1e-6)
    assert found.scaling == "raw"


def test_d10_critic_and_standard_deviation():
    assert critic(D10).weights == pytest.approx([0.169461, 0.176411, 0.287930, 0.366198], abs=1e-6)
    assert std_dev(D10).weights == pytest.approx([0.220024, 0.243929, 0.276168, 0.259879], abs=1e-6)


def test_d10_merec():
    assert merec(D10).weights == pytest.approx([0.149379, 0.234028, 0.198821, 0.417771], abs=1e-6)
    cost_first = merec(D10, directions=[-1, 1, 1, 1]).weights
    assert cost_first == pytest.approx([0.233002, 0.223142, 0.182849, 0.361007], abs=1e-6)


def test_critic_honours_directions():
    assert critic(D10, directions=[-1, 1, 1, 1]).weights != pytest.approx(critic(D10).weights, abs=1e-3)


def test_ent_1_a_zero_does_not_take_all_the_weight():
    matrix = [[3, 10], [5, 20], [2, 15], [7, 25]]
    found = entropy(matrix, directions=[1, -1])
    assert found.scaling == "minmax"
    assert found.weights.sum() == pytest.approx(1)
    nearly = entropy(matrix, directions=[1, -1], epsilon=1e-9)
    assert found.weights == pytest.approx(nearly.weights, abs=1e-6)
    raw = entropy([[0, 10], [5, 20], [2, 15], [7, 25]])
    assert raw.entropies == pytest.approx(entropy([[1e-12, 10], [5, 20], [2, 15], [7, 25]]).entropies, abs=1e-9)
    scaled = entropy(np.array(matrix) * [1000, 0.01], directions=[1, -1])
    assert scaled.weights == pytest.approx(found.weights, rel=1e-12)


def test_epsilon_changes_weights():
    assert entropy(X, normalise="minmax", epsilon=0.01).weights != pytest.approx(entropy(X, normalise="minmax").weights)


matrices = arrays(float, st.tuples(st.integers(3, 12), st.integers(1, 5)), elements=st.floats(0.015625, 1000, width=32))


@pytest.mark.filterwarnings("ignore:CRITIC")
@settings(max_examples=60, deadline=None)
@given(matrix=matrices, seed=st.integers(0, 3))
def test_laws(matrix, seed):
    matrix[0] += np.arange(1, matrix.shape[1] + 1)
    if (np.ptp(matrix, axis=0) == 0).all():
        return
    rows = np.random.default_rng(seed).permutation(len(matrix))
    for method in (entropy, critic, std_dev, merec):
        with np.errstate(all="ignore"):
            found = method(matrix).weights
            assert found.sum() == pytest.approx(1)
            assert np.all(found >= 0)
            assert method(matrix[rows]).weights == pytest.approx(found, abs=1e-9)
    constant = np.ptp(matrix, axis=0) == 0
    for method in (entropy, critic, std_dev):
        assert np.all(method(matrix).weights[constant] == 0)


@pytest.mark.filterwarnings("ignore:CRITIC")
@pytest.mark.parametrize("method", [entropy, critic, std_dev, merec])
def test_constant_indicator_weighs_nothing(method):
    found = method([[1, 5, 3], [2, 5, 1], [4, 5, 2]])
    assert found.weights[1] == 0
    assert found.weights.sum() == pytest.approx(1)
    if method is entropy:
        assert found.entropies[1] == 1


def test_critic_weighs_the_others_as_if_the_constant_indicator_were_not_there():
    matrix = np.array([[1.0, 7, 3], [2, 4, 1], [4, 5, 2], [3, 1, 9]])
    found = critic(np.insert(matrix, 1, 5.0, axis=1)).weights
    assert found[[0, 2, 3]] == pytest.approx(critic(matrix).weights)


@pytest.mark.parametrize("method", [entropy, critic, std_dev, merec])
def test_only_constant_indicators(method):
    with pytest.raises(LayerError, match="only constant"):
        method([[1, 2], [1, 2]])


def test_all_zero_column():
    assert entropy([[0, 1], [0, 2]]).weights.tolist() == [0, 1]
    assert entropy([[0, 1], [0, 2]], normalise="half").weights.tolist() == [0, 1]


def test_no_conflict_falls_back_to_the_deviation():
    with pytest.warns(UserWarning, match="do not conflict"):
        assert critic([[1, 10], [2, 20], [3, 30]]).weights == pytest.approx([0.5, 0.5])
    assert critic([[1], [2]]).weights.tolist() == [1]


def test_labels_and_missing_values():
    frame = pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [3.0, 1, 2, 9]}, index=list("wxyz"))
    for method in (entropy, critic, std_dev):
        assert list(method(frame).weights.index) == ["a", "b"]
    alone = entropy([[1], [2], [3]]).entropies[0]
    assert entropy(frame).entropies["a"] == pytest.approx(alone)
    assert np.isnan(frame.loc["z", "a"])


@pytest.mark.parametrize(
    ("matrix", "options", "error", "text"),
    [
        ([[1, 2]], {}, LayerError, "at least 2"),
        ([1, 2, 3], {}, LayerError, "one row per unit"),
        ([["高", 2], ["低", 3]], {}, LayerError, "not numbers"),
        ([[-1, 2], [3, 4]], {}, LayerError, "negative"),
        ([[np.nan, 2], [np.nan, 4]], {}, LayerError, "no value in 0"),
        ([[1, 2], [3, 4]], {"directions": [1]}, ConfigError, "each of the 2"),
        ([[1, 2], [3, 4]], {"directions": [1, 0]}, ConfigError, "benefit"),
        ([[1, 2], [3, 4]], {"directions": {"a": 1, "b": -1}}, ConfigError, "benefit"),
        ([[1, 2], [3, 4]], {"normalise": "z"}, ConfigError, "minmax, half"),
    ],
)
def test_wrong_input(matrix, options, error, text):
    with pytest.raises(error, match=text) as caught:
        entropy(matrix, **options)
    assert caught.value.problems[0].fix


def test_merec_needs_values_above_zero():
    with pytest.raises(LayerError, match="above 0"):
        merec([[0, 1], [2, 3]])


def test_no_weight_above_the_most_that_is_allowed() -> None:
    days = [1] * 8 + [2, 9]
    frame = pd.DataFrame({"days": days, "cold": np.linspace(1, 2, 10), "drop": np.linspace(3, 5, 10)})
    free = entropy(frame).weights
    capped = entropy(frame, most=0.6).weights
    assert free["days"] > 0.8
    assert capped["days"] == pytest.approx(0.6)
    assert capped.sum() == pytest.approx(1)
    assert capped["cold"] / capped["drop"] == pytest.approx(free["cold"] / free["drop"])
    np.testing.assert_array_equal(entropy(X, most=0.9).weights, entropy(X).weights)
    # One that varies alone leaves the rest to the others evenly; what cannot be met is even.
    np.testing.assert_allclose(entropy([[1, 1, 1], [2, 1, 1], [3, 1, 1]], most=0.6).weights, [0.6, 0.2, 0.2])
    np.testing.assert_allclose(entropy([[1, 1], [2, 1], [3, 1]], most=0.4).weights, [0.5, 0.5])
    # What is shared out may lift another one to the limit.
    np.testing.assert_allclose(entropy([[9, 9, 1], [1, 1, 1], [1, 1, 1]], most=0.4).weights, [0.4, 0.4, 0.2])


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")
def test_a_column_of_rounding_is_a_constant_column() -> None:
    noise = 5.0 + 1e-12 * np.arange(4)
    matrix = np.column_stack([noise, [1.0, 2.0, 3.0, 9.0]])
    for method in (entropy, critic, std_dev):
        np.testing.assert_array_equal(method(matrix, normalise="minmax").weights, [0, 1])
    with pytest.raises(LayerError) as caught:
        entropy(np.column_stack([noise, noise]))
    assert caught.value.problems[0].rule == "weights.all_constant"


COSTS = np.array([[1.0, 10, 3], [2, 8, 3.5], [4, 5, 9], [7, 1, 2]])


def test_critic_and_merec_with_a_cost_by_their_formulas() -> None:
    scaled = (COSTS - COSTS.min(0)) / (COSTS.max(0) - COSTS.min(0))
    scaled[:, 1] = 1 - scaled[:, 1]
    spread = scaled.std(0, ddof=1) * (1 - np.corrcoef(scaled.T)).sum(0)
    np.testing.assert_allclose(critic(COSTS, directions=[1, -1, 1]).weights, spread / spread.sum(), rtol=1e-12)
    shares = np.column_stack([1 / COSTS[:, 0], COSTS[:, 1] / 10, 2 / COSTS[:, 2]])
    logs = np.abs(np.log(shares))
    whole = np.log1p(logs.mean(1))
    effect = np.array([np.abs(np.log1p((logs.sum(1) - logs[:, j]) / 3) - whole).sum() for j in range(3)])
    np.testing.assert_allclose(merec(COSTS, directions=[1, -1, 1]).weights, effect / effect.sum(), rtol=1e-12)


whole = arrays(float, st.tuples(st.integers(3, 8), st.integers(2, 4)), elements=st.integers(0, 50).map(float))


@pytest.mark.filterwarnings("ignore:CRITIC")
@settings(max_examples=30, deadline=None)
@given(matrix=whole, factors=st.lists(st.sampled_from([0.125, 3.0, 1000.0]), min_size=4, max_size=4))
def test_the_unit_of_an_indicator_changes_no_weight(matrix, factors):
    matrix[0] += np.arange(1, matrix.shape[1] + 1)
    matrix[1] = 0
    turned = matrix * np.array(factors)[: matrix.shape[1]]
    for method in (entropy, critic, std_dev):
        assert method(turned).weights == pytest.approx(method(matrix).weights, abs=1e-9)
    above = (matrix + 1) * np.array(factors)[: matrix.shape[1]]
    assert merec(above).weights == pytest.approx(merec(matrix + 1).weights, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(matrix=whole, tiny=st.sampled_from([1e-13, 1e-12]))
def test_a_zero_is_the_limit_of_less_and_less(matrix, tiny):
    """0 ln 0 is 0: a zero in place of almost nothing moves neither entropies nor weights."""
    matrix[0] += np.arange(1, matrix.shape[1] + 1)
    matrix[1] = 0
    exact, nearly = entropy(matrix), entropy(np.where(matrix == 0, tiny, matrix))
    assert exact.entropies == pytest.approx(nearly.entropies, abs=1e-9)
    assert exact.weights == pytest.approx(nearly.weights, abs=1e-7)
    assert np.all((exact.entropies >= -1e-12) & (exact.entropies <= 1 + 1e-12))
