"""Numbers of the report are those of the tables: units by grade, ranking, what lies in each grade, findings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from riskzoning import standards
from riskzoning.names import Index
from tests.full_result import full_result
from tests.report.documents import read


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_units_by_grade_are_those_of_the_frame(tmp_path: Path) -> None:
    result = full_result()
    _, tables = read(result, tmp_path)
    rows = tables["自然灾害综合风险等级：各等级的乡镇级单元"]
    frame = result.units["township"]
    grades = frame[Index("multi", "risk").grade_key]
    assert rows[0] == ["等级", "乡镇级单元数", "人口（人）", "占比", "面积（平方公里）", "占比"]
    for row, grade in zip(rows[1:], range(5, 0, -1), strict=True):
        assert number(row[1]) == (grades == grade).sum()
        assert number(row[2]) == frame.loc[grades == grade, "population"].sum()
    assert sum(number(row[4]) for row in rows[1:]) == pytest.approx(60)


def test_the_ranking_begins_with_the_highest(tmp_path: Path) -> None:
    result = full_result()
    text, tables = read(result, tmp_path)
    rows = tables["洪水灾害风险指数最高的 6 个乡镇级单元"]
    frame = result.units["township"].sort_values(Index("flood", "risk").key, ascending=False)
    assert [row[1].split()[-1] for row in rows[1:]] == frame["name"].tolist()
    assert rows[0][-1] == "年均期望损失（万元）"
    best = result.units["township"].sort_values(Index("multi", "risk").key, ascending=False)["name"].iloc[0]
    assert f"指数最高的乡镇级单元依次为：{'西' if best.startswith('西') else '东'}县 {best}" in text


def test_what_lies_in_each_grade_adds_up(tmp_path: Path) -> None:
    result = full_result()
    _, tables = read(result, tmp_path)
    rows = tables["各灾种危险性等级内的人口（人）"]
    assert rows[0] == ["灾种", "1 级", "2 级", "3 级", "4 级", "无数据", "合计"]
    table = result.tables["exposure_by_grade"]
    own = table[(table["level"] == "city") & (table["hazard"] == "flood") & (table["quantity"] == "population")]
    for cell, value in zip(rows[1][1:5], own["value"].iloc[1:], strict=True):
        assert number(cell.splitlines()[1]) == pytest.approx(value, rel=1e-3)
    assert number(rows[1][-1]) == pytest.approx(own["value"].sum(), rel=1e-3)


def test_findings_name_objects_weak_units_dangers_and_missed_targets(tmp_path: Path) -> None:
    text, _ = read(full_result(), tmp_path)
    high = (full_result().tables["objects"]["max_grade"] >= 4).sum()
    assert f"{high} 处承灾对象（共 42 处）位于致灾危险性中高及以上的地方（洪水灾害 {high} 处）" in text
    assert "减灾能力弱或较弱的乡镇级单元 3 个" in text
    assert "登记重点隐患 24 处，其中重大 4 处；威胁 680人，未销号的占 75.0%" in text
    assert "年均每百万人口因灾死亡率 1.60（目标 < 1.30，1/1e6）" in text


def test_units_of_high_risk_are_counted_with_their_people(tmp_path: Path) -> None:
    result = full_result()
    frame = result.units["township"]
    frame[Index("multi", "risk").grade_key] = [5, 4, 4, 3, 2, 1]
    frame["population"] = [1e4, 2e4, 3e4, 1e4, 1e4, 2e4]
    text, _ = read(result, tmp_path)
    assert "自然灾害综合风险中高及以上的乡镇级单元 3 个（共 6 个），常住人口 6.00万人，占 60.0%。" in text


def test_zones_of_first_priority_are_named(tmp_path: Path) -> None:
    result = full_result()
    zones = result.units["county"][["name", "geometry"]].assign(grade=[3, 1], hazard="multi", zone_id=["a", "b"])
    text, _ = read(dataclasses.replace(result, zones={**result.zones, "zone_prevention": zones}), tmp_path)
    assert f"划定重点防治区 1 个：{zones['name'].iloc[0]}" in text


def test_units_without_a_grade_have_a_row(tmp_path: Path) -> None:
    result = full_result()
    frame = result.units["township"]
    column = Index("multi", "risk").grade_key
    frame[column] = frame[column].astype("Float64")
    frame.iloc[0, frame.columns.get_loc(column)] = pd.NA
    _, tables = read(result, tmp_path)
    rows = tables["自然灾害综合风险等级：各等级的乡镇级单元"]
    assert [row[:2] for row in rows if row[0] == "无数据"] == [["无数据", "1"]]


def test_how_the_hazards_were_combined_and_what_other_rules_would_say(tmp_path: Path) -> None:
    result = full_result()
    rules = pd.DataFrame(
        {
            "level": "township", "hazard": "multi", "receptor": "", "indicator": "risk_grade",
            "rule": ["composed", "any_cell"], "units": 6, "differing": [0, 4], "share": [0.0, 4 / 6], "lower": 0,
            "higher": [0, 4], "far": [0, 2], "far_share": [0.0, 2 / 6],
        }
    )  # fmt: skip
    weights = pd.DataFrame({"hazard": ["flood", "earthquake"], "weight": [0.625, 0.375]})
    record = {**result.record, "study": {"risk": {"combine": "maximum"}}}
    tables = {**result.tables, "rule_disagreement": rules, "weights": weights}
    text, shown = read(dataclasses.replace(result, tables=tables, record=record), tmp_path)
    assert "取各灾种最大值" in text
    assert "洪水灾害 0.62、地震灾害 0.38" in text
    rows = shown["自然灾害综合：其他定级规则与发布等级不一致的乡镇级单元"]
    assert rows[2][:4] == ["取任一格网的最高等级", "6", "4", "66.7%"]
    assert rows[1][2] == "0"


def test_every_rule_of_grading_has_words() -> None:
    told = standards.table("names/output_tables").data["tables"]["grades_by_rule"]["columns"]["rule"]["en"]
    assert set(standards.table("names/common").data["unit_rule"]) == set(told.strip("`").split())
