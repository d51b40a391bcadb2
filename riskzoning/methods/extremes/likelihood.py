"""Parameters of greatest likelihood, found from those of the L-moments."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from riskzoning import standards
from riskzoning.methods.extremes.distributions import NAMES, Floats, Parameters, log_density
from riskzoning.methods.extremes.moments import by_l_moments, by_moments

_RULES = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}


def by_likelihood(name: str, values: Floats) -> Parameters:
    """Parameters of each series (rows, NaN left out); NaN where the likelihood has no maximum within the limits."""
    rows = [_one(name, row[np.isfinite(row)]) for row in values]
    shape, loc, scale = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return Parameters(shape, loc, scale)


def _one(name: str, x: Floats) -> tuple[float, float, float]:
    """The series on a scale of its own, so that its unit does not matter, then back."""
    middle, width = float(np.median(x)), float(x.std())
    z = (x - middle) / width
    best = None
    for start in _starts(name, z):
        end = minimize(_cost, start, args=(name, z), method="Nelder-Mead", options=_RULES)
        if end.success and np.isfinite(end.fun) and (best is None or end.fun < best.fun):
            best = end
    if best is None:
        return (np.nan, np.nan, np.nan)
    shape, loc, scale = _unpacked(best.x)
    if abs(shape) >= _most(name):
        return (np.nan, np.nan, np.nan)
    return shape, middle + width * loc, width * scale


def _most(name: str) -> float:
    limits = standards.table("methods/extremes").data["likelihood"]
    return float(limits.get(NAMES[name][0], np.inf))


def _starts(name: str, z: Floats) -> list[Floats]:
    """L-moments and moments, with as much skew as leaves all values inside: outside the solver stands still."""
    guesses = [by_l_moments(name, z[None])]
    if name != "gev":
        guesses.append(by_moments(name, z[None]))
    starts = []
    for guess in guesses:
        shape = float(np.clip(guess.shape[0], -0.9 * min(_most(name), 10), 0.9 * min(_most(name), 10)))
        loc, scale = float(guess.loc[0]), float(guess.scale[0])
        for factor in (1.0, 0.5, 0.0):
            start = np.array([loc, np.log(scale), shape * factor][: len(NAMES[name])])
            if np.isfinite(_cost(start, name, z)):
                starts.append(start)
                break
    return starts


def _unpacked(at: Floats) -> tuple[float, float, float]:
    return (float(at[2]) if len(at) > 2 else 0.0), float(at[0]), float(np.exp(at[1]))


def _cost(at: Floats, name: str, z: Floats) -> float:
    shape, loc, scale = _unpacked(at)
    if abs(shape) > _most(name) or not 0 < scale < np.inf:
        return float("inf")
    parameters = Parameters(np.array(shape), np.array(loc), np.array(scale))
    total = -float(log_density(name, z, parameters).sum())
    return total if np.isfinite(total) else float("inf")
