"""What the page knows: units, values, legend and outlines that coincide."""

from __future__ import annotations

import dataclasses
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskzoning.results import IndexBreaks, StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import page_data
from riskzoning.webmap.payload import simplified


def test_data_have_units_values_and_both_languages() -> None:
    data = page_data(toy_result())
    township = data["levels"]["township"]
    assert len(township["codes"]) == len(township["features"]) == len(township["values"]["multi_risk_grade"])
    # Chinese has no singular of its own.
    words = {key for key in data["words"]["en"] if not key.endswith("_one")}
    assert set(data["words"]["zh"]) == words
    assert [item["key"] for item in data["hazards"]][-1] == "multi"


def test_simplified_neighbours_leave_no_gaps(three_corners: gpd.GeoDataFrame) -> None:
    for units in (toy_result().units["township"], three_corners):
        assert shapely.coverage_is_valid(simplified(units).to_numpy())
    # And points that say nothing are gone.
    before, after = (
        shapely.get_num_coordinates(three_corners.geometry),
        shapely.get_num_coordinates(simplified(three_corners)),
    )
    assert after.sum() < before.sum()


def test_coarser_levels_are_put_together_from_the_finer_so_that_borders_coincide() -> None:
    data = page_data(toy_result())["levels"]
    shapes = {
        level: [shapely.from_geojson(json.dumps(f["geometry"])) for f in data[level]["features"]] for level in data
    }
    city = shapely.union_all(shapes["township"])
    for level in ("city", "county"):
        assert shapely.union_all(shapes[level]).symmetric_difference(city).area == pytest.approx(0, abs=1e-12)


def test_units_whose_children_do_not_cover_them_keep_their_own_outline() -> None:
    result = toy_result()
    fewer = dict(result.units, township=result.units["township"].iloc[1:])
    data = page_data(dataclasses.replace(result, units=fewer))["levels"]
    assert len(data["county"]["features"]) == 2


def test_legend_has_intervals_and_areas_of_units() -> None:
    data = page_data(toy_result())
    multi = data["hazards"][-1]["indicators"][0]
    assert [item["interval"] for item in multi["classes"]][:2] == ["≤ 0.2", "0.2 – 0.4"]
    area = toy_result().units["township"].area.sum() / 1e6
    assert sum(data["levels"]["township"]["areas"]) == pytest.approx(area, rel=2e-3)


def test_a_study_without_exposure_shows_its_hazards() -> None:
    result = toy_result()
    units = {level: frame[[c for c in frame.columns if "risk" not in c]] for level, frame in result.units.items()}
    data = page_data(dataclasses.replace(result, units=units))
    assert [item["key"] for item in data["hazards"]] == ["flood", "earthquake", "multi"]
    assert [item["key"] for item in data["hazards"][0]["indicators"]] == ["flood_hazard"]


def with_tables() -> StudyResult:
    """The toy study with what lies in each class, and what leads the composite."""
    result = toy_result()
    frame = result.units["township"].copy()
    rows = [
        {"code": code, "level": "township", "hazard": "flood", "quantity": "population", "grade": grade,
         "value": value, "share": value / 10}
        for code in frame.index
        for grade, value in enumerate([1.0, 2.0, 0.0, 3.0, 4.0])
    ]  # fmt: skip
    frame["multi_leading"] = ["flood;earthquake", "", *["flood"] * (len(frame) - 2)]
    frame["multi_max_grade"], frame["multi_high_count"] = 5, 2
    frame.iloc[0, frame.columns.get_loc("flood_hazard_index")] = 0.0
    tables = {**result.tables, "exposure_by_grade": pd.DataFrame(rows)}
    return dataclasses.replace(result, units={**result.units, "township": frame}, tables=tables)


def test_the_card_knows_what_lies_in_each_class_and_what_leads() -> None:
    data = page_data(with_tables())
    township = data["levels"]["township"]
    assert township["by_grade"]["flood"]["population"][0] == [1, 2, 0, 3, 4]
    assert len(township["by_grade"]["flood"]["population"]) == len(township["codes"])
    assert data["levels"]["county"]["by_grade"] == {}
    assert data["quantities"] == [{"key": "population", "zh": "人口（人）", "en": "Residents"}]
    assert township["leading"][:2] == [["flood", "earthquake"], []]
    assert township["values"]["multi_max_grade"][0] == 5


def test_a_composite_says_what_it_is_made_of_and_has_no_row_without_hazard() -> None:
    data = page_data(toy_result())
    multi, flood = data["hazards"][-1]["indicators"][0], data["hazards"][0]["indicators"][0]
    assert flood["zero"]
    assert not flood["notes"]["zh"]
    assert not multi["zero"]
    assert multi["notes"]["en"] == [
        "of Flood, Earthquake only (without Geological hazards, Drought, Meteorological hazards, Forest fire)"
    ]


def test_units_graded_by_their_ground_have_no_intervals() -> None:
    result = toy_result()
    by_share = {
        index: IndexBreaks(cut.grid, dataclasses.replace(cut.units, rule="class_share"))
        for index, cut in result.breaks.items()
    }
    data = page_data(dataclasses.replace(result, breaks=by_share))
    assert {item["interval"] for item in data["hazards"][0]["indicators"][0]["classes"]} == {""}


def test_units_with_an_unsure_grade_are_told_by_their_places() -> None:
    result = toy_result()
    codes = [str(code) for code in result.units["county"].sort_index().index]
    rows = {"code": codes, "level": "county", "hazard": "multi", "probability": [0.5, *[0.9] * (len(codes) - 1)]}
    data = page_data(dataclasses.replace(result, tables={**result.tables, "stability": pd.DataFrame(rows)}))
    assert data["levels"]["county"]["unsure"] == [0]
    assert "unsure" not in data["levels"]["township"]
    assert "unsure" not in page_data(result)["levels"]["county"]


def test_the_edition_of_the_boundaries_has_a_word_in_both_languages() -> None:
    data = page_data(dataclasses.replace(toy_result(), boundary_source="省厅 2023 版"))
    assert data["boundaries"] == "省厅 2023 版"
    assert [data["words"][lang]["boundaries"] for lang in ("zh", "en")] == ["行政区划界线", "Boundaries:"]
