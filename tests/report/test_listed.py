"""Objects, capacity, dangers, targets and zones in the report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from tests.full_result import HOSTILE, full_result
from tests.report.documents import read


def test_objects_by_kind_and_grade_add_up(tmp_path: Path) -> None:
    text, tables = read(full_result(), tmp_path)
    assert "对象的等级指其所在位置的致灾危险性" in text
    rows = tables["各类承灾对象按最高等级统计（处）"]
    assert rows[0] == ["类型", "高", "中高", "中", "中低", "低", "无数据", "合计"]
    counts = [[int(cell) for cell in row[1:]] for row in rows[1:]]
    assert all(sum(row[:-1]) == row[-1] for row in counts)
    assert sum(row[-1] for row in counts) == 42
    assert tables["线状对象在各等级内的长度（公里）"][1] == [
        "公路",
        "洪水灾害",
        "2.60",
        "0",
        "0",
        "2.60",
        "0",
        "0",
        "5.20",
    ]


def test_the_objects_of_the_highest_grades_are_listed(tmp_path: Path) -> None:
    text, tables = read(full_result(objects=100), tmp_path)
    rows = next(rows for title, rows in tables.items() if title.startswith("等级最高的承灾对象"))
    assert len(rows) == 31
    assert rows[1][:4] == ["学校", HOSTILE, "西县 西北镇", "高"]
    assert "完整列表见 tables/objects.csv" in text


def test_capacity_begins_with_the_weakest(tmp_path: Path) -> None:
    _, tables = read(full_result(), tmp_path)
    rows = tables["减灾能力最弱的乡镇级单元（6 / 6 个）"]
    assert rows[0] == ["乡镇级", "乡镇指数", "社区指数"]
    assert rows[1][1:] == ["0.150 弱", "0.150 弱"]
    assert "减灾能力最弱的县级单元（2 / 2 个）" in tables


def test_who_is_reached_in_the_whole_area(tmp_path: Path) -> None:
    result = full_result()
    shelters = pd.DataFrame(
        {
            "code": ["990100", "990101"],
            "level": ["city", "county"],
            "kind": "紧急避难场所",
            "radius_m": 1000.0,
            "people": 10.0,
            "covered": [5.0, 1.0],
            "share": [0.5, 0.1],
        }
    )
    access = pd.DataFrame(
        {
            "code": ["990100"] * 2,
            "level": "city",
            "place": ["fire_station", "hospital"],
            "mode": "road",
            "minutes": 15.0,
            "covered": 4.0,
            "share": 0.4,
        }
    )
    tables = {**result.tables, "shelter_coverage": shelters, "access": access}
    _, read_tables = read(dataclasses.replace(result, tables=tables), tmp_path)
    assert read_tables["避难场所服务半径内的人口"][1:] == [["紧急避难场所", "1,000", "5", "50.0%"]]
    assert [row[0] for row in read_tables["规定时间内可到达的人口"][1:]] == ["消防站", "医院"]


def test_what_a_table_does_not_know_is_a_dash(tmp_path: Path) -> None:
    result = full_result()
    dangers = result.tables["hidden_dangers"].astype({"overdue": object, "unresolved": object})
    dangers[["overdue", "unresolved"]] = None
    capacity = result.tables["capacity"].astype({"index": "Float64", "grade": "Int64"})
    capacity.loc[capacity.index[:2], ["index", "grade"]] = pd.NA
    tables = {**result.tables, "hidden_dangers": dangers, "capacity": capacity}
    _, read_tables = read(dataclasses.replace(result, tables=tables), tmp_path)
    rows = next(rows for title, rows in read_tables.items() if title.startswith("隐患最突出的乡镇级"))
    assert rows[1][-2:] == ["—", "—"]
