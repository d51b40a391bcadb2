"""Bins over all values that are refined where it matters, and the natural breaks found from them.

Each bin knows count, sum, largest and smallest value, so the cost of a class is exact and only the places where classes
may end are limited to bins. Bins whose split could still lower the cost are split again, until what can be won is
negligible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskzoning.methods.classification import filling
from riskzoning.methods.classification.fisher import best_partition, deviations, excess_by_border
from riskzoning.methods.classification.passes import Passes

Floats = NDArray[np.float64]
ROOTS = 8192
_ROUNDS = 6
_MOST_NEW = 1 << 17
_MOST_PARTS = 1 << 13
# Gains allowed per bin, as shares of the unexplained variance: at class borders, where a border might be, and where the
# costs of borders are not known because there are too many bins x classes.
_AT_BORDER, _ANYWHERE, _UNKNOWN = 5e-8, 1e-7, 1e-5
_MOST_COSTS = 1 << 22
# A bin that holds more than this share of the values is a crowd.
_MOST = 0.99
# Values whose mean lies so near to an end of their bin are one value and a few others.
_PILED = 1e-4


@dataclass(frozen=True)
class Partition:
    """Classes of a set of values: largest and smallest value and number of values per class, ascending.

    ``within`` and ``overall`` are the sums of squared deviations from the class means and from the mean (of bins where
    values were binned).
    """

    largest: Floats
    smallest: Floats
    counts: NDArray[np.int64]
    within: float
    overall: float

    @property
    def fit(self) -> float:
        """Goodness of variance fit, 1 - within / overall; 1 for constant values."""
        return 1.0 - self.within / self.overall if self.overall > 0 else 1.0


def empty_table(bins: int) -> Floats:
    """A table of bins without values: count, sum, largest, smallest."""
    table = np.zeros((bins, 4))
    table[:, filling.LARGEST], table[:, filling.SMALLEST] = -np.inf, np.inf
    return table


def bin_scale(low: float, high: float, bins: int) -> float:
    """Bins per unit between two ends; 0 when they are one."""
    width = float(high) - float(low)
    return min(bins / width, np.finfo(float).max) if 0 < width < np.inf else 0.0


class Bins:
    """Equal bins between the ends of all values, any of which can be split again."""

    def __init__(self, passes: Passes, low: float, high: float, roots: int = ROOTS) -> None:
        self._passes, self._low, self._roots = passes, low, roots
        self._scale = bin_scale(low, high, roots)
        self.table = empty_table(roots)
        self._parts = np.zeros(roots, dtype=np.int64)
        self._first = np.zeros(roots, dtype=np.int64)
        self._start, self._step = np.zeros(roots), np.zeros(roots)

        def fill(block: NDArray[Any]) -> Floats:
            table = empty_table(roots)
            filling.fill_bins(block, low, self._scale, table)
            return table

        for part in passes.map(fill):
            filling.merge_tables(self.table, part)

    def split(self, bins: NDArray[np.int64], parts: NDArray[np.int64]) -> None:
        """Split bins into so many parts between their own smallest and largest value; one pass over the values."""
        new, added = len(self.table), int(parts.sum())
        low, high = self.table[bins, filling.SMALLEST], self.table[bins, filling.LARGEST]
        self._parts[bins], self._start[bins] = parts, low
        self._first[bins] = new + np.cumsum(parts) - parts
        self._step[bins] = [bin_scale(a, b, n) for a, b, n in zip(low, high, parts.tolist())]
        self._parts, self._first = (np.append(a, np.zeros(added, dtype=np.int64)) for a in (self._parts, self._first))
        self._start, self._step = (np.append(a, np.zeros(added)) for a in (self._start, self._step))

        def fill(block: NDArray[Any]) -> Floats:
            table = empty_table(added)
            scale = (self._low, self._scale, self._roots)
            tree = (self._first, self._parts, self._start, self._step)
            filling.fill_children(block, scale, tree, new, table)
            return table

        self.table = np.concatenate([self.table, empty_table(added)])
        for part in self._passes.map(fill):
            filling.merge_tables(self.table[new:], part)

    def leaves(self) -> tuple[NDArray[np.int64], Floats]:
        """Numbers and rows of the bins that hold values and are not split, in ascending order of value."""
        numbers = np.flatnonzero((self._parts == 0) & (self.table[:, filling.COUNT] > 0))
        numbers = numbers[np.argsort(self.table[numbers, filling.SMALLEST], kind="stable")]
        return numbers, self.table[numbers]


def cut_items(table: Floats, k: int) -> tuple[Partition, NDArray[np.int64]]:
    """The best partition of bins (rows: count, sum, largest, smallest; ascending) and the first bin of each class."""
    weights, means = table[:, filling.COUNT], table[:, filling.TOTAL] / table[:, filling.COUNT]
    # Rounding of a sum must not move a mean out of its bin, nor two means into one.
    means = np.clip(means, table[:, filling.SMALLEST], table[:, filling.LARGEST])
    first = best_partition(means, weights, min(k, len(table)))
    classes = Partition(
        largest=table[first[1:] - 1, filling.LARGEST],
        smallest=table[first[:-1], filling.SMALLEST],
        counts=np.add.reduceat(weights, first[:-1]).astype(np.int64),
        within=float(deviations(means, weights, first).sum()),
        overall=float(deviations(means, weights, np.array([0, len(table)])).sum()),
    )
    return classes, first


def partition_passes(passes: Passes, k: int, low: float, high: float) -> Partition:
    """Natural breaks of all finite values, from bins that are split where the classes end or values crowd."""
    bins = Bins(passes, low, high)
    crowd = _crowd(bins.table)
    if crowd is not None:
        # A few far values took nearly all bins: the ends of new ones hold them, and are split like any other.
        bins = Bins(passes, *crowd)
    for _ in range(_ROUNDS):
        numbers, table = bins.leaves()
        classes, first = cut_items(table, k)
        gain = _possible_gain(table, first, classes.within, k)
        wide = np.flatnonzero(gain > 1)
        if not wide.size:
            break
        parts = np.ceil(np.sqrt(100 * gain[wide])).clip(2, _MOST_PARTS)
        while parts.sum() > _MOST_NEW and parts.max() > 2:
            parts = np.ceil(parts / 2).clip(2)
        bins.split(numbers[wide], parts.astype(np.int64))
    return classes


def _crowd(table: Floats) -> tuple[float, float] | None:
    """Ends of the bin that holds most of the values, spread over it rather than piled up at one value."""
    row = table[int(np.argmax(table[:, filling.COUNT]))]
    count, small, large = row[filling.COUNT], row[filling.SMALLEST], row[filling.LARGEST]
    if count <= _MOST * table[:, filling.COUNT].sum() or not small < large:
        return None
    place = (row[filling.TOTAL] / count - small) / (large - small)
    return (float(small), float(large)) if _PILED < place < 1 - _PILED else None


def order_statistics(passes: Passes, ranks: NDArray[np.int64], low: float, high: float) -> Floats:
    """Finite values of the given ranks (0 = smallest) without sorting: bins that hold them are split until exact."""
    bins = Bins(passes, low, high)
    held = np.empty(0, dtype=np.int64)
    while True:
        numbers, table = bins.leaves()
        at = np.searchsorted(np.cumsum(table[:, filling.COUNT]), ranks, side="right")
        wide = np.unique(at[table[at, filling.SMALLEST] < table[at, filling.LARGEST]])
        # A bin that did not get smaller has no float between its ends.
        if not wide.size or np.array_equal(table[wide, filling.COUNT], held):
            return np.asarray(table[at, filling.LARGEST])
        held = table[wide, filling.COUNT]
        bins.split(numbers[wide], np.clip(held, 2, _MOST_PARTS).astype(np.int64))


def _possible_gain(table: Floats, first: NDArray[np.int64], within: float, k: int) -> Floats:
    """What splitting each bin could save, over what is allowed (1 and less: leave it)."""
    # A border inside a bin of count w and width d saves at most w d g / 4 beside a border at its edge, g the distance
    # of the class means on both sides. Where the best partition with a border at the edge costs more than the optimum
    # by more than all its borders could save, no better one has a border there.
    count, total = table[:, filling.COUNT], table[:, filling.TOTAL]
    large, small = table[:, filling.LARGEST], table[:, filling.SMALLEST]
    if k == 1:
        return np.zeros(len(table))
    means = np.add.reduceat(total, first[:-1]) / np.add.reduceat(count, first[:-1])
    steps = np.concatenate([[0.0], np.diff(means), [0.0]])
    gap = np.repeat(np.maximum(steps[:-1], steps[1:]), np.diff(first))
    if len(means) == 1:
        gap = np.full(len(table), large[-1] - small[0])
    gap = np.minimum(gap, 2 * np.minimum(large - small[0], large[-1] - small))
    border = np.zeros(len(table), dtype=bool)
    for middle in (means[1:] + means[:-1]) / 2:
        at = int(np.searchsorted(large, middle))
        border[max(at - 1, 0) : at + 2] = True
    loss = count * (large - small) * gap / 4
    elsewhere = _UNKNOWN
    if k < len(table) and k * len(table) <= _MOST_COSTS:
        elsewhere = min(_ANYWHERE, 1e-6 / (k - 1))
        items = np.clip(total / count, small, large)
        excess = excess_by_border(items, count, k)
        loss = np.where(4 * loss * (k - 1) > np.minimum(excess[:-1], excess[1:]), loss, 0.0)
    allowed = np.where(border, min(_AT_BORDER, elsewhere), elsewhere) * within
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(loss > 0, loss / allowed, 0.0)
