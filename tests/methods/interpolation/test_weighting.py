"""Inverse distance weights: the worked example."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from riskzoning.grid import analysis_grid
from riskzoning.methods.interpolation import interpolate


def test_worked_example_of_squared_distances() -> None:
    places = [Point(0, 500), Point(2000, 500), Point(0, 400000)]
    frame = gpd.GeoDataFrame({"z": [10.0, 20.0, 10.0]}, geometry=places, crs="EPSG:4547")
    grid = analysis_grid((0, 0, 1000, 1000), crs="EPSG:4547", resolution=1000)
    # The cell centre lies 500 m from the first station and 1500 m from the second.
    assert float(interpolate(frame, "z", grid, method="idw").values[0, 0]) == pytest.approx(11.0, abs=1e-3)
