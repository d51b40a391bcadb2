"""The streaming histogram equals the whole layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError
from riskzoning.methods.classification import Histogram, classify, natural_breaks

VALUES = np.random.default_rng(6).beta(1, 8, (120, 100)).astype("f4")
VALUES[::11, ::3] = np.nan
VALUES[::5, ::2] = 0


def filled(values, bands=4, low=0.0, high=1.0, bins=65536):
    histogram = Histogram(low, high, bins)
    for band in np.array_split(values, bands):
        histogram.update(band)
    return histogram


def test_moments_and_range_are_those_of_the_values():
    histogram, good = filled(VALUES), VALUES[np.isfinite(VALUES)].astype(float)
    assert histogram.count == good.size
    assert histogram.mean == pytest.approx(good.mean(), rel=1e-14)
    assert histogram.std(ddof=1) == pytest.approx(good.std(ddof=1), rel=1e-13)
    assert histogram.std(ddof=0, exclude_zero=True) == pytest.approx(good[good > 0].std(), rel=1e-12)
    assert (histogram.minimum, histogram.maximum) == (good.min(), good.max())


@pytest.mark.parametrize("scheme", ["natural_breaks", "equal_interval", "std_mean", "quantiles"])
@pytest.mark.parametrize("exclude_zero", [False, True])
def test_breaks_are_those_of_the_whole_layer(scheme, exclude_zero):
    whole = classify(VALUES, scheme, k=4, exclude_zero=exclude_zero)
    breaks = filled(VALUES).breaks(scheme, 4, exclude_zero=exclude_zero)
    assert breaks == pytest.approx(whole.breaks, abs=1e-5 if scheme == "quantiles" else 1e-12)


def test_natural_breaks_are_values_and_their_counts_exact():
    histogram = filled(VALUES, bins=4096)
    breaks = histogram.breaks("natural_breaks", 5)
    assert np.isin(breaks, VALUES).all()
    assert histogram.counts_for(breaks).tolist() == classify(VALUES, "fixed", breaks=breaks).counts.tolist()
    assert histogram.partition(5).counts.tolist() == histogram.counts_for(breaks).tolist()


@pytest.mark.parametrize("closed", ["right", "left"])
def test_counts_for_bounds_between_values(closed):
    histogram = Histogram(0, 10)
    histogram.update(np.array([1.0, 2, 2, 3, 9]))
    expected = {"right": [3, 1, 1], "left": [1, 3, 1]}[closed]
    assert histogram.counts_for([2, 5, 10], closed=closed).tolist() == expected
    assert histogram.counts_for([0.5, 20], closed=closed).tolist() == [0, 5]


def test_bands_and_merging_do_not_matter():
    one, many = filled(VALUES, 1), filled(VALUES, 40)
    top, bottom = filled(VALUES[:50]), filled(VALUES[50:])
    merged = top.merge(bottom)
    assert merged is top
    for other in (many, merged):
        assert other.count == one.count
        assert other.breaks("natural_breaks", 5).tolist() == one.breaks("natural_breaks", 5).tolist()
        assert other.mean == pytest.approx(one.mean, rel=1e-14)


def test_same_bands_give_the_same_bits():
    assert np.array_equal(filled(VALUES)._table, filled(VALUES)._table)
    assert filled(VALUES).mean == filled(VALUES).mean


def test_values_outside_the_range_are_counted():
    histogram = Histogram(0, 1)
    histogram.update(np.array([-5.0, 0.5, 7.0]))
    assert histogram.count == 3
    assert histogram.breaks("natural_breaks", 3).tolist() == [-5, 0.5, 7]


def test_crowded_low_values_reach_the_optimum():
    values = np.random.default_rng(1).lognormal(0, 2, 50_000)
    values /= values.max()
    exact = natural_breaks(values, 5)
    assert filled(values).breaks("natural_breaks", 5) == pytest.approx(exact, rel=1e-3)


def test_nothing_and_constant():
    empty = Histogram(float("nan"), float("nan"))
    empty.update(np.full(5, np.nan))
    assert (empty.count, empty.counts_for([1, 2]).tolist()) == (0, [0, 0])
    assert np.isnan([empty.mean, empty.minimum, empty.maximum, empty.std()]).all()
    with pytest.warns(UserWarning, match="no finite number"):
        assert empty.breaks().size == 0
    assert empty.partition(3).largest.size == 0
    constant = Histogram(2, 2)
    constant.update(np.full(5, 2.0))
    for scheme in ("natural_breaks", "quantiles", "equal_interval", "std_mean"):
        with pytest.warns(UserWarning, match="1 instead of 5"):
            assert constant.breaks(scheme, 5).tolist() == [2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=50))
def test_moments_property(values):
    histogram = Histogram(-10, 10, 16)
    for part in np.array_split(np.array(values), 3):
        histogram.update(part)
    assert histogram.count == len(values)
    assert histogram.mean == pytest.approx(np.mean(values), rel=1e-12, abs=1e-12)
    assert histogram.std(ddof=0) == pytest.approx(np.std(values), rel=1e-9, abs=1e-9)


def test_wrong_use():
    with pytest.raises(ConfigError, match="low <= high"):
        Histogram(1, 0)
    with pytest.raises(ConfigError, match="range of the whole layer"):
        Histogram(0, 1).merge(Histogram(0, 2))
    with pytest.raises(ConfigError, match="one of"):
        Histogram(0, 1).breaks("jenks")
    with pytest.raises(ConfigError, match="class breaks"):
        Histogram(0, 1).breaks("fixed", breaks=[2, 1])
