"""Who touches whom: borders and corners, borders that were not cleaned, islands."""

from __future__ import annotations

import numpy as np
from shapely import box
from shapely.geometry import Polygon

from riskzoning.zoning.contiguity import contiguity, shared_edges


def shapes(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box(*one) for one in boxes], dtype=object)


def test_a_corner_is_no_border() -> None:
    near = contiguity(shapes((0, 0, 1, 1), (1, 0, 2, 1), (0, 1, 1, 2), (1, 1, 2, 2)))
    assert list(zip(near.first.tolist(), near.second.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert near.length.tolist() == [1, 1, 1, 1]
    assert near.islands == ()


def test_borders_whose_points_differ_still_count() -> None:
    # The second has no point where the two on its left meet.
    near = contiguity(shapes((0, 0, 1, 1), (0, 1, 1, 2), (1, 0, 2, 2)))
    pairs = zip(near.first.tolist(), near.second.tolist(), near.length.tolist(), strict=True)
    assert sorted(pairs) == [(0, 1, 1), (0, 2, 1), (1, 2, 1)]


def test_length_of_a_border_in_degrees_is_weighed_east() -> None:
    wide = np.array([box(0, 60, 2, 61), box(0, 61, 2, 62)], dtype=object)
    assert np.isclose(shared_edges(wide)[2][0], 2)
    assert np.isclose(shared_edges(wide, degrees=True)[2][0], 2 * np.cos(np.radians(61)), rtol=1e-3)


def test_an_island_is_linked_to_the_nearest() -> None:
    near = contiguity(shapes((0, 0, 1, 1), (1, 0, 2, 1), (5, 0, 6, 1)))
    assert near.islands == (2,)
    assert near.neighbours() == [[1], [0, 2], [1]]
    assert len(set(near.components().tolist())) == 1


def test_two_parts_that_do_not_touch() -> None:
    near = contiguity(shapes((0, 0, 1, 1), (1, 0, 2, 1), (5, 0, 6, 1), (6, 0, 7, 1)))
    assert near.components().tolist() == [0, 0, 1, 1]
    assert near.islands == ()


def test_a_unit_around_another_touches_it() -> None:
    ring = Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    near = contiguity(np.array([ring, box(1, 1, 2, 2)], dtype=object))
    assert near.length.tolist() == [4]
