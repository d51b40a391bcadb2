"""Upper bounds of classes by scheme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.methods.classification import kernels
from riskzoning.methods.classification.bins import order_statistics
from riskzoning.methods.classification.natural import (
    SORTED_LIMIT,
    binnable,
    check_classes,
    finite_values,
    natural_partition,
    note_fewer,
    value_range,
)
from riskzoning.methods.classification.passes import Passes

Floats: TypeAlias = NDArray[np.float64]
Closed: TypeAlias = Literal["right", "left"]


@dataclass(frozen=True)
class Options:
    """What the schemes need to know."""

    k: int
    multiples: Sequence[float] = (-2, -1, 1, 2)
    ddof: int = 1
    percentiles: Sequence[float] | None = None


class SchemeOptions(TypedDict, total=False):
    """What only some schemes need, as keywords."""

    multiples: Sequence[float]
    ddof: int
    percentiles: Sequence[float] | None


def check_closed(closed: str) -> None:
    """Nothing, when ``closed`` is ``right`` or ``left``."""
    if closed not in ("right", "left"):
        raise ConfigError(Problem("classify.closed", Phrase("parameter", name="closed"), closed=closed))


def scheme_breaks(
    passes: Passes, scheme: str, breaks: ArrayLike | None, options: Options
) -> tuple[Floats, float, float]:
    """Upper bounds by a data-driven scheme, the fit of natural breaks (else NaN) and the smallest value."""
    _check_scheme(scheme, breaks)
    if scheme == "natural_breaks":
        classes = natural_partition(passes, check_classes(options.k))
        note_fewer(len(classes.largest), options.k)
        _note_fit(classes.fit, len(classes.largest))
        return classes.largest, classes.fit, float(classes.smallest[0]) if len(classes.smallest) else float("nan")
    count, low, high = value_range(passes)
    if not count:
        note_fewer(0, 1)
        return np.empty(0), float("nan"), float("nan")
    if low == high:
        bounds, wanted = np.array([high]), check_classes(options.k)
    else:
        bounds, wanted = SCHEMES[scheme](passes, low, high, options)
    note_fewer(len(bounds), wanted)
    return bounds, float("nan"), low


def _check_scheme(scheme: str, breaks: ArrayLike | None) -> None:
    problems = []
    names = ["natural_breaks", "fixed", *SCHEMES]
    if scheme not in names:
        problems.append(Problem("classify.scheme", Phrase("class_scheme"), scheme=scheme, known=names))
    if breaks is not None:
        problems.append(Problem("classify.breaks_given", Phrase("parameter", name="breaks"), scheme=scheme))
    if problems:
        raise ConfigError(problems=problems)


def _note_fit(fit: float, classes: int) -> None:
    least = float(standards.table("grades/rules").data["minimum_fit"])
    if classes and fit < least:
        note(Problem("classify.fit", Phrase("values_to_classify"), severity="warning", fit=fit, least=least))


def mean_and_deviation(passes: Passes, ddof: int) -> tuple[float, float]:
    """Mean and standard deviation of the finite values, in two passes; the deviation is 0 where it is not defined."""
    _, low, _ = value_range(passes)
    count, total, _ = np.sum(list(passes.map(lambda block: kernels.moments(block, low))), axis=0)
    mean = low + total / count
    count, total, square = np.sum(list(passes.map(lambda block: kernels.moments(block, mean))), axis=0)
    free = count - ddof
    return float(mean), float(np.sqrt(max(square - total * total / count, 0.0) / free)) if free > 0 else 0.0


def quantile_values(passes: Passes, shares: Floats, low: float, high: float) -> Floats:
    """Quantiles of the finite values with linear interpolation (numpy's default), exact for any number of values."""
    if passes.size <= SORTED_LIMIT or not binnable(low, high):
        return np.asarray(np.quantile(finite_values(passes), shares))
    place = shares * (value_range(passes)[0] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    values = order_statistics(passes, np.concatenate([below, above]), low, high)
    a, b = values[: len(shares)], values[len(shares) :]
    t = place - below
    return np.where(t < 0.5, a + (b - a) * t, b - (b - a) * (1 - t))


def _quantiles(passes: Passes, low: float, high: float, options: Options) -> tuple[Floats, int]:
    k = check_classes(options.k)
    return _different(quantile_values(passes, np.arange(1, k + 1) / k, low, high)), k


def _percentiles(passes: Passes, low: float, high: float, options: Options) -> tuple[Floats, int]:
    levels = options.percentiles
    if levels is None:
        levels = standards.table("grades/percentiles").data["event_intensity"]["percentiles"]
    shares = np.append(np.asarray(levels, dtype=np.float64) / 100, 1.0)
    if np.any(np.diff(shares) <= 0) or not shares[0] > 0:
        raise ConfigError(Problem("classify.percentiles", Phrase("parameter", name="percentiles"), levels=list(levels)))
    return _different(quantile_values(passes, shares, low, high)), len(shares)


def _equal_interval(_passes: Passes, low: float, high: float, options: Options) -> tuple[Floats, int]:
    k = check_classes(options.k)
    bounds = low + (high - low) * (np.arange(1, k + 1) / k)
    bounds[-1] = high
    return _different(bounds), k


def _std_mean(passes: Passes, _low: float, high: float, options: Options) -> tuple[Floats, int]:
    multiples, ddof = np.asarray(options.multiples, dtype=np.float64), options.ddof
    if multiples.ndim != 1 or not multiples.size or not np.all(np.diff(multiples) > 0) or ddof not in (0, 1):
        given = np.atleast_1d(multiples).tolist()
        raise ConfigError(
            Problem("classify.multiples", Phrase("parameter", name="multiples"), multiples=given, ddof=ddof)
        )
    mean, deviation = mean_and_deviation(passes, ddof)
    if deviation == 0.0:
        return np.array([high]), multiples.size + 1
    bounds = mean + multiples * deviation
    # The number of classes stays, also where no value lies above the last multiple.
    return np.append(bounds, max(high, bounds[-1])), multiples.size + 1


def _mapclassify(name: str) -> Callable[[Passes, float, float, Options], tuple[Floats, int]]:
    def bounds_by(passes: Passes, _low: float, high: float, options: Options) -> tuple[Floats, int]:
        import mapclassify

        make = getattr(mapclassify, name)
        values = finite_values(passes)
        classes = make(values, check_classes(options.k)) if name == "MaximumBreaks" else make(values)
        bounds = _different(np.asarray(classes.bins, dtype=np.float64))
        bounds = np.append(bounds[bounds < high], high)
        return bounds, len(bounds)

    return bounds_by


def _different(bounds: Floats) -> Floats:
    return np.unique(bounds)


SCHEMES: dict[str, Callable[[Passes, float, float, Options], tuple[Floats, int]]] = {
    "quantiles": _quantiles,
    "equal_interval": _equal_interval,
    "std_mean": _std_mean,
    "percentiles": _percentiles,
    "box_plot": _mapclassify("BoxPlot"),
    "head_tail_breaks": _mapclassify("HeadTailBreaks"),
    "maximum_breaks": _mapclassify("MaximumBreaks"),
}
