"""Rules of coordinates: inside the city and their county, not swapped, not encrypted; no object twice at one place."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskzoning.admin import gcj02_to_wgs84
from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records
from riskzoning.surveys.rules.systems import CHINA, in_box, metres_system, settle, zone_epsg

Degrees = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Metres of a degree of latitude (GRS80, mean).
_DEGREE = 111_195.0


def check_positions(records: Records, context: Context, findings: Findings) -> bool:
    """Q05 and Q06: what coordinates can be wrong about; one finding a point, the likeliest. False without units."""
    if not records.has("lon", "lat"):
        return True
    settle(records, context, findings)
    east, north = records.numbers("lon"), records.numbers("lat")
    left = np.isfinite(east) & np.isfinite(north)
    left = _projected(east, north, left, context, findings)
    left = _swapped(east, north, left, context, findings)
    left = _far(east, north, left, findings)
    if context.units is None:
        return False
    counties = context.units[context.units["level"] == "county"].to_crs("EPSG:4490")
    if counties.empty:
        return False
    left = _outside_city(east, north, left, counties, findings)
    _other_county(records, (east, north), left, counties, context, findings)
    return True


def _projected(east: Degrees, north: Degrees, left: Mask, context: Context, findings: Findings) -> Mask:
    """Metres instead of degrees, with or without the number of their zone; a value that is no degree beside one."""
    odd = left & ((np.abs(east) > 360) | (np.abs(north) > 360))
    metres = odd & (np.abs(east) > 360) & (np.abs(north) > 360)
    lone = odd & ~metres
    findings.add("Q05.degree", lone, field="lon", value=east[lone], other=north[lone])
    rows = np.flatnonzero(metres)
    systems = [metres_system(float(east[row]), float(north[row]), context.box) for row in rows]
    zones = [zone_epsg(max(east[row], north[row])) for row in rows]
    zoned = np.array(
        [
            zone is not None and (made is None or made.epsg == zone[1])
            for zone, made in zip(zones, systems, strict=True)
        ],
        dtype=bool,
    )
    at = rows[zoned]
    values = np.maximum(east[at], north[at])
    numbers = np.array([zone[0] for zone, yes in zip(zones, zoned, strict=True) if zone and yes], dtype=int)
    names = np.array([f"EPSG:{zone[1]}" for zone, yes in zip(zones, zoned, strict=True) if zone and yes], dtype=object)
    findings.add("Q06.zone", at, field="lon", value=values, zone=numbers, crs=names)
    named = np.array([made is not None for made in systems], dtype=bool) & ~zoned
    crs = np.array(
        [f"EPSG:{made.epsg}" for made, yes in zip(systems, named, strict=True) if made and yes], dtype=object
    )
    findings.add("Q05.metres_of", rows[named], field="lon", value=east[rows[named]], crs=crs)
    rest = rows[~zoned & ~named]
    findings.add("Q05.metres", rest, field="lon", value=east[rest])
    return left & ~odd


def _swapped(east: Degrees, north: Degrees, left: Mask, context: Context, findings: Findings) -> Mask:
    """Longitude and latitude exchanged: the pair lies in the city (else in China) only the other way round."""
    box = context.box or CHINA
    swapped = left & ~in_box(east, north, box) & in_box(north, east, box)
    findings.add("Q05.swapped", swapped, field="lon", value=east[swapped], other=north[swapped])
    return left & ~swapped


def _far(east: Degrees, north: Degrees, left: Mask, findings: Findings) -> Mask:
    far = left & ~in_box(east, north, CHINA)
    findings.add("Q05.china", far, field="lon", value=east[far], other=north[far])
    return left & ~far


def _outside_city(east: Degrees, north: Degrees, left: Mask, counties: gpd.GeoDataFrame, findings: Findings) -> Mask:
    """Outside the box of the city: no shift of datum or border explains it."""
    box = tuple(counties.total_bounds)
    margin = 0.01
    wide = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    outside = left & ~in_box(east, north, wide)
    findings.add("Q05.city", outside, field="lon", value=east[outside], other=north[outside])
    return left & ~outside


def _other_county(
    records: Records,
    point: tuple[Degrees, Degrees],
    left: Mask,
    counties: gpd.GeoDataFrame,
    context: Context,
    findings: Findings,
) -> None:
    """Outside the county that the row names: encrypted coordinates, the border, or another place."""
    east, north = point
    stated = context.county(records)
    codes, names = pd.factorize(stated)
    shapes = dict(zip(counties.index, counties.geometry, strict=True))
    left = left & np.array([name in shapes for name in names], dtype=bool)[codes]
    inside = np.zeros(len(left), dtype=bool)
    for index, code in enumerate(names):
        rows = np.flatnonzero(left & (codes == index))
        if not rows.size:
            continue
        shapely.prepare(shapes[code])
        inside[rows] = shapely.intersects_xy(shapes[code], east[rows], north[rows])
    out = np.flatnonzero(left & ~inside)
    if not out.size:
        return
    back_east, back_north = (np.asarray(values) for values in gcj02_to_wgs84(east[out], north[out]))
    shifted = np.array(
        [shapely.intersects_xy(shapes[stated[at]], x, y) for at, x, y in zip(out, back_east, back_north, strict=True)]
    )
    metres = np.array([_metres(shapes[stated[at]], east[at], north[at]) for at in out])
    names = counties["name"].to_dict()
    where = _county_at(counties, east[out], north[out])
    wanted = np.array([f"{names[stated[at]]} ({stated[at]})" for at in out], dtype=object)
    actual = np.array([f"{names[code]} ({code})" if code else "" for code in where], dtype=object)
    border = float(context.limits["border_m"])
    single = shifted & ~_systematic(shifted, metres, context)
    near = ~shifted & (metres <= border)
    far = ~shifted & ~near & (where != "")
    away = ~shifted & ~near & (where == "")
    severe: tuple[tuple[str, Mask], ...] = (
        ("Q05.gcj02", shifted & ~single),
        ("Q05.gcj02_or_border", single),
        ("Q05.border", near),
        ("Q05.other_county", far),
        ("Q05.city_border", away),
    )
    for rule, mask in severe:
        values: dict[str, Any] = {"wanted": wanted[mask], "actual": actual[mask], "metres": np.round(metres[mask])}
        values["severity"] = "warning" if rule in ("Q05.border", "Q05.gcj02_or_border") else "error"
        findings.add(rule, out[mask], field="lon", **values)


def _systematic(shifted: Mask, metres: Degrees, context: Context) -> Mask:
    """Which points that come back when the shift is taken away are surely encrypted, and not only near a border.

    A single point a few hundred metres outside may as well be a border drawn coarsely. It is surely encrypted when it
    lies further out than borders are uncertain, or when several points of the form lie outside so and nearly none
    lies outside in a way that the shift does not explain: the shift always goes to one side, borders are on all sides.
    """
    limits = context.limits
    near = metres <= limits["border_m"]
    many = int((shifted & near).sum())
    others = int((~shifted & near).sum())
    together = many >= limits["encrypted_rows"] and many >= limits["encrypted_share"] * (many + others)
    return shifted & (together | ~near)


def _metres(shape: shapely.Geometry, x: float, y: float) -> float:
    """Distance of a point from a polygon in metres, on a plane that touches the earth there."""
    scale = np.array([_DEGREE * np.cos(np.radians(y)), _DEGREE])
    near = shapely.clip_by_rect(shape, x - 0.5, y - 0.5, x + 0.5, y + 0.5)
    if near.is_empty:
        return float(shapely.distance(shape, shapely.Point(x, y)) * _DEGREE)
    plane = shapely.transform(near, lambda points: (points - (x, y)) * scale)
    return float(shapely.distance(plane, shapely.Point(0, 0)))


def _county_at(counties: gpd.GeoDataFrame, east: Degrees, north: Degrees) -> NDArray[np.object_]:
    tree = shapely.STRtree(counties.geometry.to_numpy())
    points, shapes = tree.query(shapely.points(east, north), predicate="intersects")
    out = np.full(len(east), "", dtype=object)
    out[points] = counties.index.to_numpy(dtype=object)[shapes]
    return out


def check_near(records: Records, context: Context, findings: Findings) -> None:
    """Q04: two records with the same name and type within 50 m are one object under two keys."""
    for rule in records.form.rules_of("Q04"):
        if rule["kind"] != "near" or not records.has(rule["name"], rule["type"], "lon", "lat"):
            continue
        east, north = records.numbers("lon"), records.numbers("lat")
        metres = float(rule.get("metres", context.limits["duplicate_m"]))
        keys = records.keys.to_numpy()
        group = pd.Series(records.texts(rule["name"])) + "\0" + pd.Series(records.texts(rule["type"]))
        placed = np.isfinite(east) & np.isfinite(north) & (records.texts(rule["name"]) != "")
        several = group.duplicated(keep=False).to_numpy() & placed
        partner: dict[int, int] = {}
        for _, members in pd.Series(np.flatnonzero(several)).groupby(group[several].to_numpy()):
            at = members.to_numpy()
            plane = np.column_stack([east[at] * np.cos(np.radians(north[at])), north[at]]) * _DEGREE
            for one, other in cKDTree(plane).query_pairs(metres):
                if keys[at[one]] != keys[at[other]] or not keys[at[one]]:
                    partner[int(at[one])], partner[int(at[other])] = int(at[other]), int(at[one])
        rows = sorted(partner)
        also = [records.places.text(partner[row]) for row in rows]
        other = np.array([records.places.row[partner[row]] for row in rows])
        findings.add("Q04.near", rows, field="lon", severity="warning", also=also, other=other, metres=metres)
