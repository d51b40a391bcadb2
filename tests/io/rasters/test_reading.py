"""Raster files as lazy layers: one mask, right units, north up; wrong files named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
import zarr

from riskzoning import io
from riskzoning.errors import GridMismatchError, Journal, LayerError, MissingCRSError, UnitsError, hearing
from riskzoning.rasters import retiling

AFFINE = rasterio.Affine(0.5, 0, 113, 0, -0.5, 36)
AFFINE_M = rasterio.Affine(100, 0, 499950, 0, -100, 3900050)


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


def rules_of(path: Path, **options: Any) -> list[str]:
    """Rules of the warnings that opening a file gives."""
    with hearing(Journal()) as journal:
        io.read_layer(path, **options)
    return [problem.rule for problem in journal.warnings]


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
    assert rules_of(path, quantity="pga", units="g") == ["layer.units_conflict"]


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


def store(path: Path, values: Any = None, *, crs: Any = 4490, y: Any = None, x: Any = None, **attrs: Any) -> Path:
    """A CF file with one variable ``t`` (or a Zarr folder), latitudes ascending."""
    values = np.arange(6, dtype=np.float32).reshape(2, 3) if values is None else np.asarray(values)
    coords = {"lat": [34.05, 34.15] if y is None else y, "lon": [113.05, 113.15, 113.25] if x is None else x}
    data = xr.Dataset({"t": (("lat", "lon"), values, attrs)}, coords=coords)
    if crs is not None:
        data["crs"] = xr.DataArray(0, attrs={"crs_wkt": pyproj.CRS(crs).to_wkt()})
        data["t"].attrs["grid_mapping"] = "crs"
    if path.suffix == ".zarr":
        data.to_zarr(path)
    else:
        data.to_netcdf(path)
    return path


def test_metres_of_a_netcdf_are_no_longitudes(tmp_path: Path) -> None:
    where = {"y": [3900000.0, 3901000.0], "x": [500000.0, 501000.0, 502000.0]}
    for crs, declared in ((4547, None), (None, 4547)):
        path = store(tmp_path / f"{crs}.nc", crs=crs, **where)
        layer = io.read_layer(path, quantity="temperature", crs=declared)
        assert tuple(layer.odc.geobox.boundingbox.bbox) == (499500.0, 3899500.0, 502500.0, 3901500.0)


def test_valid_limits_unsigned_cells_and_cf_projections(tmp_path: Path) -> None:
    limited = store(tmp_path / "a.nc", np.array([[10, 20, 30], [40, 50, 60]], np.int16), valid_min=15, valid_max=50)
    assert values_of(limited, "temperature") == pytest.approx(
        np.array([[40, 50, np.nan], [np.nan, 20, 30]]), nan_ok=True
    )
    signed = np.array([[-56, -1, 3], [4, 5, 6]], np.int8)
    unsigned = store(tmp_path / "b.nc", signed, _Unsigned="true", _FillValue=np.int8(-1))
    assert values_of(unsigned)[1] == pytest.approx([200, np.nan, 3], nan_ok=True)
    plain = store(tmp_path / "c.nc", crs=None)
    with xr.open_dataset(plain) as opened:
        data = opened.load()
    attrs = {key: value for key, value in pyproj.CRS(4326).to_cf().items() if key != "crs_wkt"}
    data["tm"] = xr.DataArray(0, attrs=attrs)
    data["t"].attrs["grid_mapping"] = "tm"
    data.to_netcdf(tmp_path / "d.nc")
    assert io.read_layer(tmp_path / "d.nc", quantity="temperature").odc.crs.geographic


def test_groups_zips_and_folders_of_any_name_are_found(tmp_path: Path) -> None:
    with xr.open_dataset(store(tmp_path / "a.nc")) as opened:
        data = opened.load()
    data.to_netcdf(tmp_path / "group.nc", group="day/mean")
    with pytest.raises(LayerError, match="one of its variables: day/mean/t"):
        io.read_layer(tmp_path / "group.nc", quantity="temperature")
    places: list[tuple[Path, Any]] = [(tmp_path / "group.nc", "day/mean/t")]
    for version in (2, 3):
        data.to_zarr(tmp_path / f"plain{version}", zarr_format=version, consolidated=version == 2)
        places.append((tmp_path / f"plain{version}", None))
    with zarr.storage.ZipStore(str(tmp_path / "t.zarr.zip"), mode="w") as zipped:
        data.to_zarr(zipped, zarr_format=2, consolidated=False)
    # The first bytes count, not the name.
    (tmp_path / "named.tif").write_bytes((tmp_path / "a.nc").read_bytes())
    places += [(tmp_path / "t.zarr.zip", None), (tmp_path / "named.tif", None)]
    for path, variable in places:
        layer = io.read_layer(path, quantity="temperature", variable=variable)
        assert layer.values.tolist() == [[3, 4, 5], [0, 1, 2]], path


def test_wrong_stores_are_told(tmp_path: Path) -> None:
    store(tmp_path / "steps.nc", y=[34.0, 34.5], x=[113, 113.1, 113.4])
    curved = xr.Dataset({"t": (("j", "i"), np.ones((2, 2))), "lat": (("j", "i"), np.ones((2, 2)))})
    curved.to_netcdf(tmp_path / "curved.nc")
    xr.Dataset({"t": (("lat", "lon"), [["a", "b"]])}, {"lat": [1.0], "lon": [1.0, 2]}).to_netcdf(tmp_path / "words.nc")
    broken = store(tmp_path / "broken.zarr", np.random.default_rng(0).normal(size=(2, 3)))
    next(path for path in broken.rglob("*") if path.is_file() and path.parent.name in ("c", "0", "t")).write_bytes(b"x")
    for name, text in (
        ("steps.nc", "with steps from 0.1 to 0.3 along lon"),
        ("curved.nc", "no variable on a regular grid.*two-dimensional"),
        ("words.nc", "has values of type"),
        ("broken.zarr", "cannot be read"),
    ):
        with pytest.raises(LayerError, match=text):
            io.read_layer(tmp_path / name, quantity="temperature", crs=None).compute()


def test_the_place_must_fit_the_crs(tmp_path: Path) -> None:
    values = np.ones((2, 2), np.float32)
    metres, prefixed = (rasterio.Affine(100, 0, left, 0, -100, 3900000) for left in (500000, 38500000))
    for crs, affine, text in (
        ("EPSG:4490", metres, "has coordinates up to .* under the geographic EPSG:4490"),
        ("EPSG:4547", prefixed, "zone prefix 38: EPSG:4526"),
        ("EPSG:4526", metres, "without the zone number"),
        ("EPSG:4547", AFFINE, "has degrees .* under the projected EPSG:4547"),
    ):
        with pytest.raises(LayerError, match=text):
            io.read_layer(write(tmp_path / "a.tif", values, crs=crs, transform=affine), quantity="elevation")
    with pytest.raises(MissingCRSError, match="zone number 38, so EPSG:4526 fits"):
        io.read_layer(write(tmp_path / "b.tif", values, crs=None, transform=prefixed), quantity="elevation")
    right = write(tmp_path / "c.tif", values, crs="EPSG:4526", transform=prefixed)
    assert io.read_layer(right, quantity="elevation").odc.geobox.boundingbox.left == 38500000


def test_units_of_another_kind_are_errors_and_words_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((2, 2), np.float32))
    for text in ("K", "gal", "person"):
        with rasterio.open(path, "r+") as file:
            file.update_tags(UNITS=text)
        with pytest.raises(UnitsError, match=f"says units '{text}'"):
            io.read_layer(path, quantity="flood_depth")
    with rasterio.open(path, "r+") as file:
        file.update_tags(UNITS="wibble")
    assert rules_of(path, quantity="flood_depth") == ["layer.units_unknown"]
    assert rules_of(path, quantity="flood_depth", units="m") == []


def test_an_alpha_band_of_any_type_masks(tmp_path: Path) -> None:
    for dtype in ("uint8", "float32"):
        profile = {"driver": "GTiff", "crs": "EPSG:4490", "transform": AFFINE, "dtype": dtype, "alpha": "YES"}
        with rasterio.open(tmp_path / "a.tif", "w", height=1, width=2, count=2, **profile) as file:
            file.write(np.array([[[1, 2]], [[0, 255]]], dtype))
        assert values_of(tmp_path / "a.tif")[0] == pytest.approx([np.nan, 2], nan_ok=True)
        assert rules_of(tmp_path / "a.tif", quantity="elevation") == []


def test_one_huge_piece_is_told_and_read_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retiling, "BLOCK_LIMIT", 1000)
    values = np.random.default_rng(0).normal(size=(70, 90)).astype(np.float32)
    tiff = write(tmp_path / "a.tif", values, blockysize=70, compress="deflate", crs=4547, transform=AFFINE_M)
    where = {"y": 3900000.0 - 100 * np.arange(70), "x": 500000.0 + 100 * np.arange(90)}
    netcdf = store(tmp_path / "b.nc", values, crs=4547, **where)
    for path in (tiff, netcdf):
        assert rules_of(path, quantity="wetness_index") == ["layer.tiles"]
        with hearing(Journal()):
            assert np.array_equal(io.read_layer(path, quantity="wetness_index", chunks=16).values, values)


def test_a_header_of_absurd_size_is_refused_before_anything_is_planned(tmp_path: Path) -> None:
    text = '<VRTDataset rasterXSize="{0}" rasterYSize="{0}"><SRS>EPSG:4547</SRS><GeoTransform>5e5,1,0,4e6,0,-1'
    rest = '</GeoTransform><VRTRasterBand dataType="Float32" band="1"/></VRTDataset>'
    (tmp_path / "a.vrt").write_text(text.format(2_000_000_000) + rest, encoding="utf-8")
    with pytest.raises(LayerError, match="says that it has 2000000000 x 2000000000 cells"):
        io.read_layer(tmp_path / "a.vrt", quantity="elevation")


def test_dry_ground_that_is_written_as_no_data_is_0_when_that_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "depth.tif", np.array([[0.5, -9999], [np.nan, 2]], "f4"), nodata=-9999)
    assert np.isnan(io.read_layer(path, quantity="flood_depth").values).sum() == 2
    with hearing(Journal()) as journal:
        layer = io.read_layer(path, quantity="flood_depth", units="cm", dry_is_nodata=True)
    np.testing.assert_allclose(layer.values, [[0.005, 0], [0, 0.02]])
    assert "no data as dry ground, 0" in journal.steps[0].found
    assert io.scan_layer(layer).valid == 4
    with pytest.raises(LayerError) as caught:
        io.read_layer(path, quantity="elevation", dry_is_nodata=True)
    assert caught.value.problems[0].rule == "layer.dry_quantity"
