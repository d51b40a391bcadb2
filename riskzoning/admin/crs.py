"""Where coordinates lie and which CRS they may have: zone numbers in eastings, swapped axes, the box of China."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from riskzoning import standards
from riskzoning.errors import Phrase, Problem


def zone_of_easting(easting: float) -> tuple[int, int] | None:
    """Zone number and EPSG code of an easting that carries the zone number; None when it carries none."""
    rules = standards.table("admin/checks").data
    zone = int(easting // 1e6)
    for belt in rules["belts"]:
        if easting > rules["zone_prefix_limit"] and belt["first"] <= zone <= belt["last"]:
            return zone, int(belt["prefixed"]) + zone - int(belt["first"])
    return None


def plain_twin(epsg: int) -> int | None:
    """The same Gauss-Krueger belt without the zone number in the easting."""
    for belt in standards.table("admin/checks").data["belts"]:
        index = epsg - belt["prefixed"]
        if 0 <= index <= belt["last"] - belt["first"]:
            return int(belt["plain"]) + int(index)
    return None


def suggest_crs(bounds: Sequence[float]) -> Phrase:
    """What the range of the coordinates says about a CRS that is missing: a phrase for a message.

    Parameters
    ----------
    bounds : (west, south, east, north) in the unknown CRS

    Examples
    --------
    >>> print(suggest_crs((38443430, 3861145, 38591955, 3967562)))
    the eastings begin with the zone number 38, so EPSG:4526 fits
    >>> print(suggest_crs((113.4, 34.9, 115.0, 35.8)))
    the coordinates are degrees, so EPSG:4490 fits (EPSG:4326 if the data are WGS 84)
    """
    rules = standards.table("admin/checks").data
    west, south, east, north = (float(value) for value in bounds)
    if not np.isfinite([west, south, east, north]).all():
        return Phrase("crs_no_coordinates")
    zone = zone_of_easting(west)
    if zone is not None and zone == zone_of_easting(east):
        # Eastings of the web Mercator projection look like the low 6-degree zones.
        return Phrase("crs_zone_or_web" if zone[0] <= 15 else "crs_zone", zone=zone[0], epsg=zone[1])
    zone = zone_of_easting(south)
    if zone is not None:
        return Phrase("crs_zone_swapped", zone=zone[0], epsg=zone[1])
    if max(abs(value) for value in (west, south, east, north)) <= rules["metric_limit"]:
        turned = in_box(np.array([[south, west, north, east]])).all()
        return Phrase("crs_degrees_swapped" if turned else "crs_degrees")
    return Phrase(_metric_hint(west, south, east, north))


def _metric_hint(west: float, south: float, east: float, north: float) -> str:
    if 1e5 < west <= east < 1e6 and south > 1e5:
        return "crs_belt"
    if 1e5 < south <= north < 1e6 and west > 1e6:
        return "crs_belt_swapped"
    return "crs_web_mercator" if 5e6 < west < 1.6e7 else "crs_none_fits"


def in_box(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which bounds (west, south, east, north in degrees, one row each) lie in the box of China."""
    rules = standards.table("admin/checks").data
    (west, east), (south, north) = rules["china_lon"], rules["china_lat"]
    with np.errstate(invalid="ignore"):
        inside = (bounds[:, 0] >= west) & (bounds[:, 2] <= east) & (bounds[:, 1] >= south) & (bounds[:, 3] <= north)
    return np.asarray(inside)


def false_easting(crs: CRS) -> float | None:
    """False easting in metres of a transverse Mercator CRS; None for any other."""
    operation: Any = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(item.value) for item in operation.params if item.name == "False easting"), None)


def crs_name(crs: CRS) -> str:
    """A CRS in words: ``EPSG:4547`` where it has a code, else its name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else (crs.name or "an unnamed CRS")


def crs_contradiction(bounds: NDArray[np.float64], crs: CRS) -> tuple[NDArray[np.bool_], Problem] | None:
    """What in the size of the coordinates contradicts the CRS; None when nothing does.

    Degrees are small numbers, metres are large ones, and a zone number before the easting belongs to a CRS with zone
    numbers. A wrong central meridian or datum cannot be seen this way.

    Parameters
    ----------
    bounds : array (n, 4)
        West, south, east, north of each feature, in the CRS.
    crs : CRS

    Returns
    -------
    wrong, problem
        Which features contradict (bool, n), and what is wrong: ``problem.at(thing)`` says of which layer,
        ``whom=`` of which of its rows; or None.

    Examples
    --------
    >>> boxes = np.array([[38443430.0, 3861145.0, 38591955.0, 3967562.0]])
    >>> wrong, problem = crs_contradiction(boxes, CRS("EPSG:4547"))
    >>> print(problem.at("county.shp").found)
    has eastings from 38443430 under EPSG:4547 (zone prefix 38: EPSG:4526)
    >>> crs_contradiction(boxes, CRS("EPSG:4526")) is None
    True
    """
    rules = standards.table("admin/checks").data
    name = crs_name(crs)
    if crs.is_geographic:
        wrong = np.abs(bounds).max(axis=1) > rules["metric_limit"]
        if not wrong.any():
            return None
        box = _box(bounds[wrong])
        largest = f"{np.abs(box).max():.8g}"
        otherwise = _wrong("crs.no_degrees", crs=name, largest=largest, hint=suggest_crs(box.tolist()))
        return wrong, _zone_problem(box, name) or otherwise
    degrees = in_box(bounds) | in_box(bounds[:, [1, 0, 3, 2]])
    if degrees.any():
        west, south, _, _ = _box(bounds[degrees])
        return degrees, _wrong("crs.degrees", crs=name, x=f"{west:.6g}", y=f"{south:.6g}")
    return _zone_contradiction(bounds, crs, name)


def _zone_contradiction(bounds: NDArray[np.float64], crs: CRS, name: str) -> tuple[NDArray[np.bool_], Problem] | None:
    limit = float(standards.table("admin/checks").data["zone_prefix_limit"])
    easting = false_easting(crs)
    if easting is None:
        return None
    prefixed = bounds[:, 0] > limit
    if easting < limit:
        if not prefixed.any():
            return None
        return prefixed, _zone_problem(_box(bounds[prefixed]), name) or _wrong("crs.large_eastings", crs=name)
    # A first coordinate of a million and more may be a northing: swapped axes come later.
    wrong = ~prefixed & (bounds[:, 0] < 1e6)
    if not wrong.any():
        return None
    twin = plain_twin(crs.to_epsg() or 0)
    plain = Phrase("crs_code", epsg=twin) if twin else Phrase("crs_without_zone")
    return wrong, _wrong("crs.zone_missing", crs=name, plain=plain)


def _box(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _zone_problem(box: NDArray[np.float64], name: str) -> Problem | None:
    zone = zone_of_easting(box[0])
    if zone is None:
        return None
    return _wrong("crs.zone", crs=name, easting=f"{box[0]:.0f}", zone=zone[0], epsg=zone[1])


def _wrong(rule: str, **values: Any) -> Problem:
    return Problem(rule, "", whom=Phrase("nothing"), **values)
