"""Exact overlaps of the cells of two grids, compiled.

A source cell is the quadrilateral between the four corners that the projection gives it on the target grid, in pixel
coordinates of the target; neighbours share their edges, so the parts of a cell add up to the cell and nothing is lost
or counted twice. The area of a quadrilateral inside a column of one row of target cells is the sum over its edges of
the area between edge and column (Green's theorem), signed by the direction of the edge: no polygons are built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

Array = np.ndarray[Any, Any]
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# A second class wins a tie when it is the larger code; areas within this share are a tie.
_TIE = 1.0 - 1e-9
# A smaller share of a source cell than this is rounding, not contact.
_LEAST = 1e-13


@compiled
def _area(qx, qy):  # type: ignore[no-untyped-def]
    """Signed area of a quadrilateral."""
    return ((qx[2] - qx[0]) * (qy[3] - qy[1]) - (qx[3] - qx[1]) * (qy[2] - qy[0])) / 2


@compiled
def _load(X, Y, r, c, qx, qy):  # type: ignore[no-untyped-def]
    """Corners of the cell (r, c) of a corner lattice, with whole numbers taken off; their base, or a NaN area."""
    qx[0], qx[1], qx[2], qx[3] = X[r, c], X[r, c + 1], X[r + 1, c + 1], X[r + 1, c]
    qy[0], qy[1], qy[2], qy[3] = Y[r, c], Y[r, c + 1], Y[r + 1, c + 1], Y[r + 1, c]
    low_x = min(min(qx[0], qx[1]), min(qx[2], qx[3]))
    low_y = min(min(qy[0], qy[1]), min(qy[2], qy[3]))
    if not (np.isfinite(qx[0] + qx[1] + qx[2] + qx[3]) and np.isfinite(qy[0] + qy[1] + qy[2] + qy[3])):
        return 0, 0, np.nan
    if max(abs(low_x), abs(low_y)) > 1e15:
        return 0, 0, np.nan
    base_x, base_y = int(np.floor(low_x)), int(np.floor(low_y))
    for i in range(4):
        qx[i] -= base_x
        qy[i] -= base_y
    return base_x, base_y, _area(qx, qy)


@compiled
def _span(q, base, origin, size):  # type: ignore[no-untyped-def]
    """First and last (excluded) index of a tile axis that a quadrilateral reaches."""
    low = min(min(q[0], q[1]), min(q[2], q[3]))
    high = max(max(q[0], q[1]), max(q[2], q[3]))
    first = base + int(np.floor(low)) - origin
    last = base + int(np.ceil(high)) - origin
    return max(first, 0), min(max(last, first + 1), size)


@compiled
def _in_one_cell(qx, qy):  # type: ignore[no-untyped-def]
    """Whether a quadrilateral, relative to its base, lies in one cell of the target."""
    return max(max(qx[0], qx[1]), max(qx[2], qx[3])) <= 1 and max(max(qy[0], qy[1]), max(qy[2], qy[3])) <= 1


@compiled
def _slopes(qx, qy, slope):  # type: ignore[no-untyped-def]
    """dx / dy of the four edges of a quadrilateral."""
    for i in range(4):
        j = (i + 1) & 3
        dy = qy[j] - qy[i]
        slope[i] = (qx[j] - qx[i]) / dy if dy != 0 else 0.0


@compiled
def _row_areas(qx, qy, slope, area, row, left, size, out, step):  # type: ignore[no-untyped-def]
    """Areas of a quadrilateral in ``size`` columns from ``left`` on of a row (all relative to its base), into out."""
    out[: size + 1] = 0.0
    step[: size + 1] = 0.0
    for i in range(4):
        j = (i + 1) & 3
        ya, yb = qy[i], qy[j]
        if (ya <= row and yb <= row) or (ya >= row + 1 and yb >= row + 1) or ya == yb:
            continue
        y0, y1 = min(max(ya, row), row + 1.0), min(max(yb, row), row + 1.0)
        x0 = qx[i] if y0 == ya else qx[i] + (y0 - ya) * slope[i]
        x1 = qx[j] if y1 == yb else qx[i] + (y1 - ya) * slope[i]
        dy = y1 - y0
        low, high = min(x0, x1) - left, max(x0, x1) - left
        first, last = int(np.floor(low)), int(np.floor(high))
        if last < 0:
            continue
        if first >= size:
            step[size] += dy
        elif first == last:
            step[first] += dy
            out[first] += dy * ((low + high) * 0.5 - first)
        else:
            per_x = dy / (high - low)
            step[max(first, 0)] += dy if first > 0 else 0.0
            for column in range(max(first, 0), min(last + 1, size)):
                a, b = max(low, float(column)), min(high, float(column + 1))
                out[column] += per_x * ((b - a) * ((a + b) * 0.5 - column) + (high - b))
    sign, least = (1.0, _LEAST * area) if area > 0 else (-1.0, -_LEAST * area)
    before = step[size]
    for column in range(size - 1, -1, -1):
        part = (before + out[column]) * sign
        before += step[column]
        out[column] = part if part > least else 0.0


@compiled
def _cell_area(X, Y, r, c, k, qx, qy):  # type: ignore[no-untyped-def]
    """Area of a source cell made of k x k quadrilaterals."""
    total = 0.0
    for i in range(k):
        for j in range(k):
            total += abs(_load(X, Y, r * k + i, c * k + j, qx, qy)[2])
    return total


@compiled
def sums(X, Y, k, values, top, left, share, num, den):  # type: ignore[no-untyped-def]
    """Add the source cells to a tile of the target grid by the area that they have in common."""
    height, width = num.shape
    qx, qy, slope = np.empty(4), np.empty(4), np.empty(4)
    out, step = np.empty(width + 1), np.empty(width + 1)
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            value = values[r, c]
            if not np.isfinite(value):
                continue
            whole = _cell_area(X, Y, r, c, k, qx, qy) if share and k > 1 else 1.0
            for i in range(r * k, r * k + k):
                for j in range(c * k, c * k + k):
                    base_x, base_y, area = _load(X, Y, i, j, qx, qy)
                    if not abs(area) > 0:
                        continue
                    if share and k == 1:
                        whole = abs(area)
                    weight = 1.0 / whole
                    if _in_one_cell(qx, qy):
                        y, x = base_y - top, base_x - left
                        if 0 <= y < height and 0 <= x < width:
                            num[y, x] += value * (abs(area) * weight)
                            den[y, x] += abs(area) * weight
                        continue
                    first_y, last_y = _span(qy, base_y, top, height)
                    first_x, last_x = _span(qx, base_x, left, width)
                    if first_x >= last_x:
                        continue
                    _slopes(qx, qy, slope)
                    size, start = last_x - first_x, first_x + left - base_x
                    for y in range(first_y, last_y):
                        _row_areas(qx, qy, slope, area, float(y + top - base_y), start, size, out, step)
                        for x in range(size):
                            part = out[x] * weight
                            num[y, first_x + x] += value * part
                            den[y, first_x + x] += part


@compiled
def outside_total(X, Y, k, values, height, width):  # type: ignore[no-untyped-def]
    """Sum of the parts of source counts that lie outside a target grid of ``height`` x ``width`` cells."""
    qx, qy, slope, out, step = np.empty(4), np.empty(4), np.empty(4), np.empty(2), np.empty(2)
    total = 0.0
    for r in range(values.shape[0]):
        row_total = 0.0
        for c in range(values.shape[1]):
            value = values[r, c]
            if not np.isfinite(value) or value == 0:
                continue
            whole, inside, cut = 0.0, 0.0, False
            for i in range(r * k, r * k + k):
                for j in range(c * k, c * k + k):
                    base_x, base_y, area = _load(X, Y, i, j, qx, qy)
                    if not abs(area) > 0:
                        cut = cut or not np.isfinite(area)
                        continue
                    whole += abs(area)
                    for corner in range(4):
                        x, y = qx[corner] + base_x, qy[corner] + base_y
                        cut = cut or x < 0 or y < 0 or x > width or y > height
                        qx[corner], qy[corner] = x / width, y / height
                    # The grid itself is the one cell [0, 1] x [0, 1] of these coordinates.
                    _slopes(qx, qy, slope)
                    _row_areas(qx, qy, slope, area / (width * height), 0.0, 0, 1, out, step)
                    inside += out[0] * width * height
            if cut or whole == 0:
                row_total += value * max(1.0 - inside / whole, 0.0) if whole > 0 else value
        total += row_total
    return total


@compiled
def finite_sums(values):  # type: ignore[no-untyped-def]
    """Sum of the finite values and of their sizes."""
    total, size = 0.0, 0.0
    for r in range(values.shape[0]):
        row_total, row_size = 0.0, 0.0
        for c in range(values.shape[1]):
            value = values[r, c]
            if np.isfinite(value):
                row_total += value
                row_size += abs(value)
        total += row_total
        size += row_size
    return total, size


@compiled
def extremes(X, Y, k, values, top, left, sign, best):  # type: ignore[no-untyped-def]
    """Largest (``sign`` 1) or smallest (-1) source value that has an area in common with each cell of a tile."""
    height, width = best.shape
    qx, qy, slope = np.empty(4), np.empty(4), np.empty(4)
    out, step = np.empty(width + 1), np.empty(width + 1)
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            value = values[r, c]
            if not np.isfinite(value):
                continue
            for i in range(r * k, r * k + k):
                for j in range(c * k, c * k + k):
                    base_x, base_y, area = _load(X, Y, i, j, qx, qy)
                    if not abs(area) > 0:
                        continue
                    first_y, last_y = _span(qy, base_y, top, height)
                    first_x, last_x = _span(qx, base_x, left, width)
                    if first_x >= last_x:
                        continue
                    _slopes(qx, qy, slope)
                    size, start = last_x - first_x, first_x + left - base_x
                    least = 1e-9 * min(abs(area), 1.0)
                    for y in range(first_y, last_y):
                        _row_areas(qx, qy, slope, area, float(y + top - base_y), start, size, out, step)
                        for x in range(size):
                            if out[x] > least and not best[y, first_x + x] * sign >= value * sign:
                                best[y, first_x + x] = value


@compiled
def majority(X, Y, k, codes, order, top, left, best, winner):  # type: ignore[no-untyped-def]
    """The class with the largest area in each cell of a tile; the larger code wins a tie."""
    height, width = best.shape
    columns = codes.shape[1]
    qx, qy, slope = np.empty(4), np.empty(4), np.empty(4)
    out, step = np.empty(width + 1), np.empty(width + 1)
    area_of = np.zeros((height, width))
    touched = np.empty(height * width, dtype=np.int64)
    count = 0
    for n in range(order.size):
        r, c = order[n] // columns, order[n] % columns
        for i in range(r * k, r * k + k):
            for j in range(c * k, c * k + k):
                base_x, base_y, area = _load(X, Y, i, j, qx, qy)
                if not abs(area) > 0:
                    continue
                first_y, last_y = _span(qy, base_y, top, height)
                first_x, last_x = _span(qx, base_x, left, width)
                if first_x >= last_x:
                    continue
                _slopes(qx, qy, slope)
                size, start = last_x - first_x, first_x + left - base_x
                for y in range(first_y, last_y):
                    _row_areas(qx, qy, slope, area, float(y + top - base_y), start, size, out, step)
                    for x in range(first_x, last_x):
                        if out[x - first_x] > 0:
                            if area_of[y, x] == 0:
                                touched[count] = y * width + x
                                count += 1
                            area_of[y, x] += out[x - first_x]
        last_of_code = n + 1 == order.size or codes.flat[order[n + 1]] != codes[r, c]
        if last_of_code:
            for m in range(count):
                y, x = touched[m] // width, touched[m] % width
                if area_of[y, x] >= best[y, x] * _TIE:
                    best[y, x] = area_of[y, x]
                    winner[y, x] = codes[r, c]
                area_of[y, x] = 0.0
            count = 0


@compiled
def separable_sums(edges_y, edges_x, values, top, left, share, num, den):  # type: ignore[no-untyped-def]
    """As :func:`sums` for grids with parallel axes: the overlap is a product of one overlap per axis."""
    height, width = num.shape
    rows, columns = values.shape
    row_num, row_den = np.empty(columns), np.empty(columns)
    first_r = 0
    for y in range(height):
        low, high = float(top + y), float(top + y + 1)
        while first_r < rows and edges_y[first_r + 1] <= low:
            first_r += 1
        row_num[:] = 0.0
        row_den[:] = 0.0
        r = first_r
        while r < rows and edges_y[r] < high:
            part = min(edges_y[r + 1], high) - max(edges_y[r], low)
            weight = part / (edges_y[r + 1] - edges_y[r]) if share else part
            for c in range(columns):
                if np.isfinite(values[r, c]):
                    row_num[c] += weight * values[r, c]
                    row_den[c] += weight
            r += 1
        first_c = 0
        for x in range(width):
            low, high = float(left + x), float(left + x + 1)
            while first_c < columns and edges_x[first_c + 1] <= low:
                first_c += 1
            c = first_c
            while c < columns and edges_x[c] < high:
                part = min(edges_x[c + 1], high) - max(edges_x[c], low)
                weight = part / (edges_x[c + 1] - edges_x[c]) if share else part
                num[y, x] += weight * row_num[c]
                den[y, x] += weight * row_den[c]
                c += 1
