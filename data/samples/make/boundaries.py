"""Boundaries of the sample city: power diagrams of towns inside counties, with borders bent by noise.

A straight-edged partition is made first (one power diagram of the counties, one of the townships in each county), its
lines are cut at every crossing and given a point every few hundred metres, and then every point is moved by one smooth
field. A shared border stays shared because both sides have the same points; nothing is clipped against a neighbour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from numpy.typing import NDArray
from pyproj import Geod

from riskzoning import standards
from riskzoning.samples.noise import Array, Waves, generator

_SNAP_KM = 0.001
_DECIMALS = 6


@lru_cache(maxsize=1)
def geography() -> dict[str, Any]:
    """What was drawn by hand: outline, rivers, mountains, towns, roads of the sample (see geography.yml)."""
    content: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "geography.yml").read_text(encoding="utf-8"))
    return content


class Plane:
    """The drawing plane: kilometres east and north of the middle of the city, true to about 0.5 %."""

    longitude, latitude = 114.2, 35.35
    km_per_degree = (90.966, 110.955)

    @classmethod
    def km(cls, longitude: Array, latitude: Array) -> tuple[Array, Array]:
        """Kilometres of degrees."""
        return (longitude - cls.longitude) * cls.km_per_degree[0], (latitude - cls.latitude) * cls.km_per_degree[1]

    @classmethod
    def degrees(cls, x: Array, y: Array) -> tuple[Array, Array]:
        """Degrees of kilometres."""
        return x / cls.km_per_degree[0] + cls.longitude, y / cls.km_per_degree[1] + cls.latitude


@lru_cache(maxsize=4)
def _warp_fields(seed: int) -> tuple[tuple[float, Waves, Waves], ...]:
    rng = generator(seed, "boundaries", "warp")
    # Amplitude (km, standard deviation) and wavelength of each octave; small enough that no border folds over itself.
    octaves = ((0.9, 26.0), (0.36, 7.5), (0.10, 2.6))
    return tuple((size, Waves.drawn(rng, [length]), Waves.drawn(rng, [length])) for size, length in octaves)


def warp(x: Array, y: Array, *, seed: int) -> tuple[Array, Array]:
    """Points of the drawing moved by the smooth field that makes straight lines look natural (km)."""
    # One octave after the other: each is a gentle bend, and bends of bends never fold.
    for size, field_x, field_y in _warp_fields(seed):
        x, y = x + size * field_x.at(x, y), y + size * field_y.at(x, y)
    return x, y


def warped_line(points: Sequence[Sequence[float]], *, seed: int, step_km: float = 0.6) -> Any:
    """A hand-drawn line (degrees) with points every ``step_km``, bent like the borders; in kilometres of the plane."""
    drawn = shapely.segmentize(shapely.LineString(_km(points)), step_km)
    return _moved(drawn, seed)


def _km(points: Sequence[Sequence[float]]) -> Array:
    degrees = np.asarray(points, dtype=float)
    return np.column_stack(Plane.km(degrees[:, 0], degrees[:, 1]))


def _moved(geometry: Any, seed: int) -> Any:
    return shapely.transform(geometry, lambda xy: np.column_stack(warp(xy[:, 0], xy[:, 1], seed=seed)))


@dataclass(frozen=True)
class _Sites:
    """Sites of a power diagram: points (km), a weight (km2) and a group for each; sites of a group share a region."""

    points: Array
    groups: NDArray[np.intp]
    weights: Array

    def nearest(self, x: Array, y: Array) -> NDArray[np.intp]:
        distance = (x[:, None] - self.points[:, 0]) ** 2 + (y[:, None] - self.points[:, 1]) ** 2 - self.weights
        owner: NDArray[np.intp] = distance.argmin(axis=1)
        return owner


def _fitted(
    points: Array, groups: NDArray[np.intp], areas: Array, samples: Array, *, seed: int, drift: float
) -> _Sites:
    """Sites whose groups have the wanted areas (any unit), moved a share ``drift`` towards the middle of their
    regions."""
    points, counted = points.copy(), _stretch(samples, seed)
    counted /= counted.sum()
    wanted = areas / areas.sum()
    weights = np.zeros(len(points))
    # The area of a region grows by about three times the growth of its weight; ``cell`` is the area of a sample.
    cell = np.ptp(samples[:, 0]) * np.ptp(samples[:, 1]) * 0.6
    for turn in range(200):
        sites = _Sites(points, groups, weights)
        owner = sites.nearest(samples[:, 0], samples[:, 1])
        share = np.bincount(groups[owner], counted, minlength=wanted.size)
        if turn < 80 and drift:
            count = np.maximum(np.bincount(owner, minlength=len(points)), 1)
            for axis in (0, 1):
                middle = np.bincount(owner, samples[:, axis], minlength=len(points)) / count
                points[:, axis] += np.where(count > 1, drift * (middle - points[:, axis]), 0)
        rate = 0.2 if turn < 100 else 0.08
        weights = weights + rate * cell * np.clip((wanted - share)[groups], -0.5 * wanted[groups], 0.5 * wanted[groups])
        weights -= weights.mean()
    return _Sites(points, groups, weights)


def _stretch(points: Array, seed: int, step: float = 0.05) -> Array:
    """Area after the warp of a small square around each point, relative to before."""
    x, y = points.T
    x0, y0 = warp(x, y, seed=seed)
    x1, y1 = warp(x + step, y, seed=seed)
    x2, y2 = warp(x, y + step, seed=seed)
    out: Array = ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / step**2
    return np.maximum(out, 0.05)


def _ridges(sites: _Sites, region: shapely.Polygon) -> list[Any]:
    """Lines between regions of different groups: of each pair the part of its radical line that no third takes."""
    lines = []
    points, weights = sites.points, sites.weights
    square = (points**2).sum(axis=1) - weights
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            if sites.groups[i] == sites.groups[j]:
                continue
            normal = points[j] - points[i]
            origin = normal * ((square[j] - square[i]) / 2 / (normal @ normal))
            direction = np.array([-normal[1], normal[0]]) / np.hypot(*normal)
            # A point origin + t * direction is nearer to i than to k while slope * t <= limit.
            others = [k for k in range(len(points)) if k not in (i, j)]
            slope = 2 * (points[others] - points[i]) @ direction
            limit = square[others] - square[i] - 2 * (points[others] - points[i]) @ origin
            with np.errstate(divide="ignore", invalid="ignore"):
                bound = limit / slope
            low = max(bound[slope < 0], default=-1e3)
            high = min(bound[slope > 0], default=1e3)
            low, high = max(low, -1e3), min(high, 1e3)
            if high - low > 1e-6 and not (limit[slope == 0] < 0).any():
                lines.append(shapely.LineString([origin + low * direction, origin + high * direction]))
    clipped = shapely.intersection(np.array(lines, dtype=object), region)
    return [line for line in clipped if line.length > _SNAP_KM]


def _inside(region: shapely.Polygon, spacing: float) -> Array:
    left, bottom, right, top = region.bounds
    x, y = np.meshgrid(np.arange(left, right, spacing) + spacing / 2, np.arange(bottom, top, spacing) + spacing / 2)
    keep = shapely.contains_xy(region, x.ravel(), y.ravel())
    return np.column_stack([x.ravel()[keep], y.ravel()[keep]])


def _outline() -> shapely.Polygon:
    drawn = geography()
    first, last = drawn["river_border"]
    return shapely.Polygon(_km([*drawn["yellow_river"][first : last + 1], *drawn["land_border"]]))


@dataclass(frozen=True)
class _County:
    code: str
    region: Any
    sites: _Sites
    townships: tuple[str, ...]


def _county_regions(outline: shapely.Polygon, seed: int) -> tuple[list[Any], dict[str, Any]]:
    """Border lines of the counties and the polygon of each, both straight-edged."""
    drawn, table = geography()["counties"], standards.table("names/xinxiang_townships").data["counties"]
    codes = list(drawn)
    points = np.vstack([_km(drawn[code]["centers"]) for code in codes])
    groups = np.repeat(np.arange(len(codes)), [len(drawn[code]["centers"]) for code in codes])
    areas = np.array([table[code]["area_km2"] for code in codes], dtype=float)
    sites = _fitted(points, groups, areas, _inside(outline, 0.75), seed=seed, drift=0.0)
    lines = _ridges(sites, outline)
    noded = shapely.union_all([outline.exterior, *lines], grid_size=_SNAP_KM)
    regions: dict[str, list[Any]] = {code: [] for code in codes}
    for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))):
        spot = face.representative_point()
        regions[codes[groups[sites.nearest(np.array([spot.x]), np.array([spot.y]))[0]]]].append(face)
    return list(shapely.get_parts(noded)), {code: shapely.union_all(faces) for code, faces in regions.items()}


def _township_areas(rows: Sequence[Sequence[str]], rng: np.random.Generator) -> Array:
    size = {"街道": 0.45, "镇": 1.05, "乡": 1.0}
    return np.array([size[row[1]] for row in rows]) * rng.uniform(0.75, 1.3, len(rows))


def _township_sites(code: str, region: Any, rows: Mapping[str, Sequence[str]], seed: int) -> _County:
    """Sites of the townships of a county: known places first, the others far from all that are there."""
    drawn, rng = geography(), generator(seed, "boundaries", code)
    inner, outer, _ = drawn["enclave"]
    codes = [key for key in rows if key != inner]
    samples = _inside(region, max(0.12, np.sqrt(region.area) / 64))
    points: list[Array] = []
    groups: list[int] = []
    for number, key in enumerate(codes):
        for place in drawn["townships"].get(key, []):
            spot = _km([place])[0]
            if not shapely.contains_xy(region, *spot):
                spot = samples[((samples - spot) ** 2).sum(axis=1).argmin()]
            points.append(spot)
            groups.append(number)
    for number, key in enumerate(codes):
        if key not in drawn["townships"]:
            choice = samples[rng.integers(0, len(samples), 12)]
            gap = np.min([((choice - point) ** 2).sum(axis=1) for point in points] or [np.ones(12)], axis=0)
            points.append(choice[gap.argmax()])
            groups.append(number)
    areas = _township_areas([rows[key] for key in codes], rng)
    if outer in codes:
        areas[codes.index(outer)] *= 1.4
    sites = _fitted(np.array(points), np.array(groups, dtype=np.intp), areas, samples, seed=seed, drift=0.02)
    return _County(code, region, sites, tuple(codes))


def _ring(center: Array, radius: float, rng: np.random.Generator) -> shapely.LinearRing:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    bend = 1 + 0.16 * np.cos(2 * angle + rng.uniform(0, 6)) + 0.08 * np.cos(5 * angle + rng.uniform(0, 6))
    return shapely.LinearRing(center + radius * bend[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


def _faces(seed: int, step_km: float) -> tuple[NDArray[Any], list[str]]:
    """Straight-edged faces with points every ``step_km`` and the township code of each."""
    drawn = geography()
    rows: dict[str, list[str]] = standards.table("names/xinxiang_townships").data["townships"]
    lines, regions = _county_regions(_outline(), seed)
    inner, outer, radius = drawn["enclave"]
    counties = []
    ring = None
    for code, region in regions.items():
        own = {key: row for key, row in rows.items() if row[2] == code}
        county = _township_sites(code, region, own, seed)
        counties.append(county)
        lines += _ridges(county.sites, region)
        if outer in own:
            site = county.sites.points[list(county.sites.groups).index(county.townships.index(outer))]
            ring = _ring(site, radius, generator(seed, "boundaries", "enclave"))
            lines.append(ring)
    noded = shapely.union_all(lines, grid_size=_SNAP_KM)
    edges = shapely.segmentize(shapely.get_parts(shapely.line_merge(noded)), step_km)
    faces = shapely.get_parts(shapely.polygonize(edges))
    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    codes = [""] * len(faces)
    for county in counties:
        own_faces = np.flatnonzero(shapely.contains_xy(county.region, spots[:, 0], spots[:, 1]))
        owner = county.sites.groups[county.sites.nearest(spots[own_faces, 0], spots[own_faces, 1])]
        for face, group in zip(own_faces, owner):
            codes[face] = county.townships[group]
    if ring is not None:
        inside = shapely.contains_xy(shapely.Polygon(ring), spots[:, 0], spots[:, 1])
        codes[int(inside.argmax())] = inner
    return faces, codes


def _on_the_globe(faces: NDArray[Any], seed: int) -> NDArray[Any]:
    def moved(xy: Array) -> Array:
        degrees = Plane.degrees(*warp(xy[:, 0], xy[:, 1], seed=seed))
        return np.round(np.column_stack(degrees), _DECIMALS)

    out: NDArray[Any] = shapely.transform(faces, moved)
    return out


def _row(code: str, name: str, level: str, parent: str, kind: str, geometry: Any) -> dict[str, Any]:
    area = abs(Geod(ellps="GRS80").geometry_area_perimeter(geometry)[0]) / 1e6
    shape = shapely.MultiPolygon([geometry]) if geometry.geom_type == "Polygon" else geometry
    row = {"code": code, "name": name, "level": level, "parent": parent, "type": kind, "area_km2": round(area, 4)}
    return {**row, "geometry": shapely.normalize(shape)}


@lru_cache(maxsize=4)
def drawn_units(seed: int = 20260630, *, step_km: float = 0.55) -> gpd.GeoDataFrame:
    """The city, its 12 counties and 154 townships: real codes and names, made-up borders (illustrative, not
    official)."""
    table = standards.table("names/xinxiang_townships").data
    faces, codes = _faces(seed, step_km)
    faces = _on_the_globe(faces, seed)
    shapes: dict[str, Any] = {}
    for code in table["townships"]:
        parts = [face for face, key in zip(faces, codes) if key == code]
        shapes[code] = shapely.MultiPolygon(parts)
    towns = [
        _row(code, name, "township", parent, kind, shapes[code])
        for code, (name, kind, parent) in table["townships"].items()
    ]
    counties = []
    for code, entry in table["counties"].items():
        whole = shapely.coverage_union_all([row["geometry"] for row in towns if row["parent"] == code])
        counties.append(_row(code, entry["zh"], "county", table["city"]["code"], "", whole))
    whole = shapely.coverage_union_all([row["geometry"] for row in counties])
    city = _row(table["city"]["code"], table["city"]["zh"], "city", table["city"]["parent"], "", whole)
    kinds = {"市": "县级市", "区": "市辖区", "县": "县"}
    for row in counties:
        row["type"] = kinds[row["name"][-1]]
    city["type"] = "地级市"
    frame = pd.DataFrame([city, *counties, *towns]).set_index("code")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4490")
