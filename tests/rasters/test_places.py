"""What a path names: files, archives, tiles."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely import box

from riskzoning import io
from riskzoning.coverage import zonal_statistics
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.files import checksum
from riskzoning.rasters.opening import raster_facts
from riskzoning.rasters.places import names_rasters, place_of

PLACE = Affine(0.01, 0, 113.0, 0, -0.01, 36.0)
UNITS = gpd.GeoDataFrame(geometry=[box(113.0, 35.98, 113.02, 36.0), box(113.02, 35.98, 113.04, 36.0)], crs="EPSG:4490")
WHOLE = np.arange(8, dtype="f4").reshape(2, 4)


def write(path: Path, values: Any, column: int = 0, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(values).T).T
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    mask = options.pop("mask", None)
    profile = {"driver": "GTiff", "crs": "EPSG:4490", "transform": PLACE @ Affine.translation(column, 0), **shape}
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **{**profile, **options}) as file:
        file.write(bands)
        if mask is not None:
            file.write_mask(mask)
    return path


def tiles(folder: Path, **options: Any) -> Path:
    write(folder / "a.tif", WHOLE[:, :2], **options)
    write(folder / "b.tif", WHOLE[:, 2:], 2, **options)
    (folder / "readme.txt").write_text("two tiles", encoding="utf-8")
    return folder


def packed(target: Path, *files: Path, folder: str = "data") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            archive.write(file, f"{folder}/{file.name}" if folder else file.name)
    return target


def means(path: Any) -> list[float]:
    return [float(value) for value in zonal_statistics(path, UNITS, ["mean"]).iloc[:, 0]]


def test_tiles_in_a_folder_a_pattern_or_a_zip_are_one_mosaic_with_a_word(tmp_path: Path) -> None:
    folder = tiles(tmp_path / "tiles" / "sheet")
    archive = packed(tmp_path / "tiles.zip", folder / "a.tif", folder / "b.tif")
    for path in (folder, tmp_path / "tiles", folder / "*.tif", archive, archive / "data", f"{folder}/[ab].tif"):
        with hearing(Journal()) as journal:
            assert means(path) == [2.5, 4.5]
            layer = io.read_layer(path, quantity="station_value")
        assert np.array_equal(layer.values, WHOLE)
        assert {problem.rule for problem in journal.steps} >= {"raster.mosaic"}
        assert journal.warnings == []
        before = checksum(path)
    write(folder / "b.tif", WHOLE[:, 2:] + 1, 2)
    assert checksum(folder) != before
    assert means(folder) == [2.5, 5.5]


@pytest.mark.parametrize("kind", ["nodata", "nan", "mask", "other nodata", "none"])
def test_tiles_keep_what_is_missing_in_them_and_gaps_are_missing(tmp_path: Path, kind: str) -> None:
    left, right = WHOLE[:, :2].copy(), WHOLE[:, 2:].copy()
    options: list[dict[str, Any]] = [{}, {}]
    if kind == "mask":
        options = [{"mask": left != 0}, {"mask": right != 7}]
    elif kind != "none":
        fills = {"nodata": (-1, -1), "nan": (np.nan, np.nan), "other nodata": (-1, -2)}[kind]
        left[0, 0], right[1, 1] = fills
        options = [{"nodata": fills[0]}, {"nodata": fills[1]}]
    else:
        left[0, 0] = right[1, 1] = -9999
    write(tmp_path / "t" / "a.tif", left, **options[0])
    write(tmp_path / "t" / "b.tif", right, 3, **options[1])
    wanted = [[np.nan, 1, np.nan, 2, 3], [4, 5, np.nan, 6, np.nan]]
    with hearing(Journal()):
        assert np.array_equal(io.read_layer(tmp_path / "t", quantity="elevation").values, wanted, equal_nan=True)


def test_bands_types_and_names_of_tiles_are_kept(tmp_path: Path) -> None:
    for name, column, dtype in (("a.tif", 0, "u1"), ("b.tif", 2, "i2")):
        values = np.stack([WHOLE[:, column : column + 2], 10 * WHOLE[:, column : column + 2]]).astype(dtype)
        write(tmp_path / "t" / name, values, column)
        with rasterio.open(tmp_path / "t" / name, "r+") as file:
            file.descriptions, file.units = ("low", "high"), ("m", "m")
    facts, _ = raster_facts(tmp_path / "t", band="high")
    assert (facts.dtype, facts.band, facts.units, facts.driver) == ("int16", 2, "m", "VRT")
    with hearing(Journal()):
        assert np.array_equal(io.read_layer(tmp_path / "t", quantity="elevation", band="high").values, 10 * WHOLE)


def differing(folder: Path, **options: Any) -> Path:
    tiles(folder)
    write(folder / "b.tif", WHOLE[:, 2:], 2, **options)
    return folder


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda at: differing(at, crs="EPSG:4326"), "raster.tiles_differ"),
        (lambda at: differing(at, transform=PLACE @ Affine.translation(2.3, 0)), "raster.tiles_differ"),
        (
            lambda at: differing(at, transform=PLACE @ Affine.translation(2, 0) @ Affine.scale(0.5)),
            "raster.tiles_differ",
        ),
        (lambda at: [tiles(at), write(at / "c.tif", np.stack([WHOLE, WHOLE]), 9)], "raster.tiles_differ"),
        (lambda at: [write(at / f"depth_{i}.tif", np.zeros((9, 9), "f4")) for i in (1, 2)], "raster.tiles_overlap"),
        (lambda at: at.mkdir(), "raster.no_tiles"),
        (lambda at: [at.mkdir(), (at / "a.txt").write_text("x")], "raster.no_tiles"),
    ],
)
def test_what_is_no_mosaic_is_refused_with_the_way_to_one(tmp_path: Path, make: Any, rule: str) -> None:
    make(tmp_path / "t")
    with pytest.raises(LayerError) as caught:
        means(tmp_path / "t")
    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert "mosaic" in str(problem)


def test_one_raster_in_a_folder_or_a_zip_is_meant_and_a_virtual_one_speaks_for_its_tiles(tmp_path: Path) -> None:
    alone = write(tmp_path / "one" / "deep" / "a.tif", WHOLE)
    inner = "some where/deep/a.tif"
    archive = packed(tmp_path / "one.zip", alone, folder="some where/deep")
    for path in (
        tmp_path / "one",
        archive,
        archive / "some where" / "deep" / "a.tif",
        f"/vsizip/{archive}/some where/deep/a.tif",
    ):
        with hearing(Journal()) as journal:
            assert means(path) == [2.5, 4.5]
        assert [problem.rule for problem in journal.steps] == ["raster.inside"]
    assert means(f"zip://{archive}!{inner}") == [2.5, 4.5]
    folder = tiles(tmp_path / "virtual")
    shape = '<VRTDataset rasterXSize="4" rasterYSize="2"><SRS>EPSG:4490</SRS>'
    place = "<GeoTransform>113,0.01,0,36,0,-0.01</GeoTransform>"
    source = '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand>'
    source = f"<SimpleSource>{source}</SimpleSource>"
    band = f'<VRTRasterBand dataType="Float32" band="1"><NoDataValue>9</NoDataValue>{source}</VRTRasterBand>'
    (folder / "all.vrt").write_text(f"{shape}{place}{band}</VRTDataset>", encoding="utf-8")
    with hearing(Journal()):
        assert means(folder)[0] == 2.5


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("https://example.org/a.tif", "raster.remote"),
        ("/vsicurl/https://example.org/a.tif", "raster.remote"),
        ("s3://bucket/a.tif", "raster.remote"),
        ("/vsitar/a.tar/a.tif", "raster.packed"),
        ("a.tif.gz", "raster.packed"),
        ("empty.zip", "raster.no_members"),
        ("empty.zip/a.tif", "raster.no_members"),
        ("broken.zip", "raster.format"),
        ("no*.tif", "file.missing"),
        ("no.tif", "file.missing"),
    ],
)
def test_places_that_cannot_be_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, rule: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tif.gz").write_bytes(b"\x1f\x8b0")
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    packed(tmp_path / "empty.zip", tmp_path / "x.txt")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(LayerError) as caught:
        place_of(Path(name))
    assert caught.value.problems[0].rule == rule


@pytest.mark.parametrize(
    "name", ["wow!data", "a#b", "a?b", "100%25", "zip:x", "http:x", "a b", "[a]", "a{b}", "s3:b", "资料", "&amp;"]
)
def test_signs_in_names_mean_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / name / f"{name}.tif", WHOLE)
    for path in (Path(name) / f"{name}.tif", Path(name).absolute() / f"{name}.tif"):
        assert means(path) == [2.5, 4.5]
        layer = io.read_layer(path, quantity="station_value")
        assert np.array_equal(layer.values, WHOLE)
    tiles(tmp_path / f"tiles{name}")
    with hearing(Journal()):
        assert means("tiles" + name) == [2.5, 4.5]
    os.chdir("/")
    assert float(layer.sum()) == 28


def test_folders_patterns_and_archives_of_rasters_are_told_from_others(tmp_path: Path) -> None:
    tiles(tmp_path / "tiles")
    packed(tmp_path / "t.zip", tmp_path / "tiles" / "a.tif")
    packed(tmp_path / "v.zip", tmp_path / "tiles" / "readme.txt")
    for name in ("tiles", "tiles/*.tif", "t.zip", "t.zip/data/a.tif", "no.tif", "a.nc", "a.grib2"):
        assert names_rasters(tmp_path / name), name
    for name in ("v.zip", "a.shp", "no", "tiles/readme.txt", "tiles/*.txt"):
        assert not names_rasters(tmp_path / name), name
