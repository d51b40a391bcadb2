"""The offset datums GCJ-02 (火星坐标) and BD-09 of Chinese web maps, and the proof that a layer carries one.

Both have no EPSG code; files carry them under EPSG:4326. The offset differs from place to place (500 to 600 m in the
north of Henan), so the formula is inverted by iteration. WGS 84 and CGCS2000 are taken as equal (decimetres).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import AdminError, Phrase, Problem

# Names of the datums that a study may declare.
DATUMS = ("wgs84", "gcj02", "bd09")

_Degrees = NDArray[np.float64]
_Pair = tuple[_Degrees, _Degrees]
# Amplitude, times, part.
_Waves = Sequence[tuple[float, float, float]]


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Longitude and latitude in GCJ-02 of points given in WGS 84 (or CGCS2000).

    Parameters
    ----------
    lon, lat : array or number
        Degrees. Points outside the box of China (72.004 to 137.8347 E, 0.8293 to 55.8271 N) stay as they are; NaN
        stays NaN.

    Returns
    -------
    lon, lat : array of float64, degrees

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(113.9, 35.3)
    >>> print(f"{lon:.7f} {lat:.7f}")
    113.9059092 35.2993976
    """
    lon, lat = _degrees(lon, lat)
    d_lon, d_lat = _offset(lon, lat)
    shifted = _inside(lon, lat)
    return np.where(shifted, lon + d_lon, lon), np.where(shifted, lat + d_lat, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Longitude and latitude in WGS 84 of points given in GCJ-02; exact to 1e-9 degrees, by iteration.

    Parameters
    ----------
    lon, lat : array or number
        Degrees; outside the box of China unchanged; NaN stays NaN.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02(113.9, 35.3))
    >>> print(f"{lon:.9f} {lat:.9f}")
    113.900000000 35.300000000
    """
    lon, lat = _degrees(lon, lat)
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(standards.table("admin/datum").data["passes"]):
        d_lon, d_lat = _offset(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - d_lon, lat - d_lat
    shifted = _inside(lon, lat)
    return np.where(shifted, guess_lon, lon), np.where(shifted, guess_lat, lat)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Longitude and latitude in WGS 84 of points given in BD-09 (Baidu maps); exact to 1e-9 degrees, by iteration.

    Parameters
    ----------
    lon, lat : array or number
        Degrees; outside the box of China unchanged; NaN stays NaN.

    Examples
    --------
    >>> lon, lat = bd09_to_wgs84(*wgs84_to_bd09(113.9, 35.3))
    >>> print(f"{lon:.9f} {lat:.9f}")
    113.900000000 35.300000000
    """
    lon, lat = _degrees(lon, lat)
    gcj_lon, gcj_lat = lon.copy(), lat.copy()
    for _ in range(standards.table("admin/datum").data["passes"]):
        bd_lon, bd_lat = _gcj02_to_bd09(gcj_lon, gcj_lat)
        gcj_lon, gcj_lat = gcj_lon + (lon - bd_lon), gcj_lat + (lat - bd_lat)
    out_lon, out_lat = gcj02_to_wgs84(gcj_lon, gcj_lat)
    shifted = _inside(lon, lat)
    return np.where(shifted, out_lon, lon), np.where(shifted, out_lat, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Longitude and latitude in BD-09 (Baidu maps) of points given in WGS 84.

    Parameters
    ----------
    lon, lat : array or number
        Degrees; outside the box of China unchanged; NaN stays NaN.

    Examples
    --------
    >>> lon, lat = wgs84_to_bd09(113.9, 35.3)
    >>> print(f"{lon:.3f} {lat:.3f}")
    113.912 35.305
    """
    lon, lat = _degrees(lon, lat)
    bd_lon, bd_lat = _gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    shifted = _inside(lon, lat)
    return np.where(shifted, bd_lon, lon), np.where(shifted, bd_lat, lat)


def convert_datum(frame: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """The frame in WGS 84 / CGCS2000 (EPSG:4490) when its coordinates are in ``datum``.

    A vertex that two units share stays shared: one point always becomes the same point.

    Parameters
    ----------
    frame : GeoDataFrame
        Any CRS; a projected one is turned to degrees first.
    datum : {"wgs84", "gcj02", "bd09"}

    Raises
    ------
    AdminError
        The datum has another name, or the frame has no CRS.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([113.9059092], [35.2993976]), crs="EPSG:4326")
    >>> point = convert_datum(frame, "gcj02").geometry.iloc[0]
    >>> print(f"{point.x:.5f} {point.y:.5f}")
    113.90000 35.30000
    """
    check_datum(datum)
    if frame.crs is None:
        raise AdminError(Problem("admin.convert_crs", Phrase("layer_to_convert")))
    out = frame.to_crs("EPSG:4490")
    if datum != "wgs84":
        out = out.set_geometry(shift(out.geometry.array, TO_WGS84[datum]), crs="EPSG:4490")
    return out


def check_datum(datum: str) -> None:
    """Raise when the name of a datum is unknown."""
    if datum not in DATUMS:
        raise AdminError(Problem("admin.datum_name", "admin", field="datum", datum=datum, known=DATUMS))


def shift(geometries: NDArray[Any], formula: Callable[[Any, Any], _Pair]) -> NDArray[Any]:
    """Geometries with every vertex moved by a formula of (lon, lat)."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        # Vector units round the last bit by position in the array: one value for each place keeps borders shared.
        places, back = np.unique(points, axis=0, return_inverse=True)
        return np.column_stack(formula(places[:, 0], places[:, 1]))[back.ravel()]

    return np.asarray(shapely.transform(np.asarray(geometries), move))


# From each datum to WGS 84.
TO_WGS84: Mapping[str, Callable[[Any, Any], _Pair]] = {
    "wgs84": lambda lon, lat: (lon, lat),
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def _degrees(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _inside(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = standards.table("admin/datum").data["bounds"]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _offset(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
    """GCJ-02 minus WGS 84 in degrees, at a WGS 84 point."""
    data = standards.table("admin/datum").data
    x, y = lon - data["origin"][0], lat - data["origin"][1]
    east = _metres(data["lon"], data["waves_of_x"], x, y, x)
    north = _metres(data["lat"], data["waves_of_x"], x, y, y)
    phi = np.deg2rad(lat)
    magic = 1.0 - data["ee"] * np.sin(phi) ** 2
    meridian = data["a"] * (1.0 - data["ee"]) / (magic * np.sqrt(magic))
    parallel = data["a"] / np.sqrt(magic) * np.cos(phi)
    return np.rad2deg(east / parallel), np.rad2deg(north / meridian)


def _metres(terms: Mapping[str, Any], waves_of_x: _Waves, x: _Degrees, y: _Degrees, along: _Degrees) -> _Degrees:
    monomials = (np.ones_like(x), x, y, x * x, x * y, y * y, np.sqrt(np.abs(x)))
    total = sum(factor * monomial for factor, monomial in zip(terms["polynomial"], monomials))
    for amplitude, times, part in waves_of_x:
        total = total + amplitude * np.sin(times * np.pi * x / part) * 2.0 / 3.0
    for amplitude, times, part in terms["waves"]:
        total = total + amplitude * np.sin(times * np.pi * along / part) * 2.0 / 3.0
    return np.asarray(total)


def _gcj02_to_bd09(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
    bd = standards.table("admin/datum").data["bd"]
    turn = np.deg2rad(bd["factor"])
    radius = np.hypot(lon, lat) + bd["radius"] * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + bd["angle"] * np.cos(lon * turn)
    return radius * np.cos(angle) + bd["lon"], radius * np.sin(angle) + bd["lat"]
