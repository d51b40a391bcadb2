"""Which units touch, and along how much of their border; units that touch nobody are linked to the nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Shapes = NDArray[Any]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Contiguity:
    """Pairs of units (positions, first below second) with the length of their shared border, and the linked islands.

    A link has the length 0; ``islands`` are the units that have nothing but a link.
    """

    count: int
    first: Indices
    second: Indices
    length: NDArray[np.float64]
    islands: tuple[int, ...] = ()

    def neighbours(self) -> list[list[int]]:
        """The neighbours of each unit, in order."""
        lists: list[list[int]] = [[] for _ in range(self.count)]
        for a, b in zip(self.first.tolist(), self.second.tolist(), strict=True):
            lists[a].append(b)
            lists[b].append(a)
        return [sorted(near) for near in lists]

    def components(self) -> Indices:
        """The number of the connected part that each unit belongs to."""
        return parts_of(self.count, self.first, self.second)


def parts_of(count: int, first: Indices, second: Indices) -> Indices:
    """Connected parts of items by the pairs that touch."""
    pairs = coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    return np.asarray(connected_components(pairs, directed=False)[1], dtype=np.int64)


def contiguity(shapes: Shapes, *, degrees: bool = False) -> Contiguity:
    """Neighbours of polygons by shared border (rook: a corner is none); ``degrees`` weighs lengths east and north."""
    shapes = np.asarray(shapes, dtype=object)
    first, second, length = shared_edges(shapes, degrees=degrees)
    pairs = {(int(a), int(b)) for a, b in zip(first, second, strict=True)}
    more = _unmatched(shapes, pairs)
    if len(more):
        first = np.concatenate([first, more[:, 0].astype(np.int64)])
        second = np.concatenate([second, more[:, 1].astype(np.int64)])
        length = np.concatenate([length, more[:, 2]])
    near = np.union1d(first, second)
    islands = tuple(int(at) for at in range(len(shapes)) if at not in set(near.tolist()))
    if islands and len(shapes) > 1:
        links = np.array([_nearest(shapes, at) for at in islands], dtype=np.int64)
        first = np.concatenate([first, np.minimum(links, islands)])
        second = np.concatenate([second, np.maximum(links, islands)])
        length = np.concatenate([length, np.zeros(len(links))])
    _, once = np.unique(first * len(shapes) + second, return_index=True)
    return Contiguity(len(shapes), first[once], second[once], length[once], islands if len(shapes) > 1 else ())


def shared_edges(shapes: Shapes, *, degrees: bool = False) -> tuple[Indices, Indices, NDArray[np.float64]]:
    """Pairs of polygons of a coverage and the length of their common edges, which have the same two ends in both."""
    rings, owner = _rings(shapes)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    ends = np.column_stack([points[:-1], points[1:]])[inside]
    unit = owner[ring[:-1][inside]]
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    order = np.lexsort((unit, *ends.T))
    ends, unit = ends[order], unit[order]
    same = (ends[1:] == ends[:-1]).all(axis=1) & (unit[1:] != unit[:-1])
    at = np.flatnonzero(same)
    step = ends[at, 2:] - ends[at, :2]
    if degrees and len(points):
        middle = (points[:, 1].min() + points[:, 1].max()) / 2
        step = step * [np.cos(np.radians(middle)), 1.0]
    count = len(shapes)
    key, place = np.unique(unit[at] * count + unit[at + 1], return_inverse=True)
    length = np.zeros(len(key))
    np.add.at(length, place, np.hypot(*step.T))
    return key // count, key % count, length


def _rings(shapes: Shapes) -> tuple[Shapes, Indices]:
    parts, part_unit = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    return rings, np.asarray(part_unit[ring_part], dtype=np.int64)


def _unmatched(shapes: Shapes, known: set[tuple[int, int]]) -> NDArray[np.float64]:
    """Pairs that share border or ground without common edges, as boundaries that were not cleaned do."""
    if shapely.coverage_is_valid(shapes):
        return np.empty((0, 3))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b and (int(a), int(b)) not in known]
    if not pairs:
        return np.empty((0, 3))
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    length = shapely.length(shapely.intersection(shapes[a], shapes[b]))
    return np.column_stack([a, b, length])[length > 0]


def _nearest(shapes: Shapes, at: int) -> int:
    others = np.delete(np.arange(len(shapes)), at)
    return int(others[np.argmin(shapely.distance(shapes[others], shapes[at]))])
