"""Water supply in drought: what was given, and what is not assessed."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.hazards.drought.supply import water_supply


def test_nothing_given_is_not_assessed_never_zero() -> None:
    table, lacking = water_supply({})
    assert lacking == ["drinking_difficulty", "urban_shortage", "emergency_sources"]
    assert table["status"].eq("not_assessed").all()
    assert table["value"].isna().all()


def test_shares_are_read_as_people_write_them() -> None:
    frame = pd.DataFrame({"县级代码": [410725, "410782"], "重现期": ["20年一遇", 50], "因旱人饮困难率": ["12%", 0.3]})
    table, lacking = water_supply({"drinking_difficulty": frame})
    given = table[table["status"] == "given"]
    assert given[["code", "return_period", "value"]].values.tolist() == [["410725", 20.0, 0.12], ["410782", 50.0, 0.3]]
    assert lacking == ["urban_shortage", "emergency_sources"]


def test_a_county_without_a_share_is_not_assessed() -> None:
    frame = pd.DataFrame({"code": ["410725", "410782"], "share": [0.0, None]})
    table, _ = water_supply({"urban_shortage": frame})
    own = table[table["indicator"] == "urban_shortage"]
    assert own["status"].tolist() == ["given", "not_assessed"]


def test_sources_keep_their_capacity() -> None:
    points = gpd.GeoDataFrame(
        {"capacity": [500.0, None]}, geometry=gpd.points_from_xy([114, 114.1], [35, 35]), crs=4490
    )
    table, _ = water_supply({"emergency_sources": points})
    own = table[table["indicator"] == "emergency_sources"]
    assert own["value"].tolist()[0] == 500.0
    assert own["units"].tolist() == ["m3/d", "m3/d"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    frame = pd.DataFrame({"code": ["410725", "410782"], "share": [12.0, 0.1]})
    points = gpd.GeoDataFrame({"capacity": [-5.0]}, geometry=gpd.points_from_xy([114], [35]), crs=4490)
    with pytest.raises(LayerError) as caught:
        water_supply({"drinking_difficulty": frame, "urban_shortage": frame[["code"]], "emergency_sources": points})
    assert [problem.rule for problem in caught.value.problems] == ["drought.share", "input.columns", "drought.capacity"]
    assert caught.value.problems[0].row == 2
