"""A file before its format: there, readable, with a checksum."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import LayerError, Phrase
from riskzoning.files import (
    bounded,
    checksum,
    existing,
    on_disk,
    opened,
    protecting,
    referred,
    refuse_protected,
    same_place,
    stamp,
    text_beginning,
)


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
        ("a.tif", ["a.tfw", "a.tif.aux.xml", "a.tif.msk", "a.TFW"]),
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


def special(kind: str, path: Path) -> Path:
    """A path that is no regular file."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(path))
    elif kind == "lost link":
        path.symlink_to("nowhere.tif")
    return path


RULES = {
    "pipe": "file.special", "device": "file.special", "socket": "file.special", "loop": "file.loop",
    "lost link": "file.link",
}  # fmt: skip


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("door", [existing, opened, lambda path: bounded(path, 10), io.checksum, text_beginning])
def test_what_is_no_file_is_refused_and_nobody_waits(kind: str, door: Callable[[Path], object], tmp_path: Path) -> None:
    path = special(kind, tmp_path / "a.tif")
    with pytest.raises(LayerError) as caught:
        door(path)
    (problem,) = caught.value.problems
    assert problem.rule == RULES[kind]
    assert str(path) in problem.text()


@pytest.mark.parametrize("ending", [".dbf", ".SHX", ".cpg", ".shp.aux.xml"])
def test_what_belongs_to_a_file_is_a_file_too(ending: str, tmp_path: Path) -> None:
    (tmp_path / "units.shp").write_bytes(b"x")
    special("pipe", tmp_path / f"units{ending}")
    with pytest.raises(LayerError) as caught:
        existing(tmp_path / "units.shp")
    assert f"units{ending}" in caught.value.problems[0].file


@pytest.mark.parametrize("kind", ["pipe", "device", "loop"])
def test_a_folder_holds_files_only(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.zarr" / "c").mkdir(parents=True)
    assert existing(tmp_path / "a.zarr", folder=True)
    special(kind, tmp_path / "a.zarr" / "c" / "0")
    with pytest.raises(LayerError) as caught:
        existing(tmp_path / "a.zarr", folder=True)
    assert caught.value.problems[0].rule == RULES[kind]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_what_is_no_path_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        existing(tmp_path / name)
    assert caught.value.problems[0].rule == "file.no_path"


def test_content_is_read_up_to_a_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert bounded(tmp_path / "a", 5) == b"12345"
    with pytest.raises(LayerError) as caught:
        bounded(tmp_path / "a", 4)
    assert caught.value.problems[0].rule == "file.too_large"


def test_two_names_of_one_file_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "soft").symlink_to("a")
    os.link(tmp_path / "a", tmp_path / "hard")
    (tmp_path / "loop").symlink_to("loop")
    same = [same_place(tmp_path / name, tmp_path / "a") for name in ("soft", "hard", "x/../a", "b", "loop")]
    assert same == [True, True, True, False, False]


def test_the_sources_of_a_virtual_dataset_are_files_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tile.tif")
    source = '<VRTDataset><SourceFilename relativeToVRT="1">tile.tif</SourceFilename></VRTDataset>'
    (tmp_path / "all.vrt").write_text(source, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        existing(tmp_path / "all.vrt")
    assert caught.value.problems[0].file == str(tmp_path / "tile.tif")


@pytest.mark.parametrize("way", ["same", "hard", "soft", "source", "beside", "dots"])
def test_what_is_read_is_not_replaced(way: str, tmp_path: Path) -> None:
    given, target = tmp_path / "units.shp", tmp_path / "units.shp"
    given.write_bytes(b"x")
    if way == "hard":
        os.link(given, target := tmp_path / "result.csv")
    elif way == "soft":
        (target := tmp_path / "result.csv").symlink_to(given)
    elif way == "beside":
        (target := tmp_path / "units.DBF").write_bytes(b"x")
    elif way == "dots":
        target = tmp_path / "no" / ".." / "units.shp"
        (tmp_path / "no").mkdir()
    elif way == "source":
        (target := tmp_path / "tile.gpkg").write_bytes(b"x")
        given = tmp_path / "all.vrt"
        given.write_text('<VRTDataset><SourceFilename relativeToVRT="1">tile.gpkg</SourceFilename></VRTDataset>')
    with protecting([given]):
        refuse_protected(tmp_path / "new.csv")
        with pytest.raises(LayerError) as caught, io.atomic(target):
            pass
    assert caught.value.problems[0].rule == "output.over_input"
    refuse_protected(target)


def test_what_lies_in_a_folder_that_is_read_is_not_replaced_but_results_below_it_are(tmp_path: Path) -> None:
    for name in ("forms/a.xlsx", "forms/fixed/a.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with protecting([tmp_path / "forms"], [tmp_path / "forms" / "fixed"]):
        refuse_protected(tmp_path / "forms/fixed/a.xlsx")
        with pytest.raises(LayerError):
            refuse_protected(tmp_path / "forms/a.xlsx")
    with protecting([tmp_path / "forms"], [tmp_path / "forms"]), pytest.raises(LayerError):
        refuse_protected(tmp_path / "forms/a.xlsx")
