"""Natural breaks: the partition with the smallest variance inside the classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.methods.classification import filling
from riskzoning.methods.classification.bins import Partition, cut_items, partition_passes
from riskzoning.methods.classification.fisher import best_partition
from riskzoning.methods.classification.passes import Passes

# Up to so many values are sorted and cut exactly; more go through bins.
SORTED_LIMIT = 1 << 17
MOST_CLASSES = 255
_LARGEST = 1e140


def natural_breaks(values: ArrayLike, k: int) -> NDArray[np.float64]:
    """Upper bounds of k natural-break classes (自然断点法, Fisher-Jenks optimum), ascending; the last is the maximum.

    Parameters
    ----------
    values : array-like, Series, DataArray or dask array
        NaN and infinities are left out. Lazy values are read block by block, two to four times, and give the same
        breaks whatever the blocks.
    k : int
        Number of classes, 1 to 255.

    Returns
    -------
    array of float64
        The largest value of each class. Fewer than k, with a warning, when there are fewer different values (one for
        constant values); empty, with a warning, when no value is finite.

    Raises
    ------
    ConfigError
        k is no whole number from 1 to 255.
    LayerError
        The values are no real numbers.

    Notes
    -----
    Minimises the sum of squared deviations from the class means over all partitions (Fisher 1958; Jenks 1977) by
    dynamic programming with divide and conquer, in float64: exact up to 131,072 values. More values fill 8,192 bins
    with count, sum and largest value, and bins are split again wherever a class could end; no value is left
    out, and the unexplained variance stays within 1e-6 of the optimum. Of equal partitions the one with the longest
    last class is taken, as in Jenks' own programme.

    References
    ----------
    Fisher, W. D. (1958): On grouping for maximum homogeneity. J. Am. Stat. Assoc. 53:789-798.

    Examples
    --------
    >>> natural_breaks([1, 2, 3, 10, 11, 12, 30, 31, 32, 100], 4)
    array([  3.,  12.,  32., 100.])
    """
    passes, k = Passes(values), check_classes(k)
    largest = _sorted_breaks(passes, k) if passes.size <= SORTED_LIMIT else natural_partition(passes, k).largest
    note_fewer(len(largest), k)
    return largest


def _sorted_breaks(passes: Passes, k: int) -> NDArray[np.float64]:
    """The breaks of values that are sorted and cut exactly, without what else is known of the classes."""
    items, counts = np.unique(finite_values(passes), return_counts=True)
    if not items.size:
        return items
    return items[best_partition(items, counts.astype(np.float64), min(k, items.size))[1:] - 1]


def natural_partition(passes: Passes, k: int) -> Partition:
    """The classes of :func:`natural_breaks` with their counts and their fit; no class when no value is finite."""
    count, low, high = (0, 0.0, 0.0) if passes.size <= SORTED_LIMIT else value_range(passes)
    if passes.size <= SORTED_LIMIT or (count and not binnable(low, high)):
        items, counts = np.unique(finite_values(passes), return_counts=True)
        if not items.size:
            none = np.empty(0)
            return Partition(none, none, np.empty(0, dtype=np.int64), 0.0, 0.0)
        return cut_items(np.column_stack([counts, items * counts, items, items]), k)[0]
    if not count:
        none = np.empty(0)
        return Partition(none, none, np.empty(0, dtype=np.int64), 0.0, 0.0)
    return partition_passes(passes, k, low, high)


def binnable(low: float, high: float) -> bool:
    """Whether squares of the range are ordinary numbers, so that bins and their costs neither overflow nor vanish."""
    return low == high or (max(abs(low), abs(high)) < _LARGEST and high - low > 1 / _LARGEST)


def finite_values(passes: Passes) -> NDArray[np.float64]:
    """All finite values in memory as float64."""
    parts = list(passes.map(lambda block: block[np.isfinite(block)].astype(np.float64)))
    return np.concatenate(parts) if parts else np.empty(0)


def value_range(passes: Passes) -> tuple[int, float, float]:
    """Number of finite values, the smallest and the largest (inf, -inf without one)."""
    rows = np.array(list(passes.map(filling.extremes))).reshape(-1, 4)
    return int(rows[:, 0].sum()), float(rows[:, 1].min(initial=np.inf)), float(rows[:, 2].max(initial=-np.inf))


def check_classes(k: object) -> int:
    """The number of classes, when it is a whole number from 1 to 255."""
    if isinstance(k, (int, np.integer)) and not isinstance(k, bool) and 1 <= k <= MOST_CLASSES:
        return int(k)
    raise ConfigError(Problem("classify.k", Phrase("parameter", name="k"), k=repr(k), most=MOST_CLASSES))


def note_fewer(count: int, wanted: int) -> None:
    """Tell when there are fewer classes than wanted."""
    thing = Phrase("values_to_classify")
    if count == 0:
        note(Problem("classify.no_value", thing, severity="warning"))
    elif count < wanted:
        note(Problem("classify.fewer", thing, severity="warning", count=count, wanted=wanted))
