"""Zonal tables of files: what is mended or transformed is said."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import Polygon, box

from riskzoning.errors import AdminError
from riskzoning.pipeline import zonal_table


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    path = tmp_path / "raster.tif"
    facts = {"height": 4, "width": 5, "count": 1, "dtype": "float64", "crs": "EPSG:4547"}
    with rasterio.open(path, "w", driver="GTiff", transform=rasterio.Affine(100, 0, 0, 0, -100, 400), **facts) as file:
        file.write(np.arange(20.0).reshape(4, 5), 1)
    return path


def units(path: Path, *shapes: Polygon, crs: str = "EPSG:4547") -> Path:
    frame = gpd.GeoDataFrame({"code": [f"u{i}" for i in range(len(shapes))]}, geometry=list(shapes), crs="EPSG:4547")
    frame.to_crs(crs).to_file(path)
    return path


def test_repair_keeps_what_has_an_area(raster: Path, tmp_path: Path) -> None:
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    spike = Polygon([(0, 0), (100, 0), (100, 100), (300, 300), (100, 100), (0, 100)])
    path = units(tmp_path / "units.gpkg", bow, spike, box(0, 0, 200, 100))
    with pytest.raises(AdminError, match="u0"):
        zonal_table(raster, path, ["count"])
    table, said = zonal_table(raster, path, ["count"], repair=True)
    assert table["count"].tolist() == pytest.approx([0.5, 1.0, 2.0])
    assert "mended 2" in said[0]


def test_another_crs_is_transformed_and_said(raster: Path, tmp_path: Path) -> None:
    path = units(tmp_path / "units.gpkg", box(0, 0, 200, 100), crs="EPSG:4490")
    table, said = zonal_table(raster, path, ["count"])
    assert table["count"].tolist() == pytest.approx([2.0], rel=1e-3)
    assert said == ["units transformed from EPSG:4490 to EPSG:4547, the CRS of the raster"]
    assert zonal_table(raster, units(tmp_path / "same.gpkg", box(0, 0, 200, 100)), ["count"])[1] == []
