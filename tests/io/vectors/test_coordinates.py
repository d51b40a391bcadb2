"""Coordinates that are no numbers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.errors import Journal, hearing
from riskzoning.io.vectors.coordinates import without_broken


@pytest.mark.filterwarnings("ignore:invalid value")
def test_geometries_with_coordinates_that_are_no_numbers_count_as_missing() -> None:
    shapes = [
        shapely.box(0, 0, 1, 1),
        shapely.Polygon([(0, 0), (1, 0), (np.nan, 1), (0, 0)]),
        shapely.Point(np.inf, 1),
        None,
        shapely.Point(),
    ]
    frame = gpd.GeoDataFrame({"a": range(5)}, geometry=shapes, crs="EPSG:4490")
    with hearing(Journal()) as journal:
        out = without_broken(frame, "a.gpkg")
    assert out.geometry.isna().tolist() == [False, True, True, True, False]
    assert [dict(problem.values)["rows"] for problem in journal.warnings] == [(2, 3)]
    assert [problem.rule for problem in journal.steps] == ["vector.without_geometry"]
    assert without_broken(frame.iloc[:1], "a.gpkg") is not None
