"""Layers in folders, geodatabases and zips, as offices hand them on."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import box

from riskzoning import io
from riskzoning.errors import LayerError
from riskzoning.io.vectors.containers import Source, source_of

SHAPES = [box(113, 35, 114, 36), box(114, 35, 115, 36)]


def frame(*codes: str) -> gpd.GeoDataFrame:
    codes = codes or ("410702", "410703")
    return gpd.GeoDataFrame({"code": list(codes), "名称": ["红旗区", "卫滨区"]}, geometry=SHAPES, crs="EPSG:4490")


def layer_file(folder: Path, ending: str, name: str = "county", *codes: str) -> Path:
    path = folder / f"{name}{ending}"
    if ending == ".parquet":
        frame(*codes).to_parquet(path)
    elif ending == ".gdb":
        frame(*codes).to_file(path, driver="OpenFileGDB", layer=name)
    else:
        frame(*codes).to_file(path, encoding="GBK" if ending == ".shp" else None)
    return path


def packed(path: Path, folder: Path, prefix: str = "资料/2025/") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._county.shp", "x")
        archive.writestr(f"{prefix}readme.txt", "x")
        for file in sorted(item for item in folder.rglob("*") if item.is_file()):
            archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".gdb", ".geojson", ".parquet", ".fgb"])
@pytest.mark.parametrize("container", ["file", "folder", "zip", "zip of another name"])
def test_a_layer_is_the_same_in_whatever_it_lies(ending: str, container: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = layer_file(inner, ending)
    if container == "folder":
        path = inner
    elif container != "file":
        path = packed(tmp_path / ("county.gdb.zip" if container == "zip" else "county.dat"), inner)
    read = io.read_vector(path)
    # FlatGeobuf keeps features in the order of its index.
    read = read.sort_values("code")
    assert read["code"].tolist() == ["410702", "410703"]
    assert read["名称"].tolist() == ["红旗区", "卫滨区"]
    assert shapely.area(read.geometry.to_numpy()).tolist() == pytest.approx([1, 1])
    assert io.vector_crs(path) == "EPSG:4490"


def test_one_of_several_files_is_named(tmp_path: Path) -> None:
    layer_file(tmp_path, ".shp", "county")
    layer_file(tmp_path, ".shp", "town", "410702001", "410702002")
    with pytest.raises(LayerError, match=r"holds 2 vector files: county\.shp, town\.shp"):
        io.read_vector(tmp_path)
    assert io.read_vector(tmp_path, layer="town")["code"].iloc[0] == "410702001"
    with pytest.raises(LayerError, match="has no layer 'village'"):
        io.read_vector(tmp_path, layer="village")


def test_layers_inside_the_only_file_are_named_as_ever(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for name in ("a", "b"):
        frame().to_file(inner / "x.gpkg", layer=name)
    path = packed(tmp_path / "x.zip", inner)
    with pytest.raises(LayerError, match="has 2 layers: a, b"):
        io.read_vector(path)
    assert len(io.read_vector(path, layer="b")) == 2


def test_parts_stand_for_the_whole(tmp_path: Path) -> None:
    shape, base = layer_file(tmp_path, ".shp"), layer_file(tmp_path, ".gdb", "base")
    assert source_of(shape.with_suffix(".dbf")).path == shape
    assert source_of(next(base.glob("*.gdbtable"))).path == base


def test_a_folder_of_parquet_parts_is_one_layer(tmp_path: Path) -> None:
    folder = tmp_path / "units.parquet"
    folder.mkdir()
    for name in ("a", "b"):
        layer_file(folder, ".parquet", name)
    assert len(io.read_vector(folder)) == 4


def test_zips_of_chinese_windows_have_readable_names(tmp_path: Path) -> None:
    class Old(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode("gbk"), self.flag_bits

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("县", "乡"):
            file = layer_file(tmp_path, ".geojson", name)
            archive.writestr(Old(f"边界/{name}.geojson"), file.read_bytes())
    with pytest.raises(LayerError, match=r"边界/县\.geojson, 边界/乡\.geojson"):
        io.read_vector(tmp_path / "a.zip")
    assert len(io.read_vector(tmp_path / "a.zip", layer="乡")) == 2


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.rar", b"Rar!\x1a\x07\x00", "vector.packed"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "vector.packed"),
        ("a.zip", b"PK\x03\x04cut", "vector.zip"),
    ],
)
def test_other_archives_are_told(tmp_path: Path, name: str, content: bytes, rule: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LayerError) as caught:
        source_of(tmp_path / name)
    assert caught.value.problems[0].rule == rule


def test_a_zip_or_folder_without_a_layer_is_told(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "notes.doc").write_text("x")
    with pytest.raises(LayerError) as caught:
        source_of(packed(tmp_path / "a.zip", inner))
    assert caught.value.problems[0].rule == "vector.zip_empty"
    with pytest.raises(LayerError) as caught:
        source_of(inner)
    assert caught.value.problems[0].rule == "file.folder"


def test_a_zipped_shapefile_lacks_its_table(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    layer_file(inner, ".shp")
    (inner / "county.dbf").unlink()
    with pytest.raises(LayerError, match=r"comes without county\.dbf"):
        io.read_vector(packed(tmp_path / "a.zip", inner))
    shutil.rmtree(inner)


def test_the_bytes_beside_a_file(tmp_path: Path) -> None:
    path = layer_file(tmp_path, ".shp")
    source = source_of(path)
    assert (source.packed, source.content()) == (False, path.read_bytes())
    assert source.beside(".dbf") == path.with_suffix(".dbf").read_bytes()
    assert Source(path, str(path), ".shp").beside(".xyz") is None
