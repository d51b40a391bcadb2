"""Outlines for the screen."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.webmap.outlines import thinned


def test_borders_that_differ_in_their_last_digits_are_thinned_and_stay_one(three_corners: gpd.GeoDataFrame) -> None:
    """A point every ten metres on the way in, one side off by a tenth of a millimetre; on the page a few points."""
    dense = shapely.segmentize(three_corners.geometry.to_numpy(), 1e-4)
    dense[2] = shapely.transform(dense[2], lambda xy: xy + 1e-9)
    assert shapely.get_num_coordinates(dense).min() > 2_000
    assert not shapely.coverage_is_valid(dense)
    drawn = thinned(dense, 0.0005, 5)
    assert shapely.coverage_is_valid(drawn)
    assert shapely.get_num_coordinates(drawn).max() <= 8
    assert max(map(len, shapely.to_geojson(drawn))) < 500
    np.testing.assert_allclose(shapely.area(drawn), shapely.area(dense), rtol=1e-3)


def test_shapes_that_overlap_keep_their_points(three_corners: gpd.GeoDataFrame) -> None:
    shapes = three_corners.geometry.to_numpy().copy()
    shapes[0] = shapely.affinity.translate(shapes[0], 0.02, 0.0)
    kept = thinned(shapes, 0.0005, 5)
    assert shapely.get_num_coordinates(kept).tolist() == shapely.get_num_coordinates(shapes).tolist()
