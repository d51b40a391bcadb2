"""Shapefiles whose sidecar says nothing, the truth or something else."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from riskzoning import io
from riskzoning.errors import LayerError
from riskzoning.io.vectors.containers import Source, source_of
from riskzoning.io.vectors.shapefiles import RAW, check_companions, companion, decode_frame

BOXES = [box(113, 35, 114, 36), box(114, 35, 115, 36)]


NOWHERE = Source(Path("no.shp"), "no.shp", ".shp")


def frame(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"代码": ["410702"], "名称": ["红旗区"], **columns}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490"
    )


def chinese_shapefile(path: Path, encoding: str) -> Path:
    """Names and values that fill their fields, so that UTF-8 is cut inside a character."""
    names = ["红旗区", "新乡市卫滨区"]
    frame = gpd.GeoDataFrame({"code": ["410702", "410703"], "行政区划名称": names}, geometry=BOXES, crs=4490)
    frame.to_file(path, encoding=encoding)
    return path


def test_gbk_shapefile_without_its_sidecar(tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame(), tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    raw = bytearray((tmp_path / "a.dbf").read_bytes())
    raw[29] = 0
    (tmp_path / "a.dbf").write_bytes(raw)
    found = io.read_vector(tmp_path / "a.shp")
    assert found.iloc[0, :2].tolist() == ["410702", "红旗区"]
    assert list(found.columns[:2]) == ["代码", "名称"]


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("sidecar", [None, "nonsense", "UTF-8", "GBK", "936", "ISO-8859-1"])
def test_a_shapefile_is_read_right_whatever_its_sidecar_says(
    tmp_path: Path, encoding: str, sidecar: str | None
) -> None:
    path = chinese_shapefile(tmp_path / "a.shp", encoding)
    path.with_suffix(".cpg").unlink()
    if sidecar:
        path.with_suffix(".cpg").write_text(sidecar, encoding="ascii")
    frame = io.read_vector(path)
    column = frame.columns[1]
    assert "行政区划名称".startswith(column)
    assert len(column) >= 3
    assert frame[column].tolist() == ["红旗区", "新乡市卫滨区"]


def test_a_declared_encoding_is_kept_to(tmp_path: Path) -> None:
    path = chinese_shapefile(tmp_path / "a.shp", "GBK")
    with pytest.raises(LayerError) as caught:
        io.read_vector(path, encoding="utf-8")
    assert caught.value.problems[0].rule == "file.encoding_declared"


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_part_that_was_cut_off_is_told(tmp_path: Path, part: str) -> None:
    path = chinese_shapefile(tmp_path / "a.shp", "GBK")
    whole = path.with_suffix(part).read_bytes()
    path.with_suffix(part).write_bytes(whole[: len(whole) - 20])
    with pytest.raises(LayerError, match=rf"is cut off: a\{part} has"):
        io.read_vector(path)


def test_parts_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.shp").write_bytes(b"x")
    with pytest.raises(LayerError) as caught:
        check_companions(source_of(tmp_path / "a.shp"))
    assert dict(caught.value.problems[0].values)["missing"] == ("a.dbf", "a.shx")
    (tmp_path / "a.DBF").write_bytes(b"x")
    assert companion(tmp_path / "a.shp", ".dbf") == tmp_path / "a.DBF"
    assert companion(tmp_path / "a.shp", ".prj") is None


def test_bytes_become_names_and_values_in_the_encoding_that_fits() -> None:
    raw = {"县名".encode("gbk").decode(RAW): ["红旗区".encode("gbk").decode(RAW)]}
    decoded = decode_frame(gpd.GeoDataFrame(raw, geometry=gpd.points_from_xy([114], [35])), NOWHERE, None)
    assert (decoded.columns[0], decoded.iloc[0, 0]) == ("县名", "红旗区")
