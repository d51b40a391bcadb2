"""Inverse distance weights: the worked example."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from riskzoning.grid import analysis_grid
from riskzoning.methods.interpolation import interpolate
from riskzoning.methods.interpolation.weighting import inverse_distance


def test_worked_example_of_squared_distances() -> None:
    places = [Point(0, 500), Point(2000, 500), Point(0, 400000)]
    frame = gpd.GeoDataFrame({"z": [10.0, 20.0, 10.0]}, geometry=places, crs="EPSG:4547")
    grid = analysis_grid((0, 0, 1000, 1000), crs="EPSG:4547", resolution=1000)
    # The cell centre lies 500 m from the first station and 1500 m from the second.
    assert float(interpolate(frame, "z", grid, method="idw").values[0, 0]) == pytest.approx(11.0, abs=1e-3)


@pytest.mark.parametrize(
    ("search", "values"),
    [
        ((2.0, np.inf, 1, 2), [11.0, 10.0]),
        ((1.0, np.inf, 1, 2), [12.5, 10.0]),
        ((2.0, 1.0, 1, 2), [10.0, 10.0]),
        ((2.0, np.inf, 1, 1), [10.0, 10.0]),
        ((2.0, 0.1, 2, 2), [11.0, 10.0]),
    ],
)
def test_power_radius_and_neighbours(search: tuple[float, float, int, int], values: list[float]) -> None:
    x, y, z = np.array([0.0, 2.0]), np.zeros(2), np.array([10.0, 20.0])
    out = np.empty((1, 2))
    inverse_distance((x, y, z, z), search, (np.array([[0.5, 0.0]]), np.zeros((1, 2))), np.zeros((1, 2)), out)
    assert out[0].tolist() == pytest.approx(values)
