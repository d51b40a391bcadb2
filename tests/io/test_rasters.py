"""Raster files as lazy layers: one mask, right units, north up; wrong files named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr

from riskzoning import io
from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, UnitsError

AFFINE = rasterio.Affine(0.5, 0, 113, 0, -0.5, 36)


def write(path: Path, values: Any, *, mask: Any = None, scale: float = 1, offset: float = 0, **options: Any) -> Path:
    values = np.asarray(values)
    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype}
    profile = {"driver": "GTiff", "crs": "EPSG:4490", "transform": AFFINE, **shape, **options}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        if mask is not None:
            file.write_mask(np.asarray(mask, dtype=bool))
        file.scales, file.offsets = (scale,), (offset,)
    return path


def values_of(path: Path, quantity: str = "elevation", **options: Any) -> list[Any]:
    return io.read_layer(path, quantity=quantity, **options).values.tolist()


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (np.array([[1, -9999], [-9999, 4]], np.float32), {"nodata": -9999}),
        (np.array([[1, -32768], [-32768, 4]], np.int16), {}),
        (np.array([[1, -3.4028235e38], [np.inf, 4]], np.float32), {}),
        (np.array([[1, np.nan], [np.nan, 4]], np.float64), {}),
    ],
)
def test_declared_and_undeclared_no_data_become_nan(tmp_path: Path, values: Any, options: Any) -> None:
    found = io.read_layer(write(tmp_path / "a.tif", values, **options), quantity="elevation").values
    assert np.array_equal(found, [[1, np.nan], [np.nan, 4]], equal_nan=True)


def test_mask_band_scale_and_offset_count_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[10, 20]], np.int16), mask=[[True, False]], scale=0.5, offset=3)
    assert values_of(path)[0] == pytest.approx([8, np.nan], nan_ok=True)


def test_units_are_converted_and_wrong_ones_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[196.133]], np.float32))
    assert values_of(path, "pga", units="gal")[0] == pytest.approx([0.2])
    with pytest.raises(UnitsError):
        values_of(path, "pga", units="mm")
    with rasterio.open(path, "r+") as file:
        file.update_tags(UNITS="gal")
    assert values_of(path, "pga")[0] == pytest.approx([0.2])
    assert io.read_layer(path, quantity="pga", units="g").attrs["warnings"]


def test_negative_depths_are_no_data(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[-1.0, 0.0, 2.0]], np.float32))
    assert values_of(path, "flood_depth")[0] == pytest.approx([np.nan, 0, 2], nan_ok=True)


def test_classes_stay_integers_and_fractions_are_refused(tmp_path: Path) -> None:
    layer = io.read_layer(write(tmp_path / "a.tif", np.array([[10, 255]], np.uint8), nodata=255), quantity="landcover")
    assert (layer.dtype, layer.values.tolist()) == (np.uint8, [[10, 0]])
    broken = io.read_layer(write(tmp_path / "b.tif", np.array([[1.5]], np.float32)), quantity="landcover")
    with pytest.raises(LayerError, match="no integers"):
        broken.compute()


def test_south_up_files_are_turned(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif", np.array([[1, 2], [3, 4]], np.int16), transform=rasterio.Affine(0.5, 0, 113, 0, 0.5, 35)
    )
    layer = io.read_layer(path, quantity="elevation")
    assert layer.values.tolist() == [[3, 4], [1, 2]]
    assert layer.y.values[0] > layer.y.values[1]


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_netcdf_and_zarr_come_north_up(tmp_path: Path, suffix: str) -> None:
    data = xr.Dataset(
        {"z": (("lat", "lon"), np.array([[1.0, 2.0], [3.0, 4.0]]), {"units": "m"})},
        coords={"lat": [35.05, 35.15], "lon": [113.05, 113.15]},
    )
    path = tmp_path / f"a.{suffix}"
    data.to_netcdf(path) if suffix == "nc" else data.to_zarr(path, zarr_format=2)
    with pytest.raises(MissingCRSError):
        io.read_layer(path, quantity="elevation")
    layer = io.read_layer(path, quantity="elevation", crs="EPSG:4490")
    assert layer.values.tolist() == [[3, 4], [1, 2]]
    assert np.allclose(layer.odc.geobox.boundingbox.bbox, (113.0, 35.0, 113.2, 35.2))
    with pytest.raises(LayerError, match="has no variable 'q'"):
        io.read_layer(path, quantity="elevation", crs="EPSG:4490", variable="q")


def test_stacks_are_sorted_and_checked(tmp_path: Path) -> None:
    a = write(tmp_path / "a.tif", np.ones((2, 2), np.float32))
    b = write(tmp_path / "b.tif", np.ones((2, 3), np.float32))
    stack = io.read_stack([(100, {"path": a}), (5, {"path": a})], quantity="flood_depth")
    assert stack.return_period.values.tolist() == [5, 100]
    with pytest.raises(GridMismatchError, match=r"b\.tif has 2 rows and 3 columns"):
        io.read_stack([(5, {"path": a}), (100, {"path": b})], quantity="flood_depth")
    with pytest.raises(LayerError, match="has the return period 5 years"):
        io.read_stack([(5, {"path": a}), (5, {"path": a})], quantity="flood_depth")


def test_wrong_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("<html>", encoding="utf-8")
    (tmp_path / "empty.tif").write_bytes(b"")
    bare = write(tmp_path / "bare.tif", np.ones((2, 2), np.float32), crs=None)
    turned = write(
        tmp_path / "turned.tif", np.ones((2, 2), np.float32), transform=rasterio.Affine.rotation(30) * AFFINE
    )
    for path, text in (("text.tif", "is text"), ("empty.tif", "is empty"), ("no.tif", "does not exist")):
        with pytest.raises(LayerError, match=text):
            io.read_layer(tmp_path / path, quantity="elevation")
    with pytest.raises(MissingCRSError):
        io.read_layer(bare, quantity="elevation")
    with pytest.raises(LayerError, match="is rotated"):
        io.read_layer(turned, quantity="elevation")
    with pytest.raises(LayerError, match="has no band 3"):
        io.read_layer(bare, quantity="elevation", band=3)


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.random.default_rng(0).normal(size=(600, 600)))
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(LayerError):
        io.read_layer(path, quantity="elevation").compute()


def test_nothing_is_read_before_it_is_computed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((600, 600), np.float32))
    layer = io.read_layer(path, quantity="elevation")
    assert layer.chunks is not None
    assert io.probe(path).shape == (600, 600)
