"""What every assessment is given."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from tests.pipeline.stages.assessments.conftest import COUNTIES, TOWNS


def test_units_stand_under_each_other(given) -> None:
    here = given({})
    assert here.over("city", "township") == dict.fromkeys(TOWNS, "410700")
    assert here.over("county", "township")[TOWNS[3]] == "410703"
    assert list(here.levels("county")) == ["city", "county"]
    assert here.levels("county")["county"] == {code: code for code in COUNTIES}
    assert here.codes("county") == COUNTIES


def test_people_are_points_whose_sums_are_the_units(given) -> None:
    here = given({})
    sums = here.people.groupby("code")["people"].sum()
    pd.testing.assert_series_equal(sums, here.count("population", "township"), check_names=False)
    assert here.people.crs.is_projected
    assert here.count("money", "township") is None


def test_areas_are_those_of_the_ground(given) -> None:
    areas = given({}).areas
    assert areas["410700"] == pytest.approx(areas[TOWNS].sum())
    # 0.4 x 0.2 degrees at 35.1 N: about 36.5 x 22.2 km.
    assert areas["410700"] == pytest.approx(36.45 * 22.19, rel=2e-3)


def test_forms_come_without_geometry_and_places_in_metres(given, shelters: gpd.GeoDataFrame) -> None:
    here = given({"shelter": shelters, "empty": pd.DataFrame()})
    assert "geometry" not in here.form("shelter")
    assert here.form("empty") is None
    assert here.form("nothing") is None
    assert here.places("shelter").crs.is_projected
    shelters.loc[0, "geometry"] = None
    assert len(given({"shelter": shelters}).places("shelter")) == 2


def test_sums_of_a_table_by_level(given) -> None:
    table = pd.DataFrame({"code": [*TOWNS, "elsewhere"], "kind": "k", "n": [1.0, 2, 3, 4, 9]})
    levels = given({}).by_level(table, ["n"])
    assert levels["county"]["n"].tolist() == [3, 7]
    assert levels["city"]["n"].tolist() == [10]
