"""Rules inside one row, from the worked examples of the census practice."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.surveys.conftest import annual, events, rules_of, shelters


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"紧急转移安置人口(人)": 36802}, [("evacuated", "Q08.at_most")]),
        ({"死亡人口(人)": 970}, [("dead", "Q08.more_than")]),
        ({"农作物成灾面积(公顷)": 881.4}, [("crop_dam", "Q08.at_most")]),
        ({"农作物绝收面积(公顷)": 70}, [("crop_lost", "Q08.at_most")]),
        ({"倒塌房屋(间)": 4}, [("coll_room", "Q08.rooms")]),
        ({"倒塌房屋(户)": 55293, "倒塌房屋(间)": 17015}, [("coll_room", "Q08.rooms"), ("coll_room", "Q14.rooms")]),
        ({"倒塌房屋(户)": 17015, "倒塌房屋(间)": 55293}, []),
        ({"直接经济损失(万元)": 50.4}, []),
        ({"直接经济损失(万元)": 62}, [("loss_total", "Q08.sum")]),
        ({"直接经济损失(万元)": 500000}, [("loss_total", "Q08.sum"), ("loss_total", "Q14.sum")]),
        ({"结束日期": "2012-07-01"}, [("end", "Q08.before")]),
        ({"年份": 2011}, [("year", "Q08.year")]),
        ({"农作物受灾面积(公顷)": 1021400, "农作物成灾面积(公顷)": 518300, "农作物绝收面积(公顷)": 179800}, []),
    ],
)
def test_events(changes: dict[str, object], told: list[tuple[str, str]]) -> None:
    rows = events().astype(object)
    for name, value in changes.items():
        rows.loc[2, name] = value
    assert rules_of("his_event", rows) == [(2, *item) for item in told]


def test_more_people_than_there_are() -> None:
    rows = annual()
    rows.loc[3, "受灾人口(人)"] = 1.3 * 360000 + 5000
    assert (3, "affected", "Q08.at_most_times") in rules_of("his_annual", rows)
    rows.loc[3, "灾害次数"] = 2
    assert (3, "affected", "Q08.at_most_times") not in rules_of("his_annual", rows)


def test_capacity_of_a_shelter() -> None:
    rows = shelters()
    rows.loc[1, "可容纳人数(人)"] = 1000
    rows.loc[2, "可容纳人数(人)"] = 1200
    assert rules_of("shelter", rows) == [(2, "capacity", "Q08.capacity")]


def population(**changes: object) -> pd.DataFrame:
    # The census of 2020 of the city: sexes, ages, town and country, kinds of households.
    row = {
        "县级代码": "410702", "乡镇代码": "410702001", "乡镇(街道)名称": "某镇", "常住人口(人)": 6251929,
        "男性(人)": 3140169,
        "女性(人)": 3111760, "0-14岁(人)": 1448469, "15-59岁(人)": 3697900, "60岁及以上(人)": 1105560,
        "家庭户人口(人)": 5654433,
        "集体户人口(人)": 597496, "年份": 2020,
    }  # fmt: skip
    return pd.DataFrame([row | changes])


def test_persons_add_up_exactly() -> None:
    assert rules_of("exp_population", population()) == []
    assert rules_of("exp_population", population(**{"男性(人)": 3140168})) == [(0, "pop_res", "Q10.parts")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"地上层数": 14, "建筑高度(m)": 42}, [("floors_up", "Q09.masonry")]),
        ({"地上层数": 0}, [("floors_up", "Q09.range")]),
        ({"建筑面积(m2)": 6}, [("area_m2", "Q09.range")]),
        ({"建筑面积(m2)": 620000}, [("area_m2", "Q09.per_storey")]),
        ({"建筑高度(m)": 30}, [("height_m", "Q09.per_storey")]),
        ({"建筑高度(m)": 1.2}, [("height_m", "Q09.per_storey")]),
        ({}, []),
    ],
)
def test_buildings(changes: dict[str, object], told: list[tuple[str, str]]) -> None:
    row = {
        "房屋编码": "B1", "县级代码": "410702", "乡镇代码": "410702001", "村(社区)代码": "410702001201",
        "经度": 113.9, "纬度": 35.05,
        "房屋类别": "城镇住宅", "结构类型": 1, "建筑面积(m2)": 300, "地上层数": 3, "建筑高度(m)": 9,
        "建成年份": 1992, "调查日期": "2021-05-11",
    }  # fmt: skip
    assert rules_of("exp_building", pd.DataFrame([row | changes])) == [(0, *item) for item in told]


def test_money_needs_the_year_of_its_prices() -> None:
    rows = events().astype(object)
    rows.loc[3, "价格年份"] = None
    assert rules_of("his_event", rows) == [(3, "price_year", "Q01.needed_with")]
    money = [name for name in rows if "万元" in name]
    rows.loc[3, money] = 0
    assert rules_of("his_event", rows) == []
    assert rules_of("his_event", rows.drop(columns="价格年份")) == [(-1, "price_year", "Q01.needed_column")]
    rows[money] = 0
    assert rules_of("his_event", rows.drop(columns="价格年份")) == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 200_000), min_size=6, max_size=6), st.integers(0, 6), st.integers(-40, 40))
def test_any_census_adds_up_to_the_person(numbers: list[int], at: int, off: int) -> None:
    total = sum(numbers) + 1000
    first, second = sorted((numbers[0], numbers[1]))
    persons = {
        "常住人口(人)": total, "男性(人)": total // 2, "女性(人)": total - total // 2, "0-14岁(人)": first,
        "15-59岁(人)": total - first - second, "60岁及以上(人)": second, "家庭户人口(人)": total - numbers[2],
        "集体户人口(人)": numbers[2],
    }  # fmt: skip
    told = {rule for _, _, rule in rules_of("exp_population", population(**persons)) if rule.startswith("Q10")}
    assert told == set()
    part = list(persons)[1 + at]
    persons[part] += off if persons[part] + off >= 0 else -off
    told = {rule for _, _, rule in rules_of("exp_population", population(**persons)) if rule.startswith("Q10")}
    assert told == ({"Q10.parts"} if off else set())
