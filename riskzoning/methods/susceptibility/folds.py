"""Folds of whole blocks of ground, and counts by block from which every fold is trained without another pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.counting import check_shapes, reduce_blocks

Array = NDArray[Any]


@takes()
def block_numbers(grid: GeoBox, block_m: float, *, lazy: bool = False) -> Any:
    """The number of the square block of every cell; the lattice is that of the whole plane, whatever the grid.

    Parameters
    ----------
    grid : GeoBox
        Projected, unit metre.
    block_m : float
        Edge of a block, m.
    lazy : bool
        A dask array, for layers that are lazy.

    Returns
    -------
    array of int64, shape of the grid
        0 ... number of blocks - 1, row by row from the upper left.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> block_numbers(analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100), 200).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    if grid.crs is None or grid.crs.geographic or not block_m > 0:
        thing = Phrase("validation")
        raise LayerError(Problem("validation.holdout", thing, crs=str(grid.crs), block=block_m, share="-"))
    ys = grid.affine.f + (np.arange(grid.shape[0]) + 0.5) * grid.affine.e
    xs = grid.affine.c + (np.arange(grid.shape[1]) + 0.5) * grid.affine.a
    row, column = (np.unique(np.floor(at / block_m), return_inverse=True)[1] for at in (-ys, xs))
    first, second = row[:, None] * (column.max() + 1), column[None, :]
    if not lazy:
        return first + second
    dask_array: Any = da
    return dask_array.from_array(first, name=False) + dask_array.from_array(second, name=False)


@takes()
def block_folds(events: ArrayLike, *, folds: int, repeats: int, seed: int) -> NDArray[np.int64]:
    """Into which fold every block goes, dealt anew for each repeat so that the folds have about as many events.

    Parameters
    ----------
    events : array, shape (blocks,)
        Events of each block.
    folds, repeats : int
        With fewer blocks that have events than folds there are as many folds as such blocks.
    seed : int

    Returns
    -------
    array of int, shape (repeats, blocks)

    Raises
    ------
    LayerError
        The events lie in fewer than two blocks.

    Examples
    --------
    >>> dealt = block_folds([3, 0, 1, 2, 0], folds=2, repeats=1, seed=0)
    >>> [int(np.array([3, 0, 1, 2, 0])[dealt[0] == fold].sum()) for fold in (0, 1)]
    [3, 3]
    """
    counts = np.asarray(events)
    with_events = np.flatnonzero(counts)
    if with_events.size < 2:
        problem = Problem("validation.blocks", Phrase("validation"), events=int(counts.sum()), blocks=with_events.size)
        raise LayerError(problem)
    number = min(folds, with_events.size)
    rng = np.random.default_rng(seed)
    dealt = np.zeros((repeats, counts.size), dtype=np.int64)
    for repeat in range(repeats):
        taken = np.zeros(number)
        for block in rng.permutation(with_events):
            fold = int(np.argmin(taken))
            dealt[repeat, block] = fold
            taken[fold] += counts[block]
        empty = rng.permutation(np.flatnonzero(counts == 0))
        dealt[repeat, empty] = np.arange(empty.size) % number
    return dealt


@takes()
def counts_by_block(
    classes: Mapping[str, ArrayLike], events: ArrayLike, blocks: ArrayLike, *, within: ArrayLike
) -> dict[str, pd.DataFrame]:
    """Cells and event cells of every class in every block, of several factors in one pass.

    Parameters
    ----------
    classes : mapping name -> layer
        Integers with 0 = no data, or floats with NaN.
    events : layer
        Above 0 where an event is; a cell counts once.
    blocks : array
        From :func:`block_numbers`.
    within : layer
        Only cells where it is above 0 count.

    Returns
    -------
    dict name -> DataFrame
        ``block class event_area area`` in cells.

    Examples
    --------
    >>> table = counts_by_block({"a": np.array([[1, 1, 2]])}, np.array([[0, 1, 1]]), np.array([[0, 0, 1]]),
    ...                         within=np.ones((1, 3)))["a"]
    >>> table.values.tolist()
    [[0, 1, 1, 2], [1, 2, 1, 1]]
    """
    check_shapes(dict(classes))
    names = list(classes)
    parts = reduce_blocks(_CountByBlock(names), *classes.values(), events, blocks, within)
    return {name: _merged([part[name] for part in parts]) for name in names}


class _CountByBlock:
    """Counts of one piece of the grid; a class so that it can be sent to another process."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def __call__(self, *pieces: Array) -> dict[str, pd.DataFrame]:
        events, blocks, within = (np.asarray(piece) for piece in pieces[len(self.names) :])
        inside = within > 0
        hit, block = (events[inside] > 0).astype(np.int64), blocks[inside]
        out = {}
        for name, piece in zip(self.names, pieces, strict=False):
            code = np.asarray(piece)[inside]
            # Of integers 0 is no data, of floats NaN alone: 0.0 is a class, as it is to class_counts.
            known = np.isfinite(code) if code.dtype.kind == "f" else code != 0
            frame = pd.DataFrame({"block": block, "class": code, "event_area": hit, "area": 1})
            out[name] = _summed(frame[known])
        return out


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby(["block", "class"], as_index=False, sort=True).sum()


def _merged(parts: list[pd.DataFrame]) -> pd.DataFrame:
    table = _summed(pd.concat(parts, ignore_index=True))
    whole = bool((table["class"] == np.rint(table["class"])).all())
    return table.astype({"class": np.int64}) if whole else table
