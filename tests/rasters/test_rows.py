"""Raster files in bands of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.rasters.rows import open_rows, row_bands


def write(path: Path, values: np.ndarray, **options: object) -> Path:
    place = {"crs": "EPSG:4547", "transform": rasterio.Affine(100, 0, 0, 0, -100, 0)}
    shape = {"height": values.shape[-2], "width": values.shape[-1], "count": 1, "dtype": values.dtype}
    profile = {"driver": "GTiff", **shape, **place, **options}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values.reshape(-1, *values.shape[-2:]))
    return path


@pytest.mark.parametrize("rows", [None, 1, 7, 512, 5000])
def test_bands_put_together_are_the_file(tmp_path: Path, rows: int | None) -> None:
    values = np.random.default_rng(0).normal(size=(700, 40)).astype(np.float32)
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=256, blockysize=256)
    parts = [(first, band[0].copy()) for first, band in row_bands(path, rows)]
    assert np.array_equal(np.concatenate([band for _, band in parts]), values)
    assert [first for first, _ in parts] == sorted(first for first, _ in parts)


def test_scale_and_offset_of_the_file_are_applied(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[1, 2, -1]], np.int16), nodata=-1)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (10.0,)
    _, band = next(row_bands(path))
    assert band[0].tolist()[0][:2] == [10.5, 11.0]
    assert np.isnan(band[0][0, 2])


def test_wrong_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="does not exist"):
        open_rows(tmp_path / "no.tif")
    (tmp_path / "text.tif").write_text("x", encoding="utf-8")
    with pytest.raises(LayerError, match="is text, not a raster"):
        open_rows(tmp_path / "text.tif")
    with pytest.raises(MissingCRSError):
        open_rows(write(tmp_path / "a.tif", np.zeros((2, 2), np.uint8), crs=None))


def test_two_files_are_read_in_turn(tmp_path: Path) -> None:
    one, two = (row_bands(write(tmp_path / name, np.ones((1100, 3), np.uint8)), 512) for name in ("a.tif", "b.tif"))
    assert [(next(one)[0], next(two)[0]) for _ in range(2)] == [(0, 0), (512, 512)]
    one.close()
    assert next(two)[1].shape == (1, 76, 3)


def test_facts_of_the_file_are_those_of_its_bands() -> None:
    from riskzoning.samples import sample_study

    file = open_rows(sample_study().parent / "landcover.tif")
    assert (file.names, file.tile_rows, file.rows_at_once(), file.integer(0)) == (("band_1",), 256, 512, True)
    assert file.facts[0].nodata == (0.0,)


def test_a_window_reads_its_part_and_nothing_else(tmp_path: Path) -> None:
    values = np.arange(6000, dtype=np.float32).reshape(60, 100)
    for name, place in (("a.tif", None), ("b.tif", rasterio.Affine(3.6, 0, 0, 0, -1, 40))):
        path = write(tmp_path / name, values, **({} if place is None else {"crs": "EPSG:4490", "transform": place}))
        file = open_rows(path)
        with file.reader() as whole:
            every = whole.read(0, 60)[0].copy()
        part = file.within(slice(10, 40), slice(30, 70))
        assert part.grid.shape == (30, 40)
        with part.reader() as reader:
            assert np.array_equal(reader.read(5, 20)[0], every[15:30, 30:70])
        assert (part.grid.affine * (0, 0))[0] == pytest.approx((file.grid.affine * (30, 10))[0])
