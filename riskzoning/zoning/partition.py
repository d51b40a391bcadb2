"""Polygons of a class layer inside borders: every edge is shared, nothing overlaps, and together they are the borders.

Edges between cells of different classes become lines, the lines are simplified together (so that no two cross), brought
into the CRS of the borders, noded with them and made into faces. A face lies in one unit and in one class. Faces that
are too small to be read join a neighbour; what is left of a class and hangs together is a zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import xarray as xr
from numpy.typing import NDArray

from riskzoning.layers import grid_of
from riskzoning.zoning.contiguity import parts_of, shared_edges
from riskzoning.zoning.kernels import merge_patches
from riskzoning.zoning.patches import Merged, listed

Array = np.ndarray[Any, Any]
Shapes = NDArray[Any]
# Class of ground that the borders hold and the layer has no value for.
UNKNOWN = 0
_OUTSIDE = -1


@dataclass(frozen=True)
class ClassPolygons:
    """Polygons of a class layer in its CRS, simplified together; they reach beyond the borders."""

    shapes: Shapes
    classes: NDArray[np.int64]
    crs: str


def class_polygons(classes: xr.DataArray, inside: Array, *, tolerance: float) -> ClassPolygons:
    """Polygons of the classes of a layer (0 no data), those at the edge of ``inside`` carried on beyond it.

    ``tolerance`` in units of the grid is how far a line may be moved, about.
    """
    grid = grid_of(classes)
    cell = abs(grid.affine.a)
    reach = int(np.ceil(tolerance / cell)) + 3
    codes = np.where(inside, classes.values.astype(np.int16), _OUTSIDE)
    codes = _carried_on(np.pad(codes, reach, constant_values=_OUTSIDE), reach)
    lines = _edges(codes)
    lines[..., 0] = grid.affine.c + (lines[..., 0] - reach) * grid.affine.a
    lines[..., 1] = grid.affine.f + (lines[..., 1] - reach) * grid.affine.e
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(lines)))
    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    columns = np.floor((spots[:, 0] - grid.affine.c) / grid.affine.a).astype(np.int64) + reach
    rows = np.floor((spots[:, 1] - grid.affine.f) / grid.affine.e).astype(np.int64) + reach
    own = codes[rows, columns].astype(np.int64)
    if tolerance > 0:
        faces = shapely.coverage_simplify(faces, tolerance, simplify_boundary=False)
    return ClassPolygons(np.asarray(faces), own, str(grid.crs))


def _carried_on(codes: Array, steps: int) -> Array:
    """Cells outside take the class of a neighbour, ring by ring, so that lines cross the border and not end at it."""
    for _ in range(steps):
        near = codes.copy()
        near[1:] = np.maximum(near[1:], codes[:-1])
        near[:-1] = np.maximum(near[:-1], codes[1:])
        wide = near.copy()
        wide[:, 1:] = np.maximum(wide[:, 1:], near[:, :-1])
        wide[:, :-1] = np.maximum(wide[:, :-1], near[:, 1:])
        near = wide
        codes = np.where(codes == _OUTSIDE, near, codes)
    return codes


def _edges(codes: Array) -> Array:
    """Straight edges between cells of different classes and around them, broken where others meet: (n, 2 ends, x y)."""
    rows, columns = codes.shape
    across = np.ones((rows + 1, columns), bool)
    across[1:-1] = codes[1:] != codes[:-1]
    down = np.ones((rows, columns + 1), bool)
    down[:, 1:-1] = codes[:, 1:] != codes[:, :-1]
    degree = np.zeros((rows + 1, columns + 1), np.uint8)
    degree[:, :-1] += across
    degree[:, 1:] += across
    degree[:-1] += down
    degree[1:] += down
    flat = _runs(across, degree)
    steep = _runs(down.T, degree.T)[..., ::-1]
    return np.concatenate([flat, steep])


def _runs(edges: Array, degree: Array) -> Array:
    """Unit edges along the second axis, joined where they go straight on and nothing else meets."""
    on = np.zeros((edges.shape[0], edges.shape[1] + 1), bool)
    on[:, 1:-1] = edges[:, :-1] & edges[:, 1:] & (degree[:, 1:-1] == 2)
    row, first = np.nonzero(edges & ~on[:, :-1])
    _, last = np.nonzero(edges & ~on[:, 1:])
    ends = np.stack([np.column_stack([first, row]), np.column_stack([last + 1, row])], axis=1)
    return ends.astype(np.float64)


@dataclass(frozen=True)
class Faces:
    """Faces of a partition: geometry in the CRS of the borders; position of the unit and class of each.

    ``area`` is in km2 and adds up to that of the units.
    """

    shapes: Shapes
    unit: NDArray[np.int64]
    grade: NDArray[np.int64]
    area: NDArray[np.float64]
    crs: str


def faces_within(
    polygons: ClassPolygons, borders: gpd.GeoDataFrame, areas: NDArray[np.float64], more: Shapes | None = None
) -> Faces:
    """Faces of the class polygons inside the borders (polygons of units that share their edges).

    ``areas`` of the units in km2; ``more`` are further lines or polygons whose edges cut faces, in the CRS of the
    borders.
    """
    crs = str(borders.crs)
    forward = pyproj.Transformer.from_crs(polygons.crs, crs, always_xy=True)
    lines = [_inner_lines(polygons, forward), _lines(borders.geometry.to_numpy())]
    if more is not None and len(more):
        lines.append(np.asarray(shapely.boundary(more)))
    noded = shapely.union_all(np.concatenate(lines))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    spots = shapely.point_on_surface(faces)
    unit = _holder(borders.geometry.to_numpy(), spots)
    faces, spots, unit = faces[unit >= 0], spots[unit >= 0], unit[unit >= 0]
    x, y = forward.transform(shapely.get_x(spots), shapely.get_y(spots), direction="INVERSE")
    holder = _holder(polygons.shapes, shapely.points(x, y))
    grade = np.where(holder >= 0, polygons.classes[holder], UNKNOWN)
    sizes = _shared_area(_areas(faces, crs, polygons.crs), unit, areas)
    return Faces(faces, unit, np.maximum(grade, UNKNOWN), sizes, crs)


def faces_of_units(
    borders: gpd.GeoDataFrame, grades: NDArray[np.int64], areas: NDArray[np.float64], metric: str, more: Shapes | None
) -> Faces:
    """Units as faces with a grade each, cut by the edges of ``more``."""
    shapes, crs = borders.geometry.to_numpy(), str(borders.crs)
    if more is None or not len(more):
        return Faces(shapes, np.arange(len(shapes)), grades, areas, crs)
    noded = shapely.union_all(np.concatenate([_lines(shapes), np.asarray(shapely.boundary(more))]))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    unit = _holder(shapes, shapely.point_on_surface(faces))
    faces, unit = faces[unit >= 0], unit[unit >= 0]
    sizes = _shared_area(_areas(faces, crs, metric), unit, areas)
    return Faces(faces, unit, grades[unit], sizes, crs)


def snapped(faces: Faces, borders: gpd.GeoDataFrame, metric: str, most_m: float) -> tuple[Faces, NDArray[np.bool_]]:
    """Borders of classes that run beside a border of a unit moved onto it, and which faces have changed their class.

    A face that lies within ``most_m`` of the border of its unit, and goes on beyond it in a face that does not, takes
    the class beside it in its own unit. What lies along a border on both sides stays.
    """
    nothing = np.zeros(len(faces.shapes), bool)
    if most_m <= 0 or len(faces.shapes) == 0:
        return faces, nothing
    inner = shapely.buffer(borders.geometry.to_crs(metric).to_numpy(), -most_m, quad_segs=2)
    own = gpd.GeoSeries(faces.shapes, crs=faces.crs).to_crs(metric).to_numpy()
    narrow = ~shapely.intersects(own, inner[faces.unit])
    first, second, length = shared_edges(faces.shapes, degrees=pyproj.CRS(faces.crs).is_geographic)
    a, b = np.concatenate([first, second]), np.concatenate([second, first])
    pairs = pd.DataFrame({"face": a, "other": b, "length": np.concatenate([length, length])})
    pairs = pairs[narrow[a] & ~narrow[b]]
    face, other = pairs["face"].to_numpy(), pairs["other"].to_numpy()
    same_unit = faces.unit[face] == faces.unit[other]
    beyond = np.zeros(len(own), bool)
    beyond[face[~same_unit & (faces.grade[face] == faces.grade[other])]] = True
    inside = pairs[same_unit & beyond[face]].sort_values(["face", "length", "other"], ascending=[True, False, True])
    inside = inside.drop_duplicates("face")
    grade = faces.grade.copy()
    grade[inside["face"].to_numpy()] = faces.grade[inside["other"].to_numpy()]
    moved = grade != faces.grade
    return replace(faces, grade=grade), moved


def _shared_area(
    sizes: NDArray[np.float64], unit: NDArray[np.int64], areas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Areas of faces that add up to those of their units.

    A point on a straight edge of a border is off the straight line of another projection by millimetres.
    """
    held = np.bincount(unit, sizes, minlength=len(areas))
    factor = np.divide(areas, held, out=np.ones(len(areas)), where=held > 0)
    return np.asarray(sizes * factor[unit])


def _inner_lines(polygons: ClassPolygons, forward: pyproj.Transformer) -> Shapes:
    """The edges between polygons, once each, in the other CRS."""
    lines = _lines(polygons.shapes, shared=True)
    if not len(lines):
        return lines
    return np.asarray(shapely.transform(lines, lambda xy: np.column_stack(forward.transform(xy[:, 0], xy[:, 1]))))


def _lines(shapes: Shapes, *, shared: bool = False) -> Shapes:
    """The edges of polygons, once each, as arcs; with ``shared`` only those that two have in common."""
    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(parts)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.column_stack([points[:-1], points[1:]])[ring[1:] == ring[:-1]]
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    ends = ends[np.lexsort(ends.T)]
    new = np.ones(len(ends), bool)
    new[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    first = np.flatnonzero(new)
    if shared:
        first = first[np.diff(np.append(first, len(ends))) > 1]
    segments = shapely.linestrings(ends[first].reshape(-1, 2, 2))
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments))))


def _holder(shapes: Shapes, spots: Shapes) -> NDArray[np.int64]:
    """Which polygon holds a point, -1 for none; of several the first."""
    tree = shapely.STRtree(shapes)
    point, holder = tree.query(spots, predicate="intersects")
    out = np.full(len(spots), len(shapes), dtype=np.int64)
    np.minimum.at(out, point, holder)
    return np.where(out == len(shapes), -1, out)


def _areas(shapes: Shapes, crs: str, metric: str) -> NDArray[np.float64]:
    """Areas in km2 in a projected CRS."""
    return np.asarray(gpd.GeoSeries(shapes, crs=crs).to_crs(metric).area) / 1e6


@dataclass(frozen=True)
class Zones:
    """Zones: geometry, class, the number of the zone that each face belongs to, and what was merged."""

    shapes: Shapes
    code: NDArray[np.int64]
    of_face: NDArray[np.int64]
    merged: Merged
    before: pd.Series[Any]


def zones_of(
    faces: Faces, codes: NDArray[np.int64], *, least: float = 0.0, within: NDArray[np.int64] | None = None
) -> Zones:
    """Faces of equal code that hang together, those below ``least`` km2 joined to the neighbour of the longest border.

    Nothing joins across ``within`` (a number for each face). Codes from 0; 0 stays only where it is large enough.
    """
    count = len(faces.shapes)
    first, second, border = shared_edges(faces.shapes, degrees=pyproj.CRS(faces.crs).is_geographic)
    if within is not None:
        same = within[first] == within[second]
        first, second, border = first[same], second[same], border[same]
    equal = codes[first] == codes[second]
    patch = parts_of(count, first[equal], second[equal])
    own = np.zeros(patch.max(initial=-1) + 1, np.int64)
    own[patch] = codes + 1
    sizes = np.bincount(patch, faces.area, minlength=len(own))
    before = sizes.copy()
    low, high = np.minimum(patch[first], patch[second]), np.maximum(patch[first], patch[second])
    key, place = np.unique(low * len(own) + high, return_inverse=True)
    shared = np.zeros(len(key))
    np.add.at(shared, place, border)
    other = key // max(len(own), 1) != key % max(len(own), 1)
    near = listed(key[other] // len(own), key[other] % len(own), shared[other], len(own))
    stated = own.copy()
    parent = merge_patches(own, sizes, *near, least, True)
    roots, zone = np.unique(parent[patch], return_inverse=True)
    moved = float(before[own[parent] != stated].sum())
    shapes = united(faces.shapes, zone, len(roots))
    done = Merged(len(stated), len(roots), len(stated) - len(roots), moved)
    return Zones(shapes, own[roots] - 1, zone, done, pd.Series(before))


def united(shapes: Shapes, zone: NDArray[np.int64], count: int) -> Shapes:
    """The polygons of each zone as one geometry."""
    order = np.argsort(zone, kind="stable")
    bounds = np.searchsorted(zone[order], np.arange(count + 1))
    out = np.empty(count, dtype=object)
    for at in range(count):
        own = shapes[order[bounds[at] : bounds[at + 1]]]
        out[at] = own[0] if len(own) == 1 else shapely.coverage_union_all(own)
    return out
