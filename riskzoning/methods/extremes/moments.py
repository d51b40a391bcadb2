"""Parameters from moments: ordinary ones and L-moments, of many series at once."""

from __future__ import annotations

import numpy as np
from scipy.special import gamma, gammaln

from riskzoning.methods.extremes.distributions import Floats, Parameters

# Below it the sample is symmetric: the formula of the shape has no value at 0.
_SYMMETRIC = 1e-6
_EULER = 0.5772156649015329
_HALVINGS = 100


def l_moments_of(values: Floats) -> Floats:
    """l1, l2, t3, t4 (last axis) of series (years on the last axis, NaN left out), by unbiased weighted moments."""
    ordered = np.sort(values, axis=-1)
    known = np.isfinite(ordered)
    count = known.sum(axis=-1).astype(np.float64)[..., None]
    x = np.where(known, ordered, 0.0)
    rank = np.arange(values.shape[-1], dtype=np.float64)
    # Differences to the mean: constants drop out before they are added up, so that nothing is left of rounding.
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = x.sum(axis=-1, keepdims=True) / count
        centred = np.where(known, x - mean, 0.0)
        weight, moments = np.ones_like(centred), []
        for order in range(1, 4):
            weight = weight * (rank - order + 1) / (count - order)
            moments.append((centred * weight).sum(axis=-1) / count[..., 0])
        b0 = centred.sum(axis=-1) / count[..., 0]
        b1, b2, b3 = moments
        l2 = 2 * b1 - b0
        t3 = (6 * b2 - 6 * b1 + b0) / l2
        t4 = (20 * b3 - 30 * b2 + 12 * b1 - b0) / l2
    return np.stack([mean[..., 0] + b0, l2, t3, t4], axis=-1)


def by_l_moments(name: str, values: Floats, *, exact: bool = False) -> Parameters:
    """Parameters whose L-moments are those of the series; ``exact``: the GEV solved, not by Hosking's approximation."""
    l1, l2, t3, _ = np.moveaxis(l_moments_of(values), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if name == "pearson3":
            return _pearson(l1, l2, t3)
        if name == "gumbel":
            scale = l2 / np.log(2)
            return Parameters(np.zeros_like(scale), l1 - _EULER * scale, scale)
        return _gev(l1, l2, t3, exact)


def _pearson(l1: Floats, l2: Floats, t3: Floats) -> Parameters:
    """Hosking's rational approximations of the gamma shape."""
    size = np.abs(t3)
    even = size <= _SYMMETRIC
    z = 3 * np.pi * np.where(even, 1.0, t3) ** 2
    small = (1 + 0.2906 * z) / (z + 0.1882 * z**2 + 0.0442 * z**3)
    z = 1 - size
    upper = 0.36067 * z - 0.59567 * z**2 + 0.25361 * z**3
    large = upper / (1 - 2.78861 * z + 2.56096 * z**2 - 0.77045 * z**3)
    alpha = np.where(size < 1 / 3, small, large)
    skew = np.where(even, 0.0, 2 / np.sqrt(alpha) * np.sign(t3))
    ratio = np.exp(gammaln(alpha) - gammaln(alpha + 0.5))
    scale = l2 * np.sqrt(np.pi) * np.where(even, 1.0, np.sqrt(alpha) * ratio)
    return Parameters(skew, l1, scale)


def _gev(l1: Floats, l2: Floats, t3: Floats, exact: bool) -> Parameters:
    lead = 2 / (3 + t3) - np.log(2) / np.log(3)
    k = 7.8590 * lead + 2.9554 * lead**2
    if exact:
        k = _gev_shape(t3)
    k = np.where(np.abs(k) < 1e-9, 1e-9, k)
    scale = l2 * k / ((1 - 2.0**-k) * gamma(1 + k))
    return Parameters(k, l1 - scale * (1 - gamma(1 + k)) / k, scale)


def _gev_shape(t3: Floats) -> Floats:
    """The k whose GEV has the L-skewness t3, by halving: t3 = 2 (1 - 3^-k) / (1 - 2^-k) - 3 falls with k."""
    low, high = np.full(np.shape(t3), -0.9999), np.full(np.shape(t3), 20.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        middle = np.where(np.abs(middle) < 1e-12, 1e-12, middle)
        too_high = 2 * np.expm1(-middle * np.log(3)) / np.expm1(-middle * np.log(2)) - 3 > t3
        low, high = np.where(too_high, middle, low), np.where(too_high, high, middle)
    return np.where(np.isnan(t3), np.nan, (low + high) / 2)


def by_moments(name: str, values: Floats) -> Parameters:
    """Pearson III by Cv and the unbiased skew, Gumbel by mean and deviation (divisor n - 1)."""
    known = np.isfinite(values)
    count = known.sum(axis=-1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=-1) / count
        off = np.where(known, values - mean[..., None], 0.0)
        deviation = np.sqrt((off**2).sum(axis=-1) / (count - 1))
        if name == "gumbel":
            scale = deviation * np.sqrt(6) / np.pi
            return Parameters(np.zeros_like(scale), mean - _EULER * scale, scale)
        skew = count * (off**3).sum(axis=-1) / ((count - 1) * (count - 2) * deviation**3)
    return Parameters(skew, mean, deviation)
