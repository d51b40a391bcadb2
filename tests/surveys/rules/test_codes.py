"""Rules of codes, keys and directories."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from tests.surveys.conftest import TODAY, records_of, rules_of, shelters


@pytest.mark.parametrize(
    ("county", "town", "told"),
    [
        ("410702", "41070200", [(3, "town9", "Q03.form")]),
        ("410702", "410702999", [(3, "town9", "Q03.town")]),
        ("410703", "410702001", [(3, "adcode6", "Q03.county_of_town")]),
        ("410771", "410702001", [(3, "adcode6", "Q03.zone")]),
        ("410199", "410702001", [(3, "adcode6", "Q03.county")]),
    ],
)
def test_codes_and_the_list(county: str, town: str, told: list[object], units: gpd.GeoDataFrame) -> None:
    rows = shelters()
    rows.loc[3, ["县级代码", "乡镇代码"]] = [county, town]
    codes = [item for item in rules_of("shelter", rows, Context(units=units, today=TODAY)) if item[2].startswith("Q03")]
    assert codes == told


def test_without_a_list_the_prefix_counts() -> None:
    rows = shelters()
    rows.loc[3, "县级代码"] = "410703"
    assert rules_of("shelter", rows) == [(3, "adcode6", "Q03.county_of_town")]


def test_keys_are_there_once_and_name_each_other() -> None:
    rows = shelters()
    rows.loc[5, "场所编码"] = rows.loc[2, "场所编码"]
    checked = check_records(records_of("shelter", rows), Context(today=TODAY))
    (item,) = [item for item in checked.findings.items if item.rule == "Q04.key"]
    assert item.rows.tolist() == [2, 5]
    assert item.also == ["shelter;;7", "shelter;;4"]


def communities() -> pd.DataFrame:
    codes = [f"410702001{n:03d}" for n in (201, 202, 203)]
    numbers = ["常住人口(人)", "上年度资金投入(万元)", "储备物资装备折合金额(万元)", "卫生服务站或村卫生室(个)",
    "民兵预备役(人)",
               "注册志愿者(人)", "上年培训人次", "演练居民人次", "避难场所容量(人)"]  # fmt: skip
    lists = ["有无应急预案", "有无弱势人群清单", "有无隐患点清单", "有无灾害类地图"]
    base = {"村(社区)代码": codes, "村(社区)名称": ["a", "b", "c"], "乡镇代码": "410702001", "县级代码": "410702"}
    base |= {"经度": 113.85, "纬度": 35.05, "填报日期": "2021-08-01"}
    return pd.DataFrame(base | dict.fromkeys(numbers, 10) | dict.fromkeys(lists, "有"))


def test_village_codes_begin_with_their_township_unless_folded() -> None:
    rows = communities()
    rows.loc[0, "村(社区)代码"] = "410702100201"
    rows.loc[1, "村(社区)代码"] = "410702400201"
    told = [item for item in rules_of("cap_community", rows) if item[2] == "Q03.village"]
    assert told == [(0, "vill12", "Q03.village")]


def test_directory_of_villages_with_former_codes() -> None:
    rows = communities().assign(**{"原统计代码": [None, None, "410702400203"]})
    listed = ["410702001201", "410702001202", "410702400203", "410702001209"]
    directory = pd.DataFrame({"vill12": listed, "town9": "410702001", "name": list("abcd")})
    context = Context(directory=directory, today=TODAY)
    checked = check_records(records_of("cap_community", rows), context)
    missing = [item for item in checked.findings.items if item.rule == "Q01.missing"]
    assert [item.keys[0] for item in missing] == ["410702001209"]
    assert not [item for item in checked.findings.items if item.rule == "Q03.not_listed"]


def test_townships_of_surveyed_counties_are_owed(units: gpd.GeoDataFrame) -> None:
    from tests.surveys.conftest import townships

    checked = check_records(records_of("cap_township", townships(1)), Context(units=units, today=TODAY))
    told = {item.rule: item for item in checked.findings.items if item.rule.startswith("Q01")}
    assert told["Q01.missing"].keys == ("410702002",)
    assert told["Q01.county_missing"].values["codes"] == ("410703",)
