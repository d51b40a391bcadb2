"""Plotting positions, and what a return period says about some years."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.extremes.distributions import Floats

Formula: TypeAlias = Literal["weibull", "hazen", "gringorten", "cunnane", "median"]


def chances(values: Floats, formula: str = "weibull") -> tuple[Floats, Floats]:
    """Values from the highest to the lowest (last axis, NaN at the end), and the plotting position of each."""
    offset = offset_of(formula)
    ordered = -np.sort(-values, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1).astype(np.float64)[..., None]
    rank = np.arange(1, values.shape[-1] + 1, dtype=np.float64)
    at = (rank - offset) / (count + 1 - 2 * offset)
    return ordered, np.where(np.isfinite(ordered), at, np.nan)


def offset_of(formula: str) -> float:
    """The a of P = (m - a) / (n + 1 - 2 a)."""
    offsets = standards.table("methods/extremes").data["plotting"]
    if formula not in offsets:
        thing = Phrase("plotting_position")
        raise LayerError(Problem("extremes.choice", thing, value=str(formula), known=list(offsets)))
    return float(offsets[formula])


@takes()
def plotting_positions(values: ArrayLike, *, formula: Formula = "weibull") -> pd.DataFrame:
    """The empirical curve of a series (经验频率): each value with its rank, chance and return period.

    It needs no distribution, and is all that a short series can say.

    Parameters
    ----------
    values : array, shape (n,)
        One value a year; NaN is left out.
    formula : {"weibull", "hazen", "gringorten", "cunnane", "median"}
        P = (m - a) / (n + 1 - 2 a) with a of ``methods/extremes``; ``weibull``: m / (n + 1), as in Chinese practice.

    Returns
    -------
    DataFrame
        ``value`` (highest first), ``rank`` (from 1), ``probability`` (chance to be exceeded in a year),
        ``return_period`` (years).

    Raises
    ------
    LayerError
        No value is there, or the formula is not known.

    Examples
    --------
    >>> plotting_positions([20.0, 50.0, 35.0])["return_period"].round(3).tolist()
    [4.0, 2.0, 1.333]
    """
    series = np.asarray(values, dtype=np.float64).ravel()
    series = series[np.isfinite(series)]
    if not series.size:
        raise LayerError(Problem("extremes.none", Phrase("extreme_series")))
    ordered, at = chances(series, formula)
    rank = np.arange(1, series.size + 1)
    return pd.DataFrame({"value": ordered, "rank": rank, "probability": at, "return_period": 1 / at})


@takes()
def return_period_of(probability: ArrayLike, years: float = 1.0) -> Any:
    """Return period of what has a probability in some years (超越概率 -> 重现期): T = -t / ln(1 - p).

    Parameters
    ----------
    probability : number or array
        Chance 0..1 of at least one exceedance in ``years``.
    years : float

    Examples
    --------
    >>> round(return_period_of(0.10, 50), 1), round(return_period_of(0.02, 50), 1)
    (474.6, 2474.9)
    """
    p = _checked(probability, "probability", 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return _plain(-_checked(years, "years", 0.0, np.inf) / np.log1p(-p))


@takes()
def probability_within(return_period: ArrayLike, years: float) -> Any:
    """Chance that a level of a return period is reached at least once in some years: 1 - (1 - 1/T)^N.

    Parameters
    ----------
    return_period : number or array
        1 or more, years.
    years : float
        N.

    Examples
    --------
    >>> round(probability_within(100, 50), 6), round(probability_within(20, 10), 6)
    (0.394994, 0.401263)
    """
    period = _checked(return_period, "return_period", 1.0, np.inf)
    with np.errstate(divide="ignore"):
        return _plain(-np.expm1(_checked(years, "years", 0.0, np.inf) * np.log1p(-1 / period)))


def _checked(values: ArrayLike, name: str, low: float, high: float) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    wrong = ~((array >= low) & (array <= high))
    if wrong.any():
        thing, value = Phrase("argument", name=name), float(array[wrong].flat[0])
        raise LayerError(Problem("extremes.number", thing, value=value, low=low, high=high))
    return array


def _plain(values: Floats) -> Any:
    return values if np.ndim(values) else float(values)
