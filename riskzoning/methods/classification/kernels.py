"""Compiled loops of classification: the optimal partition, moments, class codes (bins are filled in filling.py).

They release the interpreter lock, so that plain threads share the work, and they never use fast-math: an infinity or a
NaN stays what it is. All are compiled once per float type and kept in numba's cache.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
_CHUNK = 4096

_jit = numba.njit(cache=True, nogil=True)
_inline = numba.njit(cache=True, nogil=True, inline="always")


@_inline
def _two_sum(a: float, b: float) -> tuple[float, float]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@_inline
def _two_product(a: float, b: float) -> tuple[float, float]:
    p = a * b
    c = 134217729.0 * a
    ah = c - (c - a)
    al = a - ah
    c = 134217729.0 * b
    bh = c - (c - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@_inline
def _add(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    s, e = _two_sum(ah, bh)
    t, f = _two_sum(al, bl)
    s, e = _two_sum(s, e + t)
    return _two_sum(s, e + f)


@_inline
def _square_over(sh: float, sl: float, w: float) -> tuple[float, float]:
    p, e = _two_product(sh, sh)
    p, e = _two_sum(p, e + 2.0 * sh * sl)
    q = p / w
    r, f = _two_product(q, w)
    return _two_sum(q, ((p - r) - f + e) / w)


@_jit
def prefix_sums(value: Floats, rest: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Prefix sums of the weights (n+1), of weight x value and of weight x value squared (each 2 x (n+1), twofold)."""
    n = value.size
    count = np.zeros(n + 1)
    total = np.zeros((2, n + 1))
    square = np.zeros((2, n + 1))
    for i in range(n):
        count[i + 1] = count[i] + weight[i]
        p, e = _two_product(weight[i], value[i])
        e += weight[i] * rest[i]
        total[0, i + 1], total[1, i + 1] = _add(total[0, i], total[1, i], p, e)
        q, f = _two_product(p, value[i])
        f += e * value[i] + p * rest[i]
        square[0, i + 1], square[1, i + 1] = _add(square[0, i], square[1, i], q, f)
    return count, total, square


@_jit
def partition(count: Floats, total: Floats, square: Floats, k: int, tie: float, floor: float) -> NDArray[np.int64]:
    """First items of the k classes with the smallest sum of squared deviations (Fisher 1958), and n as last entry."""
    # Dynamic programming over the number of classes; in each layer the best start of the last class never moves left as
    # the end moves right, so divide and conquer needs n log n costs instead of n squared. Of equal partitions (costs
    # within the share `tie` or the amount `floor`: rounding) the one with the longest last class wins, as with Jenks.
    n = count.size - 1
    choice = np.zeros((k + 1, n + 1), dtype=np.int32)
    best = np.zeros(n + 1)
    for j in range(1, n + 1):
        best[j] = square[j] - total[j] * total[j] / count[j]
    stack = np.empty((128, 4), dtype=np.int64)
    head = np.empty(n + 1)
    for m in range(2, k + 1):
        for i in range(n + 1):
            head[i] = best[i] - square[i]
        top = 0
        first = n if m == k else m
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = first, n, m - 1, n - 1
        while top >= 0:
            low, high, left, right = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            top -= 1
            j = (low + high) // 2
            tj, cj, qj = total[j], count[j], square[j]
            at = left
            d = tj - total[left]
            least = head[left] - d * d / (cj - count[left])
            bar = least - tie * (least + qj) - floor
            for i in range(left + 1, min(right, j - 1) + 1):
                d = tj - total[i]
                cost = head[i] - d * d / (cj - count[i])
                if cost < bar:
                    at, least = i, cost
                    bar = least - tie * (least + qj) - floor
            choice[m, j] = at
            best[j] = least + qj
            if low < j:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = low, j - 1, left, at
            if j < high:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = j + 1, high, at, right
    return _trace(choice, k)


@_jit
def partition_costs(count: Floats, total: Floats, square: Floats, k: int) -> Floats:
    """Least squared deviations of the first j items in m classes: (k+1) x (n+1), inf where m > j or m = 0."""
    n = count.size - 1
    costs = np.full((k + 1, n + 1), np.inf)
    for j in range(1, n + 1):
        costs[1, j] = square[j] - total[j] * total[j] / count[j]
    stack = np.empty((128, 4), dtype=np.int64)
    head = np.empty(n + 1)
    for m in range(2, k + 1):
        for i in range(n + 1):
            head[i] = costs[m - 1, i] - square[i]
        top = 0
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = m, n, m - 1, n - 1
        while top >= 0:
            low, high, left, right = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            top -= 1
            j = (low + high) // 2
            at, least = left, np.inf
            for i in range(left, min(right, j - 1) + 1):
                d = total[j] - total[i]
                cost = head[i] - d * d / (count[j] - count[i])
                if cost < least:
                    at, least = i, cost
            costs[m, j] = max(least + square[j], 0.0)
            if low < j:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = low, j - 1, left, at
            if j < high:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = j + 1, high, at, right
    return costs


@_jit
def partition_twofold(
    count: Floats, total: Floats, square: Floats, k: int, tie: float, floor: float
) -> NDArray[np.int64]:
    """As :func:`partition` with sums of twice the digits; slower, never cancels."""
    n = count.size - 1
    choice = np.zeros((k + 1, n + 1), dtype=np.int32)
    best = np.zeros((2, n + 1))
    for j in range(1, n + 1):
        sh, sl = _square_over(total[0, j], total[1, j], count[j])
        best[0, j], best[1, j] = _add(square[0, j], square[1, j], -sh, -sl)
    stack = np.empty((128, 4), dtype=np.int64)
    before = np.empty((2, n + 1))
    for m in range(2, k + 1):
        before[:] = best
        top = 0
        first = n if m == k else m
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = first, n, m - 1, n - 1
        while top >= 0:
            low, high, left, right = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            top -= 1
            j = (low + high) // 2
            at, lh, ll, bar = -1, np.inf, 0.0, np.inf
            for i in range(left, min(right, j - 1) + 1):
                th, tl = _add(total[0, j], total[1, j], -total[0, i], -total[1, i])
                qh, ql = _add(square[0, j], square[1, j], -square[0, i], -square[1, i])
                sh, sl = _square_over(th, tl, count[j] - count[i])
                ch, cl = _add(qh, ql, -sh, -sl)
                ch, cl = _add(ch, cl, before[0, i], before[1, i])
                if ch < bar:
                    at, lh, ll = i, ch, cl
                    bar = lh - tie * abs(lh) - floor
            choice[m, j] = at
            best[0, j], best[1, j] = lh, ll
            if low < j:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = low, j - 1, left, at
            if j < high:
                top += 1
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = j + 1, high, at, right
    return _trace(choice, k)


@_jit
def _trace(choice: NDArray[np.int32], k: int) -> NDArray[np.int64]:
    first = np.zeros(k + 1, dtype=np.int64)
    first[k] = choice.shape[1] - 1
    for m in range(k, 1, -1):
        first[m - 1] = choice[m, first[m]]
    return first


@_jit
def moments(values: NDArray[Any], shift: float) -> Floats:
    """Number, sum and sum of squares of the finite values minus a shift, with the digits that plain sums lose."""
    count = 0
    total, square, a, b = 0.0, 0.0, 0.0, 0.0
    for x in values:
        if x - x == 0:
            d = float(x) - shift
            count += 1
            total, e = _two_sum(total, d)
            square, f = _two_sum(square, d * d)
            a += e
            b += f
    return np.array([float(count), total + a, square + b])


@_jit
def class_moments(values: NDArray[Any], breaks: Floats, left: bool) -> Floats:
    """Per class, number, sum and sum of squares of the finite values minus the class's upper bound (rows: classes)."""
    out = np.zeros((breaks.size, 3))
    last = breaks.size - 1
    for x in values:
        if x - x == 0:
            y = float(x)
            c = 0
            while c < last and (y >= breaks[c] if left else y > breaks[c]):
                c += 1
            d = y - breaks[c]
            out[c, 0] += 1.0
            out[c, 1] += d
            out[c, 2] += d * d
    return out


@_jit
def code_block(values: NDArray[Any], limits: NDArray[Any], left: bool, codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Write class codes 1, 2, ... (0 = not finite) and return how often each occurs."""
    counts = np.zeros(256, dtype=np.int64)
    for begin in range(0, values.size, _CHUNK):
        part = values[begin : begin + _CHUNK]
        out = codes[begin : begin + _CHUNK]
        for i in range(part.size):
            out[i] = 1
        for limit in limits:
            if left:
                for i in range(part.size):
                    out[i] += np.uint8(part[i] >= limit)
            else:
                for i in range(part.size):
                    out[i] += np.uint8(part[i] > limit)
        for i in range(part.size):
            out[i] = out[i] if part[i] - part[i] == 0 else np.uint8(0)
            counts[out[i]] += 1
    return counts
