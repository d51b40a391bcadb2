"""Grades by several rules, side by side; properties over random partitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.results import Breaks
from riskzoning.zoning.rules import (
    Compared,
    Ruled,
    by_any_cell,
    by_children,
    by_class_share,
    by_own_breaks,
    by_value,
    disagreement,
    far_apart,
    side_by_side,
)

# Cells of three units in the classes 1 to 4.
GROUND = pd.DataFrame({1: [90, 70, 0], 2: [0, 8, 0], 3: [9.5, 12, 0], 4: [0.5, 10, 0]}, index=["A", "B", "C"])
CUT = Breaks("fixed", (0.25, 0.5, 0.75, 1.0))
grounds = st.lists(st.lists(st.floats(0, 50), min_size=4, max_size=4), min_size=1, max_size=6)
# Exact in binary numbers: what a unit of measure changes, not what rounding does.
FACTORS = st.integers(-10, 20).map(lambda power: 2.0**power)


def frame(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[1, 2, 3, 4], index=[f"T{place}" for place in range(len(rows))])


def test_a_fifth_of_the_ground_decides_and_its_share_is_given() -> None:
    ruled = by_class_share(GROUND)
    assert ruled.grades.tolist() == [1, 3, 0]
    assert ruled.values.tolist()[:2] == pytest.approx([1.0, 0.22])
    assert np.isnan(ruled.values["C"])


def test_one_cell_is_enough_for_any_cell_and_its_share_tells_how_little_it_is() -> None:
    ruled = by_any_cell(GROUND)
    assert ruled.grades.tolist() == [4, 4, 0]
    assert ruled.values.tolist()[:2] == pytest.approx([0.005, 0.1])


def test_rounding_at_a_border_is_no_cell() -> None:
    assert by_any_cell(pd.DataFrame({1: [5.0], 2: [1e-12]}, index=["A"])).grades.tolist() == [1]


def test_children_give_the_grade_that_a_fifth_of_their_ground_reaches() -> None:
    grades = pd.Series([1, 5, 2, 3, 0], index=list("abcde"))
    parents = pd.Series(["P", "P", "P", "Q", "Q"], index=list("abcde"))
    areas = pd.Series([60.0, 19.0, 21.0, 1.0, 50.0], index=list("abcde"))
    ruled = by_children(grades, parents, areas, pd.Index(["P", "Q", "R"]))
    # The child of 19 % is not enough for 5; with that of grade 2 it is 40 %. A child without a grade does not count.
    assert ruled.grades.tolist() == [2, 3, 0]
    assert ruled.values.tolist()[:2] == pytest.approx([0.4, 1.0])


def test_own_breaks_need_units_of_the_level() -> None:
    assert by_own_breaks(pd.Series([0.3], index=["city"]), "natural_breaks", 5) is None
    ruled = by_own_breaks(pd.Series([0.1, 0.2, 0.9], index=list("abc")), "natural_breaks", 3)
    assert ruled is not None
    assert ruled.grades.tolist() == [1, 2, 3]


def compared(published: dict[str, int]) -> pd.DataFrame:
    grades = pd.Series(published)
    about = {"level": "town", "hazard": "flood"}
    rules = [by_any_cell(GROUND), by_class_share(GROUND), by_value("area_mean", pd.Series({"A": 0.1, "B": 0.8}), CUT)]
    return side_by_side(pd.Index(["A", "B", "C"]), [Compared(about, rule, grades) for rule in rules])


def test_each_rule_stands_beside_the_published_grade() -> None:
    table = compared({"A": 1, "B": 1, "C": 1})
    assert table["code"].tolist() == ["A"] * 3 + ["B"] * 3 + ["C"] * 3
    assert table["rule"].tolist()[:3] == ["any_cell", "class_share", "area_mean"]
    assert table["difference"].tolist()[:6] == [3, 0, 0, 3, 2, 3]
    # A unit without a grade by a rule is not compared.
    assert table["difference"].isna().tolist()[6:] == [True] * 3
    assert table["grade"].tolist()[6:] == [0] * 3


def test_disagreement_is_counted_by_unit_with_shares() -> None:
    counts = disagreement(compared({"A": 2, "B": 2, "C": 2}), ["hazard"]).set_index("rule")
    assert counts.loc["any_cell", ["units", "differing", "higher", "lower", "far"]].tolist() == [2, 2, 2, 0, 2]
    assert counts.loc["class_share", ["differing", "higher", "lower", "far"]].tolist() == [2, 1, 1, 0]
    assert counts.loc["area_mean", ["share", "far_share"]].tolist() == [1.0, 0.5]


def test_a_bound_that_is_far_is_no_disagreement() -> None:
    assert dict(far_apart(compared({"A": 1, "B": 1, "C": 1}))) == {"class_share": ["B"], "area_mean": ["B"]}


@given(grounds)
def test_any_cell_is_never_below_the_class_share(rows: list[list[float]]) -> None:
    ground = frame(rows)
    share, any_cell = by_class_share(ground).grades.astype(int), by_any_cell(ground).grades.astype(int)
    large = ground.sum(axis=1) > 1e-6
    assert (any_cell[large] >= share[large]).all()


@given(grounds, FACTORS)
def test_the_unit_of_measure_of_the_ground_changes_no_grade(rows: list[list[float]], factor: float) -> None:
    ground = frame(rows).round(3)
    pd.testing.assert_series_equal(by_class_share(ground).grades, by_class_share(ground * factor).grades)


@given(grounds, st.randoms())
def test_the_order_of_rows_changes_no_grade(rows: list[list[float]], chance: object) -> None:
    ground = frame(rows)
    order = list(ground.index)
    chance.shuffle(order)  # type: ignore[attr-defined]
    for rule in (by_class_share, by_any_cell):
        mixed = rule(ground.loc[order])
        pd.testing.assert_series_equal(mixed.grades.loc[ground.index], rule(ground).grades)
    parents = pd.Series(["P"] * len(order), index=ground.index)
    grades, areas = by_any_cell(ground).grades, ground.sum(axis=1)
    first = by_children(grades, parents, areas, ["P"])
    again = by_children(grades.loc[order], parents.loc[order], areas.loc[order], ["P"])
    assert first.grades.tolist() == again.grades.tolist()


@given(st.lists(st.floats(0, 1), min_size=5, max_size=30), FACTORS)
def test_own_breaks_do_not_depend_on_the_unit_of_measure(values: list[float], factor: float) -> None:
    plain = pd.Series([round(value, 3) for value in values])
    ruled = by_own_breaks(plain, "quantiles", 4)
    moved = by_own_breaks(plain * factor, "quantiles", 4)
    assert ruled is not None
    assert moved is not None
    assert ruled.grades.tolist() == moved.grades.tolist()


@given(grounds, st.integers(0, 3))
def test_more_ground_in_the_highest_class_never_lowers_a_grade(rows: list[list[float]], place: int) -> None:
    ground = frame(rows)
    more = ground.copy()
    more.iloc[place % len(rows), 3] += 10
    for rule in (by_class_share, by_any_cell):
        assert (rule(more).grades.astype(int) >= rule(ground).grades.astype(int)).all()


def test_a_rule_that_knows_fewer_units_leaves_the_others_without_grade() -> None:
    ruled = Ruled("children", pd.Series([2], index=["A"]), pd.Series([0.5], index=["A"]))
    about = {"level": "town"}
    table = side_by_side(pd.Index(["A", "B"]), [Compared(about, ruled, pd.Series({"A": 2, "B": 3}))])
    assert table["grade"].tolist() == [2, 0]
    assert np.isnan(table["value"].iloc[1])
