"""Work on a grid tile by tile: the same tiles, and so the same numbers, for plain and for lazy arrays."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import dask
import dask.array
import numpy as np
from numpy.typing import DTypeLike

Array = np.ndarray[Any, Any]
# A 2-D array of cells, in memory or lazy.
Plane = Array | dask.array.Array
da: Any = dask.array  # not typed
delayed: Any = dask.delayed  # type: ignore[attr-defined]

SIDE = 2048
_scratch = threading.local()


@dataclass(frozen=True)
class Tile:
    """A rectangle of cells, rows ``top`` to ``bottom`` and columns ``left`` to ``right`` (ends excluded)."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """The tile as an index of rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def side_for(shape: tuple[int, int], most: int = SIDE) -> int:
    """Side of the tiles of a grid: up to ``most``, smaller on small grids so that threads share the work."""
    wanted = int((shape[0] * shape[1] / 16) ** 0.5) // 256 * 256
    return min(max(wanted, 512), most)


def tiles(shape: tuple[int, int], side: int = SIDE) -> list[list[Tile]]:
    """The tiles of a grid, row of tiles by row of tiles."""
    height, width = shape
    return [
        [Tile(top, min(top + side, height), left, min(left + side, width)) for left in range(0, width, side)]
        for top in range(0, height, side)
    ]


Work = Callable[..., None]
Sources = Callable[[Tile], tuple[Any, ...]]


def fill(
    shape: tuple[int, int],
    dtype: DTypeLike,
    work: Work,
    *,
    side: int = SIDE,
    sources: Sources = lambda _tile: (),
    lazy: bool = False,
    label: str = "tiles",
) -> Any:
    """An array made tile by tile: ``work(tile, out, *sources(tile))`` writes the values of a tile into ``out``."""
    grid = tiles(shape, side)
    if lazy:
        return _lazy(grid, np.dtype(dtype), work, sources, label)
    out = np.empty(shape, dtype=dtype)

    def one(tile: Tile) -> None:
        # Not straight into the result: a contiguous piece of reused memory is faster to work on.
        part = _buffer(dtype, tile.shape)
        work(tile, part, *sources(tile))
        out[tile.slices] = part

    for _ in in_threads(one, [tile for row in grid for tile in row]):
        pass
    return out


def in_threads(work: Callable[[Any], Any], items: list[Any]) -> Iterator[Any]:
    """Results of ``work`` in the order of the items; two or more items are shared among threads."""
    workers = min(len(items), os.cpu_count() or 1, 8)
    if workers < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, items)


def _lazy(grid: list[list[Tile]], dtype: np.dtype[Any], work: Work, sources: Sources, label: str) -> Any:
    # Names are made here: hashing closures and grids for each of thousands of tiles would take longer than the work.
    token = uuid.uuid4().hex

    def one(tile: Tile, *parts: Any) -> Array:
        out = np.empty(tile.shape, dtype=dtype)
        work(tile, out, *parts)
        return out

    blocks = []
    for i, row in enumerate(grid):
        line = []
        for j, tile in enumerate(row):
            task = delayed(one, pure=False)(tile, *sources(tile), dask_key_name=f"{label}-{token}-{i}-{j}")
            line.append(da.from_delayed(task, shape=tile.shape, dtype=dtype, meta=np.empty((0, 0), dtype=dtype)))
        blocks.append(line)
    return da.block(blocks)


def scratch(name: str, shape: tuple[int, int]) -> Array:
    """A zeroed float64 array of this thread, reused from tile to tile: fresh memory costs more than the work on it."""
    array = _buffer("float64", shape, name)
    array[:] = 0.0
    return array


def _buffer(dtype: DTypeLike, shape: tuple[int, int], name: str = "tile") -> Array:
    size, key = shape[0] * shape[1], f"{name}-{np.dtype(dtype).str}"
    held: Array | None = _scratch.__dict__.get(key)
    if held is None or held.size < size:
        held = np.empty(size, dtype=dtype)
        _scratch.__dict__[key] = held
    return held[:size].reshape(shape)
