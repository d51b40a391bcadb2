"""A small standard grid, and product files that obey every rule or break one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

CELL = 1 / 120
WEST, NORTH = 113.5, 35.5
# Rows of the standard grid: codes of townships of two counties, 0 elsewhere.
CODES = np.zeros((12, 16), dtype=np.int32)
CODES[2:6, 3:8] = 130131100
CODES[6:9, 3:8] = 130131200
CODES[2:9, 8:12] = 130132100
COUNTY = (slice(2, 9), slice(3, 8))


def transform(row: int = 0, column: int = 0, cell: float = CELL) -> Affine:
    return Affine(cell, 0, WEST + column * CELL, 0, -cell, NORTH - row * CELL)


def write(
    path: Path, values: np.ndarray[Any, Any], place: Affine, *, crs: str | None = "EPSG:4490", **options: Any
) -> Path:
    profile = {"driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "crs": crs}
    profile |= {"dtype": values.dtype, "transform": place, "nodata": 0, **options}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    return write(tmp_path / "STANDARD_GRID.tif", CODES, transform())


@pytest.fixture
def classes() -> np.ndarray[Any, Any]:
    """Classes 1 to 4 in all cells of county 130131."""
    return (np.arange(35).reshape(7, 5) % 4 + 1).astype(np.uint8)


def place() -> Affine:
    """Where the classes of the county lie."""
    return transform(2, 3)


def polygons(
    path: Path, values: list[Any], *, field: str = "class", crs: str | None = "EPSG:4490", x: float = 113.5
) -> Path:
    shapes = [box(x + 0.1 * at, 35.2, x + 0.1 * at + 0.1, 35.3) for at in range(len(values))]
    gpd.GeoDataFrame({field: values}, geometry=shapes, crs=crs).to_file(path)
    return path
