"""Travel times of units."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.assessments import access
from tests.pipeline.stages.assessments.conftest import TOWNS


def test_people_within_minutes_by_unit(given, shelters: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> None:
    stores = shelters.rename(columns={"capacity": "serves", "shelter_id": "store_id"}).iloc[:1]
    here = given(
        {"shelter": shelters, "material_store": stores}, exposure={"roads": {"lines": "way"}}, vectors={"way": roads}
    )
    with hearing(Journal()) as heard:
        table = access.tables(here)["access"]
    assert set(table["place"]) == {"shelter", "material_store"}
    by_unit = table.set_index(["place", "level", "code", "minutes"]).sort_index()
    city = by_unit.loc[("material_store", "city", "410700")]
    assert city["share"].is_monotonic_increasing
    # The store lies in the first township: its people are the nearest.
    minutes = by_unit.loc[("material_store", "township")].xs(60.0, level="minutes")["mean_minutes"]
    assert minutes.idxmin() == TOWNS[0]
    # What all have is what the store has.
    people = by_unit.loc[("material_store", "city", "410700", 120.0), "people"]
    assert by_unit.loc[("material_store", "city", "410700", 120.0), "per_1000"] * people / 1000 == pytest.approx(1200)
    rules = [problem.rule for problem in heard.steps]
    assert rules.count("access.parts") == 2
    assert "access.snapping" in rules


def test_hospitals_come_from_the_objects_of_the_study(
    given, shelters: gpd.GeoDataFrame, roads: gpd.GeoDataFrame
) -> None:
    clinics = shelters[["name", "geometry"]].assign(type=["医院", "学校", "医院"], beds=[100, 5, 50])
    objects = [{"layer": "clinics", "kind_column": "type", "people": "beds"}]
    here = given(
        {}, exposure={"roads": {"lines": "way"}, "objects": objects}, vectors={"way": roads, "clinics": clinics}
    )
    with hearing(Journal()):
        table = access.tables(here)["access"]
    assert set(table["place"]) == {"hospital"}
    city = table.query("level == 'city' and minutes == 60").iloc[0]
    assert 0 < city["per_1000"] * city["people"] / 1000 <= 150 + 1e-9


def test_roads_without_classes_are_slow_and_without_roads_there_is_nothing(
    given, shelters: gpd.GeoDataFrame, roads
) -> None:
    bare = roads.drop(columns="等级")
    with hearing(Journal()) as heard:
        slow = access.tables(given({"shelter": shelters}, exposure={"roads": {"lines": "way"}}, vectors={"way": bare}))
    assert np.isfinite(slow["access"]["share"]).all()
    assert "access.classes" in {problem.rule for problem in heard.warnings}
    assert access.tables(given({"shelter": shelters})) == {}
    assert access.tables(given({})) == {}
