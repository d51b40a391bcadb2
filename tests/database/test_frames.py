"""Frames as tables take them."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import Point, Polygon

from riskzoning.database.frames import same, set_aside, typed, unfit
from riskzoning.database.schema import Schema

from . import NAMES, shelters


def test_values_have_the_type_of_their_column() -> None:
    table = Schema().for_frame("risk_unit", pd.DataFrame({"day": pd.to_datetime(["2026-01-02"])}))
    frame = pd.DataFrame(
        {"code": [410702, 410703], "grade": [3.0, np.nan], "value": ["1.5", None], "day": ["2026-07-01", None]}
    )
    frame["units"] = [{"a": "é"}, np.nan]
    out = typed(frame, table)
    assert out["code"].tolist() == ["410702", "410703"]
    assert out["grade"].fillna(-1).tolist() == [3, -1]
    assert out["value"].tolist()[0] == 1.5
    assert out["day"].tolist() == ["2026-07-01", None]
    assert json.loads(out["units"].iloc[0]) == {"a": "é"}


def test_shapes_come_into_the_coordinates_of_the_database_plain_and_multiple() -> None:
    schema = Schema(CRS.from_epsg(4490))
    square = Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])
    metres = gpd.GeoSeries([square, None], crs="EPSG:4490").to_crs(4547)
    frame = gpd.GeoDataFrame({"code": ["1", "2"], "level": "x"}, geometry=metres)
    out = typed(frame, schema["base_admin"], schema.crs)
    shape = out.geometry.iloc[0]
    assert (shape.geom_type, shape.has_z) == ("MultiPolygon", False)
    assert abs(shape.bounds[2] - 1) < 1e-6
    assert out.geometry.iloc[1] is None


def test_rows_that_break_a_rule_are_set_aside_with_every_rule_and_as_they_were() -> None:
    frame = shelters("a", "b", "c", "d", "e", "f", **{"type": ["短期避难场所"] * 5 + ["亭子"]})
    frame["capacity"] = [1.0, -1.0, 2.5, 4.0, 5.0, -np.inf]
    frame["shelter_id"] = ["A", "B", "C", "D", "D", "F"]
    frame["water"] = ["是", None, "是", "是", "是", "是"]
    table = Schema().of_form("shelter")
    good = typed(frame, table, CRS.from_epsg(4490))
    kept, rejected = set_aside(good, table, unfit(good, table))
    assert kept["shelter_id"].tolist() == ["A", "D"]
    assert rejected["key"].tolist() == ["B", "C", "D", "F"]
    rules = rejected["rule"].tolist()
    assert "Q02: capacity >= 0" in rules[0]
    assert "Q01: water IS NOT NULL" in rules[0]
    assert "Q02: capacity" in rules[1]
    assert "Q04: UNIQUE (shelter_id)" in rules[2]
    assert "Q02: type IN" in rules[3]
    assert json.loads(rejected["record"].iloc[0])["capacity"] == -1
    assert set(rejected["form"]) == {"shelter"}
    # What is set aside is JSON for every reader: no word for a number that is none.
    assert json.loads(rejected["record"].iloc[3])["capacity"] is None
    assert not rejected["record"].str.contains("NaN|Infinity").any()


def test_numbers_and_days_that_cannot_be_read_are_set_aside_too() -> None:
    table = Schema().of_form("levee")
    frame = pd.DataFrame(
        {
            "obj_id": ["A", "B"], "name": "x", "adcode6": "410702", "length_km": [1.0, "long"], "design_rp": 20,
            "survey_date": ["2021-01-01", "soon"],
        }
    )  # fmt: skip
    good = typed(frame, table)
    kept, rejected = set_aside(good, table, unfit(good, table))
    assert kept["length_km"].dtype == "float64"
    assert rejected["key"].tolist() == ["B"]
    assert "length_km" in rejected["rule"].iloc[0]
    assert "survey_date" in rejected["rule"].iloc[0]


def test_a_column_that_is_required_and_not_there_rejects_all() -> None:
    table = Schema().of_form("shelter")
    good = typed(pd.DataFrame(shelters(*NAMES).drop(columns=["water"])), table)
    kept, rejected = set_aside(good, table, unfit(good, table))
    assert (len(kept), len(rejected)) == (0, len(NAMES))


def test_the_same_is_the_same_to_the_last_bit() -> None:
    one = pd.DataFrame({"x": [1.0, np.nan, 0.1 + 0.2], "t": ["a", None, "😀"]})
    assert same(one, one.copy()).all()
    assert same(one, one.assign(x=[1.0, np.nan, 0.3])).tolist() == [True, True, False]
    assert same(one, one.assign(t=["a", "", "😀"])).tolist() == [True, False, True]
    assert same(one, one.assign(more=[None, None, 1])).tolist() == [True, True, False]
    assert same(one.assign(more=[None, None, 1]), one).tolist() == [True, True, False]
    points = gpd.GeoDataFrame({"geometry": [Point(1, 2), Point(3, 4), None]})
    moved = gpd.GeoDataFrame({"geometry": [Point(1, 2), Point(3, 4.5), None]})
    assert same(points, moved).tolist() == [True, False, True]
