"""The weights of the hazards: the default matrix, hazards that it does not know, gaps, refusals."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import ConfigError, Journal, hearing
from riskzoning.methods.weights import ahp, combine, comparisons_of, critic, entropy, hazard_weights
from riskzoning.methods.weights.hazards import effective_weights, warn_of_far

KEYS = ["earthquake", "geology", "flood", "drought", "meteorology", "forest_fire"]


def test_default_matrix_of_the_hazards():
    mixed = hazard_weights(KEYS)
    assert mixed.subjective.tolist() == pytest.approx(
        [0.202316, 0.071269, 0.357589, 0.119711, 0.202316, 0.046799], abs=1e-6
    )
    assert mixed.comparison.lambda_max == pytest.approx(6.049187, abs=1e-6)
    assert mixed.comparison.ci == pytest.approx(0.009837, abs=1e-6)
    assert mixed.comparison.cr == pytest.approx(0.007933, abs=1e-6)
    assert mixed.a == 1
    assert mixed.objective is None


def test_default_mix():
    two = pd.Series([0.10, 0.30, 0.20, 0.10, 0.10, 0.20], index=KEYS)
    assert standards.table("weights/hazards").data["a"] == 1
    expected = [0.151158, 0.185634, 0.278794, 0.109856, 0.151158, 0.123399]
    assert combine(hazard_weights(KEYS).subjective, two, 0.5).tolist() == pytest.approx(expected, abs=1e-6)


def test_hazards_with_unit_indices():
    rng = np.random.default_rng(1)
    indices = pd.DataFrame(rng.random((20, 3)), columns=["flood", "geology", "earthquake"])
    indices.iloc[0] = np.nan
    hazards = ["earthquake", "flood"]
    mixed = hazard_weights(hazards, indices, a=0.5)
    objective = entropy(indices[hazards].dropna(how="all"), normalise="half").weights
    assert mixed.objective.to_dict() == pytest.approx(objective.to_dict())
    assert mixed.weights.to_dict() == pytest.approx(combine(mixed.subjective, objective, 0.5).to_dict())
    assert mixed.table().loc["flood", "weight"] == mixed.weights["flood"]
    assert hazard_weights(hazards, indices, a=0.25).a == 0.25
    beside = hazard_weights(hazards, indices)
    assert beside.weights.to_dict() == pytest.approx(mixed.subjective.to_dict())
    assert beside.objective.to_dict() == pytest.approx(objective.to_dict())


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (pd.DataFrame({"flood": [0.1, 0.2], "drought": [0.3, 0.1]}), "weights.few_units"),
        (pd.DataFrame({"flood": [0.1] * 5, "drought": [0.3] * 5}), "weights.constant"),
        (pd.DataFrame({"flood": [0.1, 0.2, 0.3], "drought": [np.nan] * 3}), "weights.empty_index"),
    ],
)
def test_where_entropy_makes_no_sense_the_subjective_part_is_all(frame, rule):
    with hearing(Journal()) as journal:
        mixed = hazard_weights(["flood", "drought"], frame, a=0.5)
    assert mixed.a == 1
    assert mixed.objective is None
    assert [problem.rule for problem in journal.warnings] == [rule]
    with hearing(Journal()) as journal:
        assert hazard_weights(["flood", "drought"], frame).objective is None
    assert journal.warnings == []


def test_without_indices_nothing_is_missed():
    with hearing(Journal()) as journal:
        assert hazard_weights(["flood", "drought"]).a == 1
    assert journal.warnings == []


def test_a_hazard_out_of_the_matrix_is_equal_to_every_other_and_says_so():
    with hearing(Journal()) as journal:
        mixed = hazard_weights([*KEYS, "hail"])
    assert [(problem.rule, dict(problem.values)["hazards"]) for problem in journal.warnings] == [
        ("weights.unknown_hazard", ("hail",))
    ]
    assert "hail" in journal.warnings[0].text("zh")
    # By hand: a row and a column of 1 beside the matrix of the table.
    default = standards.table("weights/hazards").data["matrix"]
    by_hand = ahp([*[[*row, 1] for row in default], [1] * 7])
    assert mixed.weights.tolist() == pytest.approx(by_hand.weights.tolist())
    assert mixed.weights["hail"] == pytest.approx(0.1348, abs=1e-4)
    assert mixed.comparison.cr == pytest.approx(0.0528, abs=1e-4)


def test_the_importance_of_a_hazard_out_of_the_matrix_counts():
    with hearing(Journal()) as journal:
        mixed = hazard_weights(["earthquake", "flood", "hail", "smog"], importance={"hail": 3, "smog": 1.5, "flood": 9})
    assert journal.warnings == []
    rows = [[1, "1/2", 1 / 3, 1 / 1.5], [2, 1, 1 / 3, 1 / 1.5], [3, 3, 1, 2], [1.5, 1.5, 0.5, 1]]
    assert mixed.weights.tolist() == pytest.approx(ahp(rows).weights.tolist())


def test_hazards_alone_and_none():
    assert hazard_weights(["flood"]).weights.to_dict() == {"flood": 1}
    with hearing(Journal()):
        assert hazard_weights(["hail"]).weights.to_dict() == {"hail": 1}
    with pytest.raises(ConfigError) as caught:
        hazard_weights([])
    assert caught.value.problems[0].rule == "weights.no_hazard"
    own = pd.DataFrame([[1, 2], [0.5, 1]], index=["flood", "hail"], columns=["flood", "hail"])
    assert hazard_weights(["flood", "hail"], matrix=own).weights.to_dict() == pytest.approx(
        {"flood": 2 / 3, "hail": 1 / 3}
    )


def test_inconsistent_comparisons_are_refused_unless_forced():
    names = ["flood", "drought", "geology"]
    own = pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]], index=names, columns=names)
    assert not ahp(own).consistent
    with pytest.raises(ConfigError) as caught:
        hazard_weights(names, matrix=own)
    assert caught.value.problems[0].rule == "weights.inconsistent"
    with hearing(Journal()) as journal:
        hazard_weights(names, matrix=own, force=True)
    assert [problem.rule for problem in journal.warnings] == ["weights.forced"]


CALLED = {"flood": "flood", "洪水灾害": "flood", "geology": "geology", "hail": "hail"}


def test_half_of_the_comparisons_is_enough_and_titles_are_names() -> None:
    half = pd.DataFrame({"Geology": ["5", None], "hail": [2, "1/3"]}, index=["洪水灾害", "geology"])
    whole = comparisons_of(half, CALLED)
    assert list(whole.index) == list(whole.columns) == ["flood", "geology", "hail"]
    np.testing.assert_allclose(whole, [[1, 5, 2], [1 / 5, 1, 1 / 3], [1 / 2, 3, 1]])
    lower = comparisons_of(whole.where(np.tril(np.ones((3, 3), bool))), CALLED)
    np.testing.assert_allclose(lower, whole)
    made = hazard_weights(["flood", "geology"], matrix=whole)
    assert made.weights.tolist() == pytest.approx([5 / 6, 1 / 6])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"flod": {"geology": 3}}, {"weights.matrix_names": ("flod",)}),
        ({"flood": {"geology": 3}, "洪水灾害": {"geology": 3}}, {"weights.matrix_twice": ("flood",)}),
        (
            {"flood": {"geology": "0", "hail": "much"}},
            {
                "weights.matrix_values": ("flood/geology = 0", "flood/hail = much"),
                "weights.matrix_missing": ("geology/hail",),
            },
        ),
        (
            {"flood": {"flood": "2", "geology": "3"}, "geology": {"flood": "3"}},
            {"weights.matrix_reciprocal": ("flood/flood = 2", "flood/geology = 3", "geology/flood = 3")},
        ),
        ({"flood": {"geology": "1/0"}}, {"weights.matrix_values": ("flood/geology = 1/0",)}),
    ],
)
def test_everything_that_is_wrong_with_a_matrix_is_said_at_once(rows: Any, expected: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        comparisons_of(pd.DataFrame.from_dict(rows, orient="index"), CALLED)
    values = {problem.rule: dict(problem.values) for problem in refused.value.problems}
    assert {rule: said.get("pairs", said.get("names")) for rule, said in values.items()} == expected


def test_users_who_type_033_for_a_third_are_understood() -> None:
    whole = comparisons_of(pd.DataFrame({"flood": [1, 0.33], "geology": [3, 1]}, index=["flood", "geology"]), CALLED)
    assert whole.loc["geology", "flood"] == 0.33


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


def test_a_hazard_that_is_low_where_the_composite_is_high_is_told_in_words_of_its_own():
    parts = pd.DataFrame({"flood": [0.0, 0.4, 0.9], "geology": [0.3, 0.1, 0.0]})
    weights = {"flood": 0.9, "geology": 0.1}
    effective = effective_weights(parts, weights)
    assert effective["geology"] < 0
    assert effective.sum() == pytest.approx(1)
    with hearing(Journal()) as heard:
        warn_of_far(effective, weights)
    assert [problem.rule for problem in heard.warnings] == ["weights.effective_against"]
    assert "-0.0" in heard.warnings[0].found


def test_the_objective_part_may_be_critic_or_the_share_of_recorded_losses():
    rng = np.random.default_rng(2)
    indices = pd.DataFrame(rng.random((12, 3)), columns=["earthquake", "geology", "flood"])
    by_critic = hazard_weights(list(indices), indices, a=0.4, objective="critic")
    pd.testing.assert_series_equal(by_critic.objective, critic(indices).weights, check_names=False)
    losses = pd.Series({"flood": 6e8, "geology": 2e8, "hail": 9e9})
    by_record = hazard_weights(list(indices), indices, a=0.4, objective=losses)
    assert by_record.objective.to_dict() == {"earthquake": 0.0, "geology": 0.25, "flood": 0.75}
    for made in (by_critic, by_record):
        expected = 0.4 * made.subjective + 0.6 * made.objective
        np.testing.assert_allclose(made.weights, expected)
        assert made.weights.sum() == pytest.approx(1)


def test_without_a_record_of_these_hazards_the_comparisons_are_all():
    with hearing(Journal()) as heard:
        made = hazard_weights(["earthquake", "flood"], a=0.5, objective=pd.Series({"hail": 1.0}))
    assert (made.a, made.objective) == (1.0, None)
    assert [problem.rule for problem in heard.warnings] == ["weights.no_history"]


def test_a_hazard_alone_is_compared_with_none():
    with hearing(Journal()) as journal:
        mixed = hazard_weights(["hail"])
    assert mixed.weights.to_dict() == {"hail": 1}
    assert journal.warnings == []


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(KEYS), min_size=2), st.floats(0, 1), st.randoms(use_true_random=False))
def test_a_hazard_that_is_absent_leaves_the_matrix_before_weights_are_made(present, a, random):
    hazards = sorted(present, key=KEYS.index)
    at = [KEYS.index(hazard) for hazard in hazards]
    whole = [[float(Fraction(str(cell))) for cell in row] for row in standards.table("weights/hazards").data["matrix"]]
    own = ahp(np.array(whole)[np.ix_(at, at)]).weights
    mixed = hazard_weights(hazards)
    assert list(mixed.weights.index) == hazards
    assert mixed.weights.tolist() == pytest.approx(own.tolist())
    turned = hazard_weights(random.sample(hazards, len(hazards)))
    assert turned.weights.to_dict() == pytest.approx(mixed.weights.to_dict())
    columns = {hazard: np.linspace(0, 1, 5) ** (1 + at) for at, hazard in enumerate(hazards)}
    part = hazard_weights(hazards, pd.DataFrame(columns), a=a)
    assert part.weights.sum() == pytest.approx(1)
    expected = a * part.subjective + (1 - a) * part.objective
    assert part.weights.to_dict() == pytest.approx(expected.to_dict())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=3, max_size=10),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
)
def test_effective_weights_sum_to_one_whatever_the_units_are_and_their_order(rows, stated):
    parts = pd.DataFrame(np.array(rows, dtype=float) / 20, columns=list("abc"))
    parts.loc[len(parts)] = 1.5
    weights = dict(zip("abc", np.array(stated) / sum(stated)))
    with hearing(Journal()):
        shares = effective_weights(parts, weights)
        assert shares.sum() == pytest.approx(1)
        turned = effective_weights(parts.iloc[::-1, ::-1], weights)
        assert turned.to_dict() == pytest.approx(shares.to_dict())
        # A part that is the same everywhere moves nothing, whatever its weight.
        still = effective_weights(parts.assign(c=0.4), weights)
    assert still["c"] == pytest.approx(0, abs=1e-12)
