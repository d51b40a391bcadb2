"""Where a raster lies: its CRS by a name that compares, its cells north up and west to east."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyproj
from affine import Affine
from odc.geo.crs import CRS

from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem

Array = np.ndarray[Any, Any]
_UNNAMED_DATUM = re.compile(r"^(unknown|undefined|unnamed|not[ _]specified)", re.IGNORECASE)
# Share of a cell by which skew may move a corner: that much is rounding.
_SKEW_TOLERANCE = 1e-4
# What names a CRS; CRS classes of other libraries go by their WKT.
CRSLike: TypeAlias = str | int | pyproj.CRS | CRS


@dataclass(frozen=True)
class Orientation:
    """How the cells of a file are turned to lie north up, west to east, longitudes within -180..180.

    ``roll`` is the number of columns that move from the right end (east of 180) to the left end.
    """

    flip_rows: bool = False
    flip_columns: bool = False
    roll: int = 0

    def stored(self, rows: slice, columns: slice, shape: tuple[int, int]) -> tuple[slice, list[slice]]:
        """Where a window of the turned raster is stored: its rows, and its columns in one piece or two."""
        height, width = shape
        if self.flip_rows:
            rows = slice(height - rows.stop, height - rows.start)
        first, last = columns.start - self.roll, columns.stop - self.roll
        parts = [(first, last)] if first >= 0 or last <= 0 else [(first, 0), (0, last)]
        pieces = [slice(a + width, b + width) if a < 0 else slice(a, b) for a, b in parts]
        if self.flip_columns:
            pieces = [slice(width - piece.stop, width - piece.start) for piece in pieces]
        return rows, pieces

    def turned(self, values: Array) -> Array:
        """Stored cells of a piece as they lie north up, west to east."""
        values = values[::-1] if self.flip_rows else values
        return values[:, ::-1] if self.flip_columns else values


def crs_definition(crs: CRSLike | None) -> str | None:
    """A CRS as ``EPSG:n`` where it has a code, else as WKT, without vertical parts; None with an unnamed datum."""
    if crs is None:
        return None
    own = pyproj.CRS.from_user_input(crs.to_wkt() if hasattr(crs, "to_wkt") else crs)
    if own.is_compound:
        own = own.sub_crs_list[0]
    base = own.source_crs if own.is_bound and own.source_crs is not None else own
    if base.is_engineering or base.datum is None or _UNNAMED_DATUM.match(base.datum.name):
        return None
    code = _code_of(base)
    return f"EPSG:{code}" if code else str(base.to_wkt())


def _code_of(crs: pyproj.CRS) -> int | None:
    """The EPSG code of a CRS, also of one that other programs spell in their own way when all its numbers are equal."""
    code = crs.to_epsg(min_confidence=70)
    if code:
        return int(code)
    near = crs.to_epsg(min_confidence=20)
    return int(near) if near and _numbers_of(crs) == _numbers_of(pyproj.CRS(near)) else None


def _numbers_of(crs: pyproj.CRS) -> tuple[object, ...]:
    """Datum, ellipsoid, meridian and the parameters of the projection, as they compare."""
    datum = re.sub(r"[\W_]+|ensemble", "", crs.datum.name.lower()) if crs.datum else ""
    ellipsoid, meridian, step = crs.ellipsoid, crs.prime_meridian, crs.coordinate_operation
    shape = (ellipsoid.semi_major_metre, round(float(ellipsoid.inverse_flattening), 6)) if ellipsoid else ()
    method = (
        ()
        if step is None
        else (step.method_name, *sorted((str(p.name), round(float(p.value), 9)) for p in step.params))
    )
    units = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 0.0
    return datum, shape, meridian.longitude if meridian else 0.0, method, round(units, 12)


def agreed_crs(own: str | None, declared: CRSLike | None, *, thing: str, raw: str = "", hint: Phrase | str = "") -> str:
    """The one CRS of a layer from what its file says (``own``, see :func:`crs_definition`) and the study declares."""
    if declared is None:
        if own is not None:
            return own
        if raw:
            raise MissingCRSError(Problem("raster.crs_unnamed", thing, raw=raw, hint=_after(hint)))
        raise MissingCRSError(Problem("raster.crs", thing, hint=_after(hint)))
    try:
        wanted = crs_definition(declared)
    except pyproj.exceptions.CRSError:
        wanted = None
    if wanted is None:
        raise LayerError(Problem("raster.crs_declared", thing, declared=str(declared)))
    if own is not None and own != wanted and pyproj.CRS(own) != pyproj.CRS(wanted):
        raise LayerError(Problem("raster.crs_conflict", thing, crs=_short(own), declared=_short(wanted)))
    return wanted


def _after(hint: Phrase | str) -> Phrase:
    return Phrase("crs_hint", hint=hint) if hint else Phrase("nothing")


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else str(pyproj.CRS(crs).name)


def arrange(affine: Affine, shape: tuple[int, int], *, geographic: bool, thing: str) -> tuple[Affine, Orientation]:
    """The north-up geotransform of a raster and the turns that bring its cells there; refuses a rotated one."""
    rows, columns = shape
    if not all(math.isfinite(value) for value in affine[:6]) or affine.a * affine.e == affine.b * affine.d:
        raise LayerError(Problem("raster.geotransform", thing, numbers=[f"{value:g}" for value in affine[:6]]))
    # Skew that moves no corner by a noticeable share of a cell is rounding.
    away = max(abs(affine.b) * rows / abs(affine.a or 1e-300), abs(affine.d) * columns / abs(affine.e or 1e-300))
    if away > _SKEW_TOLERANCE:
        angle = math.degrees(math.atan2(affine.d, affine.a))
        raise LayerError(Problem("layer.rotated", thing, angle=angle))
    left, top, width, height = affine.c, affine.f, affine.a, affine.e
    flip_rows, flip_columns = height > 0, width < 0
    if flip_rows:
        top += rows * height
    if flip_columns:
        left += columns * width
    width, height = abs(width), -abs(height)
    roll = 0
    if geographic and left + columns * width > 180 + width:
        first_east = math.ceil((180 - left - width / 2) / width - 1e-6)
        if first_east <= 0:
            left -= 360
        elif abs(columns * width - 360) < width / 2:
            roll = columns - first_east
            left = left + first_east * width - 360
    return Affine(width, 0, left, 0, height, top), Orientation(flip_rows, flip_columns, roll)


def in_degrees(crs: str | None, affine: Affine, shape: tuple[int, int]) -> bool:
    """Whether the coordinates of a raster are degrees: its CRS says so, or, without one, their size does."""
    if crs is not None:
        return bool(pyproj.CRS(crs).is_geographic)
    corners = [affine * (0, 0), affine * (shape[1], shape[0])]
    return all(abs(x) <= 540 and abs(y) <= 91 for x, y in corners)
