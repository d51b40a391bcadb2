"""What a check knows beside the rows."""

from __future__ import annotations

import geopandas as gpd

from riskzoning.surveys.context import Context
from tests.surveys.conftest import records_of, shelters


def test_the_county_of_a_row_is_that_of_its_township(units: gpd.GeoDataFrame) -> None:
    rows = shelters(3)
    rows.loc[1, "乡镇代码"] = "410703002"
    rows.loc[2, "乡镇代码"] = "999999999"
    records = records_of("shelter", rows)
    assert Context(units=units).county(records).tolist() == ["410702", "410703", "410702"]
    assert Context().county(records).tolist() == ["410702"] * 3


def test_codes_by_level(units: gpd.GeoDataFrame) -> None:
    context = Context(units=units)
    assert list(context.counties) == ["410702", "410703"]
    assert context.county_of["410703001"] == "410703"
    assert Context().townships == {}
