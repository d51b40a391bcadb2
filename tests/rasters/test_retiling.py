"""Temporary copies in tiles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from riskzoning.rasters import retiling
from riskzoning.rasters.gdal import gdal_facts
from riskzoning.rasters.retiling import read_copy, tiled_copy


def write(path: Path, values: Any, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(values).T).T
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    place = {"crs": "EPSG:4547", "transform": rasterio.Affine(100, 0, 5e5, 0, -100, 3.9e6)}
    with rasterio.open(path, "w", **{"driver": "GTiff", **place, **shape, **options}) as file:
        file.write(bands)
    return path


def test_a_copy_is_made_once_for_a_file_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    values = np.arange(64 * 64, dtype="i2").reshape(64, 64)
    path = write(tmp_path / "a.tif", values, compress="deflate", blockysize=64)
    facts = gdal_facts(path)[0]
    assert tiled_copy(facts) == str(path)
    monkeypatch.setattr(retiling, "BLOCK_LIMIT", 100)
    copy = tiled_copy(facts)
    assert np.array_equal(read_copy(copy, slice(3, 9), slice(0, 64)), values[3:9])
    made = Path(copy).stat().st_mtime_ns
    assert tiled_copy(facts) == copy
    assert Path(copy).stat().st_mtime_ns == made
    write(path, values + 1, compress="deflate", blockysize=64)
    again = tiled_copy(gdal_facts(path)[0])
    assert again != copy
    assert read_copy(again, slice(0, 1), slice(0, 1)) == 1
    assert Path(copy).parent.stat().st_mode & 0o077 == 0


def test_of_an_immense_raster_no_copy_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.tif", np.zeros((64, 64), "i2"), compress="deflate", blockysize=64)
    monkeypatch.setattr(retiling, "BLOCK_LIMIT", 100)
    monkeypatch.setattr(retiling, "_MOST_COPIED", 1000)
    assert tiled_copy(gdal_facts(path)[0]) == str(path)
