"""Two runs of a small city: each change has the cause that was put in, and the steps add up to the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning.comparison import compare, compare_runs
from riskzoning.errors import ConfigError
from riskzoning.names import column_of
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from tests.comparison.conftest import Runs, left_in

WEIGHTS = {"fixed": {"earthquake": 0.3, "flood": 0.7}}
PEOPLE = [800_000, 600_000, 50_000]


def causes(table: pd.DataFrame) -> set[str]:
    return set(table["cause"])


def of(table: pd.DataFrame, hazard: str, receptor: str = "", indicator: str = "risk_index") -> pd.DataFrame:
    chosen = (table["hazard"] == hazard) & (table["receptor"] == receptor) & (table["indicator"] == indicator)
    return table[chosen]


def check_sums(table: pd.DataFrame, before: StudyResult, after: StudyResult) -> None:
    """The steps of each unit and indicator lead from the stored value of one run to that of the other."""
    old, new = (pd.concat([pd.DataFrame(frame) for frame in run.units.values()]) for run in (before, after))
    for (code, hazard, receptor, indicator), rows in table.groupby(["code", "hazard", "receptor", "indicator"]):
        column = column_of(hazard, receptor, indicator)
        ends = old.loc[code, column.key], new.loc[code, column.key]
        assert rows["before"].iloc[0] == ends[0]
        assert rows["after"].iloc[-1] == ends[1]
        assert rows["change"].sum() == pytest.approx(ends[1] - ends[0], rel=1e-12, abs=1e-15)
        np.testing.assert_array_equal(rows["before"].to_numpy()[1:], rows["after"].to_numpy()[:-1])
        assert list(rows["step"]) == list(range(1, len(rows) + 1))
        if rows["grade_before"].notna().all():
            grades = old.loc[code, column.grade_key], new.loc[code, column.grade_key]
            assert (rows["grade_before"].iloc[0], rows["grade_after"].iloc[-1]) == grades
            assert list(rows["grade_before"])[1:] == list(rows["grade_after"])[:-1]
    # And what changed is there: no unit is left out.
    for index in after.indices:
        moved = (old[index.key] - new[index.key]).abs() > 1e-12
        own = of(table, index.hazard, index.receptor or "", index.indicator)
        assert set(moved.index[moved]) <= set(own["code"])


def test_a_run_beside_itself_has_changed_nothing(runs: Runs) -> None:
    assert len(compare_runs(runs("a"), runs("a"))) == 0
    assert list(compare_runs(runs("a"), runs("a")).columns)[:3] == ["code", "name", "level"]


def test_other_weights_change_the_composites_and_nothing_else(runs: Runs) -> None:
    table = compare_runs(runs("a"), runs("weights", weights=WEIGHTS))
    assert set(table["hazard"]) == {"multi"}
    assert causes(table) <= {"weight", "break"}
    assert "weight" in causes(table)
    assert table.loc[table["cause"] == "weight", "detail"].str.startswith("earthquake 0.333 → 0.300").all()
    check_sums(table, runs("a"), runs("weights"))


def test_frozen_breaks_change_grades_alone(runs: Runs) -> None:
    frozen = {"frozen": {"multi_risk_index": [0.2, 0.4, 0.6, 0.8, 1.0]}}
    table = compare_runs(runs("a"), runs("frozen", zoning=frozen))
    assert causes(table) == {"break"}
    assert (table["change"] == 0).all()
    assert (table["grade_before"] != table["grade_after"]).all()
    assert table["detail"].str.contains("frozen 0.2/0.4/0.6/0.8/1").all()


def test_another_year_of_people_is_an_input_with_its_name(runs: Runs) -> None:
    after = runs("people", people=PEOPLE)
    table = compare_runs(runs("a"), after)
    people = of(table, "", "", "population")
    assert causes(people) == {"input"}
    assert set(people["detail"]) == {"population"}
    risks = of(table, "flood", "population")
    assert causes(risks) == {"input"}
    assert set(risks["part"]) <= {"exposure", "hazard"}
    assert "exposure" in set(risks["part"])
    assert not len(of(table, "flood", indicator="hazard_index")), "the hazard is where it was"
    check_sums(table, runs("a"), after)


def test_several_causes_have_a_step_each(runs: Runs) -> None:
    after = runs("all", people=PEOPLE, weights=WEIGHTS, risk={"form": "product", "combine": "weighted_product"})
    table = compare_runs(runs("a"), after)
    steps = of(table, "multi")
    order = ["exposure", "form", "weights", "combination", "break"]
    for _, rows in steps.groupby("code"):
        parts = [part for part in rows["part"] if part in order]
        assert parts == sorted(parts, key=order.index)
    told = steps.drop_duplicates(["cause", "part"]).set_index("part")["cause"]
    assert told[["exposure", "form", "weights", "combination"]].tolist() == ["input", "method", "weight", "method"]
    check_sums(table, runs("a"), after)


def test_another_rule_of_units_cannot_be_taken_apart_but_is_told(runs: Runs) -> None:
    after = runs("means", risk={"unit_rule": "area_mean"})
    table = compare_runs(runs("a"), after)
    assert causes(of(table, "flood", "population")) == {"method"}
    assert set(of(table, "flood", "population")["detail"]) == {"risk.unit_rule"}
    check_sums(table, runs("a"), after)


def test_a_parameter_of_a_hazard_is_told_by_its_key(runs: Runs) -> None:
    hazards = [
        {"hazard": "earthquake", "inputs": {"pga": ["pga_475", "pga_2475"]}, "params": {"reference_period": 2475}},
        {"hazard": "flood", "inputs": {"depth": ["depth_20", "depth_100"]}},
    ]
    table = compare_runs(runs("a"), runs("site", hazards=hazards))
    of_hazard = of(table, "earthquake", indicator="hazard_index")
    assert causes(of_hazard) == {"parameter"}
    assert set(of_hazard["detail"]) == {"hazards.earthquake.params.reference_period"}
    assert not len(table[table["hazard"] == "flood"])
    assert causes(of(table, "multi")) <= {"parameter", "break"}


def test_a_hazard_that_is_left_out_is_no_change_of_the_others(runs: Runs) -> None:
    flood = [{"hazard": "flood", "inputs": {"depth": ["depth_20", "depth_100"]}}]
    table = compare_runs(runs("a"), runs("flood_only", hazards=flood))
    assert not len(table[table["hazard"] == "flood"])
    gone = table[table["hazard"] == "earthquake"]
    assert gone["after"].isna().all()
    assert causes(gone) == {"parameter"}
    steps = of(table, "multi")
    assert set(steps["part"]) <= {"hazards_left", "weights", "break"}
    check_sums(table[table["hazard"] == "multi"], runs("a"), runs("flood_only"))


def test_folders_are_compared_as_results_are(runs: Runs, tmp_path: Path) -> None:
    before, after = runs("a"), runs("weights", weights=WEIGHTS)
    folders = left_in(before, tmp_path / "a"), left_in(after, tmp_path / "b")
    pd.testing.assert_frame_equal(compare_runs(*folders), compare_runs(before, after))
    assert compare(*folders).after.title("en") == "Suzhou"


@pytest.mark.parametrize("what", ["nowhere", "empty", "no_tables", "broken"])
def test_a_folder_that_is_no_run_is_told(tmp_path: Path, what: str) -> None:
    folder = tmp_path / what
    if what != "nowhere":
        folder.mkdir()
    if what == "no_tables":
        (folder / "run.json").write_text("{}", encoding="utf-8")
    if what == "broken":
        (folder / "run.json").write_text("[", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        compare_runs(folder, folder)
    rules = {"nowhere": "no_folder", "empty": "no_record", "no_tables": "no_tables", "broken": "record"}
    assert caught.value.problems[0].rule == f"compare.{rules[what]}"


def test_new_and_lost_units_stand_alone_and_the_others_are_compared() -> None:
    before = toy_result()
    township = before.units["township"]
    units = {**before.units, "township": township.iloc[1:].rename(index={township.index[1]: "990199001"})}
    fields: dict[str, Any] = {name: getattr(before, name) for name in before.__dataclass_fields__}
    table = compare_runs(before, StudyResult(**{**fields, "units": units}))
    assert causes(table) == {"code"}
    codes = [str(township.index[0]), str(township.index[1]), "990199001"]
    assert set(table["code"]) == set(codes)
    new = table[table["code"] == "990199001"]
    assert new["before"].isna().all()
    # The ground says what it was before: the unit has only another code.
    assert new.loc[new["indicator"] == "unit", "detail"].tolist() == [f"990199001 ← {codes[1]} 100%"]
