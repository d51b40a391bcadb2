"""Events by class: shares add up, from the highest down they are the rate curve, a falling ratio is seen."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.pipeline.stages.proof.classes import COLUMNS, by_class, gathered, rises


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
