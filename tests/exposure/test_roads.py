from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.errors import MissingCRSError
from riskzoning.exposure import road_length


def test_roads_are_cut_at_the_cells_and_nothing_is_lost(make_grid: Any) -> None:
    grid = make_grid(rows=10, columns=10)
    rng = np.random.default_rng(3)
    lines = [shapely.LineString(rng.uniform([499_900, 3_899_900], [501_100, 3_901_100], (6, 2))) for _ in range(5)]
    roads = gpd.GeoDataFrame(geometry=lines, crs="EPSG:4547")
    found = road_length(roads, grid)
    assert float(found.sum()) + found.attrs["outside"] == pytest.approx(roads.length.sum() / 1000, rel=1e-9)
    cell = shapely.box(500_300, 3_900_400, 500_400, 3_900_500)
    assert found.values[5, 3] == pytest.approx(roads.intersection(cell).length.sum() / 1000, abs=1e-9)
    assert found.attrs["units"] == "km"


def test_roads_need_a_crs(make_grid: Any) -> None:
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])])
    with pytest.raises(MissingCRSError):
        road_length(roads, make_grid())
