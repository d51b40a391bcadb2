"""GeoJSON: any encoding, and a name for what is wrong inside."""

from __future__ import annotations

import json
from pathlib import Path

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import beginning
from riskzoning.io.encodings import decoded, text_of_file
from riskzoning.io.vectors.containers import Source

_SHOWN = 5
GEOJSON = (".geojson", ".json")
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


def utf8_content(source: Source, encoding: str | None = None) -> bytes | None:
    """The content in UTF-8 where the file has another encoding; None where it can be read as it is."""
    path = source.path
    if source.packed or source.member is not None:
        return decoded(source.content(), thing=str(path), encoding=encoding).encode()
    if encoding is None and beginning(path, 2) not in (b"\xff\xfe", b"\xfe\xff"):
        try:
            with path.open(encoding="utf-8") as stream:
                while stream.read(1 << 20):
                    pass
            return None
        except UnicodeDecodeError:
            pass
    return text_of_file(path, encoding=encoding).encode()


def check_content(raw: bytes, path: Path, encoding: str | None = None) -> None:
    """Names what is wrong in the geometries of a file, by feature; says nothing when they are well-formed or null."""
    try:
        content = json.loads(decoded(raw, thing=str(path), encoding=encoding))
    except RecursionError:
        raise LayerError(Problem("vector.geojson_depth", path)) from None
    except json.JSONDecodeError as error:
        broken = Problem("vector.geojson_broken", path, line=error.lineno, column=error.colno, reason=error.msg)
        raise LayerError(broken) from None
    features = content.get("features") if isinstance(content, dict) else None
    if isinstance(content, dict) and content.get("type") == "Feature":
        features = [content]
    if not isinstance(features, list):
        keys = list(content) if isinstance(content, dict) else [type(content).__name__]
        raise LayerError(Problem("vector.geojson_features", path, content=keys))
    wrong = []
    for number, feature in enumerate(features, start=1):
        reason = _defect(feature.get("geometry") if isinstance(feature, dict) else feature)
        if reason is not None:
            wrong.append((number, reason))
    if wrong:
        shown = [Phrase("feature_defect", number=number, reason=reason) for number, reason in wrong[:_SHOWN]]
        first = wrong[0][0]
        raise LayerError(
            Problem("vector.geometry", path, row=first, field="geometry", count=len(wrong), features=shown)
        )


def _defect(geometry: object) -> Phrase | None:
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        return Phrase("geojson_no_object")
    kind = geometry.get("type")
    if kind is None:
        return Phrase("geojson_no_type")
    if kind not in _TYPES:
        return Phrase("geojson_type", kind=kind)
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            return Phrase("geojson_no_parts")
        return next((reason for part in parts if (reason := _defect(part))), None)
    if "coordinates" not in geometry:
        return Phrase("geojson_no_coordinates")
    depth = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[kind]
    return _wrong_coordinates(geometry["coordinates"], depth)


def _wrong_coordinates(values: object, depth: int) -> Phrase | None:
    if not isinstance(values, list):
        return Phrase("geojson_no_list")
    if depth:
        return next((reason for part in values if (reason := _wrong_coordinates(part, depth - 1))), None)
    bad = [value for value in values if not isinstance(value, int | float) or isinstance(value, bool)]
    if bad:
        return Phrase("geojson_coordinate", text=json.dumps(bad[0], ensure_ascii=False)[:20])
    return None if len(values) >= 2 or not values else Phrase("geojson_one_coordinate")
