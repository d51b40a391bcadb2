"""Own ground of hazards from features; conditions of fault strips; rivers that ground belongs to."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from riskzoning import standards
from riskzoning.hazards import HAZARDS
from riskzoning.zoning.own_ground import nearest_reach, own_ground, own_rules, reach_rule, reaches_of

CRS = "EPSG:4547"
FAULT = LineString([(0, 0), (10_000, 0)])
# Intensity VIII in the west, IX in the east.
ACTS = {3: box(-1e4, -1e4, 5000, 1e4), 4: box(5000, -1e4, 2e4, 1e4)}


def frame(geometry: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def test_rules_name_inputs_that_the_hazards_take() -> None:
    for hazard, spec in HAZARDS.items():
        for rule in own_rules(hazard):
            assert rule["input"] in [one.key for one in spec.inputs], rule["key"]
            assert rule["zh"]
            assert rule["en"]
    assert own_rules("hail") == []
    assert reach_rule("hail") is None


def test_large_points_by_word_and_by_number() -> None:
    points = [Point(0, 0), Point(9000, 0), Point(0, 9000)]
    rule = own_rules("geology")[0]
    (ground,) = own_ground(rule, frame(points, 规模等级=["大型", "小型", None], name=["甲", "乙", "丙"]), CRS, CRS)
    assert ground.grade == 3
    assert np.isclose(ground.geometry.area, np.pi * 300**2, rtol=0.05)
    assert ground.names == ("甲",)
    assert ground.named(box(-500, -500, 500, 500)) == "甲"
    assert ground.named(box(5000, 5000, 5001, 5001)) == ""
    (many,) = own_ground(rule, frame(points, 威胁人数=["12", "499", "500"]), CRS, CRS)
    assert many.geometry.distance(points[2]) == 0
    assert many.geometry.distance(points[1]) > 0
    assert own_ground(rule, frame(points, 规模等级=["小型", "", "中型"]), CRS, CRS) == []
    (both,) = own_ground(rule, frame(points, scale=["小型"] * 3, 险情等级=["", "特大型", ""]), CRS, CRS)
    assert both.geometry.distance(points[1]) == 0
    # Who must be relocated counts before who is exposed; who is exposed where nobody says.
    people = {"需搬迁转移人数": [80, None, 499], "威胁人数": [900, 900, 10], "name": ["甲", "乙", "丙"]}
    (few,) = own_ground(rule, frame(points, **people), CRS, CRS)
    assert few.names == ("乙",)
    assert own_ground(rule, frame(points), CRS, CRS) == []


@pytest.mark.parametrize(
    ("columns", "keys", "area"),
    [
        # Holocene and thin cover: 200 m at VIII, 400 m at IX on both sides.
        ({"age": ["Q4"], "cover_m": [50.0]}, {"fault_strips": 3}, (400 + 800) * 5000),
        ({"最晚活动时代": ["全新世"], "cover_m": [80.0]}, {"fault_strips": 3}, 800 * 5000),
        ({"age": ["Q3"], "cover_m": [10.0]}, {}, 0),
        ({"age": ["Q4"], "cover_m": [120.0]}, {}, 0),
        ({"age": [""], "cover_m": [10.0]}, {"fault_strips_to_check": 0}, (400 + 800) * 5000),
        ({"age": ["Holocene"]}, {"fault_strips_to_check": 0}, (400 + 800) * 5000),
        ({}, {"fault_strips_to_check": 0}, (400 + 800) * 5000),
    ],
)
def test_a_fault_strip_needs_all_conditions(columns: dict[str, Any], keys: dict[str, int], area: float) -> None:
    grounds = own_ground(own_rules("earthquake")[0], frame([FAULT], **columns), CRS, CRS, ACTS)
    assert {ground.key: ground.grade for ground in grounds} == keys
    assert sum(ground.geometry.area for ground in grounds) == pytest.approx(area, rel=0.08)


def test_no_strip_below_intensity_8() -> None:
    rule = own_rules("earthquake")[0]
    assert own_ground(rule, frame([FAULT], age=["Q4"], cover_m=[1.0]), CRS, CRS, {}) == []
    assert own_ground(rule, frame([FAULT], age=["Q4"], cover_m=[1.0]), CRS, CRS, {3: box(0, 5000, 1, 5001)}) == []


def test_rivers_by_name_and_by_hanging_together() -> None:
    rule = reach_rule("flood")
    assert rule is not None
    lines = [LineString([(0, 0), (0, 10)]), LineString([(0, 10), (0, 20)]), LineString([(50, 0), (50, 9)])]
    named = reaches_of(rule, frame(lines, name=["卫河", "卫河", "沧河"]), CRS)
    assert named is not None
    assert named.names == ("卫河", "沧河") or named.names == ("沧河", "卫河")
    plain = reaches_of(rule, frame(lines), CRS)
    assert plain is not None
    assert len(plain.lines) == 2
    assert reaches_of(rule, frame(lines)[:0], CRS) is None


def test_ground_belongs_to_the_river_that_runs_farthest_in_it() -> None:
    rule = reach_rule("flood")
    assert rule is not None
    rivers = reaches_of(
        rule, frame([LineString([(0, 0), (10, 0)]), LineString([(0, 5), (100, 5)])], name=["a", "b"]), CRS
    )
    assert rivers is not None
    shapes = np.array([box(0, -1, 100, 6), box(0, -1, 8, 1), box(0, 3000, 10, 3010), box(0, 9000, 1, 9001)])
    assert nearest_reach(rivers, shapes, CRS).tolist() == [1, 0, 1, -1]
    # Nothing depends on the order of the rows.
    assert nearest_reach(rivers, shapes[::-1], CRS).tolist() == [-1, 1, 0, 1]


def test_measures_of_own_ground_have_words() -> None:
    table = standards.table("zoning/own_geometry").data
    for rule in table["reaches"].values():
        assert set(rule["name"]) == set(rule["small"]) == set(rule["local"]) == {"zh", "en"}
