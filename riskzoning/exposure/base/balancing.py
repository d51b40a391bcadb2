"""Shares a total among cells so that the sums of the units, taken by area share, are met exactly.

A shared cell k with weight w_k holds w_k exp(sum_u F_ku m_u), a cell of one unit w exp(m_u): among all contents that
meet the totals these have the smallest relative entropy to the weights. m solves sum_k F_ku x_k = T_u by Newton's
method on the convex dual. Where no content meets the totals (a unit smaller than a cell beside an empty one),
multiplicative scaling gives the nearest, and the gap says how far it is off.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

Array = np.ndarray[Any, Any]

# Relative differences of the units' sums: aimed at, and accepted.
AIM = 1e-13
ACCEPTED = 1e-10
_NEWTON_STEPS = 100
_LARGEST_STEP = 4.0
# exp of it stays finite
_LARGEST = 600.0
_RIDGE = 1e-13
_SCALING_STEPS = 2000
_OUT_OF_REACH = 1e-6


class Balance(NamedTuple):
    """Factor of the units' own cells, content of the shared cells, relative gap by unit."""

    factor: Array
    shared: Array
    gap: Array


def balance(totals: Array, inside: Array, fractions: sparse.csr_array, weight: Array) -> Balance:
    """Cell contents that meet the totals (above 0) and differ least from the weights.

    ``inside``: weight that each unit has for itself; ``fractions``: area shares of the shared cells, cells x units.
    """
    exact = _newton(totals, inside, fractions, weight)
    if np.max(exact.gap, initial=0.0) <= ACCEPTED:
        return exact
    scaled = _scaling(totals, inside, fractions, weight)
    # Only the units that cannot be met give way; the rest is solved again, and the whole total is kept.
    far = scaled.gap > _OUT_OF_REACH
    reached = inside * scaled.factor + fractions.T @ scaled.shared
    nearest = totals.copy()
    nearest[far] = reached[far] * (totals.sum() - totals[~far].sum()) / reached[far].sum() if far.any() else 0.0
    again = _newton(nearest, inside, fractions, weight)
    if np.max(again.gap, initial=0.0) > ACCEPTED:
        again = scaled
    return _result(totals, inside, fractions, again.factor, again.shared)


def _newton(totals: Array, inside: Array, fractions: sparse.csr_array, weight: Array) -> Balance:
    from scipy.sparse.linalg import spsolve

    m = np.log(totals / (inside + fractions.T @ weight))
    for _ in range(_NEWTON_STEPS):
        own, shared = inside * np.exp(m), weight * np.exp(fractions @ m)
        gap = (own + fractions.T @ shared) - totals
        if np.max(np.abs(gap) / totals, initial=0.0) <= AIM:
            break
        slope = sparse.diags_array(own + _RIDGE * totals) + fractions.T @ sparse.diags_array(shared) @ fractions
        step = np.atleast_1d(spsolve(sparse.csc_array(slope), -gap))
        if not np.all(np.isfinite(step)):
            break
        length = _length(totals, inside, fractions, weight, m, step)
        if length * np.max(np.abs(step)) < np.finfo(float).eps:
            break
        m = np.clip(m + length * step, -_LARGEST, _LARGEST)
    shared = weight * np.exp(fractions @ m)
    # What the shared cells leave goes to the own cells, without the rounding of exp.
    rest = totals - fractions.T @ shared
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where((inside > 0) & (rest > 0), rest / inside, np.exp(m))
    return _result(totals, inside, fractions, factor, shared)


def _length(totals: Array, inside: Array, fractions: sparse.csr_array, weight: Array, m: Array, step: Array) -> float:
    """Part of the Newton step that lowers the dual function."""

    def dual(at: Array) -> float:
        with np.errstate(over="ignore"):
            content = (inside * np.exp(at)).sum() + (weight * np.exp(fractions @ at)).sum()
        return float(content - totals @ at)

    length = min(1.0, _LARGEST_STEP / max(float(np.max(np.abs(step))), 1e-300))
    before = dual(m)
    # Near the solution rounding hides the descent; a full step is then the right one.
    near = 1e-12 * float(totals.sum())
    while length > 1e-6 and not dual(m + length * step) <= before + near:
        length /= 2
    return length


def _result(totals: Array, inside: Array, fractions: sparse.csr_array, factor: Array, shared: Array) -> Balance:
    return Balance(factor, shared, np.abs(inside * factor + fractions.T @ shared - totals) / totals)


def _scaling(totals: Array, inside: Array, fractions: sparse.csr_array, weight: Array) -> Balance:
    """Multiplicative scaling (Richardson-Lucy): contents stay above 0 and come as near to the totals as they can."""
    covered = np.maximum(np.asarray(fractions.sum(axis=1)).ravel(), 1e-300)
    factor, shared = np.ones_like(totals), weight.copy()
    for _ in range(_SCALING_STEPS):
        ratio = totals / np.maximum(inside * factor + fractions.T @ shared, 1e-300)
        factor = factor * np.where(inside > 0, ratio, 1.0)
        shared = shared * (fractions @ ratio) / covered
    return _result(totals, inside, fractions, factor, shared)
