"""Values of any container as contiguous float blocks, visited in a fixed order any number of times.

A block is never larger than needed, so that a pass over 1e8 cells takes no memory beyond them; blocks are cut by size
and not by the number of threads, so that sums have the same bits on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import dask
import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import LayerError, Phrase, Problem

T = TypeVar("T")
_SMALL = 1 << 20
_MOST_PARTS = 8
_THREADS = min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def is_lazy(values: ArrayLike) -> bool:
    """Whether the values are a dask array or a DataArray around one."""
    return isinstance(values.data if isinstance(values, xr.DataArray) else values, da.Array)


def as_floats(values: ArrayLike) -> NDArray[Any]:
    """Values as a contiguous 1-D array of float32 or float64; missing entries of tables and masked ones become NaN."""
    array = plain(values)
    wanted = np.float32 if array.dtype in (np.float32, np.float16) or array.dtype.itemsize < 3 else np.float64
    return np.ascontiguousarray(array, dtype=wanted).reshape(-1)


def plain(values: ArrayLike) -> NDArray[Any]:
    """A numpy array of real numbers from a list, table column or array; masked and missing entries are NaN."""
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
        if isinstance(values, (pd.Series, pd.Index)) and values.dtype.kind not in "biuf":
            return values.to_numpy(dtype=np.float64, na_value=np.nan)
        array = np.asarray(values)
        if array.dtype.kind not in "biufO":
            raise TypeError(array.dtype)
        return array if array.dtype.kind != "O" else np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        kind = str(getattr(values, "dtype", type(values).__name__))
        raise LayerError(Problem("classify.values", Phrase("values_to_classify"), kind=kind)) from None


class Passes:
    """Any number of passes over the values of a list, array, Series, DataArray or dask array.

    Parameters
    ----------
    values : array-like
        Real numbers; NaN and infinities are left to the work done on the blocks.
    skip_zero : bool
        Show zeros to the work as NaN.
    """

    def __init__(self, values: ArrayLike, *, skip_zero: bool = False) -> None:
        self._skip_zero = skip_zero
        data: Any = values.data if isinstance(values, xr.DataArray) else values
        self.lazy = isinstance(data, da.Array)
        if self.lazy:
            if data.dtype.kind not in "biuf":
                plain(np.empty(0, dtype=data.dtype))
            self.size = int(data.size) if np.isfinite(data.size) else 1 << 62  # unknown until computed
            self._parts = list(data.to_delayed().ravel())
            return
        array = plain(data)
        self.size = int(array.size)
        if array.dtype in (np.float32, np.float64) and array.flags.c_contiguous:
            parts = min(_MOST_PARTS, max(1, array.size // _SMALL))
            self._parts = np.array_split(array.reshape(-1), parts)
        elif array.ndim:
            self._parts = _rows(array)
        else:
            self._parts = [array]

    def map(self, work: Callable[[NDArray[Any]], T]) -> Iterator[T]:
        """Results of ``work`` on each block (1-D float32 or float64), in the order of the blocks."""
        if self.lazy:
            batch = 2 * _THREADS
            task = dask.delayed(_on_block, pure=False)  # type: ignore[attr-defined]
            for first in range(0, len(self._parts), batch):
                blocks = self._parts[first : first + batch]
                yield from dask.compute(*(task(block, work, self._skip_zero) for block in blocks))  # type: ignore[attr-defined, no-untyped-call]
        elif len(self._parts) == 1 or _THREADS == 1:
            yield from (_on_block(part, work, self._skip_zero) for part in self._parts)
        else:
            with ThreadPoolExecutor(min(_THREADS, len(self._parts))) as pool:
                for first in range(0, len(self._parts), _MOST_PARTS):
                    blocks = self._parts[first : first + _MOST_PARTS]
                    yield from pool.map(lambda part: _on_block(part, work, self._skip_zero), blocks)

    def map_into(self, out: NDArray[Any], work: Callable[[NDArray[Any], NDArray[Any]], T]) -> Iterator[T]:
        """As :meth:`map` for values in memory; ``work`` also gets the matching 1-D piece of ``out`` to write to."""
        flat, begin = out.reshape(-1), 0
        jobs = []
        for part in self._parts:
            jobs.append((part, flat[begin : begin + part.size]))
            begin += part.size
        if len(jobs) == 1 or _THREADS == 1:
            yield from (work(as_floats(part), piece) for part, piece in jobs)
            return
        with ThreadPoolExecutor(min(_THREADS, len(jobs))) as pool:
            yield from pool.map(lambda job: work(as_floats(job[0]), job[1]), jobs)


def _rows(array: NDArray[Any]) -> list[NDArray[Any]]:
    parts = min(array.shape[0], -(-array.size // (4 * _SMALL))) if array.size else 1
    return np.array_split(array, max(parts, 1), axis=0)


def _on_block(block: ArrayLike, work: Callable[[NDArray[Any]], T], skip_zero: bool) -> T:
    values = as_floats(block)
    if skip_zero:
        values = np.where(values == 0, values.dtype.type(np.nan), values)
    return work(values)
