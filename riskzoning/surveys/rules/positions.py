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

Degrees = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Metres of a degree of latitude (GRS80, mean).
_DEGREE = 111_195.0
# The box of China in degrees, and the eastings of zones that begin with their number.
_CHINA = (73.0, 3.0, 136.0, 54.0)


def check_positions(records: Records, context: Context, findings: Findings) -> bool:
    """Q05 and Q06: what coordinates can be wrong about; one finding a point, the likeliest. False without units."""
    if not records.has("lon", "lat"):
        return True
    east, north = records.numbers("lon"), records.numbers("lat")
    left = np.isfinite(east) & np.isfinite(north)
    left = _projected(east, north, left, findings)
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


def _projected(east: Degrees, north: Degrees, left: Mask, findings: Findings) -> Mask:
    """Metres instead of degrees; 38 500 000 carries the zone number 38 in front."""
    metres = left & ((np.abs(east) > 360) | (np.abs(north) > 360))
    zoned = metres & (np.maximum(east, north) > 1e7)
    zone = (np.maximum(east, north)[zoned] // 1_000_000).astype(int)
    # Zones of 3 degrees have the numbers 25 to 45 (EPSG:4513...), zones of 6 degrees 13 to 23 (EPSG:4491...).
    codes = np.where(zone >= 25, 4513 + zone - 25, 4491 + zone - 13)
    findings.add(
        "Q06.zone", zoned, field="lon", value=east[zoned], zone=zone, crs=np.array([f"EPSG:{code}" for code in codes])
    )
    rest = metres & ~zoned
    findings.add("Q05.metres", rest, field="lon", value=east[rest])
    return left & ~metres


def _swapped(east: Degrees, north: Degrees, left: Mask, context: Context, findings: Findings) -> Mask:
    """Longitude and latitude exchanged: the pair lies in the city (else in China) only the other way round."""
    box = _CHINA if context.units is None else tuple(context.units.to_crs("EPSG:4490").total_bounds)
    swapped = left & ~_in_box(east, north, box) & _in_box(north, east, box)
    findings.add("Q05.swapped", swapped, field="lon", value=east[swapped], other=north[swapped])
    return left & ~swapped


def _far(east: Degrees, north: Degrees, left: Mask, findings: Findings) -> Mask:
    far = left & ~_in_box(east, north, _CHINA)
    findings.add("Q05.china", far, field="lon", value=east[far], other=north[far])
    return left & ~far


def _in_box(x: Degrees, y: Degrees, box: tuple[float, ...]) -> Mask:
    with np.errstate(invalid="ignore"):
        return (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])


def _outside_city(east: Degrees, north: Degrees, left: Mask, counties: gpd.GeoDataFrame, findings: Findings) -> Mask:
    """Outside the box of the city: no shift of datum or border explains it."""
    box = tuple(counties.total_bounds)
    margin = 0.01
    wide = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    outside = left & ~_in_box(east, north, wide)
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
    near = ~shifted & (metres <= border)
    far = ~shifted & ~near & (where != "")
    away = ~shifted & ~near & (where == "")
    severe: tuple[tuple[str, Mask], ...] = (
        ("Q05.gcj02", shifted),
        ("Q05.border", near),
        ("Q05.other_county", far),
        ("Q05.city_border", away),
    )
    for rule, mask in severe:
        values: dict[str, Any] = {"wanted": wanted[mask], "actual": actual[mask], "metres": np.round(metres[mask])}
        values["severity"] = "warning" if rule == "Q05.border" else "error"
        findings.add(rule, out[mask], field="lon", **values)


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
