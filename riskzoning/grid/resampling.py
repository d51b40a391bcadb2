"""One layer from its own grid to another, tile by tile: the arithmetic behind :func:`riskzoning.grid.align`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from riskzoning.grid import overlap, sampling
from riskzoning.grid.mapping import PixelMap
from riskzoning.grid.tiles import SIDE, Plane, Tile, fill, scratch, side_for

Array = np.ndarray[Any, Any]

# Edges this near to a whole number are on it: float noise of origins must not open slivers.
_SNAP = 1e-6
# Source cells are cut finer until their straight edges stay this near to the true ones (share of a target cell).
_STRAIGHT = 0.02
_BAND = 256


@dataclass(frozen=True)
class Resampler:
    """How the cells of ``start`` become cells of ``grid``.

    Parameters
    ----------
    start, grid : GeoBox
        North up (``grid``), any affine (``start``).
    method : str
        sum, average, bilinear, nearest, mode, direction, max or min.
    dtype : str
        Of the result; ``missing`` is its value where nothing is known.
    """

    start: GeoBox
    grid: GeoBox
    method: str
    dtype: str
    missing: Any

    @cached_property
    def forward(self) -> PixelMap:
        """From source pixels to target pixels."""
        return PixelMap(self.start, self.grid)

    @cached_property
    def back(self) -> PixelMap:
        """From target pixels to source pixels."""
        return PixelMap(self.grid, self.start)

    @cached_property
    def ratio(self) -> tuple[float, float]:
        """Width and height of a target cell in source cells, the median over the grid."""
        height, width = self.grid.shape
        x, y = (
            part.ravel() for part in np.meshgrid((np.arange(5) + 0.5) / 5 * width, (np.arange(5) + 0.5) / 5 * height)
        )
        here, right, below = self.back(x - 0.5, y - 0.5), self.back(x + 0.5, y - 0.5), self.back(x - 0.5, y + 0.5)
        with np.errstate(invalid="ignore"):
            steps = [np.hypot(end[0] - here[0], end[1] - here[1]) for end in (right, below)]
        good = np.isfinite(steps[0]) & np.isfinite(steps[1])
        return (float(np.median(steps[0][good])), float(np.median(steps[1][good]))) if good.any() else (1.0, 1.0)

    @cached_property
    def axes_parallel(self) -> bool:
        """Whether the cell edges of both grids are parallel and run the same way."""
        affine = self.forward.affine
        return affine is not None and affine.b == 0 and affine.d == 0 and affine.a > 0 and affine.e > 0

    @cached_property
    def cuts(self) -> int:
        """Parts per side into which a source cell is cut so that straight edges are true enough."""
        if self.forward.affine is not None:
            return 1
        whole = self.window(Tile(0, self.grid.shape[0], 0, self.grid.shape[1]))
        if 0 in whole.shape:
            return 1
        rows = np.unique(np.linspace(whole.top, whole.bottom - 1, 5).astype(int))
        columns = np.unique(np.linspace(whole.left, whole.right - 1, 5).astype(int))
        x, y = np.meshgrid(columns.astype(float), rows.astype(float))
        worst = 0.0
        for dx, dy in ((1, 0), (0, 1)):
            a, middle, b = self.forward(x, y), self.forward(x + dx / 2, y + dy / 2), self.forward(x + dx, y + dy)
            with np.errstate(invalid="ignore"):
                off = np.hypot(*(m - (p + q) / 2 for p, m, q in zip(a, middle, b)))
            worst = max([worst, *off[np.isfinite(off)].tolist()])
        return min(max(math.ceil(math.sqrt(worst / _STRAIGHT)), 1), 64)

    @cached_property
    def side(self) -> int:
        """Side of a tile in target cells, so that the window of source cells stays bounded."""
        # The majority needs all corners of its window at once, the others take them band by band.
        most = SIDE // 2 if self.method == "mode" else SIDE
        side = side_for((self.grid.shape[0], self.grid.shape[1]), most)
        return max(1, int(side / math.sqrt(max(self.ratio[0] * self.ratio[1], *self.ratio, 1.0))))

    def window(self, tile: Tile) -> Tile:
        """The source cells that a target tile looks at; empty where the grids do not meet."""
        n = 17
        x, y = np.meshgrid(np.linspace(tile.left, tile.right, n), np.linspace(tile.top, tile.bottom, n))
        sx, sy = self.back(x, y)
        left, right = _reach(sx, self.start.shape[1])
        top, bottom = _reach(sy, self.start.shape[0])
        return Tile(top, bottom, left, right)

    def __call__(self, values: Plane, *, lazy: bool = False) -> Any:
        """The 2-D array on the target grid; numpy, or dask when ``lazy``."""

        def sources(tile: Tile) -> tuple[Any, Tile]:
            window = self.window(tile)
            return values[window.slices], window

        shape = (self.grid.shape[0], self.grid.shape[1])
        label = f"align-{self.method}"
        return fill(shape, self.dtype, self.tile, side=self.side, sources=sources, lazy=lazy, label=label)

    def tile(self, tile: Tile, out: Array, values: Plane, window: Tile) -> None:
        """Write the values of one tile, from a window of the source, into ``out``."""
        out[:] = self.missing
        if 0 in window.shape:
            return
        values = np.asarray(values)
        if self.method == "mode":
            self._majority(tile, out, values, window)
            return
        if self.method == "nearest":
            self._sampled(tile, out, values, window)
            return
        values = np.ascontiguousarray(values, dtype=np.float64)
        if self.method == "bilinear":
            self._sampled(tile, out, values, window)
        elif self.method == "direction":
            self._direction(tile, out, values, window)
        elif self.method in ("max", "min"):
            best = scratch("best", tile.shape)
            best[:] = np.nan
            for band, X, Y in self.corners(window):
                sign = 1.0 if self.method == "max" else -1.0
                overlap.extremes(X, Y, self.cuts, values[band], tile.top, tile.left, sign, best)
            np.copyto(out, best, casting="unsafe", where=np.isfinite(best))
        else:
            num, den = self._sums(tile, values, window, share=self.method == "sum")
            known = den > self._contact
            if self.method == "average":
                np.divide(num, den, out=num, where=known)
            np.copyto(out, num, casting="unsafe", where=known)

    @property
    def _contact(self) -> float:
        # Shares of a source cell (sum) or of a target cell (mean) below this are rounding.
        return 1e-12 if self.method == "sum" else 1e-9 * min(1.0, 1 / (self.ratio[0] * self.ratio[1]))

    def _sampled(self, tile: Tile, out: Array, values: Array, window: Tile) -> None:
        lattice = self.back.lattice(np.arange(tile.left, tile.right) + 0.5, np.arange(tile.top, tile.bottom) + 0.5)
        height, width = self.start.shape
        for first in range(0, tile.shape[0], _BAND):
            last = min(first + _BAND, tile.shape[0])
            X, Y = lattice.rows(first, last)
            if self.method == "bilinear":
                sampling.bilinear(values, window.top, window.left, height, width, X, Y, out[first:last])
            else:
                cells, inside = sampling.nearest(values, window.top, window.left, X, Y)
                np.copyto(out[first:last], cells, casting="unsafe", where=inside & _valid(cells))

    def corners(self, window: Tile, rows: int = 0) -> Iterator[tuple[slice, Array, Array]]:
        """Bands of source rows with the corners of their cells on the target grid."""
        k = self.cuts
        rows = rows or max(_BAND // k, 1)
        lattice = self.forward.lattice(
            window.left + np.arange(window.shape[1] * k + 1) / k, window.top + np.arange(window.shape[0] * k + 1) / k
        )
        for first in range(0, window.shape[0], rows):
            last = min(first + rows, window.shape[0])
            X, Y = lattice.rows(first * k, last * k + 1)
            yield slice(first, last), np.ascontiguousarray(X), np.ascontiguousarray(Y)

    def edges(self, window: Tile) -> tuple[Array, Array]:
        """Edges of the source cells of a window in target pixels, rows then columns (parallel axes only)."""
        affine: Any = self.forward.affine
        y = affine.e * np.arange(window.top, window.bottom + 1) + affine.f
        x = affine.a * np.arange(window.left, window.right + 1) + affine.c
        return tuple(np.where(np.abs(e - np.rint(e)) < _SNAP, np.rint(e), e) for e in (y, x))

    def _sums(self, tile: Tile, values: Array, window: Tile, *, share: bool) -> tuple[Array, Array]:
        num, den = scratch("num", tile.shape), scratch("den", tile.shape)
        if self.axes_parallel:
            edges_y, edges_x = self.edges(window)
            overlap.separable_sums(edges_y, edges_x, values, tile.top, tile.left, share, num, den)
        else:
            for band, X, Y in self.corners(window):
                overlap.sums(X, Y, self.cuts, values[band], tile.top, tile.left, share, num, den)
        return num, den

    def _majority(self, tile: Tile, out: Array, values: Array, window: Tile) -> None:
        valid = _valid(values)
        names, codes = None, values
        if values.dtype.kind == "f":
            names, codes = np.unique(np.where(valid, values, 0), return_inverse=True)
            codes = codes.reshape(values.shape)
        order = np.argsort(codes, axis=None, kind="stable")
        order = order[valid.ravel()[order]]
        best = scratch("best", tile.shape)
        winner = np.zeros(tile.shape, dtype=np.int64)
        ((_, X, Y),) = self.corners(window, rows=window.shape[0])
        overlap.majority(X, Y, self.cuts, codes.astype(np.int64), order, tile.top, tile.left, best, winner)
        chosen = winner if names is None else names[winner]
        np.copyto(out, chosen, casting="unsafe", where=best > 0)

    def _direction(self, tile: Tile, out: Array, values: Array, window: Tile) -> None:
        """Direction of the sum of unit vectors; -1 where flat ground prevails or directions cancel out."""
        flat = np.where(np.isfinite(values), (values < 0).astype(float), np.nan)
        slanted = np.radians(np.where(values < 0, np.nan, values))
        parts = []
        for component in (np.sin(slanted), np.cos(slanted), flat):
            num, den = self._sums(tile, component, window, share=False)
            parts.append((num.copy(), den.copy()))
        (east, weight), (north, _), (level, every) = parts
        mean = np.degrees(np.arctan2(east, north)) % 360.0
        mean[(level > weight) | (np.hypot(east, north) <= 1e-9 * every)] = -1.0
        np.copyto(out, mean, casting="unsafe", where=every > self._contact)


def _valid(values: Array) -> Array:
    return np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, dtype=bool)


def _reach(values: Array, size: int) -> tuple[int, int]:
    """First and last (excluded) source index that a tile may look at, from a lattice of points of the tile."""
    finite = np.isfinite(values)
    if not finite.any():
        return 0, 0
    # Between sample points an edge bends by less than their second difference; beside points without a place in the
    # source projection, it may run as far as the next sample point.
    order = 2 if finite.all() else 1
    with np.errstate(invalid="ignore"):
        jumps = np.concatenate([np.abs(np.diff(values, n=order, axis=axis)).ravel() for axis in (0, 1)])
    pad = 2 + float(np.max(jumps[np.isfinite(jumps)], initial=0.0))
    low, high = float(values[finite].min()) - pad, float(values[finite].max()) + pad
    if high < 0 or low > size:
        return 0, 0
    return math.floor(max(low, 0.0)), math.ceil(min(high, size))
