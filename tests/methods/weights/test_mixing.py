"""Mixed weights and the weights of the hazards: worked examples, gaps, refusals."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import ConfigError
from riskzoning.methods.weights import ahp, combine, consistency_distance, entropy, game_theory, hazard_weights

ONE, TWO = (0.5, 0.3, 0.2), (0.2, 0.3, 0.5)
KEYS = ["earthquake", "geology", "flood", "drought", "meteorology", "forest_fire"]


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


def test_default_matrix_of_the_hazards():
    found = hazard_weights(KEYS)
    assert found.subjective.tolist() == pytest.approx(
        [0.202316, 0.071269, 0.357589, 0.119711, 0.202316, 0.046799], abs=1e-6
    )
    assert found.comparison.lambda_max == pytest.approx(6.049187, abs=1e-6)
    assert found.comparison.ci == pytest.approx(0.009837, abs=1e-6)
    assert found.comparison.cr == pytest.approx(0.007933, abs=1e-6)
    assert found.a == 1
    assert "subjective weights only" in found.notes[-1]


def test_default_mix():
    two = pd.Series([0.10, 0.30, 0.20, 0.10, 0.10, 0.20], index=KEYS)
    a = standards.table("weights/hazards").data["a"]
    expected = [0.151158, 0.185634, 0.278794, 0.109856, 0.151158, 0.123399]
    assert combine(hazard_weights(KEYS).subjective, two, a).tolist() == pytest.approx(expected, abs=1e-6)


def test_hazards_with_unit_indices():
    rng = np.random.default_rng(1)
    indices = pd.DataFrame(rng.random((20, 3)), columns=["flood", "geology", "earthquake"])
    indices.iloc[0] = np.nan
    hazards = ["earthquake", "flood"]
    found = hazard_weights(hazards, indices)
    objective = entropy(indices[hazards].dropna(how="all"), normalise="half").weights
    assert found.objective.to_dict() == pytest.approx(objective.to_dict())
    assert found.weights.to_dict() == pytest.approx(combine(found.subjective, objective, 0.5).to_dict())
    assert sum("not assessed" in note for note in found.notes) == 4
    assert found.table().loc["flood", "weight"] == found.weights["flood"]
    assert hazard_weights(hazards, indices, a=0.25).a == 0.25


@pytest.mark.parametrize(
    ("frame", "note"),
    [
        (pd.DataFrame({"flood": [0.1, 0.2], "drought": [0.3, 0.1]}), "2 units"),
        (pd.DataFrame({"flood": [0.1] * 5, "drought": [0.3] * 5}), "constant"),
        (pd.DataFrame({"flood": [0.1, 0.2, 0.3], "drought": [np.nan] * 3}), "without any index"),
    ],
)
def test_where_entropy_makes_no_sense_the_subjective_part_is_all(frame, note):
    found = hazard_weights(["flood", "drought"], frame)
    assert found.a == 1
    assert found.objective is None
    assert note in found.notes[-1]


def test_hazards_out_of_the_matrix():
    with pytest.raises(ConfigError, match="lack hail"):
        hazard_weights(["flood", "hail"])
    with pytest.raises(ConfigError, match="no hazard"):
        hazard_weights([])
    own = pd.DataFrame([[1, 2], [0.5, 1]], index=["flood", "hail"], columns=["flood", "hail"])
    assert hazard_weights(["flood", "hail"], matrix=own).weights.to_dict() == pytest.approx(
        {"flood": 2 / 3, "hail": 1 / 3}
    )


def test_inconsistent_comparisons_are_refused_unless_forced():
    names = ["flood", "drought", "geology"]
    own = pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]], index=names, columns=names)
    assert not ahp(own).consistent
    with pytest.raises(ConfigError, match="inconsistent"):
        hazard_weights(names, matrix=own)
    assert "forced" in hazard_weights(names, matrix=own, force=True).notes[0]
