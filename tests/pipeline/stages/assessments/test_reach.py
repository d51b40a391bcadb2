"""Shelters and stores of units."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskzoning.pipeline.stages.assessments import reach
from tests.pipeline.stages.assessments.conftest import TOWNS


def test_townships_without_shelter_stand_out(given, shelters: gpd.GeoDataFrame) -> None:
    told = reach.tables(given({"shelter": shelters}))
    supply = told["shelter_supply"].set_index("code")
    assert supply.loc[TOWNS, "places"].tolist() == [1200, 1200, 1200, 0]
    assert supply.loc["410702", "shelters"] == 2
    coverage = told["shelter_coverage"].set_index(["level", "code", "kind"])
    assert coverage.loc[("township", TOWNS[3], "紧急避难场所"), "share"] == 0
    city = coverage.loc[("city", "410700", "长期避难场所")]
    assert city["covered"] == pytest.approx(coverage.loc["township"].xs("长期避难场所", level="kind")["covered"].sum())
    assert 0 < city["share"] < 1
    assert city["radius_m"] == 5000
    # 3000 m2 for 1200 people is too little in a long-term shelter only.
    assert told["shelters_crowded"]["shelter_id"].tolist() == ["3"]


def test_stores_have_classes_and_reach(given, shelters: gpd.GeoDataFrame) -> None:
    stores = shelters.rename(columns={"shelter_id": "store_id", "capacity": "serves"}).assign(level="县级")
    told = reach.tables(given({"material_store": stores}))
    assert told["stores"]["class"].tolist() == [5, 5, 5]
    county = told["store_coverage"].query("level == 'county' and kind == '县级'")
    assert county["share"].tolist() == [1, 1]
    assert told["store_coverage"].query("kind == '市级'")["share"].eq(0).all()


def test_nothing_without_forms(given) -> None:
    assert reach.tables(given({})) == {}
