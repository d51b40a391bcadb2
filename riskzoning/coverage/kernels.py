"""Kernels that add up a layer over the coverage table: one pass, constant unit inside a run, sums in float64.

Every block of rows has its own accumulators, one line a unit, filled row after row; blocks are merged in their order.
So the result has the same bits whatever the number of threads and however the rows arrive.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from riskzoning.coverage.compiling import compiled, vectorised

Array = np.ndarray[Any, Any]

# Columns of an accumulator: valid cells, their coverage, coverage x weight, sum and what rounding took from it, the
# value about which moments are taken, first and second moment, least and greatest value.
CELLS, COVER, WEIGHT, SUM, SUM_REST, SHIFT, FIRST, SECOND, LEAST, MOST = range(10)
WIDTH = 10


def empty_sums(units: int) -> Array:
    """Accumulators of so many units before the first cell."""
    sums = np.zeros((units, WIDTH))
    sums[:, LEAST], sums[:, MOST] = np.inf, -np.inf
    return sums


@compiled
def _add_exactly(sums: Array, slot: int, value: float) -> None:
    """Add to the sum and keep what rounding took away."""
    total = sums[slot, SUM]
    new = total + value
    shadow = new - total
    sums[slot, SUM] = new
    sums[slot, SUM_REST] += (total - (new - shadow)) + (value - shadow)


@compiled
def _add_cell(sums: Array, slot: int, value: float, cover: float, weight: float) -> None:
    if sums[slot, CELLS] == 0.0:
        sums[slot, SHIFT] = value
    away = value - sums[slot, SHIFT]
    sums[slot, CELLS] += 1.0
    sums[slot, COVER] += cover
    sums[slot, WEIGHT] += cover * weight
    _add_exactly(sums, slot, cover * weight * value)
    sums[slot, FIRST] += cover * weight * away
    sums[slot, SECOND] += cover * weight * away * away
    sums[slot, LEAST] = min(sums[slot, LEAST], value)
    sums[slot, MOST] = max(sums[slot, MOST], value)


@vectorised
def _run32(values: Array, bits: Array, nodata: float, shift: float) -> Any:
    """Count, sum, first and second moment about the shift, least and greatest key of a run of float32 cells."""
    n = 0
    one, two = 0.0, 0.0
    least, most = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
    for j in range(values.size):
        pattern = bits[j]
        value = values[j]
        good = ((pattern & np.int32(0x7FFFFFFF)) < np.int32(0x7F800000)) & (value != nodata)
        away = (np.float64(value) - shift) if good else 0.0
        n += good
        one += away
        two += away * away
        key = np.int32(pattern ^ np.int32(np.int32(pattern >> np.int32(31)) & np.int32(0x7FFFFFFF)))
        low = key if good else np.int32(0x7FFFFFFF)
        high = key if good else np.int32(-0x80000000)
        least = min(least, low)
        most = max(most, high)
    return n, n * shift + one, one, two, least, most


@vectorised
def _run64(values: Array, bits: Array, nodata: float, shift: float) -> Any:
    """The same for float64 cells."""
    n = 0
    one, two = 0.0, 0.0
    least, most = np.int64(0x7FFFFFFFFFFFFFFF), np.int64(-0x8000000000000000)
    for j in range(values.size):
        pattern = bits[j]
        value = values[j]
        good = ((pattern & np.int64(0x7FFFFFFFFFFFFFFF)) < np.int64(0x7FF0000000000000)) & (value != nodata)
        away = (value - shift) if good else 0.0
        n += good
        one += away
        two += away * away
        key = pattern ^ ((pattern >> np.int64(63)) & np.int64(0x7FFFFFFFFFFFFFFF))
        low = key if good else np.int64(0x7FFFFFFFFFFFFFFF)
        high = key if good else np.int64(-0x8000000000000000)
        least = min(least, low)
        most = max(most, high)
    return n, n * shift + one, one, two, least, most


@compiled
def _value32(key: int, scratch: Array) -> float:
    """The float32 whose order-preserving key this is."""
    pattern = np.int32(key)
    scratch[0] = np.int32(pattern ^ np.int32(np.int32(pattern >> np.int32(31)) & np.int32(0x7FFFFFFF)))
    return np.float64(scratch.view(np.float32)[0])


@compiled
def _value64(key: int, scratch: Array) -> float:
    pattern = np.int64(key)
    scratch[0] = pattern ^ ((pattern >> np.int64(63)) & np.int64(0x7FFFFFFFFFFFFFFF))
    return scratch.view(np.float64)[0]


@compiled
def _first_valid(values: Array, a: int, b: int, nodata: float) -> float:
    for j in range(a, b):
        if math.isfinite(values[j]) and values[j] != nodata:
            return np.float64(values[j])
    return 0.0


@compiled
def _take_run(sums: Array, slot: int, n: int, total: float, one: float, two: float, least: float, most: float) -> None:
    sums[slot, CELLS] += n
    sums[slot, COVER] += n
    sums[slot, WEIGHT] += n
    _add_exactly(sums, slot, total)
    sums[slot, FIRST] += one
    sums[slot, SECOND] += two
    sums[slot, LEAST] = min(sums[slot, LEAST], least)
    sums[slot, MOST] = max(sums[slot, MOST], most)


@compiled
def _add_border(
    values: Array, nodata: float, start: int, stop: int, cells: Array, fractions: Array, sums: Array
) -> None:
    for k in range(start, stop):
        value = np.float64(values[cells[k, 0]])
        if math.isfinite(value) and value != nodata:
            _add_cell(sums, cells[k, 1], value, fractions[k], 1.0)


@compiled
def add_rows32(
    values: Array, bits: Array, first: int, last: int, offset: int, nodata: float,
    run_start: Array, runs: Array, cell_start: Array, cells: Array, fractions: Array, sums: Array,
) -> None:  # fmt: skip
    """Add the rows ``first`` to ``last`` (not included) of a float32 layer; ``values`` begin with row ``offset``."""
    scratch = np.empty(1, np.int32)
    for row in range(first, last):
        i = row - offset
        for k in range(run_start[row], run_start[row + 1]):
            slot, a, b = runs[k, 2], runs[k, 0], runs[k, 1]
            if sums[slot, CELLS] == 0.0:
                sums[slot, SHIFT] = _first_valid(values[i], a, b, nodata)
            n, total, one, two, least, most = _run32(values[i][a:b], bits[i][a:b], nodata, sums[slot, SHIFT])
            if n > 0:
                _take_run(sums, slot, n, total, one, two, _value32(least, scratch), _value32(most, scratch))
        _add_border(values[i], nodata, cell_start[row], cell_start[row + 1], cells, fractions, sums)


@compiled
def add_rows64(
    values: Array, bits: Array, first: int, last: int, offset: int, nodata: float,
    run_start: Array, runs: Array, cell_start: Array, cells: Array, fractions: Array, sums: Array,
) -> None:  # fmt: skip
    """The same for a float64 layer."""
    scratch = np.empty(1, np.int64)
    for row in range(first, last):
        i = row - offset
        for k in range(run_start[row], run_start[row + 1]):
            slot, a, b = runs[k, 2], runs[k, 0], runs[k, 1]
            if sums[slot, CELLS] == 0.0:
                sums[slot, SHIFT] = _first_valid(values[i], a, b, nodata)
            n, total, one, two, least, most = _run64(values[i][a:b], bits[i][a:b], nodata, sums[slot, SHIFT])
            if n > 0:
                _take_run(sums, slot, n, total, one, two, _value64(least, scratch), _value64(most, scratch))
        _add_border(values[i], nodata, cell_start[row], cell_start[row + 1], cells, fractions, sums)


@compiled
def add_rows_weighted(
    values: Array, weights: Array, first: int, last: int, offset: int, nodata: float,
    run_start: Array, runs: Array, cell_start: Array, cells: Array, fractions: Array, sums: Array,
) -> None:  # fmt: skip
    """The same with a weight for each cell; a cell without a weight is missing."""
    for row in range(first, last):
        i = row - offset
        for k in range(run_start[row], run_start[row + 1]):
            for j in range(runs[k, 0], runs[k, 1]):
                value, weight = np.float64(values[i, j]), np.float64(weights[i, j])
                if math.isfinite(value) and value != nodata and math.isfinite(weight):
                    _add_cell(sums, runs[k, 2], value, 1.0, weight)
        for k in range(cell_start[row], cell_start[row + 1]):
            value, weight = np.float64(values[i, cells[k, 0]]), np.float64(weights[i, cells[k, 0]])
            if math.isfinite(value) and value != nodata and math.isfinite(weight):
                _add_cell(sums, cells[k, 1], value, fractions[k], weight)


@compiled
def _merge_line(sums: Array, target: int, other: Array, source: int) -> None:
    if other[source, CELLS] == 0.0:
        return
    if sums[target, CELLS] == 0.0:
        sums[target] = other[source]
        return
    # Moments about the shift of the target: sum w (x - s)^2 with s moved by `move`.
    move = other[source, SHIFT] - sums[target, SHIFT]
    weight, first = other[source, WEIGHT], other[source, FIRST]
    sums[target, SECOND] += other[source, SECOND] + 2.0 * move * first + move * move * weight
    sums[target, FIRST] += first + move * weight
    _add_exactly(sums, target, other[source, SUM])
    sums[target, SUM_REST] += other[source, SUM_REST]
    sums[target, CELLS] += other[source, CELLS]
    sums[target, COVER] += other[source, COVER]
    sums[target, WEIGHT] += weight
    sums[target, LEAST] = min(sums[target, LEAST], other[source, LEAST])
    sums[target, MOST] = max(sums[target, MOST], other[source, MOST])


@compiled
def merge(sums: Array, other: Array) -> None:
    """Add the accumulators of the next block to those so far, in place, unit by unit."""
    for unit in range(sums.shape[0]):
        _merge_line(sums, unit, other, unit)


@compiled
def roll_up(sums: Array, targets: Array, sources: Array, out: Array) -> None:
    """Add up units into larger ones: line ``sources[i]`` of ``sums`` joins line ``targets[i]`` of ``out``."""
    for i in range(targets.size):
        _merge_line(out, targets[i], sums, sources[i])


@compiled
def _add_share(
    code: int, value: float, count: float, share: float, unit: int, ground: Array, held: Array, index: Array
) -> None:
    """Add a share of one cell to its unit."""
    weight = share * count if np.isfinite(count) else 0.0
    ground[unit, code] += share
    held[unit, code] += weight
    if np.isfinite(value):
        index[unit, 0] += share
        index[unit, 1] += share * value
        index[unit, 2] += weight
        index[unit, 3] += weight * value


@compiled
def add_classes(
    codes: Array, values: Array, counts: Array, offset: int,
    run_start: Array, runs: Array, cell_start: Array, cells: Array, fractions: Array,
    ground: Array, held: Array, index: Array,
) -> None:  # fmt: skip
    """Add rows of classes and of the index that they were cut from; they begin with row ``offset`` of the grid."""
    counted = counts.size > 0
    for i in range(codes.shape[0]):
        row = i + offset
        for k in range(run_start[row], run_start[row + 1]):
            for j in range(runs[k, 0], runs[k, 1]):
                count = counts[i, j] if counted else 0.0
                _add_share(codes[i, j], np.float64(values[i, j]), count, 1.0, runs[k, 2], ground, held, index)
        for k in range(cell_start[row], cell_start[row + 1]):
            j = cells[k, 0]
            count = counts[i, j] if counted else 0.0
            _add_share(codes[i, j], np.float64(values[i, j]), count, fractions[k], cells[k, 1], ground, held, index)
