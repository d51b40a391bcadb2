"""Towns that cut cells, made from seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from odc.geo.geobox import GeoBox


@pytest.fixture
def make_towns() -> Callable[..., gpd.GeoDataFrame]:
    """make_towns(grid, count, seed, inset=0.0): Voronoi towns that fill the grid, drawn in by ``inset`` of a cell."""

    def make(grid: GeoBox, count: int, seed: int = 0, inset: float = 0.0) -> gpd.GeoDataFrame:
        left, bottom, right, top = grid.extent.boundingbox
        edge = inset * abs(grid.affine.a)
        area = shapely.box(left + edge, bottom + edge, right - edge, top - edge)
        rng = np.random.default_rng(seed)
        low_x, low_y, high_x, high_y = area.bounds
        x, y = low_x + (high_x - low_x) * rng.random(count), low_y + (high_y - low_y) * rng.random(count)
        cells: Any = shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(np.column_stack([x, y])), extend_to=area)
        )
        towns = [shapely.intersection(cell, area) for cell in cells]
        codes = [f"4107{i:05d}" for i in range(1, len(towns) + 1)]
        return gpd.GeoDataFrame({"level": "township"}, index=codes, geometry=towns, crs=str(grid.crs))

    return make
