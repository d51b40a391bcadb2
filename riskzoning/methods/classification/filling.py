"""Compiled loops that fill bins with values: count, sum, largest and smallest of each.

A block is taken in chunks that stay in the first cache: bin numbers are computed for the whole chunk (vector code),
then the bins are filled. NaN and infinities get a number beyond the last bin and are passed over.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
# Of each bin: its first part, the number of its parts (0: not split), where they start, parts per unit.
Tree: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]
# Columns of a table of bins.
COUNT, TOTAL, LARGEST, SMALLEST = 0, 1, 2, 3
_CHUNK = 2048

_jit = numba.njit(cache=True, nogil=True)
_inline = numba.njit(cache=True, nogil=True, inline="always")


def extremes(values: NDArray[Any]) -> Floats:
    """Number, smallest and largest of the finite values, and the number of zeros among them."""
    wide = values.dtype == np.float64
    bits: Any = values.view(np.int64 if wide else np.int32)
    count, zeros, low, high = _extremes64(bits) if wide else _extremes32(bits)
    if not count:
        return np.array([0.0, np.inf, -np.inf, 0.0])
    keys = np.array([low, high], dtype=bits.dtype)
    low, high = _bits_of(keys).view(values.dtype)
    return np.array([float(count), float(low), float(high), float(zeros)])


def _bits_of(keys: NDArray[Any]) -> NDArray[Any]:
    """Float patterns whose order as floats is that of the keys as integers; its own inverse."""
    width = keys.dtype.itemsize * 8 - 1
    return np.asarray(keys ^ ((keys >> width) & np.iinfo(keys.dtype).max))


@_jit
def _extremes32(bits: Any) -> tuple[Any, Any, Any, Any]:
    count: Any = 0
    zeros: Any = 0
    low, high = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
    for begin in range(0, bits.size, _CHUNK):
        part = bits[begin : begin + _CHUNK]
        # Every number of the loop has 32 bits: twice the vector lanes.
        some, none = np.int32(0), np.int32(0)
        for i in range(part.size):
            size = np.int32(part[i] & np.int32(0x7FFFFFFF))
            good = size < np.int32(0x7F800000)
            key = np.int32(part[i] ^ np.int32(np.int32(part[i] >> np.int32(31)) & np.int32(0x7FFFFFFF)))
            some = np.int32(some + np.int32(good))
            none = np.int32(none + np.int32(size == np.int32(0)))
            low = min(low, key if good else np.int32(0x7FFFFFFF))
            high = max(high, key if good else np.int32(-0x80000000))
        count += some
        zeros += none
    return count, zeros, low, high


@_jit
def _extremes64(bits: NDArray[np.int64]) -> tuple[Any, Any, Any, Any]:
    count, zeros = 0, 0
    low, high = np.int64(0x7FFFFFFFFFFFFFFF), np.int64(-0x8000000000000000)
    for pattern in bits:
        size = pattern & np.int64(0x7FFFFFFFFFFFFFFF)
        good = size < np.int64(0x7FF0000000000000)
        key = pattern ^ ((pattern >> np.int64(63)) & np.int64(0x7FFFFFFFFFFFFFFF))
        count += good
        zeros += size == 0
        low = min(low, key if good else np.int64(0x7FFFFFFFFFFFFFFF))
        high = max(high, key if good else np.int64(-0x8000000000000000))
    return count, zeros, low, high


@_inline
def _add(table: Floats, b: np.unsignedinteger[Any], y: float) -> None:
    table[b, COUNT] += 1.0
    table[b, TOTAL] += y
    if y > table[b, LARGEST]:
        table[b, LARGEST] = y
    if y < table[b, SMALLEST]:
        table[b, SMALLEST] = y


@_jit
def merge_tables(table: Floats, other: Floats) -> None:
    """Add the bins of ``other`` to ``table``."""
    for b in range(table.shape[0]):
        table[b, COUNT] += other[b, COUNT]
        table[b, TOTAL] += other[b, TOTAL]
        table[b, LARGEST] = max(table[b, LARGEST], other[b, LARGEST])
        table[b, SMALLEST] = min(table[b, SMALLEST], other[b, SMALLEST])


@_inline
def _numbers(part: NDArray[Any], low: float, scale: float, bins: int, out: NDArray[np.uint32]) -> None:
    """Numbers of equal bins, ``bins`` itself for what is not finite."""
    last, beyond = float(bins - 1), float(bins)
    for i in range(part.size):
        x = part[i]
        place = (float(x) - low) * scale
        place = place if place > 0.0 else 0.0
        place = place if place < last else last
        out[i] = np.uint32(np.int32(place if x - x == 0 else beyond))


@_jit
def fill_bins(values: NDArray[Any], low: float, scale: float, table: Floats) -> None:
    """Add finite values to equal bins; values beyond the ends go to the end bins."""
    bins = np.uint32(table.shape[0])
    number = np.empty(_CHUNK, dtype=np.uint32)
    # Two rows a bin, taken in turn: where values crowd in one bin, an addition need not wait for the last one.
    rows = np.zeros((2 * table.shape[0], 4))
    rows[:, LARGEST], rows[:, SMALLEST] = -np.inf, np.inf
    for begin in range(0, values.size, _CHUNK):
        part = values[begin : begin + _CHUNK]
        _numbers(part, low, scale, table.shape[0], number)
        for i in range(part.size):
            if number[i] < bins:
                _add(rows, np.uint32(np.uint32(2) * number[i] + np.uint32(i & 1)), float(part[i]))
    merge_tables(table, rows[0::2])
    merge_tables(table, rows[1::2])


@_jit
def fill_root_bins(values: NDArray[Any], low: float, scale: float, table: Floats) -> None:
    """As :func:`fill_bins` with bins equal in the square root of the distance from ``low``: finer toward low values."""
    bins = np.uint32(table.shape[0])
    size = float(bins)
    last = size - 1.0
    number = np.empty(_CHUNK, dtype=np.uint32)
    for begin in range(0, values.size, _CHUNK):
        part = values[begin : begin + _CHUNK]
        for i in range(part.size):
            x = part[i]
            place = (float(x) - low) * scale
            place = np.sqrt(place if place > 0.0 else 0.0) * size
            place = place if place < last else last
            number[i] = np.uint32(np.int32(place if x - x == 0 else size))
        for i in range(part.size):
            if number[i] < bins:
                _add(table, number[i], float(part[i]))


@_jit
def fill_children(values: NDArray[Any], scale: tuple[float, float, int], tree: Tree, new: int, table: Floats) -> None:
    """Add those finite values to ``table`` that fall into bins numbered from ``new`` on."""
    # Scale: lowest value, bins per unit and number of the roots.
    low, factor, roots = scale
    first, parts, start, step = tree
    # Most values lie in bins that are not split: one small array answers for them.
    split = np.zeros(roots + 1, dtype=np.uint8)
    for root in range(roots):
        split[root] = parts[root] > 0
    number = np.empty(_CHUNK, dtype=np.uint32)
    hits = np.empty(_CHUNK + 1, dtype=np.uint32)
    for begin in range(0, values.size, _CHUNK):
        part = values[begin : begin + _CHUNK]
        _numbers(part, low, factor, roots, number)
        # Places of the values that lie in split bins: no branch that depends on the values.
        count = 0
        for i in range(part.size):
            hits[count] = i
            count += split[number[i]]
        for h in range(count):
            y = float(part[hits[h]])
            b = np.int64(number[hits[h]])
            while parts[b] > 0:
                place = (y - start[b]) * step[b]
                place = place if place > 0.0 else 0.0
                b = np.int64(first[b] + np.int64(min(place, float(parts[b] - 1))))
            if b >= new:
                _add(table, np.uint64(b - new), y)
