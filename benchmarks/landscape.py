"""Data that contestants share, made from seeds: nested units, fields with missing patches, tiled files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import cached_file

CRS = "EPSG:4547"
RESOLUTION = 100.0
TILE = 512
_ROWS = 512


def side(cells: float) -> int:
    """Rows and columns of a square grid of about so many cells."""
    return int(round(cells**0.5))


def units_file(townships: int, cells: float) -> Path:
    """Townships nested in counties and cities over the grid, about 800 vertices each, as a GeoPackage."""

    def write(path: Path) -> None:
        import shapely

        from riskzoning.samples.large import large_units

        extent = side(cells) * RESOLUTION
        units = large_units(townships, bounds=(0.0, 0.0, extent, extent), seed=1).set_crs(CRS, allow_override=True)
        step = extent / townships**0.5 / 150
        units.geometry = shapely.segmentize(units.geometry.to_numpy(), step)
        units.reset_index().to_file(path, driver="GPKG", layer="units")

    return cached_file("units", ".gpkg", write, townships=townships, side=side(cells), version=1)


def read_units(townships: int, cells: float) -> Any:
    """Those units as a GeoDataFrame indexed by code."""
    import geopandas as gpd

    return gpd.read_file(units_file(townships, cells)).set_index("code")


def band(seed: int, first: int, rows: int, columns: int) -> NDArray[np.float32]:
    """Rows of a field: waves and noise, NaN in some patches; the same whatever the band."""
    out = np.empty((rows, columns), dtype=np.float32)
    x = np.arange(columns, dtype=np.float32)
    wave = np.sin(x / np.float32(370 + seed)) * 300
    patch = np.sin(x / np.float32(997)) > 0.97
    for i, row in enumerate(range(first, first + rows)):
        noise = np.random.default_rng((seed, row)).standard_normal(columns, dtype=np.float32)
        out[i] = 800 + wave * np.float32(np.cos(row / 530)) + 40 * noise
        if np.sin(row / 811) > 0.5:
            out[i, patch] = np.nan
    return out


def field(seed: int, cells: float) -> NDArray[np.float32]:
    """The whole field."""
    n = side(cells)
    out = np.empty((n, n), dtype=np.float32)
    for first in range(0, n, _ROWS):
        last = min(first + _ROWS, n)
        out[first:last] = band(seed, first, last - first, n)
    return out


def tiled_file(seed: int, cells: float) -> Path:
    """The field as a GeoTIFF in tiles of 512, deflate, predictor 3."""

    def write(path: Path) -> None:
        import rasterio
        from rasterio.windows import Window

        n = side(cells)
        profile = {
            "driver": "GTiff", "height": n, "width": n, "count": 1, "dtype": "float32", "crs": CRS, "nodata": np.nan,
            "transform": rasterio.Affine(RESOLUTION, 0, 0, 0, -RESOLUTION, n * RESOLUTION), "tiled": True,
            "blockxsize": TILE, "blockysize": TILE, "compress": "deflate", "predictor": 3, "num_threads": 2,
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as file:
            for first in range(0, n, _ROWS):
                rows = min(_ROWS, n - first)
                file.write(band(seed, first, rows, n), 1, window=Window(0, first, n, rows))

    return cached_file("field", ".tif", write, seed=seed, side=side(cells), version=1)
