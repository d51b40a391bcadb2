"""Moments and L-moments of many series, against the published ones and against each distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genextreme, pearson3

from riskzoning.methods.extremes.moments import by_l_moments, by_moments, l_moments_of

Y = np.array(
    [279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177], dtype=float
)


def test_published_l_moments() -> None:
    l1, l2, t3, t4 = l_moments_of(Y)
    assert (l1, l2, t3 * l2, t4 * l2) == pytest.approx((329.0, 47.642105, 4.578947, 6.639009), abs=1e-6)


def test_missing_values_and_large_constants_change_nothing() -> None:
    table = np.vstack([np.r_[Y, np.nan, np.nan], np.r_[np.nan, Y[::-1], np.nan], np.r_[Y + 1e9, np.nan, np.nan]])
    moments = l_moments_of(table)
    np.testing.assert_allclose(moments[1], moments[0], rtol=1e-12)
    np.testing.assert_allclose(moments[2, 1:], moments[0, 1:], rtol=1e-6)


@pytest.mark.parametrize("skew", [-3.0, -1.2, -0.3, 0.0, 0.5, 1.6, 3.5])
def test_pearson_comes_back_from_its_quantiles(skew: float) -> None:
    values = pearson3.ppf((np.arange(20_000) + 0.5) / 20_000, skew, 50, 10)
    own = by_l_moments("pearson3", values[None])
    assert (own.shape[0], own.loc[0], own.scale[0]) == pytest.approx((skew, 50, 10), rel=2e-3, abs=1e-4)
    ordinary = by_moments("pearson3", values[None])
    assert (ordinary.shape[0], ordinary.scale[0]) == pytest.approx((skew, 10), rel=0.01, abs=1e-4)


def test_a_symmetric_sample_is_normal() -> None:
    own = by_l_moments("pearson3", np.arange(-10.0, 11)[None])
    l2 = l_moments_of(np.arange(-10.0, 11))[1]
    assert (own.shape[0], own.scale[0]) == pytest.approx((0, l2 * np.sqrt(np.pi)), abs=1e-9)


@pytest.mark.parametrize("c", [-0.4, -0.1, 0.0, 0.2, 0.6])
def test_gev_comes_back_from_its_quantiles(c: float) -> None:
    values = genextreme.ppf((np.arange(50_000) + 0.5) / 50_000, c, 50, 10)
    exact, near = (by_l_moments("gev", values[None], exact=exact) for exact in (True, False))
    assert (exact.shape[0], exact.loc[0], exact.scale[0]) == pytest.approx((c, 50, 10), rel=5e-3, abs=2e-3)
    assert near.shape[0] == pytest.approx(c, abs=4e-3)


def test_gumbel_by_both() -> None:
    ordinary = by_moments("gumbel", Y[None])
    scale = Y.std(ddof=1) * np.sqrt(6) / np.pi
    assert (ordinary.scale[0], ordinary.loc[0]) == pytest.approx((scale, 329 - 0.5772157 * scale), rel=1e-7)
    own = by_l_moments("gumbel", Y[None])
    assert own.scale[0] == pytest.approx(47.642105 / np.log(2), rel=1e-7)
