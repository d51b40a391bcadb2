"""Statistics of fit against scipy, and their chances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, pearson3

from riskzoning.methods.extremes import fit
from riskzoning.methods.extremes.distributions import Parameters
from riskzoning.methods.extremes.quality import distances, drawn, likelihood_cost, resampled

Y = np.array(
    [279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177], dtype=float
)


def test_distances_as_by_scipy_and_by_hand() -> None:
    fitted = fit(Y)
    own = pearson3(fitted.parameters["skew"], fitted.parameters["loc"], fitted.parameters["scale"])
    told = fitted.goodness()
    assert told.ks == pytest.approx(kstest(Y, own.cdf).statistic, abs=1e-9)
    ordered, n = np.sort(Y), len(Y)
    i = np.arange(1, n + 1)
    ad = -n - np.mean((2 * i - 1) * (own.logcdf(ordered) + own.logsf(ordered[::-1])))
    assert told.ad == pytest.approx(ad, rel=1e-6)
    miss = ordered[::-1] - own.isf(i / (n + 1))
    assert told.rmse == pytest.approx(np.sqrt(np.mean(miss**2)), rel=1e-6)
    assert told.negative_log_likelihood == pytest.approx(-own.logpdf(Y).sum(), rel=1e-9)
    assert told.aic == pytest.approx(2 * told.negative_log_likelihood + 6)
    assert np.isnan(told.ks_p)


def test_the_chance_tells_a_fit_from_none() -> None:
    assert fit(Y).goodness(draws=300, seed=2).ks_p > 0.1
    two_heaps = np.r_[np.linspace(10, 12, 20), np.linspace(90, 92, 20)]
    with pytest.warns(UserWarning, match="rises"):
        wrong = fit(two_heaps, "gumbel").goodness(draws=300, seed=2)
    assert wrong.ks_p < 0.01
    assert wrong.ad_p < 0.01
    assert fit(Y).goodness(draws=100, seed=4) == fit(Y).goodness(draws=100, seed=4)


def test_rows_with_gaps_are_as_without() -> None:
    own = Parameters(np.array([0.5]), np.array([320.0]), np.array([80.0]))
    gaps = np.r_[Y, np.nan, np.nan]
    for with_gaps, without in zip(distances("pearson3", gaps[None], own), distances("pearson3", Y[None], own)):
        assert with_gaps == pytest.approx(without)
    assert likelihood_cost("pearson3", gaps[None], own) == pytest.approx(likelihood_cost("pearson3", Y[None], own))


def test_draws_are_those_of_the_seed() -> None:
    own = Parameters(np.array(0.5), np.array(320.0), np.array(80.0))
    sample = drawn("pearson3", 50, own, 400, (1, 0))
    assert sample.shape == (400, 50)
    assert sample.mean() == pytest.approx(320, abs=2)
    np.testing.assert_array_equal(sample, drawn("pearson3", 50, own, 400, (1, 0)))
    again = resampled(np.r_[Y, np.nan], 10, (1, 0))
    assert again.shape == (10, 20)
    assert set(again.ravel()) <= set(Y)
