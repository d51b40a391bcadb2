"""Neighbours share a border, not a corner; islands are reported; degrees are no metres."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from shapely import box

from riskzoning.methods.spatial import Neighbours, within_distance


def test_a_corner_is_no_border_and_order_of_rows_changes_nothing() -> None:
    squares = [box(x, y, x + 10, y + 10) for y in (0, 10) for x in (0, 10)] + [box(100, 0, 110, 10)]
    units = gpd.GeoDataFrame(geometry=squares, crs="EPSG:4547")
    near = Neighbours.of_units(units)
    assert near.counts.tolist() == [2, 2, 2, 2, 0]
    assert near.islands.tolist() == [4]
    assert near.weights[0, 3] == 0
    turned = Neighbours.of_units(units.iloc[::-1])
    assert (turned.weights.toarray()[::-1, ::-1] == near.weights.toarray()).all()


def test_units_in_degrees_are_measured_in_metres() -> None:
    # The border of the first two is 11 m long, that of the last two under a metre.
    shapes = [box(113, 35, 113.1, 35.0001), box(113.1, 35, 113.2, 35.0001), box(113.2, 35.000095, 113.3, 35.1)]
    near = Neighbours.of_units(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4490"))
    assert near.counts.tolist() == [1, 1, 0]


def test_points_within_a_distance_with_its_limit() -> None:
    near = within_distance([[0, 0], [15, 0], [31, 0]], 15.0)
    assert near.counts.tolist() == [1, 1, 0]
    assert np.allclose(near.weights.toarray(), near.weights.toarray().T)
