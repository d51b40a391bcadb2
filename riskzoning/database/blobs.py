"""Geometries as a GeoPackage stores them: a header with CRS and extent, then WKB (OGC 12-128, clause 2.1.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

_MAGIC = b"GP\x00"
# Flags: little-endian without extent, little-endian with x and y, and what of them says that it is empty.
_PLAIN, _EXTENT, _EMPTY = 0x01, 0x03, 0x10
# Length of the extent by its code in the flags.
_LENGTHS = (0, 32, 48, 48, 64)
Shapes = NDArray[np.object_]


def encoded(shapes: Shapes, srs: int) -> list[bytes | None]:
    """Blobs of shapes; None where there is none. Points go without an extent: they are their own."""
    here = np.asarray(shapes, dtype=object)
    texts = shapely.to_wkb(here, byte_order=1, flavor="iso")
    plain = shapely.get_type_id(here) == 0
    empty = shapely.is_empty(here)
    extents = shapely.bounds(here)
    plain_head = _MAGIC + struct.pack("<Bi", _PLAIN, srs)
    empty_head = _MAGIC + struct.pack("<Bi", _PLAIN | _EMPTY, srs)
    head = _MAGIC + struct.pack("<Bi", _EXTENT, srs)
    out: list[bytes | None] = []
    for text, point, none, (west, south, east, north) in zip(texts, plain, empty, extents, strict=True):
        if text is None:
            out.append(None)
        elif none:
            out.append(empty_head + text)
        else:
            out.append(plain_head + text if point else head + struct.pack("<4d", west, east, south, north) + text)
    return out


def decoded(blobs: Iterable[bytes | None]) -> Shapes:
    """Shapes of blobs."""
    texts = [None if blob is None else blob[8 + _LENGTHS[(blob[3] >> 1) & 7] :] for blob in blobs]
    return np.asarray(shapely.from_wkb(np.array([*texts, None], dtype=object)))[:-1]


def is_empty(blob: bytes | None) -> int:
    """Whether a blob says that it has no place (``ST_IsEmpty``)."""
    return 1 if blob is None or blob[3] & _EMPTY else 0


def extent(blob: bytes | None) -> Sequence[float | None]:
    """West, east, south and north of a blob."""
    if blob is None or blob[3] & _EMPTY:
        return (None, None, None, None)
    order = "<" if blob[3] & 1 else ">"
    if (blob[3] >> 1) & 7:
        return struct.unpack_from(f"{order}4d", blob, 8)
    if blob[9:13] == b"\x01\x00\x00\x00" and blob[8] == 1:
        x, y = struct.unpack_from("<2d", blob, 13)
        return (x, x, y, y)
    west, south, east, north = (float(value) for value in shapely.from_wkb(blob[8:]).bounds)
    return (west, east, south, north)
