"""Class schemes and grades of layers, tables and arrays."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Unpack

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.cards import card
from riskzoning.errors import ConfigError, Phrase, Problem, StandardTableError, note
from riskzoning.layers import describe, without_fill
from riskzoning.layers.plausible import takes
from riskzoning.methods.classification import filling, kernels
from riskzoning.methods.classification.natural import MOST_CLASSES, value_range
from riskzoning.methods.classification.passes import Passes, is_lazy, plain
from riskzoning.methods.classification.schemes import Closed, Options, SchemeOptions, check_closed, scheme_breaks

_GRADE_OF = {"hazard_index": "hazard_grade", "risk_index": "risk_grade"}


@dataclass(frozen=True, eq=False)
class Grades:
    """Class codes and the classes they stand for.

    Parameters
    ----------
    codes : same container as the values
        uint8; 1 = lowest ... k = highest, 0 = no data.
    breaks : array of float64
        Upper bound of each class, ascending.
    counts : array of int64
        Values per class (a dask array for lazy values with given breaks).
    scheme : str
    closed : {"right", "left"}
        ``right``: a value equal to an upper bound belongs to the lower class; ``left``: to the higher one.
    minimum : float
        Smallest value, for the legend; NaN when unknown.
    fit : float
        Goodness of variance fit of natural breaks; NaN for other schemes.

    Examples
    --------
    >>> grades = classify([1.0, 2.0, 9.0, float("nan")], "natural_breaks", k=2)
    >>> grades.codes, grades.breaks, grades.counts
    (array([1, 1, 2, 0], dtype=uint8), array([2., 9.]), array([2, 1]))
    """

    codes: Any
    breaks: NDArray[np.float64]
    counts: Any
    scheme: str
    closed: Closed = "right"
    minimum: float = float("nan")
    fit: float = float("nan")

    def _repr_html_(self) -> str:
        """What a notebook shows: the classes and how many values each has; lazy counts are not worked out."""
        ends = [*np.atleast_1d(self.minimum).tolist(), *self.breaks.tolist()]
        bounds = "; ".join(f"{low:.4g} - {high:.4g}" for low, high in itertools.pairwise(ends))
        known = isinstance(self.counts, np.ndarray)
        rows = (
            ("scheme", self.scheme), ("classes", self.k), ("bounds", bounds),
            ("counts", "; ".join(map(str, self.counts)) if known else ""),
            ("fit", f"{self.fit:.4f}" if np.isfinite(self.fit) else ""),
        )  # fmt: skip
        return card("Grades", rows)

    @property
    def k(self) -> int:
        """Number of classes.

        Examples
        --------
        >>> classify([1.0, 2.0, 9.0], "natural_breaks", k=2).k
        2
        """
        return len(self.breaks)

    def legend(self) -> pd.DataFrame:
        """One row per class, highest first: grade, lower and upper bound, closed end, count, share of the values.

        Examples
        --------
        >>> classify([1.0, 2.0, 9.0], "natural_breaks", k=2).legend()[["grade", "lower", "upper", "count"]]
           grade  lower  upper  count
        0      2    2.0    9.0      1
        1      1    1.0    2.0      2
        """
        counts = np.asarray(self.counts)
        total = counts.sum()
        return pd.DataFrame(
            {
                "grade": np.arange(1, self.k + 1),
                "lower": np.concatenate([[self.minimum], self.breaks[:-1]])[: self.k],
                "upper": self.breaks,
                "closed": self.closed,
                "count": counts,
                "share": counts / total if total else np.full(self.k, np.nan),
            }
        )[::-1].reset_index(drop=True)


@takes()
def classify(
    values: ArrayLike,
    scheme: str,
    *,
    k: int = 5,
    breaks: ArrayLike | None = None,
    closed: Closed = "right",
    exclude_zero: bool = False,
    **options: Unpack[SchemeOptions],
) -> Grades:
    """Grades of values by a class scheme (分级): 1 = lowest ... k = highest, 0 = no data.

    Parameters
    ----------
    values : array-like, Series, DataArray or dask array
        NaN and infinities get 0. Lazy values give lazy codes; all schemes but ``fixed`` read them to find the breaks.
    scheme : str
        ``natural_breaks``, ``quantiles`` (numpy's linear quantiles at i/k), ``equal_interval``, ``std_mean`` (mean plus
        multiples of the standard deviation; the last bound is the maximum), ``fixed``; also ``percentiles`` and
        mapclassify's ``box_plot``, ``head_tail_breaks``, ``maximum_breaks``.
    k : int
        Number of classes (``natural_breaks``, ``quantiles``, ``equal_interval``, ``maximum_breaks``).
    breaks : sequence of float
        Upper bounds for ``fixed``, ascending; the last may be ``inf``. Values above the last one belong to the top
        class, values below the first one to class 1. For anything that is compared between years or levels.
    closed : {"right", "left"}
        Which class a value equal to a bound belongs to: the lower (``right``) or the higher (``left``, as most
        standards: "25 mm and more"); breaks are the same for both.
    exclude_zero : bool
        Leave zeros out when the breaks are computed; they are graded all the same.
    **options
        ``multiples`` (of the standard deviation; default -2, -1, 1, 2) and ``ddof`` (default 1) for ``std_mean``; the
        census rule mean ± 0.5 s, ± 1 s is ``multiples=(-1, -0.5, 0.5, 1)``. ``percentiles`` (0..100) for
        ``percentiles``; default: the standards table ``grades/percentiles``.

    Returns
    -------
    Grades
        ``codes`` in the container of the values. Where values do not differ enough for k classes, there are fewer
        and a warning; one for constant values, none where no value is finite.

    Raises
    ------
    ConfigError
        Unknown scheme, or options that do not fit: every one that is wrong.
    LayerError
        The values are no real numbers.

    Examples
    --------
    >>> classify([0.2, 12.0, 25.0, 70.0], "fixed", breaks=[10, 25, 50, 100], closed="left").codes
    array([1, 2, 3, 4], dtype=uint8)
    >>> classify([1, 2, 3, 10, 11, 12, 30, 31, 32, 100], "quantiles", k=4).breaks
    array([  4.75,  11.5 ,  30.75, 100.  ])
    """
    check_closed(closed)
    wanted = Options(k, **options)
    values = _without_fill(values)
    if scheme == "fixed":
        bounds, fit, low = check_breaks(breaks), float("nan"), float("nan")
    else:
        passes = Passes(values, skip_zero=exclude_zero)
        bounds, fit, low = scheme_breaks(passes, scheme, breaks, wanted)
    codes, counts = _codes(_data(values), bounds, closed)
    if not is_lazy(values):
        low = value_range(Passes(values))[1]
    elif scheme != "fixed":
        both = list(Passes(values).map(lambda block: (_code(block, bounds, closed), filling.extremes(block)[1])))
        counts = np.sum([part for part, _ in both], axis=0)[1 : len(bounds) + 1]
        low = min(smallest for _, smallest in both)
    attrs = {"scheme": scheme, "breaks": [float(value) for value in bounds], "closed": closed}
    low = float(low) if np.isfinite(low) else float("nan")
    return Grades(_contain(codes, values, attrs), bounds, counts, scheme, closed, low, fit)


def _without_fill(values: ArrayLike) -> Any:
    """The values with what programs write for "no data" as missing, as layers have it; in their own container."""
    if isinstance(values, xr.DataArray):
        return without_fill(values)
    held = values if isinstance(values, da.Array) else np.asarray(values)
    if held.dtype.kind not in "iuf" or held.ndim == 0:
        return values
    layer = xr.DataArray(held)
    clean = without_fill(layer, name="values")
    if clean is layer:
        return values
    return pd.Series(clean.data, values.index, name=values.name) if isinstance(values, pd.Series) else clean.data


@takes()
def grade_values(values: ArrayLike, breaks: ArrayLike, *, closed: Closed = "right") -> Any:
    """Class codes by given upper bounds, in the container of the values (uint8; 0 = no data); lazy for lazy values.

    Parameters
    ----------
    values : array-like, Series, DataArray or dask array
        NaN and infinities get 0; values above the last bound belong to the top class.
    breaks : sequence of float
        Upper bounds, ascending. None at all (nothing was classified) gives 0 everywhere.
    closed : {"right", "left"}
        ``right``: a value equal to a bound belongs to the lower class.

    Raises
    ------
    ConfigError
        The breaks hold NaN, fall, or are more than 255.

    Examples
    --------
    >>> grade_values(np.array([0.1, 0.15, 0.6, np.nan]), [0.15, 0.5, 1.0])
    array([1, 1, 3, 0], dtype=uint8)
    >>> grade_values(np.array([0.1, 0.15, 0.6, np.nan]), [0.15, 0.5, 1.0], closed="left")
    array([1, 2, 3, 0], dtype=uint8)
    """
    check_closed(closed)
    bounds = np.empty(0) if np.size(np.asarray(breaks)) == 0 else check_breaks(breaks)
    attrs = {"scheme": "fixed", "breaks": [float(value) for value in bounds], "closed": closed}
    data = _data(values)
    if isinstance(data, da.Array):
        codes = _blockwise(data, _code_array, bounds, closed)
    else:
        codes = _codes(data, bounds, closed)[0]
    return _contain(codes, values, attrs)


def check_breaks(breaks: ArrayLike | None) -> NDArray[np.float64]:
    """Upper bounds as float64, when they are ascending, without NaN, and 1 to 255."""
    try:
        bounds = np.atleast_1d(np.array([] if breaks is None else breaks, dtype=np.float64))
    except (TypeError, ValueError):
        bounds = np.full(1, np.nan)
    thing = Phrase("class_breaks")
    if bounds.ndim != 1 or not 1 <= bounds.size <= MOST_CLASSES:
        raise ConfigError(Problem("classify.breaks_shape", thing, shape=str(bounds.shape), most=MOST_CLASSES))
    shown = [f"{value:g}" for value in bounds]
    if np.isnan(bounds).any() or np.isinf(bounds[:-1]).any() or bounds[-1] == -np.inf:
        raise ConfigError(Problem("classify.breaks_numbers", thing, breaks=shown))
    if np.any(np.diff(bounds) < 0):
        raise ConfigError(Problem("classify.breaks", thing, breaks=shown))
    if np.any(np.diff(bounds) == 0):
        note(Problem("classify.breaks_equal", thing, severity="warning", breaks=shown))
    return bounds


@takes()
def goodness_of_variance_fit(values: ArrayLike, breaks: ArrayLike, *, closed: Closed = "right") -> float:
    """Share of the variance that the classes explain, 0..1 (GVF = 1 - SDCM / SDAM); one pass over the values.

    NaN and infinities are left out; NaN when no value is finite, 1 for constant values.

    Examples
    --------
    >>> values = [1, 2, 3, 10, 11, 12, 30, 31, 32, 100]
    >>> round(goodness_of_variance_fit(values, [3, 12, 32, 100]), 6)
    0.999239
    """
    check_closed(closed)
    bounds = check_breaks(breaks)
    passes = Passes(values)
    count, _, high = value_range(passes)
    if not count:
        return float("nan")
    if np.isinf(bounds[-1]):
        bounds[-1] = max([high, *bounds[:-1]])
    rows = np.sum(list(passes.map(lambda block: kernels.class_moments(block, bounds, closed == "left"))), axis=0)
    rows, shifts = rows[rows[:, 0] > 0], bounds[rows[:, 0] > 0]
    within = rows[:, 2] - rows[:, 1] ** 2 / rows[:, 0]
    means = shifts + rows[:, 1] / rows[:, 0]
    between = rows[:, 0] @ (means - np.average(means, weights=rows[:, 0])) ** 2
    overall = float(within.sum() + between)
    return float(between / overall) if overall > 0 else 1.0


@takes()
def to_five(grades: ArrayLike, scheme: str) -> Any:
    """Grades of a scheme on the scale of five, by the scheme's own mapping (four classes: 1, 2, 3, 4 -> 1, 2, 4, 5).

    Parameters
    ----------
    grades : array, Series, DataArray or dask array of whole numbers
        0 = no data stays 0.
    scheme : str
        A scheme of the standards table ``grades/schemes``, e.g. ``hazard_4``.

    Raises
    ------
    StandardTableError
        There is no such scheme.

    Examples
    --------
    >>> to_five(np.array([0, 1, 3, 4], dtype="uint8"), "hazard_4")
    array([0, 1, 4, 5], dtype=uint8)
    """
    schemes = standards.table("grades/schemes").data
    if scheme not in schemes:
        raise StandardTableError(Problem("grades.scheme", Phrase("grade_scheme", name=scheme), known=list(schemes)))
    target = np.array([0, *schemes[scheme]["to_5"]], dtype=np.uint8)
    data = _data(grades)
    if isinstance(data, da.Array):
        codes = _blockwise(data, _look_up, target)
    else:
        codes = _look_up(plain(data), target)
    attrs = {"scheme": "risk_5", "mapped_from": scheme}
    return _contain(codes, grades, attrs)


def _look_up(codes: NDArray[Any], target: NDArray[np.uint8]) -> NDArray[np.uint8]:
    whole = np.nan_to_num(codes, nan=0).astype(np.int64)
    if whole.size and (whole.min() < 0 or whole.max() >= target.size):
        thing, most = Phrase("grades_to_map"), target.size - 1
        raise ConfigError(Problem("grades.range", thing, low=whole.min(), high=whole.max(), most=most))
    return np.asarray(target[whole])


def _blockwise(data: da.Array, work: Callable[..., NDArray[np.uint8]], *options: object) -> Any:
    lazy: Any = data  # dask's own types do not know map_blocks
    return lazy.map_blocks(work, *options, dtype=np.uint8, meta=np.empty(0, dtype=np.uint8))


def _data(values: ArrayLike) -> Any:
    return values.data if isinstance(values, xr.DataArray) else values


def _code_array(block: NDArray[Any], bounds: NDArray[np.float64], closed: str) -> NDArray[np.uint8]:
    codes: NDArray[np.uint8] = _codes(block, bounds, closed)[0]
    return codes


def _codes(data: ArrayLike, bounds: NDArray[np.float64], closed: str) -> tuple[Any, Any]:
    """Codes in the shape of the data, and the number of values per class."""
    if isinstance(data, da.Array):
        blocks = _blockwise(data, _code_array, bounds, closed)
        return blocks, _lazy_counts(blocks, len(bounds))
    array = plain(data)
    codes = np.zeros(array.shape, dtype=np.uint8)
    counts = np.zeros(256, dtype=np.int64)
    if array.size and len(bounds):
        for part in Passes(array).map_into(codes, lambda block, out: _code(block, bounds, closed, out)):
            counts += part
    return codes, counts[1 : len(bounds) + 1]


def _code(
    block: NDArray[Any], bounds: NDArray[np.float64], closed: str, out: NDArray[np.uint8] | None = None
) -> NDArray[np.int64]:
    with np.errstate(over="ignore"):
        limits = bounds[:-1].astype(block.dtype)
    # 0.7 kept as float32 equals a bound of 0.7, although its digits differ from the eighth on. Any other bound between
    # two float32 values is moved to the one that separates the values in the same way.
    exact = np.array([float(str(limit)) == bound for limit, bound in zip(limits, bounds[:-1], strict=True)], dtype=bool)
    if closed == "left":
        limits = np.where(~exact & (limits < bounds[:-1]), np.nextafter(limits, block.dtype.type(np.inf)), limits)
    else:
        limits = np.where(~exact & (limits > bounds[:-1]), np.nextafter(limits, block.dtype.type(-np.inf)), limits)
    codes = np.empty(block.size, dtype=np.uint8) if out is None else out
    return np.asarray(kernels.code_block(block, limits, closed == "left", codes))


def _lazy_counts(codes: da.Array, k: int) -> Any:
    return da.bincount(codes.ravel(), minlength=256)[1 : k + 1] if k else da.zeros(0, dtype=np.int64)


def _contain(codes: ArrayLike, values: ArrayLike, attrs: dict[str, Any]) -> Any:
    """The codes in the container of the values; a layer says what they are."""
    if isinstance(values, pd.Series):
        return pd.Series(codes, index=values.index, name=values.name)
    if not isinstance(values, xr.DataArray):
        return codes
    quantity = _GRADE_OF.get(values.attrs.get("quantity", ""), "grade")
    out = values.copy(data=codes)
    return describe(out, quantity=quantity, class_order="ascending", **attrs)


def _shown(bounds: NDArray[np.float64]) -> str:
    return "(" + ", ".join(f"{value:g}" for value in bounds[:8]) + (", ..." if bounds.size > 8 else "") + ")"
