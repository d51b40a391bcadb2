"""Data, quality, what is missing, and the grades of all units in the report."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from riskzoning import standards
from riskzoning.names import Index
from riskzoning.report.facts import Facts
from tests.full_result import full_result
from tests.report.documents import read


def test_inputs_units_and_quality(tmp_path: Path) -> None:
    result = full_result()
    inputs = [
        {
            "name": "depth",
            "path": "/data/flood/depth.tif",
            "sha256": "0123456789",
            "quantity": "flood_depth",
            "units": "m",
            "year": 2020,
        }
    ]
    text, tables = read(dataclasses.replace(result, record={**result.record, "inputs": inputs}), tmp_path)
    assert tables["输入数据"][1] == ["depth", "depth.tif", "flood_depth m", "2020", "01234567"]
    assert "行政单元：市级单元 1 个、县级单元 2 个、乡镇级单元 6 个。" in text
    assert tables["调查表质检得分"][1] == ["应急避难场所", "200", "8", "3", "92.5"]
    assert tables["各灾种权重"][1] == ["洪水灾害", "0.600", "0.500", "0.550"]


def test_messages_are_told_once_a_rule_with_their_number(tmp_path: Path) -> None:
    result = full_result()
    same = [{"rule": "a", "file": f"form{n}", "found": "有错误", "fix": "请更正。"} for n in range(4)]
    other = {"rule": "b", "input": "villages", "action": "有 2 个对象没有位置"}
    record = {**result.record, "warnings": same, "dropped": [other]}
    text, _ = read(dataclasses.replace(result, record=record), tmp_path)
    assert "警告（4 条）" in text
    assert "form0有错误。请更正。（另有同类 3 条）" in text
    assert "form1" not in text
    assert "villages 有 2 个对象没有位置" in text


def test_messages_name_hazards_as_the_report_does(tmp_path: Path) -> None:
    result = full_result()
    told = [{"rule": "a", "file": "灾种“flood”的损失", "found": "偏大", "fix": "请核对。"}]
    text, _ = read(dataclasses.replace(result, record={**result.record, "warnings": told}), tmp_path)
    assert "灾种“洪水灾害”的损失偏大。请核对。" in text


def test_tables_that_are_not_verified_and_totals(tmp_path: Path) -> None:
    _, tables = read(full_result(), tmp_path)
    assert tables["未核实的数表"][1] == ["grades/rules", "分级规则", "项目默认", "project"]
    assert tables["单元合计与输入总量"][1][-1] == "0"


def test_totals_are_in_units_of_a_size_that_can_be_read(tmp_path: Path) -> None:
    result = full_result()
    totals = (
        result.tables["reconciliation"]
        .iloc[:1]
        .assign(
            quantity="building_value_yuan",
            level="township",
            total_units=5.64040721859e11,
            unallocated=3e9,
            total_input=5.64e11,
            difference=7e-5,
        )
    )
    tables = {**result.tables, "reconciliation": totals}
    _, read_tables = read(dataclasses.replace(result, tables=tables), tmp_path)
    assert read_tables["单元合计与输入总量"][1] == ["房屋价值（亿元）", "5,640", "30", "5,640", "<0.1%"]


def test_every_table_of_standards_has_a_chinese_title() -> None:
    facts = Facts(full_result(), "zh")
    plain = [
        name
        for name in standards.table_names()
        if not name.startswith("names/problems/")
        and not re.search("[\u4e00-\u9fff]", facts.table_title(name, "English"))
    ]
    assert plain == [], "names/report.yml, table_titles, lacks them"
    assert facts.table_title("survey_forms/shelter", "Emergency shelters") == "调查表：应急避难场所"
    assert facts.table_title("survey_forms/of_ones_own", "自定表") == "自定表"
    assert Facts(full_result(), "en").table_title("units", "Unit conversions") == "Unit conversions"


def test_no_title_is_of_a_table_that_is_gone() -> None:
    assert set(standards.table("names/report").data["table_titles"]) <= set(standards.table_names())


def test_the_annex_has_every_unit_with_its_grades(tmp_path: Path) -> None:
    result = full_result()
    _, tables = read(result, tmp_path)
    rows = tables["各乡镇级单元的风险等级"]
    frame = result.units["township"].sort_index()
    assert [row[0] for row in rows[1:]] == list(frame.index)
    names = {1: "低", 2: "中低", 3: "中", 4: "中高", 5: "高"}
    assert [row[2] for row in rows[1:]] == [names[int(g)] for g in frame[Index("flood", "risk").grade_key]]
    assert rows[0] == ["代码", "乡镇级", "洪水", "地震", "综合", "人口（人）"]
