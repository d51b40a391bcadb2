"""Kernels that walk rings through a grid and leave, per unit, border cells with exact fractions and interior runs.

As in a font rasteriser, every edge leaves in each cell that it crosses its signed height (``cover``: what all cells
to the right of it gain) and the signed area to its right inside the cell (``area``). Summed along a row these give the
covered fraction of each border cell; between border cells the sum is 0 or 1, so the inside comes out as runs.
Coordinates are in cells: column from the left edge, row from the first row of the grid.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from riskzoning.coverage.compiling import compiled

Array = np.ndarray[Any, Any]

# Covered shares this close to 0 or 1 are rounding; for units smaller than a cell the bound shrinks with them.
NOISE = 1e-9


@compiled
def ring_area(x: Array, y: Array, first: int, last: int) -> float:
    """Signed area of a ring in cells; positive when its left side (small x) runs towards larger y."""
    total = 0.0
    x0, y0 = x[first], y[first]
    for i in range(first, last - 1):
        total += (x[i + 1] - x0) * (y[i] - y0) - (x[i] - x0) * (y[i + 1] - y0)
    return 0.5 * total


@compiled
def count_records(x: Array, y: Array, first: int, last: int, rows: int, columns: int) -> int:
    """Upper bound of the records that the ring leaves in the grid."""
    total = 0
    for i in range(first, last - 1):
        low, high = min(y[i], y[i + 1]), max(y[i], y[i + 1])
        left, right = min(x[i], x[i + 1]), max(x[i], x[i + 1])
        if high < 0.0 or low > rows or left > columns:
            continue
        high, low = min(high, float(rows)), max(low, 0.0)
        right, left = min(right, float(columns)), max(left, 0.0)
        total += int(high) - int(low) + 2
        if right > left:
            total += int(right) - int(left) + 2
    return total


@compiled
def _emit(records: Array, shares: Array, k: int, row: int, column: int, cover: float, area: float) -> int:
    records[k, 0] = row
    records[k, 1] = column
    shares[k, 0] = cover
    shares[k, 1] = area
    return k + 1


@compiled
def _level_edge(xa: float, xb: float, y: float, rows: int, columns: int, records: Array, shares: Array, k: int) -> int:
    """Cells under a level edge hold a fraction although no height is left in them: mark them as border cells."""
    row = math.floor(y)
    if row == y or row < 0 or row >= rows:
        return k
    left, right = max(min(xa, xb), 0.0), min(max(xa, xb), float(columns))
    if left >= right:
        return k
    for column in range(int(math.floor(left)), int(math.ceil(right))):
        k = _emit(records, shares, k, row, column, 0.0, 0.0)
    return k


@compiled
def _within_row(
    xa: float, xb: float, height: float, row: int, columns: int, records: Array, shares: Array, k: int
) -> int:
    """Leave the part of an edge inside one row of cells; ``height`` is signed."""
    left, right = min(xa, xb), max(xa, xb)
    if right <= 0.0:
        return _emit(records, shares, k, row, 0, height, height)
    if left >= columns:
        return k
    first = int(math.floor(left))
    if left == right and left == first and height < 0.0:
        first -= 1  # on a grid line: the inside is to the left, the cell to the right is not touched
    last = max(int(math.ceil(right)) - 1, first)
    if first == last:
        return _emit(records, shares, k, row, first, height, height * (first + 1 - 0.5 * (left + right)))
    per_column = height / (right - left)
    before = 0.0
    if first < 0:
        before = -left * per_column
        k = _emit(records, shares, k, row, 0, before, before)
        first = 0
    for column in range(first, min(last + 1, columns)):
        xl, xr = max(left, float(column)), min(right, column + 1.0)
        until = height if column == last else (xr - left) * per_column
        part = until - before
        k = _emit(records, shares, k, row, column, part, part * (column + 1 - 0.5 * (xl + xr)))
        before = until
    return k


@compiled
def _walk_edge(
    xa: float,
    ya: float,
    xb: float,
    yb: float,
    sign: float,
    rows: int,
    columns: int,
    records: Array,
    shares: Array,
    k: int,
) -> int:
    """Leave the records of one edge; neighbours that share it get exactly opposite numbers."""
    if ya == yb:
        return _level_edge(xa, xb, ya, rows, columns, records, shares, k)
    if ya > yb:
        xa, ya, xb, yb, sign = xb, yb, xa, ya, -sign
    top, bottom = max(ya, 0.0), min(yb, float(rows))
    if top >= bottom or min(xa, xb) >= columns:
        return k
    slope = (xb - xa) / (yb - ya)
    low, high = min(xa, xb), max(xa, xb)
    x_top = xa if top == ya else min(max(xa + (top - ya) * slope, low), high)
    for row in range(int(math.floor(top)), int(math.ceil(bottom))):
        y_end = min(bottom, row + 1.0)
        x_end = xb if y_end == yb else min(max(xa + (y_end - ya) * slope, low), high)
        k = _within_row(x_top, x_end, sign * (y_end - top), row, columns, records, shares, k)
        top, x_top = y_end, x_end
    return k


@compiled
def _walk_centres(
    xa: float,
    ya: float,
    xb: float,
    yb: float,
    sign: float,
    rows: int,
    columns: int,
    records: Array,
    shares: Array,
    k: int,
) -> int:
    """Leave one record where the edge passes the centres of a row of cells; a centre on an edge belongs right/below."""
    if ya > yb:
        xa, ya, xb, yb, sign = xb, yb, xa, ya, -sign
    first, last = int(math.ceil(max(ya, 0.0) - 0.5)), int(math.ceil(min(yb, float(rows)) - 0.5))
    if first >= last:
        return k
    slope = (xb - xa) / (yb - ya)
    low, high = min(xa, xb), max(xa, xb)
    for row in range(first, last):
        x = min(max(xa + (row + 0.5 - ya) * slope, low), high)
        if x - 0.5 > columns - 1:
            continue
        column = max(int(math.ceil(x - 0.5)), 0)
        k = _emit(records, shares, k, row, column, sign, sign)
    return k


@compiled
def _sort_records(records: Array, order: Array, spare: Array, count: int, tally: Array) -> None:
    """Order of the records by row, then column: two counting sorts, linear whatever the shape."""
    for key, source, target in ((1, 0, 1), (0, 1, 0)):
        low = records[0, key]
        high = low
        for i in range(count):
            low, high = min(low, records[i, key]), max(high, records[i, key])
        tally[: high - low + 2] = 0
        for i in range(count):
            tally[records[i, key] - low + 1] += 1
        for i in range(high - low + 1):
            tally[i + 1] += tally[i]
        for i in range(count):
            item = i if source == 0 else spare[i]
            place = records[item, key] - low
            if target == 1:
                spare[tally[place]] = item
            else:
                order[tally[place]] = item
            tally[place] += 1


@compiled
def _sweep(
    records: Array,
    shares: Array,
    order: Array,
    count: int,
    columns: int,
    noise: float,
    unit: int,
    cells: Array,
    fractions: Array,
    n_cells: int,
    runs: Array,
    n_runs: int,
) -> tuple[int, int]:
    """Turn the sorted records of one unit into border cells (row, column, unit) and runs (row, first, last, unit)."""
    i = 0
    while i < count:
        row = records[order[i], 0]
        done, inside, open_run = 0, 0.0, False
        while i < count and records[order[i], 0] == row:
            column = records[order[i], 1]
            cover, area = 0.0, 0.0
            while i < count and records[order[i], 0] == row and records[order[i], 1] == column:
                cover += shares[order[i], 0]
                area += shares[order[i], 1]
                i += 1
            if column > done:
                inside = 1.0 if inside > 0.5 else 0.0
                if inside == 1.0:
                    if open_run:
                        runs[n_runs - 1, 2] = column
                    else:
                        runs[n_runs, 0], runs[n_runs, 1], runs[n_runs, 2], runs[n_runs, 3] = row, done, column, unit
                        n_runs += 1
                    open_run = True
                else:
                    open_run = False
            fraction = inside + area
            inside += cover
            done = column + 1
            if fraction >= 1.0 - NOISE:
                if open_run:
                    runs[n_runs - 1, 2] = done
                else:
                    runs[n_runs, 0], runs[n_runs, 1], runs[n_runs, 2], runs[n_runs, 3] = row, column, done, unit
                    n_runs += 1
                open_run = True
            else:
                open_run = False
                if fraction > noise:
                    cells[n_cells, 0], cells[n_cells, 1], cells[n_cells, 2] = row, column, unit
                    fractions[n_cells] = fraction
                    n_cells += 1
        if done < columns and inside > 0.5:
            if open_run:
                runs[n_runs - 1, 2] = columns
            else:
                runs[n_runs, 0], runs[n_runs, 1], runs[n_runs, 2], runs[n_runs, 3] = row, done, columns, unit
                n_runs += 1
    return n_cells, n_runs


@compiled
def count_unit_records(
    x: Array, y: Array, rings: Array, polygons: Array, units: Array, rows: int, columns: int
) -> Array:
    """Upper bound of the records of each unit."""
    out = np.zeros(units.size - 1, np.int64)
    for unit in range(units.size - 1):
        for polygon in range(units[unit], units[unit + 1]):
            for ring in range(polygons[polygon], polygons[polygon + 1]):
                out[unit] += count_records(x, y, rings[ring], rings[ring + 1], rows, columns)
    return out


@compiled
def walk_units(
    x: Array,
    y: Array,
    rings: Array,
    polygons: Array,
    units: Array,
    first: int,
    last: int,
    rows: int,
    columns: int,
    centre: bool,
    bounds: Array,
) -> tuple[Array, Array, Array, Array]:
    """Cells, fractions, runs and whole areas (in cells) of the units ``first`` to ``last`` (not included)."""
    total, largest = 0, 0
    for unit in range(first, last):
        total += bounds[unit]
        largest = max(largest, bounds[unit])
    records = np.empty((largest, 2), np.int32)
    shares = np.empty((largest, 2), np.float64)
    order = np.empty(largest, np.int32)
    spare = np.empty(largest, np.int32)
    tally = np.empty(max(rows, columns) + 2, np.int64)
    cells = np.empty((total, 3), np.int32)
    fractions = np.empty(total, np.float64)
    runs = np.empty((total, 4), np.int32)
    areas = np.zeros(last - first, np.float64)
    n_cells, n_runs = 0, 0
    for unit in range(first, last):
        count = 0
        whole = 0.0
        for polygon in range(units[unit], units[unit + 1]):
            for ring in range(polygons[polygon], polygons[polygon + 1]):
                start, stop = rings[ring], rings[ring + 1]
                area = ring_area(x, y, start, stop)
                hole = ring > polygons[polygon]
                whole += -abs(area) if hole else abs(area)
                sign = -1.0 if (area < 0.0) != hole else 1.0
                for i in range(start, stop - 1):
                    if centre:
                        count = _walk_centres(
                            x[i], y[i], x[i + 1], y[i + 1], sign, rows, columns, records, shares, count
                        )
                    else:
                        count = _walk_edge(x[i], y[i], x[i + 1], y[i + 1], sign, rows, columns, records, shares, count)
        areas[unit - first] = whole
        if count > 0:
            _sort_records(records, order, spare, count, tally)
            noise = NOISE * min(1.0, max(whole, 0.0))
            n_cells, n_runs = _sweep(
                records, shares, order, count, columns, noise, unit, cells, fractions, n_cells, runs, n_runs
            )
    return cells[:n_cells].copy(), fractions[:n_cells].copy(), runs[:n_runs].copy(), areas


@compiled
def _row_starts(items: Array, rows: int) -> Array:
    start = np.zeros(rows + 1, np.int64)
    for i in range(items.shape[0]):
        start[items[i, 0] + 1] += 1
    for row in range(rows):
        start[row + 1] += start[row]
    return start


@compiled
def cells_by_row(cells: Array, fractions: Array, rows: int) -> tuple[Array, Array, Array]:
    """Cells (column, unit) and fractions by row, in a row in the order given, and where each row begins."""
    start = _row_starts(cells, rows)
    place = start.copy()
    out = np.empty((cells.shape[0], 2), np.int32)
    shares = np.empty(cells.shape[0], np.float64)
    for i in range(cells.shape[0]):
        k = place[cells[i, 0]]
        place[cells[i, 0]] += 1
        out[k, 0], out[k, 1] = cells[i, 1], cells[i, 2]
        shares[k] = fractions[i]
    return out, shares, start


@compiled
def runs_by_row(runs: Array, rows: int) -> tuple[Array, Array]:
    """Runs (first, last, unit) by row, in a row in the order given, and where each row begins."""
    start = _row_starts(runs, rows)
    place = start.copy()
    out = np.empty((runs.shape[0], 3), np.int32)
    for i in range(runs.shape[0]):
        k = place[runs[i, 0]]
        place[runs[i, 0]] += 1
        out[k, 0], out[k, 1], out[k, 2] = runs[i, 1], runs[i, 2], runs[i, 3]
    return out, start
