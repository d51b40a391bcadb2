"""What the page knows: units, values, legend and outlines that coincide."""

from __future__ import annotations

import dataclasses
import json

import pytest

from riskzoning.samples import toy_result
from riskzoning.webmap import page_data
from riskzoning.webmap.payload import simplified


def test_data_have_units_values_and_both_languages() -> None:
    data = page_data(toy_result())
    township = data["levels"]["township"]
    assert len(township["codes"]) == len(township["features"]) == len(township["values"]["multi_risk_grade"])
    assert set(data["words"]["zh"]) == set(data["words"]["en"])
    assert [item["key"] for item in data["hazards"]][-1] == "multi"


def test_simplified_neighbours_leave_no_gaps() -> None:
    import shapely

    units = toy_result().units["township"]
    assert shapely.coverage_is_valid(simplified(units).to_numpy())


def test_coarser_levels_are_put_together_from_the_finer_so_that_borders_coincide() -> None:
    import shapely

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
