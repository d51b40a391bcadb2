"""Where a raster lies: its CRS by a name that compares, its cells north up and west to east."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import pyproj
from affine import Affine

from riskzoning.errors import LayerError, MissingCRSError, Problem

_UNNAMED_DATUM = re.compile(r"^(unknown|undefined|unnamed|not[ _]specified)", re.IGNORECASE)
_CRS_FIX = 'Declare it in study.yaml with "crs: EPSG:..." (CGCS2000 degrees: EPSG:4490), or save it in the file.'


@dataclass(frozen=True)
class Orientation:
    """How the cells of a file are turned to lie north up, west to east, longitudes within -180..180.

    ``roll`` is the number of columns that move from the right end (east of 180) to the left end.
    """

    flip_rows: bool = False
    flip_columns: bool = False
    roll: int = 0


def crs_name(crs: Any) -> str | None:
    """A CRS as ``EPSG:n`` where it has a code, else as WKT; None without a CRS or with an unnamed datum.

    Vertical parts are left out: a layer is horizontal.

    Examples
    --------
    >>> crs_name("EPSG:4490"), crs_name("+proj=longlat +ellps=WGS84"), crs_name(None)
    ('EPSG:4490', None, None)
    """
    if crs is None:
        return None
    found = pyproj.CRS.from_user_input(crs.to_wkt() if hasattr(crs, "to_wkt") else crs)
    if found.is_compound:
        found = found.sub_crs_list[0]
    base = found.source_crs if found.is_bound and found.source_crs is not None else found
    if base.is_engineering or base.datum is None or _UNNAMED_DATUM.match(base.datum.name):
        return None
    code = base.to_epsg(min_confidence=70)
    return f"EPSG:{code}" if code else str(base.to_wkt())


def agreed_crs(found: str | None, declared: Any, *, thing: str, raw: str = "", hint: str = "") -> str:
    """The one CRS of a layer from what the file says and what the study declares.

    Parameters
    ----------
    found : str or None
        From the file, as :func:`crs_name` gives it.
    declared : CRS, str, int or None
        From the study.
    raw : str
        What the file says when its CRS cannot be used (a CRS with an unnamed datum).
    hint : str
        What the coordinates suggest, for the message of a missing CRS.

    Raises
    ------
    MissingCRSError
        Neither says a CRS.
    LayerError
        Both do and they differ, or the declared one is not known.

    Examples
    --------
    >>> agreed_crs(None, 4490, thing="dem.tif")
    'EPSG:4490'
    """
    if declared is None:
        if found is None:
            what = f"has a CRS without a named datum ({raw})" if raw else "has no coordinate reference system"
            required = f"every layer needs one; {hint}" if hint else "every layer needs one"
            raise MissingCRSError(Problem(thing, what, required, _CRS_FIX, rule="layer.crs"))
        return found
    try:
        wanted = crs_name(declared)
    except pyproj.exceptions.CRSError:
        wanted = None
    if wanted is None:
        raise LayerError(
            Problem(
                thing,
                f"is declared with the CRS '{declared}'",
                "a known CRS with a datum, e.g. EPSG:4490 or EPSG:4547",
                'Correct "crs:" in study.yaml.',
                rule="layer.crs",
            )
        )
    if found is not None and found != wanted and pyproj.CRS(found) != pyproj.CRS(wanted):
        raise LayerError(
            Problem(
                thing,
                f"says CRS {_short(found)} but {_short(wanted)} is declared",
                "one CRS",
                'Remove "crs:" from the entry in study.yaml if the file is right, or correct the CRS in the file.',
                rule="layer.crs_conflict",
            )
        )
    return wanted


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else str(pyproj.CRS(crs).name)


def arrange(affine: Affine, shape: tuple[int, int], *, geographic: bool, thing: str) -> tuple[Affine, Orientation]:
    """The north-up geotransform of a raster and the turns that bring its cells there.

    Raises
    ------
    LayerError
        The raster is rotated or sheared, or carries no geotransform.

    Examples
    --------
    >>> arrange(Affine(1, 0, 0, 0, 1, 0), (2, 3), geographic=True, thing="a.nc")[1].flip_rows
    True
    """
    rows, columns = shape
    if not (
        math.isclose(affine.b, 0, abs_tol=1e-9 * abs(affine.a))
        and math.isclose(affine.d, 0, abs_tol=1e-9 * abs(affine.e))
    ):
        angle = math.degrees(math.atan2(affine.d, affine.a))
        raise LayerError(
            Problem(
                thing,
                f"is rotated by {angle:.3g} degrees",
                "rows that run west to east and columns that run north to south",
                "Warp it to a north-up grid first (gdalwarp).",
                rule="layer.rotated",
            )
        )
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
    """Whether the coordinates of a raster are degrees: its CRS says so, or, without one, their size does.

    Examples
    --------
    >>> in_degrees("EPSG:4547", Affine(100, 0, 443400, 0, -100, 3967600), (9, 9))
    False
    >>> in_degrees(None, Affine(0.1, 0, 246, 0, -0.1, 36), (9, 9))
    True
    """
    if crs is not None:
        return bool(pyproj.CRS(crs).is_geographic)
    corners = [affine * (0, 0), affine * (shape[1], shape[0])]
    return all(abs(x) <= 540 and abs(y) <= 91 for x, y in corners)
