"""GeoJSON of any encoding, whole and broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.io.vectors.containers import source_of
from riskzoning.io.vectors.geojson import check_content, utf8_content


def geojson(geometry: Any) -> str:
    feature = {"type": "Feature", "properties": {"名称": "甲"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_geojson_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson({"type": "Point", "coordinates": [114, 35, 90.5]}), encoding=encoding)
    frame = io.read_vector(path)
    assert (frame["名称"].tolist(), frame.geometry.has_z.tolist()) == (["甲"], [True])


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"coordinates": [114, 35]}, "no type"),
        ({"type": "Polygoon", "coordinates": []}, "type 'Polygoon'"),
        ({"type": "Point"}, "no coordinates"),
        ({"type": "Polygon", "coordinates": [[[114, 35], [115, "x"], [115, 36], [114, 35]]]}, 'coordinate "x"'),
        ({"type": "LineString", "coordinates": [114, 35]}, "coordinates that are no list"),
        ("POINT (114 35)", "no object"),
    ],
)
def test_malformed_geometries_are_named(tmp_path: Path, geometry: Any, reason: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson(geometry), encoding="utf-8")
    with pytest.raises(LayerError, match="not valid GeoJSON") as caught:
        io.read_vector(path)
    assert f"feature 1 ({reason})" in caught.value.problems[0].found


def test_null_geometries_are_kept_and_told_and_other_json_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(geojson(None), encoding="utf-8")
    with hearing(Journal()) as journal:
        assert len(io.read_vector(path)) == 1
    assert [(problem.rule, dict(problem.values)) for problem in journal.steps] == [
        ("vector.without_geometry", {"count": 1})
    ]
    for text, reason in (
        ('{"a": 1}', "without features"),
        ("[1]", "without features"),
        ('{"type": "F', "is not valid JSON"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match=reason):
            io.read_vector(path)


def test_the_encoding_of_geojson(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('{"县": 1}'.encode("gbk"))
    content = utf8_content(source_of(path))
    assert content is not None
    assert content.decode() == '{"县": 1}'
    path.write_bytes('{"县": 1}'.encode())
    assert utf8_content(source_of(path)) is None


def test_the_parts_of_a_collection_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    parts: dict[str, Any] = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [114]}]}
    for geometry, reason in ((parts, "one coordinate"), ({"type": "GeometryCollection"}, "no parts")):
        path.write_text(geojson(geometry), encoding="utf-8")
        with pytest.raises(LayerError, match=reason):
            check_content(path.read_bytes(), path)
