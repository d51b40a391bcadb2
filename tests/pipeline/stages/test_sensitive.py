"""One thing changed at a time: hazards left out, other scales, other combinations, scenarios, moved breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.names import MULTI
from riskzoning.pipeline.stages.sensitive import COLUMNS, sensitivity_table
from riskzoning.results import Breaks
from tests.pipeline.stages.test_stability import ALL, FLOOD, GEOLOGY, made_of, ranked, run_of


def rows(table: pd.DataFrame, kind: str, level: str = "township") -> pd.DataFrame:
    return table[(table["kind"] == kind) & (table["level"] == level)].set_index("variant")


def test_every_change_has_a_row_at_each_level_of_three_units_or_more() -> None:
    table = sensitivity_table(run_of(scenarios={"wetter": {"flood": 1.2}}), made_of())
    assert list(table) == COLUMNS
    assert set(table["level"]) == {"township", "county"}
    assert set(rows(table, "drop").index) == {"flood", "geology"}
    assert set(rows(table, "aggregation").index) == {"weighted_product", "inform"}
    assert rows(table, "scenario").index.tolist() == ["wetter"]
    assert table["changed"].between(0, 1).all()
    # Grades with limits that mean something are not stretched over the city.
    assert rows(table, "normalisation").empty
    assert set(table["units"]) == {30, 4}


def test_ranks_within_the_city_are_cut_anew_and_scales_compared() -> None:
    made = made_of(ranked(made_of()))
    table = sensitivity_table(run_of(), made)
    assert set(rows(table, "normalisation").index) == {"minmax", "rank", "zscore"}
    # The light hazard moves fewer units than the heavy one.
    drop = rows(table, "drop")
    assert drop.loc["geology", "rank_correlation"] > drop.loc["flood", "rank_correlation"]
    assert drop.loc["geology", "largest_rank_shift"] < drop.loc["flood", "largest_rank_shift"]
    # Twice the index of every hazard is the same ranking and, cut anew, the same grades.
    half = sensitivity_table(run_of(scenarios={"half": {"flood": 0.5, "geology": 0.5}}), made)
    alone = rows(half, "scenario").loc["half"]
    assert (alone["largest_rank_shift"], alone["changed"]) == (0, 0.0)


def test_moved_breaks_change_grades_and_no_rank() -> None:
    table = rows(sensitivity_table(run_of(), made_of()), "breaks")
    assert set(table["hazard"]) == {"flood", "geology", MULTI}
    assert (table["largest_rank_shift"] == 0).all()
    assert (table["changed"] > 0).any()


def test_a_hazard_that_is_the_same_everywhere_has_no_scale() -> None:
    made = made_of(ranked(made_of()))
    for frame in made.values[0].units.values():  # type: ignore[attr-defined]
        frame[GEOLOGY.key] = 0.2
        frame[ALL.key] = 0.7 * frame[FLOOD.key] + 0.06
    table = rows(sensitivity_table(run_of(), made), "normalisation")
    assert table["rank_correlation"].to_numpy() == pytest.approx(np.ones(3))


def test_without_breaks_of_all_hazards_only_single_ones_are_moved() -> None:
    assert sensitivity_table(run_of(), made_of(Breaks("class_share"))).empty
