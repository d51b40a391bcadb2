"""Vector files as the field sends them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from riskzoning import io
from riskzoning.errors import LayerError, MissingCRSError


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
