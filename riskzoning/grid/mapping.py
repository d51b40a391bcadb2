"""Where the cells of one grid lie on another: pixel coordinates, exact to 1e-8 of a cell and fast.

Pixel coordinates count cells: the upper left corner of a grid is (0, 0), the centre of its first cell (0.5, 0.5). A map
projection is smooth, so inside a tile a polynomial through a few exact points replaces a million calls of PROJ; where
it is not good to 1e-8 of a cell at check points, PROJ itself is asked for every point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numba
import numpy as np
import pyproj
from affine import Affine
from odc.geo.geobox import GeoBox

Array = np.ndarray[Any, Any]

_TOLERANCE = 1e-8
_HALF_TURN = 180.0
# Polynomial nodes per axis that are tried; few suffice for a city.
_NODES = (6, 10, 16, 24)
# Below this many points PROJ itself is fast enough.
_FEW = 4096
_CHECKS = 9


@lru_cache(maxsize=64)
def _transformer(start: str, end: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(start, end, always_xy=True)


def around(longitude: Array, middle: float) -> Array:
    """Longitudes as those within half a turn of a middle one: grids and units may lie across 180 degrees."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(longitude - middle) <= _HALF_TURN, longitude, middle + (
            (longitude - middle + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN
        ))  # fmt: skip


def _apply(affine: Affine, x: Array, y: Array) -> tuple[Array, Array]:
    return affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f


@dataclass(frozen=True)
class PixelMap:
    """From pixel coordinates of one grid to those of another.

    Parameters
    ----------
    start, end : GeoBox
        Grids with a CRS; rotated ones are fine.
    """

    start: GeoBox
    end: GeoBox

    @cached_property
    def affine(self) -> Affine | None:
        """The affine transform between the pixels when both grids lie in one plane, else None."""
        linear: Affine = ~self.end.affine * self.start.affine
        if self.start.crs == self.end.crs:
            return linear
        # WGS 84 and CGCS2000 differ in name only: the transformation moves nothing.
        if self.start.crs.geographic != self.end.crs.geographic:  # type: ignore[union-attr]
            return None
        height, width = self.start.shape
        x, y = np.meshgrid(np.linspace(0, width, 5), np.linspace(0, height, 5))
        exact = self(x, y)
        moved = max(float(np.max(np.abs(a - b))) for a, b in zip(exact, _apply(linear, x, y)))
        return linear if moved < _TOLERANCE else None

    def __call__(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Exact pixel coordinates of points; infinite where the projection has none."""
        x, y = _apply(self.start.affine, np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        if self.start.crs != self.end.crs:
            transformer = _transformer(self.start.crs.to_wkt(), self.end.crs.to_wkt())  # type: ignore[union-attr]
            x, y = transformer.transform(x, y, errcheck=False)
            if self.end.crs.geographic:  # type: ignore[union-attr]
                x = around(np.asarray(x), self.end.affine.c + self.end.affine.a * self.end.shape[1] / 2)
        x, y = _apply(~self.end.affine, x, y)
        return np.asarray(x), np.asarray(y)

    def lattice(self, x: Array, y: Array) -> Lattice:
        """The map on a lattice of columns ``x`` and rows ``y``, evaluated band by band of rows."""
        return Lattice(self, np.asarray(x, dtype=float), np.asarray(y, dtype=float))


@dataclass(frozen=True)
class Lattice:
    """A :class:`PixelMap` on crossing columns and rows."""

    map: PixelMap
    x: Array
    y: Array

    @cached_property
    def _pieces(self) -> tuple[Array, Array, Array, Array] | None:
        """Row weights (rows, n), column weights (n, columns) and exact nodes (n, n) of x and y; None: use PROJ."""
        if self.map.affine is not None or self.x.size * self.y.size <= _FEW:
            return None
        x_ends, y_ends = (float(self.x[0]), float(self.x[-1])), (float(self.y[0]), float(self.y[-1]))
        x_check, y_check = np.linspace(*x_ends, _CHECKS), np.linspace(*y_ends, _CHECKS)
        exact = self.map(*np.meshgrid(x_check, y_check))
        for count in _NODES:
            x_nodes, y_nodes = _chebyshev(*x_ends, count), _chebyshev(*y_ends, count)
            nodes = self.map(*np.meshgrid(x_nodes, y_nodes))
            if not all(np.isfinite(part).all() for part in (*nodes, *exact)):
                return None
            rows, columns = _weights(y_nodes, y_check), _weights(x_nodes, x_check)
            if max(np.abs(rows @ n @ columns.T - e).max() for n, e in zip(nodes, exact)) < _TOLERANCE:
                return _weights(y_nodes, self.y), np.ascontiguousarray(_weights(x_nodes, self.x).T), *nodes
        return None

    def rows(self, first: int, last: int) -> tuple[Array, Array]:
        """Pixel coordinates (x, y) on the rows ``first`` to ``last`` (excluded), each of shape (rows, columns)."""
        shape = (last - first, self.x.size)
        affine = self.map.affine
        if affine is not None and affine.b == 0 and affine.d == 0:
            x = np.broadcast_to(affine.a * self.x + affine.c, shape)
            y = np.broadcast_to((affine.e * self.y[first:last] + affine.f)[:, None], shape)
            return np.ascontiguousarray(x), np.ascontiguousarray(y)
        if self._pieces is None:
            x, y = np.meshgrid(self.x, self.y[first:last])
            return _apply(affine, x, y) if affine is not None else self.map(x, y)
        row_weights, column_weights, x_nodes, y_nodes = self._pieces
        out = np.empty((2, *shape))
        _evaluate(row_weights[first:last], column_weights, x_nodes, y_nodes, out)
        return out[0], out[1]


@numba.njit(nogil=True, cache=True)
def _evaluate(rows, columns, x_nodes, y_nodes, out):  # type: ignore[no-untyped-def]
    """``rows @ nodes @ columns`` for both coordinates; not BLAS, whose last bits depend on the machine."""
    count = x_nodes.shape[0]
    for axis in range(2):
        nodes = x_nodes if axis == 0 else y_nodes
        for i in range(out.shape[1]):
            line = out[axis, i]
            line[:] = 0.0
            for k in range(count):
                weight = 0.0
                for n in range(count):
                    weight += rows[i, n] * nodes[n, k]
                for j in range(line.size):
                    line[j] += weight * columns[k, j]


def _chebyshev(low: float, high: float, count: int) -> Array:
    angles = (2 * np.arange(count) + 1) * np.pi / (2 * count)
    return (low + high) / 2 - (high - low) / 2 * np.cos(angles)


def _weights(nodes: Array, points: Array) -> Array:
    """Lagrange weights of the nodes at the points, shape (points, nodes), barycentric (Berrut, Trefethen 2004)."""
    count = nodes.size
    scale = (-1.0) ** np.arange(count) * np.sin((2 * np.arange(count) + 1) * np.pi / (2 * count))
    difference = points[:, None] - nodes[None, :]
    hit = difference == 0
    terms = scale / np.where(hit, 1.0, difference)
    weights: Array = terms / terms.sum(axis=1, keepdims=True)
    on_node = hit.any(axis=1)
    weights[on_node] = hit[on_node]
    return weights
