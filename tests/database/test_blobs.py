"""Geometries as a GeoPackage stores them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from riskzoning.database.blobs import decoded, encoded, extent, is_empty

SHAPES = np.array(
    [
        Point(114.5, 35.25),
        LineString([(0, 1), (2, 3)]),
        MultiPolygon([Polygon([(0, 0), (1, 0), (1, 1)])]),
        Polygon(),
        None,
    ],
    dtype=object,
)


def test_shapes_come_back_as_they_were() -> None:
    blobs = encoded(SHAPES, 4490)
    assert blobs[4] is None
    back = decoded(blobs)
    assert shapely.equals_exact(back[:4], SHAPES[:4]).all()
    assert back[4] is None
    assert all(blob is None or blob[:3] == b"GP\x00" for blob in blobs)
    assert int.from_bytes((blobs[0] or b"")[4:8], "little") == 4490


def test_gdal_reads_what_is_written_and_what_gdal_writes_is_read(tmp_path: object) -> None:
    assert [is_empty(blob) for blob in encoded(SHAPES, 4490)] == [0, 0, 0, 1, 1]
    assert extent(encoded(SHAPES, 4490)[0]) == (114.5, 114.5, 35.25, 35.25)
    assert extent(encoded(SHAPES, 4490)[1]) == (0, 2, 1, 3)
    assert extent(encoded(SHAPES, 4490)[3]) == (None,) * 4
    assert extent(None) == (None,) * 4


@pytest.mark.parametrize("order", ["<", ">"])
def test_blobs_of_others_without_an_extent_have_one(order: str) -> None:
    line = LineString([(0, 1), (2, 3)])
    text = shapely.to_wkb(line, byte_order=1 if order == "<" else 0)
    blob = (
        b"GP\x00" + bytes([1 if order == "<" else 0]) + (4490).to_bytes(4, "little" if order == "<" else "big") + text
    )
    assert extent(blob) == (0, 2, 1, 3)
    assert decoded([blob])[0] == line
