"""Trends of yearly series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from riskzoning.methods.trend import trend

SERIES = st.lists(st.integers(-50, 50), min_size=10, max_size=30)


@given(SERIES)
def test_agrees_with_kendall_and_theil(values: list[int]) -> None:
    years = np.arange(1980, 1980 + len(values))
    told = trend(years, values)
    assert told.slope == pytest.approx(theilslopes(values, years).slope)
    expected = kendalltau(years, values, method="asymptotic")
    if np.isfinite(expected.pvalue):
        assert np.sign(told.tau) == np.sign(np.round(expected.statistic, 12))
        # The correction for continuity makes the test a little more careful.
        assert told.p >= expected.pvalue - 1e-12


@given(SERIES, st.integers(1, 9), st.randoms(use_true_random=False))
def test_units_and_the_order_of_rows_do_not_matter(values: list[int], factor: int, random) -> None:
    years = list(range(2000, 2000 + len(values)))
    told = trend(years, values)
    rows = list(zip(years, values, strict=True))
    random.shuffle(rows)
    again = trend([year for year, _ in rows], [factor * value for _, value in rows])
    assert (again.direction, again.p) == (told.direction, told.p)
    assert again.slope == pytest.approx(factor * told.slope)


@given(SERIES)
def test_a_mirror_turns_the_trend(values: list[int]) -> None:
    years = np.arange(len(values))
    there, back = trend(years, values), trend(years, [-value for value in values])
    turned = {"rising": "falling", "falling": "rising", "none": "none"}
    assert back.direction == turned[there.direction]
    assert back.p == pytest.approx(there.p)


def test_a_steady_rise_by_hand() -> None:
    told = trend(range(1, 11), range(10))
    # S = 45, variance 10 x 9 x 25 / 18 = 125, z = 44 / 11.18.
    assert (told.direction, told.slope, told.tau) == ("rising", 1.0, 1.0)
    assert told.p == pytest.approx(8.303e-5, rel=1e-3)
    assert told.phrase().text("en").startswith("rises, +1 a year")
    assert told.phrase().text("zh").startswith("显著上升，每年 +1")


def test_missing_years_are_no_zeros_and_few_years_tell_nothing() -> None:
    with_gap = trend([2000, 2001, 2002, 2010, 2011, 2012, 2013, 2014, 2015], [5, 5, 5, np.nan, 5, 5, 5, 5, 5])
    assert (with_gap.direction, with_gap.years) == ("none", 8)
    assert trend(range(5), [1, 2, 3, 4, 9]).direction == "short"
    assert np.isnan(trend([], []).slope)


def test_ties_narrow_the_spread() -> None:
    """Ten years, two values five times each: S = 25, variance (10 x 9 x 25 - 2 x 5 x 4 x 15) / 18 = 91.67."""
    told = trend(range(10), [0] * 5 + [1] * 5)
    assert told.p == pytest.approx(2 * (1 - 0.99390), abs=2e-4)
