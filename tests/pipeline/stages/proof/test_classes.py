"""Events by class: shares add up, from the highest down they are the rate curve, a falling ratio is seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.proof.classes import COLUMNS, by_class, gathered, rises, tell_classes


def made(counts: dict[int, float], areas: dict[int, float]) -> pd.DataFrame:
    return by_class(pd.Series(counts), pd.Series(areas), ("flood", "points"), ("2016", "independent"))


def test_shares_and_their_sums_from_the_highest_class_down() -> None:
    # Areas .6 .3 .1 of the ground, events 1 3 6: ratios 1/6, 1, 6; the class without data is left out.
    table = made({0: 5, 1: 1, 2: 3, 3: 6}, {0: 900.0, 1: 60.0, 2: 30.0, 3: 10.0})
    assert list(table) == COLUMNS
    assert table["grade"].tolist() == [3, 2, 1]
    assert table["frequency_ratio"].tolist() == pytest.approx([6.0, 1.0, 1 / 6])
    assert table["event_share_above"].tolist() == pytest.approx([0.6, 0.9, 1.0])
    assert table["area_share_above"].tolist() == pytest.approx([0.1, 0.4, 1.0])
    assert set(table["n"]) == {10.0}
    assert (table["frequency_ratio"] * table["area_share"]).sum() == pytest.approx(1.0)
    assert rises(table)


def test_a_ratio_that_falls_does_not_rise_and_a_class_without_ground_is_passed() -> None:
    assert not rises(made({1: 6, 2: 3}, {1: 50.0, 2: 50.0}))
    assert rises(made({1: 1, 3: 9}, {1: 50.0, 2: 0.0, 3: 50.0}))
    assert not rises(made({1: 4}, {1: 50.0}))


def test_all_under_each_other() -> None:
    assert list(gathered([])) == COLUMNS
    one = made({1: 1}, {1: 1.0})
    assert len(gathered([one, pd.DataFrame(), one])) == 2


def told(table: pd.DataFrame) -> list[str]:
    with hearing(Journal()) as heard:
        tell_classes(table)
    return [problem.rule for problem in heard.warnings]


def test_fewer_events_than_classes_are_told_and_judge_nothing() -> None:
    few = made({1: 0, 2: 1, 3: 1}, {1: 60.0, 2: 30.0, 3: 10.0})
    assert np.isnan(rises(few))
    assert told(few) == ["proof.few_events"]
    # Three for three classes are enough to count, and too few to wonder about an empty one.
    assert told(made({1: 0, 2: 1, 3: 2}, {1: 60.0, 2: 30.0, 3: 10.0})) == []


def test_a_class_whose_ground_would_have_events_and_has_none_is_told() -> None:
    counts = {1: 0, 2: 0, 3: 20}
    with hearing(Journal()) as heard:
        tell_classes(made(counts, {1: 50.0, 2: 40.0, 3: 10.0}))
    (problem,) = heard.warnings
    assert problem.rule == "proof.empty_class"
    assert (dict(problem.values)["grade"], dict(problem.values)["wanted"]) == (2, pytest.approx(8.0))
    # On little ground none is no wonder, and where there is none it is nothing.
    assert told(made(counts, {1: 80.0, 2: 5.0, 3: 15.0})) == []
    assert told(made(counts, {1: 80.0, 2: 0.0, 3: 20.0})) == []


def test_no_events_have_nothing_to_tell() -> None:
    assert told(gathered([])) == []
