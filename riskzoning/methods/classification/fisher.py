"""The exact optimum of natural breaks for sorted, weighted items."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from riskzoning.methods.classification.kernels import (
    partition,
    partition_costs,
    partition_twofold,
    prefix_sums,
)

Floats = NDArray[np.float64]
# Rounding of plain sums may cost this share of the unexplained variance; beyond it, sums of twice the digits are used.
_ALLOWED = 1e-9
# Costs that differ by this share are equal; more where the items carry few digits of their differences.
_TIE, _LARGEST_TIE = 1e-11, 5e-8


def best_partition(items: Floats, weights: Floats, k: int) -> NDArray[np.int64]:
    """First items of the k classes with the smallest sum of squared deviations (Fisher 1958); then the length."""
    # Of equal partitions the one with the longest last classes is taken.
    if k >= items.size:
        return np.arange(items.size + 1)
    mean = float(np.average(items, weights=weights))
    value = items - mean
    back = value - items
    rest = (items - (value - back)) - (mean + back)
    # A power of two keeps every digit and squares within range.
    shift = -int(np.frexp(np.abs(value).max())[1])
    value, rest = np.ldexp(value, shift), np.ldexp(rest, shift)
    count, total, square = prefix_sums(value, rest, weights)
    eps = np.finfo(float).eps
    noise = 8 * eps * float(square[0, -1])
    # Rounding of the items themselves, against the spread of a class.
    spread = float(np.sqrt(square[0, -1] / count[-1])) / (4 * k)
    digits = 4 * eps * float(np.ldexp(np.abs(items).max(), shift)) / spread
    tie = min(max(digits, _TIE), _LARGEST_TIE)
    first = partition(count, total[0], square[0], k, tie, noise / 16)
    within = float(deviations(value, weights, first).sum())
    if noise > _ALLOWED * within:
        first = partition_twofold(count, total, square, k, tie, noise * eps)
    return first


def deviations(items: Floats, weights: Floats, first: NDArray[np.int64]) -> Floats:
    """Sum of squared deviations from the class mean, per class."""
    starts = first[:-1]
    length = np.diff(first)
    weight = np.add.reduceat(weights, starts)
    shifted = items - np.repeat(items[starts], length)
    mean = np.add.reduceat(weights * shifted, starts) / weight
    return np.asarray(np.add.reduceat(weights * (shifted - np.repeat(mean, length)) ** 2, starts))


def excess_by_border(items: Floats, weights: Floats, k: int) -> Floats:
    """How much more than the optimum the best partition costs that has a border before item j: array of n+1 entries."""
    # 0 where the optimum has a border; inf at the ends, where no border can be. Rounded down by what sums may lose.
    value = items - float(np.average(items, weights=weights))
    none = np.zeros_like(value)

    def from_end(step: int) -> tuple[Floats, float]:
        ordered = (np.ascontiguousarray(part[::step]) for part in (value, weights))
        count, total, square = prefix_sums(next(ordered), none, next(ordered))
        return partition_costs(count, total[0], square[0], k - 1), float(square[0, -1])

    with ThreadPoolExecutor(2) as pool:
        (before, overall), (after, _) = pool.map(from_end, (1, -1))
    after = after[:, ::-1]
    costs = np.min([before[m] + after[k - m] for m in range(1, k)], axis=0)
    noise = 32 * np.finfo(float).eps * overall
    return np.asarray(np.maximum(costs - costs.min() - noise, 0.0))
