"""Counting cells and event cells by class, block by block, with memory of the blocks at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from typing import Any, TypeAlias

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers import check_same_grid
from riskzoning.layers.numbers import unmasked
from riskzoning.layers.plausible import takes

Array: TypeAlias = NDArray[Any]

_BAND_CELLS = 1 << 22
_SMALL_CODES = 1 << 16
_GROUP_CELLS = 1 << 26


def class_counts(
    classes: ArrayLike | Mapping[str, ArrayLike], events: ArrayLike, *, within: ArrayLike | None = None
) -> Any:
    """Cells and event cells of every class, counted in one pass over blocks; memory stays at the blocks at work.

    Parameters
    ----------
    classes : layer, or mapping name -> layer
        Integers with 0 = no data, or floats with NaN. Several layers are counted in the same pass.
    events : layer
        Above 0 where an event is; a cell counts once. NaN is outside.
    within : layer, optional
        Only cells where it is above 0 count.

    Returns
    -------
    DataFrame, or mapping name -> DataFrame
        Columns ``class, event_area, area`` in cells, sorted by class; ``attrs["events_outside"]``: event cells
        without a class.

    Raises
    ------
    GridMismatchError
        The layers lie on different grids.

    Examples
    --------
    >>> class_counts(np.array([[1, 1, 2, 0]]), np.array([[0, 1, 0, 1]])).to_dict("list")
    {'class': [1, 2], 'event_area': [1.0, 0.0], 'area': [2.0, 1.0]}
    """
    several = isinstance(classes, Mapping)
    named: dict[str, Any] = dict(classes) if isinstance(classes, Mapping) else {"classes": classes}
    extra = {} if within is None else {"within": within}
    check_shapes({**named, "events": events, **extra})
    names, named = list(named), {name: _without_mask(layer) for name, layer in named.items()}
    parts = reduce_blocks(_CountBlock(names, within is not None), *named.values(), events, *extra.values())
    tables = {name: _merged_counts([part[name] for part in parts]) for name in names}
    return tables if several else tables["classes"]


def _without_mask(codes: Any) -> Any:
    """Masked codes as codes: 0 for what is masked, as in every other layer of integers."""
    return codes.filled(0) if isinstance(codes, np.ma.MaskedArray) and codes.dtype.kind in "iu" else codes


def check_shapes(layers: Mapping[str, ArrayLike]) -> None:
    """Layers lie on one grid, plain arrays have one shape."""
    on_grid = {name: layer for name, layer in layers.items() if isinstance(layer, xr.DataArray)}
    if len(on_grid) == len(layers):
        check_same_grid(**on_grid)
        return
    shapes = {name: tuple(np.shape(layer)) for name, layer in layers.items()}
    if len(set(shapes.values())) > 1:
        named = [Phrase("layer_shape", name=name, shape=str(shape)) for name, shape in shapes.items()]
        raise LayerError(Problem("susceptibility.shapes", Phrase("classes_and_events"), shapes=named))


class _CountBlock:
    """Counts of one block for every class layer; a class so that it can be sent to another process."""

    def __init__(self, names: list[str], masked: bool) -> None:
        self.names, self.masked = names, masked

    def __call__(self, *blocks: Array) -> dict[str, Any]:
        events = np.asarray(blocks[len(self.names)])
        inside = np.isfinite(events) if events.dtype.kind == "f" else np.ones(events.shape, dtype=bool)
        if self.masked:
            inside = inside & (np.asarray(blocks[-1]) > 0)
        hit = inside & (events > 0)
        return {name: _count(np.asarray(block), hit, inside) for name, block in zip(self.names, blocks)}


def _count(codes: Array, hit: Array, inside: Array) -> tuple[Any, Any, Any, int]:
    known = np.isfinite(codes) if codes.dtype.kind == "f" else codes != 0
    valid = known & inside
    outside = int(np.count_nonzero(hit & ~known))
    chosen = codes[valid]
    if chosen.size == 0:
        return np.zeros(0), np.zeros(0), np.zeros(0), outside
    if chosen.dtype.kind in "iu" and chosen.min() >= 0 and chosen.max() < _SMALL_CODES:
        labels, place = np.arange(int(chosen.max()) + 1), chosen.astype(np.intp, copy=False)
    else:
        labels, place = np.unique(chosen, return_inverse=True)
    area = np.bincount(place, minlength=labels.size)
    event = np.bincount(place[hit[valid]], minlength=labels.size)
    present = area > 0
    return labels[present], event[present], area[present], outside


def _merged_counts(parts: list[tuple[Any, Any, Any, int]]) -> pd.DataFrame:
    labels = np.concatenate([part[0] for part in parts])
    # One type whatever the blocks held, so that numpy and dask give equal tables.
    if labels.dtype.kind in "iub" or np.all(labels == np.rint(labels)):
        labels = labels.astype(np.int64)
    frame = pd.DataFrame(
        {
            "class": labels,
            "event_area": np.concatenate([part[1] for part in parts]).astype(np.float64),
            "area": np.concatenate([part[2] for part in parts]).astype(np.float64),
        }
    )
    frame = frame.groupby("class", sort=True, as_index=False).sum()
    frame.attrs["events_outside"] = sum(part[3] for part in parts)
    return frame


@takes()
def reduce_blocks(function: Callable[..., Any], *layers: ArrayLike) -> list[Any]:
    """``function`` of every block of the layers, results in the order of the blocks.

    Lazy layers are computed block by block in one go, so that layers which share a source read it once; layers in
    memory go through it in bands of rows.

    Parameters
    ----------
    function : callable
        Takes one numpy block of each layer.
    *layers : layer or array
        Of one shape; numpy or dask.

    Examples
    --------
    >>> [int(top) for top in reduce_blocks(np.max, da.arange(6, chunks=3).reshape(2, 3))]
    [2, 5]
    """
    return list(_results(function, _arrays(layers)))


@takes()
def fold_blocks(function: Callable[..., Any], merge: Callable[[Any, Any], Any], *layers: ArrayLike) -> Any:
    """``function`` of every block, merged pair by pair: for results that are too large to keep one for each block.

    Parameters
    ----------
    function : callable
        Takes one numpy block of each layer.
    merge : callable
        Joins two results; may change and return the first.
    *layers : layer or array
        Of one shape; numpy or dask.

    Examples
    --------
    >>> int(fold_blocks(np.sum, lambda a, b: a + b, da.arange(6, chunks=3).reshape(2, 3)))
    15
    """
    return reduce(merge, _results(function, _arrays(layers)))


def _arrays(layers: tuple[Any, ...]) -> list[Any]:
    """The data of the layers: all numpy, or all dask with the same blocks."""
    arrays = [layer.data if isinstance(layer, xr.DataArray) else unmasked(layer) for layer in layers]
    if not any(isinstance(array, da.Array) for array in arrays):
        return [np.asarray(array) for array in arrays]
    dask_array: Any = da
    lazy = [array if isinstance(array, da.Array) else dask_array.from_array(array, name=False) for array in arrays]
    index = tuple(range(lazy[0].ndim))
    return list(dask_array.core.unify_chunks(*[item for array in lazy for item in (array, index)])[1])


def _results(function: Callable[..., Any], arrays: list[Any]) -> Iterator[Any]:
    """Results block by block; of lazy layers some rows of blocks are computed at a time, and let go before the next."""
    if not isinstance(arrays[0], da.Array):
        yield from (function(*band) for band in _bands(arrays))
        return
    dask_array: Any = da
    shape = arrays[0].numblocks
    # One task a block that holds all layers: dask fuses what leads to it, and reads a shared source once.
    boxed = dask_array.map_blocks(
        partial(_boxed, function=function),
        *arrays,
        chunks=tuple((1,) * n for n in shape),
        dtype=object,
        meta=np.empty((0,) * len(shape), dtype=object),
    )
    width = int(np.prod(shape[1:], dtype=int)) * int(np.prod(arrays[0].chunksize, dtype=int))
    step = max(2, _GROUP_CELLS // max(width, 1))
    for first in range(0, shape[0], step):
        yield from boxed[first : first + step].compute().ravel()


def _boxed(*blocks: Array, function: Callable[..., Any]) -> Any:
    out = np.empty((1,) * blocks[0].ndim, dtype=object)
    out[(0,) * out.ndim] = function(*blocks)
    return out


def _bands(arrays: list[Any]) -> Iterator[tuple[Any, ...]]:
    rows = arrays[0].shape[0] if arrays[0].ndim else 1
    step = max(1, _BAND_CELLS // max(1, arrays[0].size // max(rows, 1)))
    for first in range(0, max(rows, 1), step):
        yield tuple(array[first : first + step] for array in arrays)
