"""How well a fit lies on its series, and how sure its levels are: statistics of fit, bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskzoning.methods.extremes.distributions import Floats, Parameters, exceedance, level, log_density
from riskzoning.methods.extremes.positions import chances


@dataclass(frozen=True)
class Goodness:
    """How well a distribution fits a series; numbers for one series, the form of the series for many.

    Parameters
    ----------
    ks : float
        Statistic of Kolmogorov and Smirnov: largest distance of the curve from the empirical one, 0..1.
    ad : float
        Statistic of Anderson and Darling, which weighs the tails; infinite where a value lies beyond the distribution.
    rmse : float
        Root mean square distance of the values from the curve at their plotting positions, in their unit.
    ks_p, ad_p : float
        Chance of a distance as large if the fit were true, from series drawn from the fit and fitted again (tables of
        the two tests do not hold when the parameters come from the same values); NaN without draws.
    negative_log_likelihood, aic : float
        Smaller is better, between distributions fitted to one series.

    Examples
    --------
    >>> from riskzoning.methods.extremes import fit
    >>> rain = [62, 45, 88, 120, 51, 75, 97, 66, 58, 83, 140, 71, 49, 92, 78]
    >>> told = fit(rain).goodness(draws=200, seed=1)
    >>> round(told.ks, 3), told.ks_p > 0.05
    (0.079, True)
    """

    ks: Any
    ad: Any
    rmse: Any
    ks_p: Any
    ad_p: Any
    negative_log_likelihood: Any
    aic: Any


def distances(name: str, values: Floats, fitted: Parameters) -> tuple[Floats, Floats, Floats]:
    """KS, AD and RMSE of each series (rows, NaN left out)."""
    of = Parameters(fitted.shape[:, None], fitted.loc[:, None], fitted.scale[:, None])
    ordered, at = chances(values)
    known = np.isfinite(ordered)
    count = known.sum(axis=1)
    over = exceedance(name, ordered, of)
    rank = np.arange(1, values.shape[1] + 1)
    n = count[:, None]
    steps = np.fmax(np.abs(rank / n - over), np.abs(over - (rank - 1) / n))
    ks = np.max(np.where(known, steps, 0.0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Highest first: the m-th value has weight 2 (n - m) + 1 with its F, and 2 m - 1 with its 1 - F.
        terms = (2 * (n - rank) + 1) * np.log1p(-over) + (2 * rank - 1) * np.log(over)
    ad = -count - np.where(known, terms, 0.0).sum(axis=1) / count
    miss = np.where(known, ordered - level(name, at, of), 0.0)
    bad = np.isnan(fitted.scale)
    return tuple(np.where(bad, np.nan, part) for part in (ks, ad, np.sqrt((miss**2).sum(axis=1) / count)))  # type: ignore[return-value]


def likelihood_cost(name: str, values: Floats, fitted: Parameters) -> Floats:
    """Negative log-likelihood of each series."""
    of = Parameters(fitted.shape[:, None], fitted.loc[:, None], fitted.scale[:, None])
    density = log_density(name, values, of)
    cost = -np.where(np.isfinite(values), density, 0.0).sum(axis=1)
    return np.where(np.isnan(fitted.scale), np.nan, cost)


def drawn(name: str, count: int, fitted: Parameters, draws: int, seed: tuple[int, int]) -> Floats:
    """Series (draws x count) from one fitted distribution."""
    chance = np.random.default_rng(seed).uniform(size=(draws, count))
    return level(name, chance, fitted)


def chances_of_fit(
    name: str, values: Floats, fitted: Parameters, refit: Callable[[Floats], Parameters], draws: int, seed: int
) -> tuple[Floats, Floats]:
    """p of KS and AD of each series, from series drawn from its fit and fitted again."""
    ks, ad, _ = distances(name, values, fitted)
    p_ks, p_ad = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for i in np.flatnonzero(np.isfinite(fitted.scale)):
        sample = drawn(name, int(np.isfinite(values[i]).sum()), fitted.at(i), draws, (seed, int(i)))
        other_ks, other_ad, _ = distances(name, sample, refit(sample))
        usable = np.isfinite(other_ks)
        p_ks[i] = (1 + (other_ks[usable] >= ks[i]).sum()) / (1 + usable.sum())
        p_ad[i] = (1 + (other_ad[usable] >= ad[i]).sum()) / (1 + usable.sum())
    return p_ks, p_ad


def resampled(values: Floats, draws: int, seed: tuple[int, int]) -> Floats:
    """Series (draws x n) of the values of one series, drawn with replacement."""
    known = values[np.isfinite(values)]
    return known[np.random.default_rng(seed).integers(0, known.size, size=(draws, known.size))]
