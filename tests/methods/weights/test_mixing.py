"""Mixed weights: worked examples, gaps, refusals."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError
from riskzoning.methods.weights import ahp, combine, consistency_distance, entropy, game_theory

ONE, TWO = (0.5, 0.3, 0.2), (0.2, 0.3, 0.5)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("linear", [0.35, 0.30, 0.35]),
        ("multiplicative", [0.344828, 0.310345, 0.344828]),
        ("square_root", [0.339134, 0.321731, 0.339134]),
    ],
)
def test_combine(method, expected):
    assert combine(ONE, TWO, method=method) == pytest.approx(expected, abs=1e-6)


def test_combine_share_and_labels():
    assert combine(ONE, TWO, 1.0) == pytest.approx(ONE)
    one, two = pd.Series([0.6, 0.4], index=["a", "b"]), pd.Series([1.0, 0.0], index=["b", "a"])
    assert combine(one, two, 0.5).to_dict() == pytest.approx({"a": 0.3, "b": 0.7})


@pytest.mark.parametrize(
    ("vectors", "alpha", "weights"),
    [
        ((ONE, TWO), (0.5, 0.5), (0.35, 0.30, 0.35)),
        (((0.6, 0.3, 0.1), (0.3, 0.3, 0.4)), (0.787037, 0.212963), (0.536111, 0.3, 0.163889)),
    ],
)
def test_game_theory(vectors, alpha, weights):
    found = game_theory(*vectors)
    assert found.coefficients == pytest.approx(alpha, abs=1e-6)
    assert found.weights == pytest.approx(weights, abs=1e-6)


def test_game_theory_solution():
    w = np.array([(0.6, 0.3, 0.1), (0.3, 0.3, 0.4)])
    beta = np.linalg.solve(w @ w.T, np.diag(w @ w.T))
    assert beta == pytest.approx([0.845771, 0.228856], abs=1e-6)
    assert game_theory(*w).coefficients == pytest.approx(beta / beta.sum())
    assert consistency_distance(*w) == pytest.approx(0.3)
    even = np.array([ONE, TWO])
    assert np.linalg.solve(even @ even.T, np.diag(even @ even.T)) == pytest.approx([0.567164] * 2, abs=1e-6)


def test_game_theory_published_example():
    by_entropy = (0.070, 0.197, 0.009, 0.071, 0.011, 0.306, 0.336)
    by_ahp = (0.413, 0.131, 0.113, 0.067, 0.073, 0.138, 0.067)  # sums to 1.002 as printed
    with pytest.warns(UserWarning, match=r"sum to 1\.002"):
        found = game_theory(by_entropy, by_ahp)
    for at, expected in {0: 0.233, 1: 0.166, 2: 0.058, 5: 0.226, 6: 0.208}.items():
        assert found.weights[at] == pytest.approx(expected, abs=1e-3)


def test_game_theory_guards():
    same = game_theory(ONE, ONE, ONE)
    assert same.weights == pytest.approx(ONE)
    assert same.coefficients == pytest.approx([1 / 3] * 3)
    assert game_theory(ONE).weights == pytest.approx(ONE)
    # beta is exactly (1, 0); a rounding below 0 is no negative coefficient
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert game_theory((0.6, 0.4), (0.5, 0.5)).weights == pytest.approx((0.6, 0.4))
    with pytest.warns(UserWarning, match="negative coefficient"):
        found = game_theory((0.9, 0.1, 0.0), (0.45, 0.1, 0.45), (0.5, 0.1, 0.4))
    assert found.coefficients == pytest.approx([1 / 3] * 3)
    with pytest.raises(ConfigError, match="none"):
        game_theory()
    with pytest.raises(ConfigError, match="3 weights"):
        game_theory(ONE, (0.5, 0.5))
    with pytest.raises(ConfigError, match=r"sum to 1\.3"):
        game_theory(ONE, (0.5, 0.3, 0.5))


def test_consistency_distance():
    assert consistency_distance((0.6, 0.3, 0.1), (0.3, 0.3, 0.4)) == pytest.approx(0.3)
    assert game_theory((0.6, 0.3, 0.1), (0.3, 0.3, 0.4)).distance == pytest.approx(0.3)
    assert consistency_distance((1, 0), (0, 1)) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=4))
def test_mixes_are_weights(vectors):
    vectors = [np.array(v) / sum(v) for v in vectors]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = game_theory(*vectors)
    assert found.weights.sum() == pytest.approx(1)
    assert np.all(found.weights >= -1e-12)


@pytest.mark.parametrize(("a", "method"), [(1.5, "linear"), (-0.1, "linear"), (0.5, "sum")])
def test_wrong_combination(a, method):
    with pytest.raises(ConfigError, match="linear"):
        combine(ONE, TWO, a, method=method)
    with pytest.raises(ConfigError, match="product 0"):
        combine((1, 0), (0, 1), method="multiplicative")


def test_weights_of_two_scalings_are_not_mixed() -> None:
    matrix = [[30, 2, 5], [55, 3, 8], [80, 1, 2], [45, 5, 9], [60, 4, 4]]
    flat, plain = entropy(matrix, normalise="half"), entropy(matrix, normalise="minmax")
    for mix in (combine, game_theory, consistency_distance):
        with pytest.raises(ConfigError) as caught:
            mix(flat, plain)
        assert caught.value.problems[0].rule == "weights.scalings"
    people = ahp([[1, 2, 4], [1 / 2, 1, 3], [1 / 4, 1 / 3, 1]])
    assert combine(people, plain, 0.3) == pytest.approx(0.3 * people.weights + 0.7 * plain.weights)
    assert game_theory(plain, people).coefficients.sum() == pytest.approx(1)


def test_a_table_of_vectors_is_mixed_by_its_rows() -> None:
    rows = np.array([[0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])
    np.testing.assert_array_equal(game_theory(rows).weights, game_theory(*rows).weights)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
    st.lists(st.floats(0.01, 1), min_size=4, max_size=4),
    st.floats(0, 1),
    st.sampled_from(["linear", "multiplicative", "square_root"]),
)
def test_laws_of_two_vectors(one, two, a, method):
    one, two = np.array(one) / sum(one), np.array(two) / sum(two)
    mixed = combine(one, two, a, method=method) if method == "linear" else combine(one, two, method=method)
    assert mixed.sum() == pytest.approx(1)
    assert (mixed >= 0).all()
    # Where both agree, so does the mix; but the product, which exaggerates.
    if method != "multiplicative":
        assert combine(one, one, method=method) == pytest.approx(one)
    if method == "linear":
        assert np.all((mixed >= np.minimum(one, two) - 1e-12) & (mixed <= np.maximum(one, two) + 1e-12))
        assert combine(one, two, 1.0) == pytest.approx(one)
        assert combine(one, two, 0.0) == pytest.approx(two)
    else:
        assert combine(two, one, method=method) == pytest.approx(mixed)
    apart = consistency_distance(one, two)
    assert 0 <= apart <= 1
    assert apart == pytest.approx(consistency_distance(two, one))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        played, turned = game_theory(one, two), game_theory(two, one)
    assert turned.weights == pytest.approx(played.weights, abs=1e-6)
    assert played.coefficients.sum() == pytest.approx(1)
