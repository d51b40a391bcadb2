"""AHP: worked examples by all methods, rough and wrong matrices, random indices."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, StandardTableError
from riskzoning.methods.weights import ahp
from riskzoning.methods.weights.pairwise import random_index_of

AHP1 = [
    [1, 1 / 2, 4, 3, 3],
    [2, 1, 7, 5, 5],
    [1 / 4, 1 / 7, 1, 1 / 2, 1 / 3],
    [1 / 3, 1 / 5, 2, 1, 1],
    [1 / 3, 1 / 5, 3, 1, 1],
]
AHP4 = [[1, 2, 4], [1 / 2, 1, 3], [1 / 4, 1 / 3, 1]]
AHP5 = [[1, 2, 1 / 2, 4], [1 / 2, 1, 1 / 4, 2], [2, 4, 1, 8], [1 / 4, 1 / 2, 1 / 8, 1]]
AHP6 = [[1, 3, 2, 2, 0.333], [0.333, 1, 0.5, 1, 0.2], [0.5, 2, 1, 1, 0.5], [0.5, 1, 1, 1, 5], [3, 5, 2, 0.2, 1]]
METHODS = ("eigenvector", "column_mean", "geometric")


def test_ahp_1():
    found = ahp(AHP1)
    assert found.lambda_max == pytest.approx(5.072084, abs=1e-6)
    assert found.ci == pytest.approx(0.018021, abs=1e-6)
    assert found.cr == pytest.approx(0.016090, abs=1e-6)
    assert found.weights == pytest.approx([0.263603, 0.475835, 0.053815, 0.098068, 0.108678], abs=1e-6)
    assert found.consistent
    geometric = ahp(AHP1, method="geometric").weights
    assert geometric == pytest.approx([0.263633, 0.477264, 0.053074, 0.098840, 0.107189], abs=1e-6)


def test_ahp_2_is_inconsistent_by_every_method():
    rough = [[1, 0.33, 0.2], [3, 1, 0.14], [5, 7, 1]]
    for method in METHODS:
        with pytest.warns(UserWarning, match="only roughly"):
            found = ahp(rough, method=method)
        assert not found.consistent
        assert found.cr > 0.1
        assert found.weights.sum() == pytest.approx(1)


def test_ahp_4():
    found = ahp(AHP4)
    assert found.weights == pytest.approx([0.558425, 0.319618, 0.121957], abs=1e-6)
    assert (found.lambda_max, found.ci, found.cr) == pytest.approx((3.018295, 0.009147, 0.015771), abs=1e-6)
    assert ahp(AHP4, method="geometric").weights == pytest.approx(found.weights, abs=1e-12)
    assert ahp(AHP4, method="column_mean").weights == pytest.approx([0.557143, 0.320238, 0.122619], abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_ahp_5_is_perfectly_consistent(method):
    found = ahp(AHP5, method=method)
    assert found.weights == pytest.approx([4 / 15, 2 / 15, 8 / 15, 1 / 15], abs=1e-12)
    assert abs(found.ci) < 1e-12
    assert found.consistent


def test_ahp_6_published_by_column_mean():
    with pytest.warns(UserWarning, match="roughly"):
        found = ahp(AHP6, method="column_mean")
    assert found.weights == pytest.approx([0.235, 0.089, 0.136, 0.247, 0.294], abs=5e-4)
    assert (found.lambda_max, found.ci, found.cr) == pytest.approx((6.4615, 0.36538, 0.326), abs=5e-4)
    assert not found.consistent
    with pytest.warns(UserWarning, match="roughly"):
        other = ahp(AHP6)
    assert other.weights == pytest.approx([0.2211, 0.0892, 0.1308, 0.2981, 0.2608], abs=5e-5)
    assert (other.lambda_max, other.cr) == pytest.approx((6.4842, 0.331), abs=5e-4)


@pytest.mark.parametrize(("table", "cr"), [("saaty-ahpy", 0.022), ("donegan-dodd", 0.024)])
def test_drinks_example_of_ahpy(table, cr):
    pairs = {
        ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
        ("coffee", "milk"): 1, ("coffee", "water"): 1 / 2,
        ("wine", "tea"): 1 / 3, ("wine", "beer"): 1 / 9, ("wine", "soda"): 1 / 9,
        ("wine", "milk"): 1 / 9, ("wine", "water"): 1 / 9, ("tea", "beer"): 1 / 3, ("tea", "soda"): 1 / 4,
        ("tea", "milk"): 1 / 3, ("tea", "water"): 1 / 9, ("beer", "soda"): 1 / 2, ("beer", "milk"): 1,
        ("beer", "water"): 1 / 3, ("soda", "milk"): 2, ("soda", "water"): 1 / 2, ("milk", "water"): 1 / 3,
    }  # fmt: skip
    names = ["coffee", "wine", "tea", "beer", "soda", "milk", "water"]
    matrix = pd.DataFrame(1.0, index=names, columns=names)
    for (one, two), value in pairs.items():
        matrix.loc[one, two], matrix.loc[two, one] = value, 1 / value
    found = ahp(matrix, random_index=table)
    expected = {
        "water": 0.327,
        "soda": 0.190,
        "coffee": 0.177,
        "milk": 0.129,
        "beer": 0.116,
        "tea": 0.042,
        "wine": 0.019,
    }
    assert found.weights.to_dict() == pytest.approx(expected, abs=6e-4)
    assert found.cr == pytest.approx(cr, abs=6e-4)
    assert found.random_index == table


@pytest.mark.parametrize(("n", "weights"), [(1, [1.0]), (2, [0.75, 0.25])])
def test_one_or_two_are_always_consistent(n, weights):
    found = ahp(np.array([[1, 3], [1 / 3, 1]])[:n, :n])
    assert found.weights == pytest.approx(weights)
    assert (found.ci, found.cr, found.consistent) == (pytest.approx(0), 0, True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=9))
def test_consistent_comparisons_give_back_their_weights(weights):
    w = np.array(weights) / sum(weights)
    for method in METHODS:
        found = ahp(w[:, None] / w[None, :], method=method)
        assert found.weights == pytest.approx(w, rel=1e-9)
        assert abs(found.ci) < 1e-9


def test_fractions_and_labels():
    matrix = pd.DataFrame([["1", "3"], ["1/3", "1"]], index=["a", "b"], columns=["a", "b"])
    assert ahp(matrix).weights.to_dict() == pytest.approx({"a": 0.75, "b": 0.25})


@pytest.mark.parametrize(
    ("matrix", "text"),
    [
        ([[1, 2], [0.4, 1]], "1 divided by the other"),
        ([[1, 2, 3], [0.5, 1, 2]], "square"),
        ([[1, -2], [-0.5, 1]], "above 0"),
        ([[1, np.nan], [1, 1]], "above 0"),
        ([[2, 3], [1 / 3, 1]], "diagonal"),
        ([["a", 1], [1, 1]], "'a' in row 1, column 1"),
        ([[1, datetime(2026, 1, 3)], [3, 1]], "dates"),
        ([[1, "1月3日"], [3, 1]], "dates"),
        ([[1, 46025], [3, 1]], "dates"),
        (pd.DataFrame([[1, 2], [0.5, 1]], ["a", "b"], ["a", "c"]), "same names"),
        ([], "square"),
    ],
)
def test_wrong_matrices(matrix, text):
    with pytest.raises(ConfigError, match=text) as caught:
        ahp(matrix)
    problem = caught.value.problems[0]
    assert problem.file == "AHP matrix"
    assert problem.fix


def test_two_mistakes_are_two_problems():
    with pytest.raises(ConfigError) as caught:
        ahp([[2, 2], [0.1, 1]])
    assert len(caught.value.problems) == 2


def test_wrong_method():
    with pytest.raises(ConfigError, match="eigenvector, column_mean, geometric"):
        ahp(AHP4, method="power")


@pytest.mark.parametrize(
    ("n", "table", "expected"),
    [
        (2, "saaty-1980", 0),
        (3, "saaty-1980", 0.58),
        (6, "saaty-1980", 1.24),
        (15, "donegan-dodd", 1.4969),
        (11, "saaty-ahpy", 1.52),
    ],
)
def test_random_indices(n, table, expected):
    assert random_index_of(n, table) == expected


def test_a_table_that_ends_too_early_names_those_that_do_not():
    with pytest.raises(StandardTableError, match="saaty-ahpy, donegan-dodd"):
        ahp(np.ones((11, 11)))
    with pytest.raises(StandardTableError, match="no table has"):
        ahp(np.ones((16, 16)), random_index="donegan-dodd")
    with pytest.raises(StandardTableError, match="does not exist"):
        ahp(np.ones((3, 3)), random_index="saaty")


def test_fuels_of_a_forest_farm() -> None:
    # Ignition matrix of Saihanba (species, herb, shrub, litter, canopy, pruning, stock); its last pair is assumed as 3.
    upper = [[2, 2, 3, 2, 7, 9], [3, 2, 2, 3, 7], [2, 2, 3, 7], [2, 4, 5], [3, 5], [3]]
    matrix = np.eye(7)
    for row, values in enumerate(upper):
        matrix[row, row + 1 :] = values
    # As printed: the second row has 3 for herb over shrub, the third 1/3 in return.
    matrix += np.tril(1 / matrix.T.clip(1e-9), -1) * (matrix.T > 0)
    made = ahp(matrix)
    np.testing.assert_allclose(made.weights, [0.3050, 0.2244, 0.1604, 0.1301, 0.1069, 0.0492, 0.0241], atol=6e-5)
    assert made.cr == pytest.approx(0.0433, abs=6e-5)


def test_three_by_hand() -> None:
    # Geometric means of the rows 1 3 5, 1/3 1 2, 1/5 1/2 1; for three the eigenvector is the same.
    means = np.array([15.0, 2 / 3, 0.1]) ** (1 / 3)
    made = ahp([["1", "3", "5"], ["1/3", "1", "2"], ["1/5", "1/2", "1"]])
    np.testing.assert_allclose(made.weights, means / means.sum(), rtol=1e-9)
    assert (made.lambda_max, made.cr) == pytest.approx((3.003695, 0.003185), abs=1e-6)


SCALE = [1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 9]


def compared(upper: list[float], n: int) -> np.ndarray:
    """The whole matrix of the judgements above its diagonal."""
    matrix = np.eye(n)
    matrix[np.triu_indices(n, 1)] = upper[: n * (n - 1) // 2]
    rows, columns = np.tril_indices(n, -1)
    matrix[rows, columns] = 1 / matrix[columns, rows]
    return matrix


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SCALE), min_size=15, max_size=15), st.integers(3, 6), st.randoms(use_true_random=False))
def test_any_judgements_give_weights_whatever_their_order(upper, n, random):
    matrix = compared(upper, n)
    order = random.sample(range(n), n)
    for method in METHODS:
        found = ahp(matrix, method=method)
        assert found.weights.sum() == pytest.approx(1)
        assert (found.weights > 0).all()
        # No positive reciprocal matrix has a principal value below its size; it is its size where all agree.
        assert found.lambda_max >= n - 1e-9
        assert found.cr >= -1e-9
        assert found.consistent == (found.cr < 0.1)
        turned = ahp(matrix[np.ix_(order, order)], method=method)
        assert turned.weights == pytest.approx(found.weights[order], abs=1e-9)
        assert turned.cr == pytest.approx(found.cr, abs=1e-9)
    found = ahp(matrix)
    assert matrix @ found.weights == pytest.approx(found.lambda_max * found.weights, abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SCALE), min_size=3, max_size=3))
def test_of_three_the_eigenvector_is_the_geometric_mean(upper):
    matrix = compared(upper, 3)
    eigen, geometric = ahp(matrix), ahp(matrix, method="geometric")
    assert eigen.weights == pytest.approx(geometric.weights, abs=1e-9)
    assert eigen.cr == pytest.approx(geometric.cr, abs=1e-9)
