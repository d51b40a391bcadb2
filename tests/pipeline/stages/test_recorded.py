"""Modelled losses against recorded ones; targets that only a record can answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.config import HistoryConfig
from riskzoning.errors import Journal, hearing, speaking
from riskzoning.pipeline.stages.recorded import against_history, by_year, targets_table
from riskzoning.pipeline.workspace.frames import keep_frames

PERSONS = {"population": "pop", "dead": "dead", "missing": "lost", "affected": "hit"}
NAMES: dict[str, Any] = {"table": "t", "hazard": "hazard", "units": "万元", "unit": "code", "gdp": "gdp", **PERSONS}


@pytest.fixture
def records() -> pd.DataFrame:
    """Two counties, two hazards, two years; GDP and people stand on every row of a county and year."""
    rows = [
        (year, code, hazard, loss, 1000.0, 5e5, dead, 0, 1e4)
        for year in (2019, 2020)
        for code in ("a", "b")
        for hazard, loss, dead in (("洪涝", 10.0 if year == 2019 else 0.0, 1), ("地震", 0.5, 0))
    ]
    return pd.DataFrame(rows, columns=["year", "code", "hazard", "loss", "gdp", "pop", "dead", "lost", "hit"])


def units(**values: float) -> dict[str, gpd.GeoDataFrame]:
    return {"city": gpd.GeoDataFrame({name: [value] for name, value in values.items()}, geometry=[None])}


SEGMENTS = pd.DataFrame(
    {"hazard": "flood", "units": "yuan/a", "from_period": [5.0, 50.0], "to_period": [50.0, 500.0], "loss": [3.0, 1.0],
     "share": [0.75, 0.25], "protection_years": float("nan"), "protected_share": 0.0}
)  # fmt: skip


def test_gdp_and_people_of_a_county_and_year_count_once(records: pd.DataFrame) -> None:
    given = by_year(records, HistoryConfig(**NAMES))
    assert given.annual["gdp"].tolist() == [2e7, 2e7]
    assert given.annual["population"].tolist() == [1e6, 1e6]
    assert given.annual["loss"].tolist() == [21e4, 1e4]
    assert given.annual["dead_missing"].tolist() == [2, 2]
    assert given.losses["flood"].tolist() == [2e5, 0]
    assert by_year(records, HistoryConfig(**NAMES, first=2020)).annual["year"].tolist() == [2020]


def test_modelled_by_recorded_stands_in_the_validation(records: pd.DataFrame) -> None:
    given = by_year(records, HistoryConfig(**NAMES))
    with hearing(Journal()) as heard:
        table = against_history(given, units(flood_eal=4e5, earthquake_eal=5e3, gdp_yuan=4e7), SEGMENTS)
    value = table.set_index(["hazard", "measure"])["value"]
    assert value["flood", "eal.first_segment_share"] == 0.75
    assert value["flood", "eal.recorded"] == pytest.approx(1e5)
    assert value["flood", "eal.recorded_at_present_gdp"] == pytest.approx(2e5 / 4e7 * 4e7)
    assert value["flood", "eal.modelled_by_recorded"] == pytest.approx(2.0)
    assert value["earthquake", "eal.modelled_by_recorded"] == pytest.approx(0.25)
    (problem,) = heard.warnings
    assert (problem.rule, str(dict(problem.about.values)["hazard"])) == ("history.factor", "earthquake")
    assert value["flood", "eal.record_years"] == 2
    assert value["flood", "eal.rarer_than_record"] == 1.0
    assert value["flood", "eal.largest_segment_from"] == 5
    assert value["flood", "eal.largest_segment_share"] == 0.75
    assert value["flood", "eal.chance_that_record_has_none"] == pytest.approx(np.exp(-2 / 5))


@pytest.mark.parametrize(
    ("first", "modelled", "rule"),
    [
        (50.0, 4e6, "history.factor_short_record"),  # two years without an event of 50: 96 %
        (0.5, 4e6, "history.factor_segments"),  # two years without one of half a year: 2 %
        (50.0, 1e4, "history.factor_segments"),  # less than recorded: no matter of the record's length
    ],
)
def test_the_reason_for_a_factor_is_said(records: pd.DataFrame, first: float, modelled: float, rule: str) -> None:
    given = by_year(records, HistoryConfig(**NAMES))
    segments = SEGMENTS.assign(from_period=[first, 500.0], to_period=[500.0, 5000.0])
    with hearing(Journal()) as heard:
        against_history(given, units(flood_eal=modelled, gdp_yuan=4e7), segments)
    (problem,) = heard.warnings
    assert problem.rule == rule
    assert dict(problem.values)["chance"] == pytest.approx(np.exp(-2 / first))
    assert dict(problem.values)["share"] == 0.75


def test_without_a_history_only_the_segments_stand_there() -> None:
    table = against_history(None, units(flood_eal=4e5), SEGMENTS)
    assert table["measure"].tolist() == ["eal.first_segment_share"]


def test_targets_are_answered_by_the_record_alone(records: pd.DataFrame) -> None:
    city = units(multi_eal=9e5, gdp_yuan=1e7, earthquake_deaths=0.5, population=1e6)
    bare = targets_table(city).set_index("indicator")
    assert bare["value"].isna().all()
    assert bare["met"].isna().all()
    assert bare.loc["loss_gdp", "modelled"] == pytest.approx(9.0)
    assert bare.loc["deaths_per_million", "modelled"] == pytest.approx(0.5)
    table = targets_table(city, by_year(records, HistoryConfig(**NAMES))).set_index("indicator")
    assert table.loc["loss_gdp", "value"] == pytest.approx(100 * 22e4 / 4e7)
    assert bool(table.loc["loss_gdp", "met"])
    assert table.loc["deaths_per_million", "value"] == pytest.approx(2.0)
    assert not table.loc["deaths_per_million", "met"]
    assert table.loc["loss_gdp", "basis"] == "recorded 2019-2020"
    assert tuple(table.loc["loss_gdp", ["first_year", "last_year"]]) == (2019, 2020)
    with speaking("zh"):
        assert targets_table(city)["basis"].unique().tolist() == ["未评估：需要历年灾害损失"]
    assert table.loc["affected_per_100000", "value"] == pytest.approx(4000)
    assert table.loc["loss_gdp", "trend_text"] == "too few years to tell (2)"
    assert targets_table({})["modelled"].isna().all()


def test_a_loss_above_the_gdp_of_its_county_is_a_wrong_unit_and_left_out(records: pd.DataFrame) -> None:
    records.loc[0, "loss"] *= 1e4
    with hearing(Journal()) as heard:
        given = by_year(records, HistoryConfig(**NAMES))
    problem = next(problem for problem in heard.warnings + heard.dropped if problem.rule == "dropped.history_amounts")
    assert dict(problem.values)["rows"] == ("a 洪涝 2019",)
    assert given.losses["flood"].tolist() == [1e5, 0]


def test_a_history_of_all_hazards_together_answers_the_targets_only(records: pd.DataFrame, tmp_path: Path) -> None:
    given = by_year(records.drop(columns="hazard"), HistoryConfig(**{**NAMES, "hazard": None}))
    assert given.losses.empty
    rows = keep_frames(tmp_path, given._asdict())
    assert [row["name"] for row in rows] == ["losses", "annual"], "and it is kept, so that no book is read twice"
    assert against_history(given, units(flood_eal=4e5, gdp_yuan=4e7), SEGMENTS)["measure"].tolist() == [
        "eal.first_segment_share"
    ]
    assert targets_table({}, given).set_index("indicator")["value"].notna().all()


def test_the_protection_stands_in_the_validation() -> None:
    protected = SEGMENTS.assign(protection_years=20.0, protected_share=0.4)
    value = against_history(None, {}, protected).set_index("measure")["value"]
    assert (value["eal.protection_years"], value["eal.protected_share"]) == (20, 0.4)


def test_a_modelled_value_says_why_it_is_not_the_recorded_one(records: pd.DataFrame) -> None:
    city = units(multi_eal=9e5, gdp_yuan=1e7, earthquake_deaths=0.5, population=1e6)
    given = by_year(records, HistoryConfig(**NAMES))
    quakes = [("earthquake", "person/a", 50.0, 1.0), ("earthquake", "person/a", 475.0, 19.0)]
    rows = [*quakes, ("flood", "yuan/a", 1.0, 5.0)]
    segments = pd.DataFrame(rows, columns=["hazard", "units", "from_period", "loss"])
    why = targets_table(city, given, segments).set_index("indicator")["modelled_about"]
    # The record has two years: both segments of deaths are rarer, that of the flood is not.
    assert "100% of it comes from events of 50 years and rarer, which 2 years of record" in why["deaths_per_million"]
    assert why["loss_gdp"].endswith("no record")
    assert why["affected_per_100000"] == ""
    with speaking("zh"):
        chinese = targets_table(city, given, segments).set_index("indicator")["modelled_about"]
    assert "50 年一遇" in chinese["deaths_per_million"]
    assert set(targets_table(city, given)["modelled_about"]) == {""}
