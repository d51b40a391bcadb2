"""Tables whose coordinates are all of one other kind (exchanged, metres of a projection): read, and told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]
# The box of China in degrees.
CHINA: Box = (73.0, 3.0, 136.0, 54.0)
_MERCATOR = 3857
# Central meridians of the zones of three degrees (EPSG:4534 to 4554) and of six (EPSG:4502 to 4512), without prefix.
_MERIDIANS = {4534 + at: 75 + 3 * at for at in range(21)} | {4502 + at: 75 + 6 * at for at in range(11)}


@dataclass(frozen=True)
class System:
    """A kind of coordinates: its EPSG code (0: degrees), and whether the two columns are exchanged."""

    epsg: int
    turned: bool = False

    def degrees(self, first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
        """Longitude and latitude of the values of the two columns."""
        east, north = (second, first) if self.turned else (first, second)
        if not self.epsg:
            return east, north
        x, y = _transformer(self.epsg).transform(east, north)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


@lru_cache(maxsize=64)
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(f"EPSG:{epsg}", "EPSG:4490", always_xy=True)


def zone_epsg(easting: float) -> tuple[int, int] | None:
    """Zone number and EPSG code of an easting that begins with its zone; None when no zone of China has the number."""
    zone = int(easting // 1_000_000)
    # Zones of three degrees have the numbers 25 to 45 (EPSG:4513 ...), zones of six degrees 13 to 23 (EPSG:4491 ...).
    if 25 <= zone <= 45:
        return zone, 4513 + zone - 25
    return (zone, 4491 + zone - 13) if 13 <= zone <= 23 else None


def metres_system(first: float, second: float, box: Box | None) -> System | None:
    """What a pair of metres is: the projection that puts it into the box; without one by its zone number alone."""
    for system in _candidates(first, second, box or CHINA, known=box is not None):
        x, y = system.degrees(np.array([first]), np.array([second]))
        if in_box(x, y, box or CHINA)[0]:
            return system
    return None


def _candidates(first: float, second: float, box: Box, *, known: bool) -> Iterator[System]:
    for turned, easting in ((False, first), (True, second)):
        zone = zone_epsg(easting)
        if zone is not None:
            yield System(zone[1], turned)
    for turned in (False, True):
        yield System(_MERCATOR, turned)
    if known:
        near = [epsg for epsg, middle in _MERIDIANS.items() if box[0] - 3 <= middle <= box[2] + 3]
        middle = (box[0] + box[2]) / 2
        for epsg in sorted(near, key=lambda code: (abs(_MERIDIANS[code] - middle), -code)):
            for turned in (False, True):
                yield System(epsg, turned)


def in_box(x: Numbers, y: Numbers, box: Box) -> Mask:
    """Which points lie in a box."""
    with np.errstate(invalid="ignore"):
        return (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])


def settle(records: Records, context: Context, findings: Findings) -> None:
    """Read the coordinates of each table by the system that (nearly) all its rows have, and say so once a table."""
    if not records.has("lon", "lat"):
        return
    limits = context.limits["systems"]
    tables = records.places.file.astype(np.int64) * (len(records.places.sheets) + 1) + records.places.sheet
    east, north = records.numbers("lon").copy(), records.numbers("lat").copy()
    changed = False
    for table in np.unique(tables):
        rows = np.flatnonzero((tables == table) & np.isfinite(east) & np.isfinite(north))
        if rows.size < limits["least_rows"]:
            continue
        system = _system_of(east[rows], north[rows], context.box, limits["share"])
        if system is None:
            continue
        fits = _fits(system, east[rows], north[rows], context.box)
        at = rows[fits]
        east[at], north[at] = system.degrees(east[at], north[at])
        changed = True
        rule = "Q06.projected" if system.epsg else "Q05.exchanged"
        findings.about_all(
            rule, severity="warning", field="lon", like=int(at[0]), count=int(at.size), crs=f"EPSG:{system.epsg}"
        )
    if changed:
        records.frame = records.frame.assign(lon=east, lat=north)


def _system_of(east: Numbers, north: Numbers, box: Box | None, share: float) -> System | None:
    """The system other than plain degrees that this share of the rows has."""
    inside = box or CHINA
    if in_box(east, north, inside).mean() > 1 - share:
        return None
    turned = System(0, turned=True)
    if _fits(turned, east, north, box).mean() >= share:
        return turned
    middle = float(np.median(east)), float(np.median(north))
    if min(map(abs, middle)) <= 360:
        return None
    system = metres_system(*middle, box)
    return system if system is not None and _fits(system, east, north, box).mean() >= share else None


def _fits(system: System, east: Numbers, north: Numbers, box: Box | None) -> Mask:
    """Rows that lie in the box when they are read so, and not when they are read as degrees."""
    inside = box or CHINA
    x, y = system.degrees(east, north)
    return in_box(x, y, inside) & ~in_box(east, north, inside)
