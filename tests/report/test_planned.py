"""Zones, plans and what losses take up in the report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from riskzoning.results import StudyResult
from tests.full_result import full_result
from tests.report.documents import read


def zoned(language: str = "zh") -> StudyResult:
    result = full_result(language=language)
    county = result.units["county"][["name", "geometry"]].assign(
        name_en=["West", "East"], area_km2=[10.0, 20.0], population=[100.0, 200.0]
    )
    regions = pd.concat(
        [
            county.assign(tier=1, leading_hazards=None),
            county.assign(tier=2, leading_hazards="flood;earthquake"),
            county.assign(tier=3, leading_hazards="flood"),
        ]
    )
    prevention = pd.concat(
        [
            county.assign(hazard="multi", grade=[3, 1], measures="工程治理、监测预警"),
            county.assign(hazard="flood", grade=[2, 2], measures=None),
        ]
    )
    used = pd.DataFrame(
        {
            "code": ["990101", "990102", "990100"],
            "level": ["county", "county", "city"],
            "gdp_yuan": 1e9,
            "eal": [1e6, 3e6, 4e6],
            "capacity": 1e7,
            "used": [0.1, 0.3, None],
        }
    )
    plans = pd.DataFrame(
        {
            "region": ["990101", "990102", "990102", "990101"],
            "plan": ["城镇开发边界", "main_function", "永久基本农田", "永久基本农田"],
            "class": ["x", "key_development", "y", "y"],
            "risk_grade": [5, 4, 4, 1],
            "area_km2": [1.0, 2.0, 3.0, 9.0],
            "population": [10.0, None, None, None],
            "conflict": [3, 2, 2, 0],
            "text": "应避让",
        }
    )
    tables = {**result.tables, "risk_capacity": used, "planning_conflicts": plans}
    return dataclasses.replace(
        result, zones={**result.zones, "zone_region": regions, "zone_prevention": prevention}, tables=tables
    )


def test_regions_of_the_upper_tiers(tmp_path: Path) -> None:
    _, tables = read(zoned(), tmp_path)
    rows = tables["综合风险区划（一、二级区，4 / 6 个；区名写明本区比全市突出的灾种）"]
    assert [row[0] for row in rows[1:]] == ["1", "1", "2", "2"]
    assert rows[3][1:3] == ["西县", "洪水灾害、地震灾害"]
    assert rows[1][2] == ""


def test_prevention_zones_are_counted_and_the_first_have_their_measures(tmp_path: Path) -> None:
    _, tables = read(zoned(), tmp_path)
    assert tables["防治区数量（个）"][1:] == [["洪水灾害", "0", "2", "0", "0"], ["自然灾害综合", "1", "0", "1", "100"]]
    assert tables["综合重点防治区（1 个）"][1] == ["西县", "工程治理、监测预警", "10", "100"]


def test_plans_the_gravest_first_by_their_class_and_what_losses_take_up(tmp_path: Path) -> None:
    _, tables = read(zoned(), tmp_path)
    # What is routine (conflict 0) is none.
    assert [row[:2] for row in tables["规划与风险的冲突（3 / 3 处）"][1:]] == [
        ["城镇开发边界", "西县"],
        ["永久基本农田", "东县"],
        ["重点开发区域", "东县"],
    ]
    assert tables["风险承载能力"][1:] == [["东县", "300", "1,000", "30.0%"], ["西县", "100", "1,000", "10.0%"]]


def test_zones_have_their_english_names(tmp_path: Path) -> None:
    text, tables = read(zoned("en"), tmp_path)
    regions = next(
        rows for title, rows in tables.items() if title.startswith("Regions of the upper two tiers (4 of 6;")
    )
    assert regions[1][1] == "West"
    assert "1 zone of first priority: West." in text
