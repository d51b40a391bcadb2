"""Basic PGA of counties by code, then by name."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Polygon, box

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.earthquake import county_pga
from riskzoning.hazards.earthquake.county import basic_pga_of, tell_zones

NAMES = "红旗区 卫滨区 凤泉区 牧野区 新乡县 获嘉县 原阳县 延津县 卫辉市 辉县市 封丘县 长垣市".split()  # noqa: SIM905
CODES = [f"4107{last}" for last in ("02", "03", "04", "11", "21", "24", "25", "26", "81", "82", "27", "83")]


@pytest.mark.parametrize("units", [pd.DataFrame({"code": CODES}), pd.DataFrame({"name": NAMES})], ids=["code", "name"])
def test_counties_of_xinxiang(units: pd.DataFrame) -> None:
    rated = county_pga(units)
    assert rated["pga"].tolist() == [0.20] * 10 + [0.15] * 2
    assert rated["intensity"].value_counts().to_dict() == {8: 10, 7: 2}
    assert set(rated["period"]) == {0.40}
    assert "pga" not in units


def test_townships_old_names_and_codes_as_numbers() -> None:
    assert county_pga(pd.DataFrame({"code": ["410727100", 410724.0]}))["pga"].tolist() == [0.15, 0.20]
    assert county_pga(pd.DataFrame({"name": ["长垣县"]}))["pga"].tolist() == [0.15]
    assert county_pga(pd.DataFrame({"x": [1]}, index=pd.Index(["410727"], name="code")))["pga"].tolist() == [0.15]
    # A code that changed is found by its name; the city is not the county of its name.
    with pytest.warns(UserWarning, match="no row in the PGA table"):
        rated = county_pga(pd.DataFrame({"code": ["410728", "410700"], "name": ["长垣县", "新乡市"]}))
    assert rated["pga"].tolist()[0] == 0.15
    assert rated["pga"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "table",
    [
        {"410727": {"pga": 0.2, "intensity": 8}},
        pd.DataFrame({"code": [410727], "pga": ["0.20"]}),
        pd.DataFrame({"name": ["封丘县"], "pga": [0.2]}),
    ],
)
def test_a_table_of_ones_own_comes_first(table: Any) -> None:
    rated = county_pga(pd.DataFrame({"code": ["410727", "410783"], "name": ["封丘县", "长垣市"]}), table)
    assert rated[["pga", "intensity"]].values.tolist() == [[0.2, 8], [0.15, 7]]
    assert county_pga(pd.DataFrame({"name": ["封丘县"]}), table)["pga"].tolist() == [0.2]


@pytest.mark.parametrize(
    ("units", "table", "rule"),
    [
        (pd.DataFrame({"x": [1]}), None, "earthquake.columns"),
        (pd.DataFrame({"code": ["999999"]}), None, "earthquake.no_county"),
        (pd.DataFrame({"code": ["410727"]}), {"410727": {"pga": 196}}, "earthquake.county_values"),
        (pd.DataFrame({"code": ["410727"]}), {"410727": {"pga": "high"}}, "earthquake.county_values"),
        (pd.DataFrame({"code": ["410727"]}), pd.DataFrame({"code": ["410727"]}), "earthquake.columns"),
    ],
)
def test_what_is_refused(units: pd.DataFrame, table: Any, rule: str) -> None:
    with pytest.raises(LayerError) as refused:
        county_pga(units, table)
    assert refused.value.problems[0].rule == rule


def test_zones_bring_their_own_values() -> None:
    zones = gpd.GeoDataFrame({"pga": ["0.10", 0.3]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4490)
    assert basic_pga_of(zones)["pga"].tolist() == [0.1, 0.3]
    assert basic_pga_of(zones.drop(columns="pga").assign(code=["410727", "410724"]))["pga"].tolist() == [0.15, 0.2]
    for wrong in ([100, 0.2], [None, None], ["x", "y"]):
        with pytest.raises(LayerError) as refused:
            basic_pga_of(zones.assign(pga=wrong))
        assert refused.value.problems[0].rule == "earthquake.county_values"


WHOLE = box(0, 0, 1000, 1000)


@pytest.mark.parametrize(
    ("pga", "shapes", "rules"),
    [
        ([0.1, 0.3], [WHOLE, box(0, 0, 100, 100)], ["earthquake.zones_overlap"]),
        ([0.2, 0.2], [WHOLE, WHOLE], []),
        ([0.1, 0.3], [WHOLE, box(999.999, 0, 2000, 1000)], []),
        ([0.98, 1.47], [WHOLE, box(1000, 0, 2000, 1000)], ["input.lowest"]),
        ([1.96], [WHOLE], ["input.lowest", "input.highest"]),
        ([0.0005], [WHOLE], ["input.highest"]),
        ([0.2], [Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])], ["earthquake.zones_rings"]),
        ([], [], []),
    ],
    ids=["overlap", "twice the same", "sliver", "m/s2", "m/s2 alone", "far too small", "crossed", "none"],
)
def test_zones_that_are_odd_are_told(pga: list[float], shapes: list[Any], rules: list[str]) -> None:
    with hearing(Journal()) as heard:
        tell_zones(gpd.GeoDataFrame({"pga": pga}, geometry=shapes, crs=4547))
    assert [problem.rule for problem in heard.warnings] == rules
    if rules == ["earthquake.zones_overlap"]:
        assert dict(heard.warnings[0].values) == {"count": 1, "rows": ("1", "2")}
