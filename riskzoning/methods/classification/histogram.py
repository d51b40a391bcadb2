"""A histogram that takes a layer band by band and gives its breaks at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.methods.classification import filling, kernels
from riskzoning.methods.classification.bins import Partition, bin_scale, cut_items, empty_table
from riskzoning.methods.classification.grades import check_breaks
from riskzoning.methods.classification.natural import check_classes, note_fewer
from riskzoning.methods.classification.passes import Passes
from riskzoning.methods.classification.schemes import Closed, check_closed

Floats = NDArray[np.float64]
_SCHEMES = ("natural_breaks", "quantiles", "equal_interval", "std_mean", "fixed")


class Histogram:
    """Count, sum, largest and smallest value per bin, filled by any number of updates; mergeable.

    Bins are finer toward low values (equal in the square root of the distance from ``low``), as indices crowd there.
    The result does not depend on threads; with the same bands in the same order it is the same to the bit. Give the
    true range: values outside are counted in the end bins (no value is lost), but crowd there.

    Parameters
    ----------
    low, high : float
        Range of the values; NaN where a layer has no value.
    bins : int
        Number of bins; 32 bytes each.

    Examples
    --------
    >>> histogram = Histogram(0.0, 1.0)
    >>> histogram.update(np.array([[0.1, 0.2, np.nan], [0.8, 0.9, 0.9]]))
    >>> histogram.count, histogram.breaks("natural_breaks", 2)
    (5, array([0.2, 0.9]))
    """

    def __init__(self, low: float, high: float, bins: int = 65536) -> None:
        if (np.isfinite([low, high]).all() and high < low) or bins < 1:
            raise ConfigError(Problem("histogram.range", Phrase("histogram"), low=low, high=high, bins=bins))
        self.low = float(low) if np.isfinite(low) else 0.0
        self.high = float(high) if np.isfinite(high) else self.low
        self._scale = bin_scale(self.low, self.high, 1)
        self._table = empty_table(bins)
        self._zeros = 0
        # Count, mean and sum of squared deviations of all values.
        self._moments = (0, 0.0, 0.0)

    @property
    def count(self) -> int:
        """Number of finite values so far.

        Examples
        --------
        >>> Histogram(0, 1).count
        0
        """
        return self._moments[0]

    @property
    def mean(self) -> float:
        """Mean of all values (not of bins); NaN without values.

        Examples
        --------
        >>> histogram = Histogram(0, 4)
        >>> histogram.update(np.array([1.0, 3.0]))
        >>> histogram.mean
        2.0
        """
        return self._moments[1] if self.count else float("nan")

    @property
    def minimum(self) -> float:
        """Smallest value; NaN without values.

        Examples
        --------
        >>> Histogram(0, 1).minimum
        nan
        """
        low = float(self._table[:, filling.SMALLEST].min())
        return low if self.count else float("nan")

    @property
    def maximum(self) -> float:
        """Largest value; NaN without values.

        Examples
        --------
        >>> Histogram(0, 1).maximum
        nan
        """
        high = float(self._table[:, filling.LARGEST].max())
        return high if self.count else float("nan")

    def std(self, *, ddof: int = 1, exclude_zero: bool = False) -> float:
        """Standard deviation of all values (not of bins); NaN where there are too few.

        Examples
        --------
        >>> histogram = Histogram(0, 4)
        >>> histogram.update(np.array([0.0, 1.0, 3.0]))
        >>> histogram.std(ddof=0, exclude_zero=True)
        1.0
        """
        count, _, square = self._about(exclude_zero)
        return float(np.sqrt(square / (count - ddof))) if count > ddof else float("nan")

    def update(self, values: ArrayLike) -> None:
        """Add values of any shape; NaN and infinities are left out.

        Examples
        --------
        >>> histogram = Histogram(0, 1)
        >>> histogram.update(np.array([[0.5, np.nan], [1.0, np.inf]]))
        >>> histogram.count
        2
        """
        bins = len(self._table)

        def fill(block: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
            table = empty_table(bins)
            filling.fill_root_bins(block, self.low, self._scale, table)
            extremes = filling.extremes(block)
            return table, extremes, kernels.moments(block, extremes[1] if extremes[0] else 0.0)

        for table, extremes, moments in Passes(values).map(fill):
            filling.merge_tables(self._table, table)
            self._zeros += int(extremes[3])
            if moments[0]:
                mean = extremes[1] + moments[1] / moments[0]
                square = max(moments[2] - moments[1] ** 2 / moments[0], 0.0)
                self._moments = _pooled(self._moments, (int(moments[0]), mean, square))

    def merge(self, other: Histogram) -> Histogram:
        """Add the values of another histogram with the same range and bins; returns this one.

        Raises
        ------
        ConfigError
            The other has another range or number of bins.

        Examples
        --------
        >>> one, two = Histogram(0, 1), Histogram(0, 1)
        >>> two.update(np.array([0.5]))
        >>> one.merge(two).count
        1
        """
        mine, theirs = ((h.low, h.high, len(h._table)) for h in (self, other))
        if mine != theirs:
            raise ConfigError(Problem("histogram.merge", Phrase("histogram_to_merge"), theirs=theirs, mine=mine))
        filling.merge_tables(self._table, other._table)
        self._zeros += other._zeros
        self._moments = _pooled(self._moments, other._moments)
        return self

    def partition(self, k: int, *, exclude_zero: bool = False) -> Partition:
        """Natural-break classes with counts and fit; no class without values.

        Examples
        --------
        >>> histogram = Histogram(0, 1)
        >>> histogram.update(np.array([0.1, 0.2, 0.9]))
        >>> histogram.partition(2).counts
        array([2, 1])
        """
        rows = self._rows(exclude_zero)
        if not len(rows):
            return Partition(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64), 0.0, 0.0)
        return cut_items(rows, check_classes(k))[0]

    def breaks(
        self,
        scheme: str = "natural_breaks",
        k: int = 5,
        *,
        breaks: ArrayLike | None = None,
        multiples: Sequence[float] = (-2, -1, 1, 2),
        ddof: int = 1,
        exclude_zero: bool = False,
    ) -> Floats:
        """Upper bounds of classes, as :func:`classify` gives them.

        Natural breaks are values that occur; ``equal_interval`` and ``std_mean`` are exact; ``quantiles`` are
        interpolated inside a bin. Empty, with a warning, without values.

        Raises
        ------
        ConfigError
            The scheme is unknown or the options do not fit.

        Examples
        --------
        >>> histogram = Histogram(0, 10)
        >>> histogram.update(np.array([1.0, 2.0, 4.0, 9.0]))
        >>> histogram.breaks("equal_interval", 2)
        array([5., 9.])
        """
        if scheme not in _SCHEMES:
            raise ConfigError(Problem("classify.scheme", Phrase("class_scheme"), scheme=scheme, known=_SCHEMES))
        if scheme == "fixed":
            return check_breaks(breaks)
        rows = self._rows(exclude_zero)
        if not len(rows):
            note_fewer(0, k)
            return np.empty(0)
        low, high = rows[0, filling.SMALLEST], rows[-1, filling.LARGEST]
        shares = np.arange(1, check_classes(k) + 1) / k
        wanted = len(multiples) + 1 if scheme == "std_mean" else k
        if low == high:
            bounds = np.array([high])
        elif scheme == "natural_breaks":
            bounds = cut_items(rows, k)[0].largest
        elif scheme == "quantiles":
            bounds = np.unique(_quantiles(rows, shares))
        elif scheme == "equal_interval":
            bounds = np.append(low + (high - low) * shares[:-1], high)
        else:
            _, mean, _ = self._about(exclude_zero)
            bounds = mean + np.asarray(multiples, dtype=np.float64) * self.std(ddof=ddof, exclude_zero=exclude_zero)
            bounds = np.append(bounds, max(high, bounds[-1]))
        note_fewer(len(bounds), wanted)
        return bounds

    def counts_for(self, breaks: ArrayLike, *, closed: Closed = "right") -> NDArray[np.int64]:
        """Number of values per class of given upper bounds.

        Exact for natural breaks (right-closed) and wherever a bound lies between bins; inside a bin the values are
        taken as evenly spread.

        Examples
        --------
        >>> histogram = Histogram(0, 1)
        >>> histogram.update(np.array([0.1, 0.2, 0.9]))
        >>> histogram.counts_for([0.2, 0.9])
        array([2, 1])
        """
        check_closed(closed)
        bounds = check_breaks(breaks)
        rows = self._rows(False)
        if not len(rows):
            return np.zeros(len(bounds), dtype=np.int64)
        low, high = rows[:, filling.SMALLEST], rows[:, filling.LARGEST]
        above = np.concatenate([[0.0], np.cumsum(rows[:, filling.COUNT])])
        at = np.searchsorted(high, bounds[:-1], side="right" if closed == "right" else "left")
        inside = np.minimum(at, len(rows) - 1)
        width = np.where(high > low, high - low, 1.0)[inside]
        share = np.clip((bounds[:-1] - low[inside]) / width, 0.0, 1.0)
        share = np.where((at == inside) & (bounds[:-1] > low[inside]), share, 0.0)
        upto = np.rint(above[at] + share * rows[inside, filling.COUNT])
        return np.diff(np.concatenate([[0.0], upto, above[-1:]])).astype(np.int64)

    def _about(self, exclude_zero: bool) -> tuple[int, float, float]:
        """Count, mean and sum of squared deviations, with or without the zeros."""
        count, mean, square = self._moments
        if not exclude_zero or not self._zeros:
            return self._moments
        rest = count - self._zeros
        if not rest:
            return 0, 0.0, 0.0
        inner = mean * count / rest
        return rest, inner, max(square - inner * inner * self._zeros * rest / count, 0.0)

    def _rows(self, exclude_zero: bool) -> Floats:
        rows = self._table
        if exclude_zero and self._zeros:
            place = np.sqrt(max((0.0 - self.low) * self._scale, 0.0)) * len(rows)
            zero = int(min(place, len(rows) - 1.0))
            rows = rows.copy()
            rows[zero, filling.COUNT] -= self._zeros
            if rows[zero, filling.COUNT] and rows[zero, filling.SMALLEST] == 0.0:
                # The smallest value beside zero is not known; the mean of the bin is inside its range.
                rows[zero, filling.SMALLEST] = min(
                    np.nextafter(0.0, 1.0), rows[zero, filling.TOTAL] / rows[zero, filling.COUNT]
                )
        return np.asarray(rows[rows[:, filling.COUNT] > 0])


def _pooled(one: tuple[int, float, float], two: tuple[int, float, float]) -> tuple[int, float, float]:
    count = one[0] + two[0]
    if not count:
        return one
    step = two[1] - one[1]
    mean = one[1] + step * two[0] / count
    return count, float(mean), float(one[2] + two[2] + step * step * one[0] * two[0] / count)


def _quantiles(rows: Floats, shares: Floats) -> Floats:
    """Quantiles with the values of a bin evenly spread between its smallest and largest."""
    count = rows[:, filling.COUNT]
    before = np.cumsum(count) - count
    place = shares * (count.sum() - 1)
    at = np.searchsorted(before, place, side="right") - 1
    inside = np.minimum((place - before[at]) / np.maximum(count[at] - 1, 1), 1.0)
    low, high = rows[at, filling.SMALLEST], rows[at, filling.LARGEST]
    value = low + (high - low) * inside
    # Between the last value of a bin and the first of the next.
    beyond = place - (before[at] + count[at] - 1)
    following = rows[np.minimum(at + 1, len(rows) - 1), filling.SMALLEST]
    return np.asarray(np.where(beyond > 0, high + (following - high) * beyond, value))
