"""Rows that may be used and rows that may not: together all that were read."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd

from riskzoning.surveys.accepting import Accepted, accepted, all_rejected
from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from tests.surveys.conftest import TODAY, annual, make_units, records_of, shelters


def taken(name: str, rows: pd.DataFrame, *, force: bool = False) -> Accepted:
    context = Context(units=make_units(), today=TODAY)
    return accepted(check_records(records_of(name, rows), context), force=force)


def test_good_rows_are_all_accepted_as_a_layer() -> None:
    item = taken("shelter", shelters())
    assert isinstance(item.frame, gpd.GeoDataFrame)
    assert item.frame.crs.to_epsg() == 4490
    assert (len(item.frame), len(item.rejected), item.blocked, item.forced) == (12, 0, (), 0)
    assert item.frame["capacity"].tolist() == [900] * 12
    assert not isinstance(taken("his_annual", annual()).frame, gpd.GeoDataFrame)


def test_rows_with_errors_are_rejected_with_their_rules_and_their_record() -> None:
    rows = shelters().astype(object)
    rows.loc[2, "可容纳人数(人)"] = "约900"
    rows.loc[2, "建成年份"] = 1832
    rows.loc[5, "县级代码"] = None
    rows.loc[7, ["经度", "纬度"]] = [35.05, 113.9]
    item = taken("shelter", rows)
    assert item.rejected["row"].tolist() == [4, 7, 9]
    assert item.rejected["rule"].tolist() == ["Q02", "Q01", "Q05"]
    record = json.loads(item.rejected["record"].iloc[0])
    assert (record["capacity"], record["built_year"], record["name"]) == ("约900", 1832, "第2小学操场")
    assert json.loads(item.rejected["record"].iloc[1])["adcode6"] is None
    assert len(item.frame) + len(item.rejected) == len(rows)


def test_warnings_reject_nothing() -> None:
    rows = shelters()
    rows["场所名称"] = "同名"
    rows["经度"] = 113.85
    item = taken("shelter", rows)
    assert len(item.frame) == 12


def test_of_equal_rows_the_first_is_accepted_of_different_ones_none() -> None:
    rows = pd.concat([shelters(4), shelters(4).iloc[[1]], shelters(4).iloc[[2]].assign(建成年份=2010)])
    rows = rows.rename(columns={"建成年份": "建成年份"}).reset_index(drop=True)
    item = taken("shelter", rows)
    assert item.rejected["row"].tolist() == [4, 6, 7]
    assert item.rejected["rule"].tolist() == ["Q04"] * 3
    assert item.frame["shelter_id"].tolist() == ["BN000", "BN001", "BN003"]


def test_force_uses_rows_with_errors_but_no_key_twice_and_no_wrong_place() -> None:
    rows = pd.concat([shelters(4), shelters(4).iloc[[1]].assign(建成年份=2010)], ignore_index=True).astype(object)
    rows.loc[0, "可容纳人数(人)"] = "约900"
    rows.loc[2, "场所编码"] = None
    rows.loc[3, ["经度", "纬度"]] = [35.05, 113.9]
    item = taken("shelter", rows, force=True)
    assert item.rejected[["row", "rule"]].to_numpy().tolist() == [[4, "Q01"], [6, "Q04"]]
    assert item.frame.geometry.isna().tolist() == [False, False, True]
    assert item.forced == 3
    assert pd.isna(item.frame["capacity"].iloc[0])


def test_a_form_without_a_required_column_is_blocked_and_kept() -> None:
    for force in (False, True):
        item = taken("shelter", shelters().drop(columns="类型"), force=force)
        assert item.blocked == ("Q01.column",)
        assert len(item.frame) == 0
        assert item.rejected["rule"].tolist() == ["Q01"] * 12


def test_all_rejected_rows_in_one_table() -> None:
    items = [taken("shelter", shelters(3).assign(建成年份=1832)), taken("his_annual", annual())]
    table = all_rejected(items)
    assert table["form"].tolist() == ["shelter"] * 3
    assert list(all_rejected([]).columns) == list(table.columns)
