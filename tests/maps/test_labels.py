"""No two names overlap; none leaves the frame."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Polygon, box

from riskzoning.maps.frame import Frame
from riskzoning.maps.labels import Label, middles, place_labels


def frame_of(extent: float) -> Frame:
    return Frame(0, 0, extent, extent, 100, 100, extent * 10)


def overlap(a: Label, b: Label) -> bool:
    return a.box[0] < b.box[2] and b.box[0] < a.box[2] and a.box[1] < b.box[3] and b.box[1] < a.box[3]


@pytest.mark.parametrize("always", [True, False])
def test_no_two_labels_overlap_and_none_leaves_the_frame(always: bool) -> None:
    cells = [box(x, y, x + 1, y + 1) for x in range(12) for y in range(12)]
    units = gpd.GeoDataFrame({"name": [f"unit {i:03d}" for i in range(144)]}, geometry=cells)
    placed = place_labels(units, frame_of(12), size=7 if always else 4, always=always)
    assert len(placed) > 40
    assert not any(overlap(a, b) for a, b in combinations(placed, 2))
    side = 100 / 25.4 * 72
    assert all(min(label.box) > 0 and max(label.box) < side for label in placed)


def test_names_of_counties_find_room_beside_each_other_with_a_line_to_their_unit() -> None:
    cells = [box(5 + x / 10, 5 + y / 10, 5.1 + x / 10, 5.1 + y / 10) for x in range(4) for y in range(4)]
    units = gpd.GeoDataFrame({"name": [f"county {i}" for i in range(16)]}, geometry=cells)
    placed = place_labels(units, frame_of(10), size=9, always=True)
    assert len(placed) == 16
    assert not any(overlap(a, b) for a, b in combinations(placed, 2))
    assert any(label.leader is not None for label in placed)


def test_a_name_that_does_not_fit_its_unit_is_left_out_unless_always() -> None:
    units = gpd.GeoDataFrame({"name": ["a very long name of a unit"]}, geometry=[box(5, 5, 5.2, 5.2)])
    assert place_labels(units, frame_of(10), size=8) == []
    assert len(place_labels(units, frame_of(10), size=8, always=True)) == 1


def test_a_name_of_a_hundred_letters_is_cut_and_stays_inside() -> None:
    units = gpd.GeoDataFrame({"name": ["very " * 30]}, geometry=[box(4, 4, 6, 6)])
    (label,) = place_labels(units, frame_of(10), size=11, always=True)
    assert label.text.endswith("…")
    assert label.box[0] > 0


def test_taken_boxes_are_respected() -> None:
    units = gpd.GeoDataFrame({"name": ["A"]}, geometry=[box(0, 0, 10, 10)])
    (first,) = place_labels(units, frame_of(10), size=8)
    (second,) = place_labels(units, frame_of(10), size=8, taken=[first.box])
    assert not overlap(first, second)


def test_middle_of_a_crescent_lies_inside_and_of_parts_in_the_largest() -> None:
    ring = Polygon(LineString([(0, 0), (10, 0), (10, 10), (0, 10), (0, 9), (9, 9), (9, 1), (0, 1)]).coords)
    two = box(0, 0, 1, 1).union(box(5, 5, 9, 9))
    found = middles(gpd.GeoDataFrame(geometry=[ring, two, Polygon()]))
    assert ring.contains(gpd.points_from_xy(*found[:1].T)[0])
    np.testing.assert_allclose(found[1], [7, 7], atol=0.2)
    assert np.isnan(found[2]).all()


def test_units_without_a_name_are_called_by_their_code() -> None:
    units = gpd.GeoDataFrame({"name": [None]}, geometry=[box(0, 0, 10, 10)], index=["410702"])
    assert [label.text for label in place_labels(units, frame_of(10), size=8)] == ["410702"]
