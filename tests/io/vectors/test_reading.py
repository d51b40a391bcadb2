"""Vector files as the field sends them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from riskzoning import io
from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing


def frame(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"代码": ["410702"], "名称": ["红旗区"], **columns}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490"
    )


def test_several_layers_want_a_name(tmp_path: Path) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"one": frame(), "two": frame()})
    with pytest.raises(LayerError, match="has 2 layers: one, two"):
        io.read_vector(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="has no layer 'three'; expected one of its layers: one, two"):
        io.read_vector(tmp_path / "a.gpkg", layer="three")
    assert len(io.read_vector(tmp_path / "a.gpkg", layer="two")) == 1


def test_codes_of_any_type_are_text(tmp_path: Path) -> None:
    for name, codes in (("a", [410702]), ("b", [410702.0]), ("c", ["410702"])):
        io.write_vector(tmp_path / f"{name}.gpkg", {"x": frame(code=codes)})
        assert io.read_vector(tmp_path / f"{name}.gpkg")["code"].tolist() == ["410702"]


def test_missing_crs_suggests_the_belt(tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame().to_crs("EPSG:4526"), tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(MissingCRSError, match="EPSG:4526 fits"):
        io.read_vector(tmp_path / "a.shp")
    assert io.read_vector(tmp_path / "a.shp", crs="EPSG:4526").crs.to_epsg() == 4526


def test_contradicting_crs_and_missing_parts(tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame(), tmp_path / "a.shp")
    with pytest.raises(LayerError, match="EPSG:4547 is declared"):
        io.read_vector(tmp_path / "a.shp", crs="EPSG:4547")
    (tmp_path / "a.dbf").unlink()
    with pytest.raises(LayerError, match=r"comes without a\.dbf"):
        io.read_vector(tmp_path / "a.shp")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"SQLite format 3\x00 cut"])
def test_broken_files_are_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gpkg").write_bytes(content)
    with pytest.raises(LayerError) as caught:
        io.read_vector(tmp_path / "a.gpkg")
    assert caught.value.problems[0].file.endswith("a.gpkg")


def test_a_column_that_is_not_there_is_told_by_the_name_of_the_input(tmp_path: Path) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"x": frame()})
    with pytest.raises(LayerError) as caught:
        io.read_vector(tmp_path / "a.gpkg", columns={"kind": "类型"}, name="rivers")
    (problem,) = caught.value.problems
    assert problem.rule == "table.column"
    assert problem.place("zh").startswith("输入“rivers”")


@pytest.mark.parametrize("layer", ["x", "no"])
def test_the_crs_that_a_file_states(tmp_path: Path, layer: str) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"x": frame()})
    assert io.vector_crs(tmp_path / "a.gpkg", layer) == ("EPSG:4490" if layer == "x" else None)


def test_the_number_of_a_feature_is_a_column_when_it_is_asked_for(tmp_path: Path) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"x": frame()})
    assert io.read_vector(tmp_path / "a.gpkg", identifier="FID")["fid"].tolist() == ["1"]
    assert "fid" not in io.read_vector(tmp_path / "a.gpkg").columns
    frame().to_file(tmp_path / "a.gdb", driver="OpenFileGDB", layer="x")
    assert io.read_vector(tmp_path / "a.gdb", columns={"code": "OBJECTID"})["code"].tolist() == ["1"]
    frame(fid=["own"]).to_file(tmp_path / "a.geojson")
    assert io.read_vector(tmp_path / "a.geojson", identifier="fid")["fid"].tolist() == ["own"]


def test_names_that_a_shapefile_has_cut_to_one_are_numbered(tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame(aaaaaaaaaa=["1"], bbbbbbbbbb=["甲"]), tmp_path / "a.shp", encoding="UTF-8")
    raw = (tmp_path / "a.dbf").read_bytes()
    for old, new in ((b"aaaaaaaaaa", "行政区代码"), (b"bbbbbbbbbb", "行政区名称")):
        raw = raw.replace(old, new.encode()[:10])
    (tmp_path / "a.dbf").write_bytes(raw)
    with hearing(Journal()) as journal:
        read = io.read_vector(tmp_path / "a.shp")
    assert list(read.columns) == ["代码", "名称", "行政区", "行政区_2", "geometry"]
    assert read[["行政区", "行政区_2"]].iloc[0].tolist() == ["1", "甲"]
    assert [problem.rule for problem in journal.warnings] == ["vector.names_twice"]


def test_a_wanted_name_takes_the_place_of_a_column_that_has_it(tmp_path: Path) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"x": frame(code=["other"])})
    with hearing(Journal()) as journal:
        read = io.read_vector(tmp_path / "a.gpkg", columns={"code": "代码"})
    assert (read["code"].tolist(), read["code_2"].tolist()) == (["410702"], ["other"])
    assert [problem.rule for problem in journal.warnings] == ["table.name_taken"]


def test_a_layer_that_another_program_holds_is_said_to_be_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_BUSY_TIMEOUT", "200")  # milliseconds; else GDAL waits for five seconds, twice
    io.write_vector(tmp_path / "a.gpkg", {"x": frame()})
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('begin exclusive')"
    # Locks of one process do not hold against itself.
    command = [sys.executable, "-c", f"{hold}; print('held', flush=True); sys.stdin.read()", str(tmp_path / "a.gpkg")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LayerError) as caught:
            io.read_vector(tmp_path / "a.gpkg")
        holder.communicate()
    assert [problem.rule for problem in caught.value.problems] == ["vector.locked"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('LOCAL_CS["site",UNIT["Meter",1]]', "vector.crs_missing"),
        ("garbage[", "vector.crs_missing"),
        (
            'PROJCS["b",GEOGCS["g",DATUM["d",SPHEROID["s",6378137,298]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174]],'
            'PROJECTION["Transverse_Mercator"],PARAMETER["Latitude_Of_Origin",3500],UNIT["Meter",1]]',
            "crs.projection",
        ),
    ],
)
def test_a_crs_that_cannot_be_used_is_told(tmp_path: Path, text: str, rule: str) -> None:
    pyogrio.write_dataframe(frame(), tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text(text)
    with pytest.raises(LayerError) as caught:
        io.read_vector(tmp_path / "a.shp")
    assert [problem.rule for problem in caught.value.problems] == [rule]
