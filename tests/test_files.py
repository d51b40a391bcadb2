"""A file before its format: there, readable, with a checksum."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import LayerError, Phrase
from riskzoning.files import checksum, existing, on_disk, referred, stamp


def test_missing_files_name_their_neighbours(tmp_path: Path) -> None:
    (tmp_path / "depth_T100.tif").write_bytes(b"x")
    for path, rule, said in (
        (tmp_path / "depth_T10.tif", "file.missing", "depth_T100.tif"),
        (tmp_path / "no" / "depth_T10.tif", "file.missing_folder", ""),
        (tmp_path, "file.folder", "depth_T100.tif"),
    ):
        with pytest.raises(LayerError) as caught:
            existing(path, what=Phrase("raster_file"))
        (problem,) = caught.value.problems
        assert problem.rule == rule
        assert said in problem.fix
        assert problem.required == "a raster file"


def test_checksum_changes_with_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    first = io.checksum(tmp_path / "a")
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert io.checksum(tmp_path / "a") != first


def test_pipes_and_devices_are_refused_before_they_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "depth.tif")
    for path in (tmp_path / "depth.tif", Path("/dev/zero")):
        for door in (existing, checksum):
            with pytest.raises(LayerError) as caught:
                door(path)
            assert [problem.rule for problem in caught.value.problems] == ["file.special"]


SHAPEFILE = ("a.shp", "a.DBF", "a.shx", "a.prj", "a.cpg")


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("a.tif", ["a.tfw", "a.tif.aux.xml", "a.tif.msk", "a.TIF.MSK"]),
        ("a.shp", list(SHAPEFILE[1:])),
        ("a.gpkg", ["a.gpkg-wal"]),
        ("a.bil", ["a.hdr", "a.prj"]),
        ("a", ["a.hdr", "a.aux.xml"]),
        ("a.img", ["a.ige", "a.img.aux.xml"]),
        ("a.asc", ["a.prj"]),
        ("a.tab", ["a.dat", "a.map"]),
    ],
)
def test_the_checksum_covers_what_lies_beside_a_file(tmp_path: Path, path: str, beside: list[str]) -> None:
    (tmp_path / path).write_bytes(b"values")
    (tmp_path / "b.tfw").write_bytes(b"of another file")
    for name in beside:
        before = checksum(tmp_path / path), stamp(tmp_path / path)
        (tmp_path / name).write_bytes(b"first")
        assert checksum(tmp_path / path) != before[0]
        assert stamp(tmp_path / path) != before[1]
        first = checksum(tmp_path / path)
        (tmp_path / name).write_bytes(b"other")
        assert checksum(tmp_path / path) != first
    assert {file.name for file in referred(tmp_path / path)} == {path, *beside}


def test_the_checksum_covers_the_sources_of_a_virtual_dataset_and_theirs(tmp_path: Path) -> None:
    (tmp_path / "tiles").mkdir()
    (tmp_path / "all.vrt").write_text(
        "<VRTDataset><SourceFilename shared='0' relativeToVRT=\"1\">tiles/a &amp; b.tif</SourceFilename>"
        "<SourceFilename relativeToVRT='1'>tiles/inner.vrt</SourceFilename>"
        f"<SourceFilename>/vsizip/{tmp_path}/c.zip/c.tif</SourceFilename></VRTDataset>",
        encoding="utf-8",
    )
    (tmp_path / "tiles" / "inner.vrt").write_text(
        '<OGRVRTDataSource><SrcDataSource relativeToVRT="1">d.shp</SrcDataSource></OGRVRTDataSource>', encoding="utf-8"
    )
    parts = ["tiles/a & b.tif", "tiles/d.shp", "tiles/d.dbf", "c.zip", "tiles/a & b.tif.aux.xml"]
    for name in parts:
        before = checksum(tmp_path / "all.vrt")
        (tmp_path / name).write_bytes(b"x")
        assert checksum(tmp_path / "all.vrt") != before, name
    for name in parts:
        before = checksum(tmp_path / "all.vrt")
        (tmp_path / name).write_bytes(b"changed")
        assert checksum(tmp_path / "all.vrt") != before, name


def test_names_into_archives_and_patterns_lead_to_files(tmp_path: Path) -> None:
    for name in ("t.zip", "b.tif", "a.tif", "wow!.tif", "a[1].tif"):
        (tmp_path / name).write_bytes(b"x")
    for given, wanted in (
        ("t.zip/sub/a.tif", ["t.zip"]),
        ("wow!.tif", ["wow!.tif"]),
        ("a[1].tif", ["a[1].tif"]),
        ("[ab].tif", ["a.tif", "b.tif"]),
        ("none.tif", []),
    ):
        assert [file.name for file in on_disk(tmp_path / given)] == wanted
    for given in (f"/vsizip/{tmp_path}/t.zip/a.tif", f"zip://{tmp_path}/t.zip!a.tif", f'NETCDF:"{tmp_path}/t.zip":a'):
        assert [file.name for file in on_disk(given)] == ["t.zip"]
