"""Rasters that GDAL reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp

from riskzoning.errors import LayerError
from riskzoning.rasters.gdal import GdalBand, gdal_bands, gdal_facts


def write(path: Path, values: Any, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(values).T).T
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    place = {"crs": "EPSG:4547", "transform": rasterio.Affine(100, 0, 5e5, 0, -100, 3.9e6)}
    with rasterio.open(path, "w", **{"driver": "GTiff", **place, **shape, **options}) as file:
        file.write(bands)
    return path


def test_bands_are_found_by_number_and_name_and_alpha_is_none_of_them(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((3, 2, 2), "u1"))
    with rasterio.open(path, "r+") as file:
        file.descriptions = ("low", "high", "cover")
        file.colorinterp = [ColorInterp.gray, ColorInterp.undefined, ColorInterp.alpha]
    assert [facts.band for facts in gdal_bands(path)] == [1, 2]
    assert gdal_facts(path, band="high")[0].band == 2
    assert [problem.rule for problem in gdal_facts(path)[1]] == ["layer.bands"]
    for band in (9, "none"):
        with pytest.raises(LayerError) as caught:
            gdal_facts(path, band=band)
        assert caught.value.problems[0].rule == "layer.band"


def test_what_is_no_raster_is_told_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("<html>", encoding="utf-8")
    (tmp_path / "bytes.tif").write_bytes(b"\0\1\2\3" * 9)
    write(tmp_path / "complex.tif", np.ones((2, 2), "c8"))
    write(tmp_path / "bare.tif", np.ones((2, 2), "u1"), transform=rasterio.Affine.identity())
    cut = write(tmp_path / "cut.tif", np.ones((600, 600)))
    cut.write_bytes(cut.read_bytes()[:100_000])
    rules = {"text": "text", "bytes": "format", "complex": "type", "bare": "georeference", "cut": "truncated"}
    for name, rule in rules.items():
        with pytest.raises(LayerError) as caught:
            gdal_facts(tmp_path / f"{name}.tif")
        assert caught.value.problems[0].rule == f"raster.{rule}", name


def test_a_window_comes_as_stored_with_its_mask_and_a_lost_file_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.arange(6, dtype="i2").reshape(2, 3))
    with rasterio.open(path, "r+") as file:
        file.write_mask(np.array([[1, 1, 0], [1, 1, 1]], dtype=bool))
    reader = GdalBand(gdal_facts(path)[0])
    values, mask = reader.read(slice(0, 1), slice(1, 3))
    assert values.tolist() == [[1, 2]]
    assert mask is not None
    assert (mask == 0).tolist() == [[False, True]]
    path.unlink()
    with pytest.raises(LayerError) as caught:
        reader.read(slice(0, 1), slice(0, 3))
    assert caught.value.problems[0].rule == "file.missing"
