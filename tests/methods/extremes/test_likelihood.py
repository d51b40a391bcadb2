"""Greatest likelihood against scipy, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genextreme, gumbel_r, pearson3

from riskzoning.methods.extremes.distributions import Parameters
from riskzoning.methods.extremes.likelihood import by_likelihood
from riskzoning.methods.extremes.quality import likelihood_cost


@pytest.mark.parametrize("seed", range(4))
def test_as_good_as_scipy_from_the_true_start(seed: int) -> None:
    data = genextreme.rvs(0.15, 100, 20, size=40, random_state=seed)
    own = by_likelihood("gev", data[None])
    c, loc, scale = genextreme.fit(data, 0.15, loc=100, scale=20)
    theirs = Parameters(np.array([c]), np.array([loc]), np.array([scale]))
    assert likelihood_cost("gev", data[None], own)[0] <= likelihood_cost("gev", data[None], theirs)[0] + 1e-6


def test_gumbel_as_scipy() -> None:
    data = gumbel_r.rvs(50, 8, size=60, random_state=1)
    own = by_likelihood("gumbel", data[None])
    np.testing.assert_allclose([own.loc[0], own.scale[0]], gumbel_r.fit(data), rtol=1e-4)


def test_gaps_are_left_out_and_no_maximum_is_nan() -> None:
    data = gumbel_r.rvs(50, 8, size=60, random_state=1)
    heaps = np.r_[1 + 1e-6 * np.arange(15), 1000.0 + np.arange(3), np.full(44, np.nan)]
    own = by_likelihood("pearson3", np.vstack([np.r_[data, np.nan, np.nan], heaps]))
    assert np.isfinite(own.scale).tolist() == [True, False]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("skew", [0.4, 1.2])
def test_pearson3_as_scipy_or_better(seed: int, skew: float) -> None:
    data = pearson3.rvs(skew, loc=100, scale=30, size=60, random_state=seed)
    own = by_likelihood("pearson3", data[None])
    parts = pearson3.fit(data, skew, loc=100, scale=30)
    theirs = Parameters(*(np.array([part]) for part in parts))
    assert likelihood_cost("pearson3", data[None], own)[0] <= likelihood_cost("pearson3", data[None], theirs)[0] + 1e-5
