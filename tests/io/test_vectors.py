"""Vector files as the field sends them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from riskzoning import io
from riskzoning.errors import LayerError, MissingCRSError

BOXES = [box(113, 35, 114, 36), box(114, 35, 115, 36)]


def frame(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"代码": ["410702"], "名称": ["红旗区"], **columns}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490"
    )


def test_gbk_shapefile_without_its_sidecar(tmp_path: Path) -> None:
    pyogrio.write_dataframe(frame(), tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    raw = bytearray((tmp_path / "a.dbf").read_bytes())
    raw[29] = 0
    (tmp_path / "a.dbf").write_bytes(raw)
    found = io.read_vector(tmp_path / "a.shp")
    assert found.iloc[0, :2].tolist() == ["410702", "红旗区"]
    assert list(found.columns[:2]) == ["代码", "名称"]


def test_several_layers_want_a_name(tmp_path: Path) -> None:
    io.write_vector(tmp_path / "a.gpkg", {"one": frame(), "two": frame()})
    with pytest.raises(LayerError, match="has 2 layers: one, two"):
        io.read_vector(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="has no layer 'three'; one of one, two"):
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


def chinese_shapefile(path: Path, encoding: str) -> Path:
    """Names and values that fill their fields, so that UTF-8 is cut inside a character."""
    names = ["红旗区", "新乡市卫滨区"]
    frame = gpd.GeoDataFrame({"code": ["410702", "410703"], "行政区划名称": names}, geometry=BOXES, crs=4490)
    frame.to_file(path, encoding=encoding)
    return path


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
    with pytest.raises(LayerError, match="has text in no such encoding"):
        io.read_vector(path, encoding="utf-8")


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_part_that_was_cut_off_is_told(tmp_path: Path, part: str) -> None:
    path = chinese_shapefile(tmp_path / "a.shp", "GBK")
    whole = path.with_suffix(part).read_bytes()
    path.with_suffix(part).write_bytes(whole[: len(whole) - 20])
    with pytest.raises(LayerError, match=rf"is cut off: a\{part} has"):
        io.read_vector(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_geojson_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson({"type": "Point", "coordinates": [114, 35, 90.5]}), encoding=encoding)
    frame = io.read_vector(path)
    assert (frame["名称"].tolist(), frame.geometry.has_z.tolist()) == (["甲"], [True])


def geojson(geometry: Any) -> str:
    feature = {"type": "Feature", "properties": {"名称": "甲"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"coordinates": [114, 35]}, "no type"),
        ({"type": "Polygoon", "coordinates": []}, "type 'Polygoon'"),
        ({"type": "Point"}, "no coordinates"),
        ({"type": "Polygon", "coordinates": [[[114, 35], [115, "x"], [115, 36], [114, 35]]]}, 'coordinate "x"'),
        ({"type": "LineString", "coordinates": [114, 35]}, "coordinates are no list"),
        ("POINT (114 35)", "no object"),
    ],
)
def test_malformed_geometries_are_named(tmp_path: Path, geometry: Any, reason: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson(geometry), encoding="utf-8")
    with pytest.raises(LayerError, match="no GeoJSON") as caught:
        io.read_vector(path)
    assert f"feature 1 ({reason})" in caught.value.problems[0].found


def test_null_geometries_are_kept_and_told_and_other_json_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson(None), encoding="utf-8")
    assert io.read_vector(path).attrs["dropped"] == ["1 rows without geometry (kept as empty)"]
    for text, reason in (('{"a": 1}', "without features"), ("[1]", "without features"), ('{"type": "F', "is no JSON")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match=reason):
            io.read_vector(path)


def test_features_must_lie_where_their_crs_says() -> None:
    def points(x: float, y: float, crs: int) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(geometry=gpd.points_from_xy([x, 2 * x], [y, y]), crs=crs)

    for x, y, crs, text in (
        (500000.0, 3900000.0, 4490, "under the geographic EPSG:4490"),
        (38500000.0, 3900000.0, 4547, "zone prefix 38: EPSG:4526"),
        (57.0, 36.0, 4547, "has degrees .* in rows 2"),
        (35.0, 114.0, 4490, "has swapped axes"),
    ):
        with pytest.raises(LayerError, match=text):
            io.check_place(points(x, y, crs).iloc[: 1 if crs == 4490 and x < 100 else 2], thing="a.shp")
    io.check_place(points(57.0, 36.0, 4490), thing="a.shp")
    io.check_place(gpd.GeoDataFrame(geometry=[None], crs=4490), thing="a.shp")
