"""Curve fitting: the shape of the smallest miss."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.stats import genextreme, pearson3

from riskzoning.methods.extremes.curve import by_curve

Y = np.array([[279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177.0]])
AT = np.arange(1, 21) / 21


def miss(at: np.ndarray, *, theirs: Any, ordered: np.ndarray) -> float:
    return float(((ordered - theirs.isf(AT, at[0], at[1], at[2])) ** 2).sum())


def test_no_other_parameters_lie_nearer() -> None:
    ordered = -np.sort(-Y[0])
    for name, theirs, start in (("pearson3", pearson3, 0.5), ("gev", genextreme, 0.1)):
        own = by_curve(name, Y)
        cost = partial(miss, theirs=theirs, ordered=ordered)
        best = minimize(cost, [start, 320, 80], method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6})
        assert cost(np.array([own.shape[0], own.loc[0], own.scale[0]])) <= best.fun * (1 + 1e-6)


def test_each_series_has_its_own_shape() -> None:
    rng = np.random.default_rng(2)
    data = rng.gamma(2, 10, size=(6, 30))
    data[2, 20:] = np.nan
    together = by_curve("pearson3", data)
    for i, row in enumerate(data):
        alone = by_curve("pearson3", row[None])
        np.testing.assert_allclose([together.shape[i], together.scale[i]], [alone.shape[0], alone.scale[0]], rtol=1e-9)


def test_gumbel_is_a_straight_line() -> None:
    reduced = -np.log(-np.log1p(-AT))
    own = by_curve("gumbel", (50 + 8 * reduced)[None])
    np.testing.assert_allclose([own.loc[0], own.scale[0]], [50, 8])
