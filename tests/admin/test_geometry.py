"""The geometry of each unit on its own: polygons that are valid and lie in China, in EPSG:4490."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from riskzoning.admin.findings import Findings
from riskzoning.admin.geometry import areas, place_level, polygon_parts

HERE = box(114, 35, 114.1, 35.1)


def placed(*shapes: Any, crs: Any = 4490, repair: bool = True) -> tuple[gpd.GeoDataFrame | None, Findings, list[str]]:
    findings = Findings("admin", repair=repair)
    codes = [f"41070{number}" for number in range(2, 2 + len(shapes))]
    frame = gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=list(shapes), crs=crs)
    out = place_level(frame, "county", findings)
    return out, findings, [problem.rule for problem in findings.problems]


def test_areas_are_true_to_the_ground() -> None:
    assert areas([box(114, 35, 114.01, 35.01)])[0] == pytest.approx(1012695, rel=1e-6)


def test_polygons_inside_a_collection() -> None:
    mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 0 1, 0 0)))")
    assert polygon_parts(mixed).geom_type == "Polygon"
    nested = shapely.geometrycollections([mixed, MultiPolygon([box(2, 2, 3, 3), box(4, 4, 5, 5)])])
    assert len(polygon_parts(nested).geoms) == 3
    assert polygon_parts(Point(0, 0)) is None


def test_swapped_axes_are_turned_for_the_units_that_have_them() -> None:
    frame, findings, rules = placed(box(35, 114, 35.1, 114.1), box(114.2, 35, 114.3, 35.1))
    assert frame.total_bounds.tolist() == [114.0, 35.0, 114.3, 35.1]
    assert rules == ["admin.mended.axes"]
    assert "in units 410702 " in findings.problems[0].found


def test_all_geometries_that_are_no_polygons_are_told() -> None:
    mixed = shapely.geometrycollections([HERE, Point(114, 35)])
    frame, _, rules = placed(mixed, None, Point(114, 35), LineString([(114, 35), (115, 35)]))
    assert len(frame) == 1
    assert rules == ["admin.mended.mixed", "admin.no_geometry", "admin.geometry", "admin.geometry"]


def test_a_missing_crs_is_an_error_with_a_suggestion() -> None:
    frame, findings, rules = placed(HERE, crs=None)
    assert (frame, rules) == (None, ["admin.crs"])
    assert "EPSG:4490 fits" in findings.problems[0].required


def test_coordinates_that_contradict_the_crs_name_the_units() -> None:
    frame, findings, rules = placed(HERE, box(443430, 3861145, 443530, 3861245), crs=4547)
    assert (frame, rules) == (None, ["crs.degrees"])
    assert findings.problems[0].found.endswith("(units 410702)")
    assert findings.problems[0].field == "crs"


def test_places_outside_china_are_told_with_their_bounds() -> None:
    frame, findings, rules = placed(box(14, 35, 14.1, 35.1))
    assert (frame, rules) == (None, ["admin.extent"])
    assert dict(findings.problems[0].values)["bounds"] == ("14", "35", "14.1", "35.1")


def test_a_projected_layer_is_reprojected_and_another_datum_is_doubtful() -> None:
    metres = gpd.GeoSeries([HERE], crs=4490).to_crs(4547)
    frame, findings, rules = placed(*metres, crs=4547)
    assert frame.total_bounds == pytest.approx([114, 35, 114.1, 35.1], abs=1e-7)
    assert (rules, [action.rule for action in findings.actions]) == ([], ["admin.done.reprojected"])
    old = gpd.GeoSeries([HERE], crs=4490).to_crs(4214)
    assert placed(*old, crs=4214)[2] == ["admin.other_datum"]


def test_invalid_polygons_are_mended_or_refused() -> None:
    bow = shapely.Polygon([(114, 35), (114.1, 35.1), (114.1, 35), (114, 35.1)])
    frame, findings, rules = placed(bow)
    assert rules == ["admin.mended.invalid"]
    assert frame.geometry.is_valid.all()
    assert "Self-intersection" in findings.problems[0].found
    assert placed(bow, repair=False)[2] == ["admin.invalid"]
    flat = shapely.Polygon([(114, 35), (114.1, 35), (114.2, 35), (114, 35)])
    assert placed(flat)[2] == ["admin.invalid_lost"]


def test_slivers_are_taken_out_but_no_unit_is() -> None:
    speck = box(114.5, 35, 114.500005, 35.000005)
    frame, _, rules = placed(MultiPolygon([HERE, speck]))
    assert (rules, frame.geometry.iloc[0].geom_type) == (["admin.mended.sliver"], "Polygon")
    frame, _, rules = placed(speck)
    assert (rules, len(frame)) == (["admin.sliver_unit"], 1)
    assert placed(MultiPolygon([HERE, speck]), repair=False)[2] == ["admin.sliver"]
