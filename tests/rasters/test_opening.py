"""Files of any kind are opened by what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.rasters import opening, retiling
from riskzoning.rasters.gdal import GdalBand
from riskzoning.rasters.opening import band_reader, raster_bands, raster_facts
from riskzoning.rasters.stores import StoreBand


def write(path: Path, values: Any, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(values).T).T
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    place = {"crs": "EPSG:4547", "transform": rasterio.Affine(100, 0, 5e5, 0, -100, 3.9e6)}
    with rasterio.open(path, "w", **{"driver": "GTiff", **place, **shape, **options}) as file:
        file.write(bands)
    return path


def test_first_bytes_decide_and_each_kind_has_its_reader(tmp_path: Path) -> None:
    tiff = write(tmp_path / "a.tif", np.ones((2, 3, 3), "u1"))
    data = xr.Dataset({"t": (("y", "x"), np.ones((2, 2)))}, {"y": [3.0, 2.0], "x": [1.0, 2.0]})
    data.to_netcdf(tmp_path / "b.tif")
    assert [facts.band for facts in raster_bands(tiff)[0]] == [1, 2]
    assert isinstance(band_reader(raster_facts(tiff)[0]), GdalBand)
    (facts,), _ = raster_bands(tmp_path / "b.tif")
    assert facts.variable == "t"
    assert isinstance(band_reader(facts), StoreBand)


def test_files_too_large_to_be_true_and_in_huge_pieces_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.tif", np.ones((64, 64), "u1"), compress="deflate", blockysize=64)
    monkeypatch.setattr(retiling, "BLOCK_LIMIT", 100)
    assert [problem.rule for problem in raster_facts(path)[1]] == ["layer.tiles"]
    monkeypatch.setattr(opening, "_MOST_CELLS", 100)
    with pytest.raises(LayerError) as caught:
        raster_facts(path)
    assert caught.value.problems[0].rule == "layer.size"
