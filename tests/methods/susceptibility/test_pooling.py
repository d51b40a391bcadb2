"""Small classes joined, the density curve: by hand, and laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.methods.susceptibility import density_curve, merge_small


def test_small_classes_go_to_their_smaller_neighbour():
    assert merge_small({1: 900, 2: 12, 3: 400, 4: 80}) == {1: 1, 2: 3, 3: 3, 4: 4}
    assert merge_small({1: 10, 2: 10, 3: 500}) == {1: 3, 2: 3, 3: 3}
    assert merge_small({1: 20, 2: 20, 3: 500}) == {1: 2, 2: 2, 3: 3}
    assert merge_small({3: 5}) == {3: 3}


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 200), min_size=1))
def test_no_class_stays_below_the_least(area):
    goes = merge_small(area)
    assert set(goes) == set(area)
    sums = {}
    for code, to in goes.items():
        assert goes[to] == to
        sums[to] = sums.get(to, 0) + area[code]
    assert min(sums.values()) >= 30 or len(sums) == 1
    between = sorted(area)
    for first, second in itertools.pairwise(between):
        assert goes[first] <= goes[second]


def test_the_curve_never_falls_and_is_about_1_in_the_mean():
    rng = np.random.default_rng(2)
    scores = np.linspace(-3, 3, 500)
    cells = rng.integers(50, 150, 500)
    events = rng.poisson(cells * 0.002 * np.exp(scores))
    at, density = density_curve(scores, cells, events)
    assert len(at) == 20
    assert np.all(np.diff(at) > 0)
    assert np.all(np.diff(density) >= 0)
    assert np.mean(density) == pytest.approx(1, abs=0.02)
    assert density[-1] > 4
    assert density[0] < 0.2


def test_one_class_is_the_mean():
    assert density_curve([0.0], [100], [5]) == ([0.0], [1.0])
