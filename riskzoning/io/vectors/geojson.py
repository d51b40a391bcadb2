"""GeoJSON: any encoding, and a name for what is wrong inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.files import beginning
from riskzoning.io.encodings import text_of_file

_ENDINGS = (".geojson", ".json")
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


def is_geojson(path: Path) -> bool:
    """Whether a file is GeoJSON by its name.

    Examples
    --------
    >>> is_geojson(Path("a.geojson")), is_geojson(Path("a.gpkg"))
    (True, False)
    """
    return path.suffix.lower() in _ENDINGS


def utf8_content(path: Path, encoding: str | None = None) -> bytes | None:
    """The content in UTF-8 where the file has another encoding; None where it can be read as it is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.json").write_bytes('{"县": 1}'.encode("gbk"))
    ...     utf8_content(Path(folder) / "a.json").decode()
    '{"县": 1}'
    """
    if encoding is None and beginning(path, 2) not in (b"\xff\xfe", b"\xfe\xff"):
        try:
            with path.open(encoding="utf-8") as stream:
                while stream.read(1 << 20):
                    pass
            return None
        except UnicodeDecodeError:
            pass
    return text_of_file(path, encoding=encoding).encode()


def check_content(path: Path, encoding: str | None = None) -> None:
    """Names what is wrong in the geometries of a file, by feature; says nothing when they are well-formed or null.

    Raises
    ------
    LayerError
        No JSON, no features, geometries without a type, of an unknown type, or with coordinates that are no numbers.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.json"
    ...     feature = '{"type": "Feature", "geometry": {"coordinates": [114, 35]}, "properties": {}}'
    ...     _ = path.write_text('{"type": "FeatureCollection", "features": [' + feature + "]}", encoding="utf-8")
    ...     try:
    ...         check_content(path)
    ...     except LayerError as error:
    ...         print(error.problems[0].found)
    has 1 geometries that are no GeoJSON: feature 1 (no type)
    """
    try:
        content = json.loads(text_of_file(path, encoding=encoding))
    except json.JSONDecodeError as error:
        found = f"is no JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise LayerError(_problem(path, found, "Export it again; the transfer was probably cut off.")) from None
    features = content.get("features") if isinstance(content, dict) else None
    if isinstance(content, dict) and content.get("type") == "Feature":
        features = [content]
    if not isinstance(features, list):
        kind = f"with the keys {first_few(content)}" if isinstance(content, dict) else f"a {type(content).__name__}"
        raise LayerError(_problem(path, f"is JSON without features ({kind})", "Export it as GeoJSON from a GIS."))
    wrong = []
    for number, feature in enumerate(features, start=1):
        reason = _defect(feature.get("geometry") if isinstance(feature, dict) else feature)
        if reason:
            wrong.append((number, reason))
    if wrong:
        shown = first_few(f"feature {number} ({reason})" for number, reason in wrong)
        fix = "Correct them in the file, or export it again."
        raise LayerError(
            Problem(
                str(path),
                f"has {len(wrong)} geometries that are no GeoJSON: {shown}",
                "geometries with type and coordinates, or null",
                fix,
                rule="vector.geometry",
                row=wrong[0][0],
                field="geometry",
            )
        )


def _problem(path: Path, found: str, fix: str) -> Problem:
    return Problem(str(path), found, "a GeoJSON FeatureCollection", fix, rule="file.format")


def _defect(geometry: Any) -> str:
    if geometry is None:
        return ""
    if not isinstance(geometry, dict):
        return "no object"
    kind = geometry.get("type")
    if kind is None:
        return "no type"
    if kind not in _TYPES:
        return f"type {kind!r}"
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        return (
            next((reason for part in parts if (reason := _defect(part))), "") if isinstance(parts, list) else "no parts"
        )
    if "coordinates" not in geometry:
        return "no coordinates"
    depth = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[kind]
    return _wrong_coordinates(geometry["coordinates"], depth)


def _wrong_coordinates(values: Any, depth: int) -> str:
    if not isinstance(values, list):
        return "coordinates are no list"
    if depth:
        return next((reason for part in values if (reason := _wrong_coordinates(part, depth - 1))), "")
    bad = [value for value in values if not isinstance(value, int | float) or isinstance(value, bool)]
    if bad:
        return f"coordinate {json.dumps(bad[0], ensure_ascii=False)[:20]}"
    return "" if len(values) >= 2 or not values else "one coordinate"
