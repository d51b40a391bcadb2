"""Where coordinates lie and which CRS they may have: zone numbers in eastings, swapped axes, the box of China."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from riskzoning import standards


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


def suggest_crs(bounds: Sequence[float]) -> str:
    """What the range of the coordinates says about a CRS that is missing; a sentence for a message.

    Parameters
    ----------
    bounds : (west, south, east, north) in the unknown CRS

    Examples
    --------
    >>> suggest_crs((38443430, 3861145, 38591955, 3967562))
    'eastings carry the zone number 38: EPSG:4526 fits'
    >>> suggest_crs((113.4, 34.9, 115.0, 35.8))
    'the coordinates are degrees: EPSG:4490 fits (EPSG:4326 if the data are WGS 84)'
    """
    rules = standards.table("admin/checks").data
    west, south, east, north = (float(value) for value in bounds)
    if not np.isfinite([west, south, east, north]).all():
        return "the layer has no coordinates"
    zone = zone_of_easting(west)
    if zone is not None and zone == zone_of_easting(east):
        # Eastings of the web Mercator projection look like the low 6-degree zones.
        other = " (or EPSG:3857, web Mercator)" if zone[0] <= 15 else ""
        return f"eastings carry the zone number {zone[0]}: EPSG:{zone[1]} fits{other}"
    zone = zone_of_easting(south)
    if zone is not None:
        return f"northing and easting are swapped, and eastings carry the zone number {zone[0]} (EPSG:{zone[1]})"
    if max(abs(value) for value in (west, south, east, north)) <= rules["metric_limit"]:
        if in_box(np.array([[south, west, north, east]])).all():
            return "the coordinates are degrees with latitude first (swapped): EPSG:4490 after a swap"
        return "the coordinates are degrees: EPSG:4490 fits (EPSG:4326 if the data are WGS 84)"
    if 1e5 < west <= east < 1e6 and south > 1e5:
        return (
            "eastings without zone number: a CGCS2000 belt such as EPSG:4547 (114 E, 3-degree) fits; the file does not "
            "say which central meridian"
        )
    if 1e5 < south <= north < 1e6 and west > 1e6:
        return "northing stands first (swapped); after a swap a CGCS2000 belt such as EPSG:4547 (114 E) may fit"
    if 5e6 < west < 1.6e7:
        return "the coordinates may be web Mercator (EPSG:3857)"
    return "the range of the coordinates fits no usual CRS of China"


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


def crs_contradiction(bounds: NDArray[np.float64], crs: CRS) -> tuple[NDArray[np.bool_], str, str] | None:
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
    wrong, found, fix
        Which features contradict (bool, n), and two parts of a message; or None.

    Examples
    --------
    >>> boxes = np.array([[38443430.0, 3861145.0, 38591955.0, 3967562.0]])
    >>> crs_contradiction(boxes, CRS("EPSG:4547"))[1]
    'has eastings from 38443430 under EPSG:4547: zone prefix 38: EPSG:4526'
    >>> crs_contradiction(boxes, CRS("EPSG:4526")) is None
    True
    """
    rules = standards.table("admin/checks").data
    name = crs_name(crs)
    usual = 'Declare the true CRS in study.yaml with "crs: EPSG:...", or fix the file.'
    if crs.is_geographic:
        wrong = np.abs(bounds).max(axis=1) > rules["metric_limit"]
        if not wrong.any():
            return None
        box = _box(bounds[wrong])
        text, fix = _zone_text(box, name)
        hint = suggest_crs(box.tolist())
        text = text or f"has coordinates up to {np.abs(box).max():.8g} under the geographic {name}; {hint}"
        return wrong, text, fix or usual
    degrees = in_box(bounds) | in_box(bounds[:, [1, 0, 3, 2]])
    if degrees.any():
        west, south, _, _ = _box(bounds[degrees])
        text = f"has degrees (x {west:.6g}, y {south:.6g}) under the projected {name}"
        return degrees, text, 'Declare "crs: EPSG:4490" (CGCS2000 degrees), or fix the CRS of the file.'
    return _zone_contradiction(bounds, crs, name, usual)


def _zone_contradiction(
    bounds: NDArray[np.float64], crs: CRS, name: str, usual: str
) -> tuple[NDArray[np.bool_], str, str] | None:
    limit = float(standards.table("admin/checks").data["zone_prefix_limit"])
    easting = false_easting(crs)
    if easting is None:
        return None
    prefixed = bounds[:, 0] > limit
    if easting < limit:
        if not prefixed.any():
            return None
        text, fix = _zone_text(_box(bounds[prefixed]), name)
        return prefixed, text or f"has eastings above 10 000 000 under {name}", fix or usual
    # A first coordinate of a million and more may be a northing: swapped axes come later.
    wrong = ~prefixed & (bounds[:, 0] < 1e6)
    if not wrong.any():
        return None
    twin = plain_twin(crs.to_epsg() or 0)
    fix = f"Declare crs: EPSG:{twin}." if twin else "Declare the CRS without zone number."
    return wrong, f"has eastings without the zone number that {name} puts before them", fix


def _box(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _zone_text(box: NDArray[np.float64], name: str) -> tuple[str, str]:
    zone = zone_of_easting(box[0])
    if zone is None:
        return "", ""
    return (
        f"has eastings from {box[0]:.0f} under {name}: zone prefix {zone[0]}: EPSG:{zone[1]}",
        f'Declare "crs: EPSG:{zone[1]}", or fix the CRS of the file.',
    )
