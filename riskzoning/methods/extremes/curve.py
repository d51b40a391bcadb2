"""Curve fitting (适线法): the parameters whose curve lies nearest to the plotting positions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from riskzoning import standards
from riskzoning.methods.extremes.distributions import Floats, Parameters, standard_level
from riskzoning.methods.extremes.positions import chances

# Shapes that are tried at first, and rounds of the parabola, each an eighth as wide.
_STEPS, _ROUNDS, _NARROWER = 61, 6, 8.0


def by_curve(name: str, values: Floats, *, ratio: float | None = None) -> Parameters:
    """Least squares against the plotting positions of Weibull; ``ratio``: Cs = ratio x Cv is kept (Pearson III)."""
    ordered, at = chances(values)
    if name == "gumbel":
        zero = np.zeros(len(values))
        return _line(name, ordered, at, zero)[1]
    limits = standards.table("methods/extremes").data["curve"]

    def nearest(shape: Floats) -> tuple[Floats, Parameters]:
        return _line(name, ordered, at, shape) if ratio is None else _through_mean(ordered, at, shape, ratio)

    low, high = limits["ratio"] if ratio is not None else limits["skew" if name == "pearson3" else "c"]
    return nearest(_best_shape(lambda shape: nearest(shape)[0], float(low), float(high), len(values)))[1]


def _best_shape(miss: Callable[[Floats], Floats], low: float, high: float, count: int) -> Floats:
    """Shape of the smallest miss of each series: the best of some, then the lowest point of narrowing parabolas."""
    grid = np.linspace(low, high, _STEPS)
    misses = np.stack([miss(np.full(count, shape)) for shape in grid])
    shape = grid[np.argmin(np.where(np.isnan(misses), np.inf, misses), axis=0)]
    width = (high - low) / (_STEPS - 1)
    for _ in range(_ROUNDS):
        shape = np.clip(shape, low + width, high - width)
        left, middle, right = (miss(shape + step) for step in (-width, 0.0, width))
        bend = left - 2 * middle + right
        with np.errstate(invalid="ignore", divide="ignore"):
            lowest = np.where(bend > 0, (left - right) / (2 * bend), np.sign(left - right))
        shape = shape + width * np.clip(np.nan_to_num(lowest), -1, 1)
        width /= _NARROWER
    return shape


def _line(name: str, ordered: Floats, at: Floats, shape: Floats) -> tuple[Floats, Parameters]:
    """With the shape given the levels are a line of the standard form: place and scale by least squares."""
    z = _levels(name, at, shape)
    known = np.isfinite(ordered) & np.isfinite(z)
    count = known.sum(axis=1)
    x, z = np.where(known, ordered, 0.0), np.where(known, z, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_z = x.sum(axis=1) / count, z.sum(axis=1) / count
        off_x = np.where(known, x - mean_x[:, None], 0.0)
        off_z = np.where(known, z - mean_z[:, None], 0.0)
        scale = (off_x * off_z).sum(axis=1) / (off_z**2).sum(axis=1)
        loc = mean_x - scale * mean_z
        miss = ((off_x - scale[:, None] * off_z) ** 2).sum(axis=1)
    return miss, Parameters(shape, loc, scale)


def _levels(name: str, at: Floats, shape: Floats) -> Floats:
    """Standard levels at the positions; of series with as many values and one shape only once."""
    if np.ptp(shape) > 0:
        return standard_level(name, at, shape[:, None])
    _, first, which = np.unique(np.isfinite(at).sum(axis=1), return_index=True, return_inverse=True)
    return standard_level(name, at[first], shape[:1, None])[which]


def _through_mean(ordered: Floats, at: Floats, skew: Floats, ratio: float) -> tuple[Floats, Parameters]:
    """With Cs and Cs / Cv given only the mean is left: x = mean (1 + Cv Phi)."""
    variation = skew / ratio
    growth = 1 + variation[:, None] * _levels("pearson3", at, skew)
    known = np.isfinite(ordered)
    x, growth = np.where(known, ordered, 0.0), np.where(known, growth, 0.0)
    mean = (x * growth).sum(axis=1) / (growth**2).sum(axis=1)
    miss = ((x - mean[:, None] * growth) ** 2).sum(axis=1)
    return miss, Parameters(skew, mean, mean * variation)
