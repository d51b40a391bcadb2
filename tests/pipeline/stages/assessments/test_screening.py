"""Weak buildings of units."""

from __future__ import annotations

import geopandas as gpd

from riskzoning.pipeline.stages.assessments import screening
from tests.pipeline.stages.assessments.conftest import TOWNS, middles


def test_grades_of_surveyed_buildings(given, town_units: gpd.GeoDataFrame) -> None:
    rows = {
        "town9": TOWNS,
        "adcode6": [code[:6] for code in TOWNS],
        "struct": ["1", "2", "2", "5"],
        "n_repr": [10.0, 5, 5, 2],
    }
    rows |= {"built_year": [1970, 2015, 2015, 1960], "seis_des": ["0", "1", "1", "0"], "damage": "0", "area_m2": 100.0}
    houses = gpd.GeoDataFrame(rows, geometry=middles(town_units, TOWNS), crs="EPSG:4490")
    table = screening.tables(given({"exp_building": houses}))["building_dangers"]
    # .2 g is VIII: masonry and earth without design are key, concrete with design is none.
    county = table[(table["level"] == "county") & (table["grade"] == 3)].set_index("code")
    assert county["buildings"].to_dict() == {"410702": 10, "410703": 2}
    assert county["share"].to_dict() == {"410702": 10 / 15, "410703": 2 / 7}
    assert table.groupby(["level", "code"])["share"].sum().eq(1).all()


def test_places_outside_the_motion_are_left_out(given, town_units: gpd.GeoDataFrame) -> None:
    houses = gpd.GeoDataFrame(
        {"town9": ["x"], "struct": ["1"]}, geometry=gpd.points_from_xy([100.0], [20.0]), crs="EPSG:4490"
    )
    assert screening.tables(given({"exp_building": houses})) == {}
    assert screening.tables(given({})) == {}
