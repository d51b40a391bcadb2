"""The exact optimum, against every partition of small sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.methods.classification.fisher import best_partition, deviations, excess_by_border


def cheapest(items: np.ndarray, weights: np.ndarray, k: int) -> float:
    """Smallest cost over all partitions, by trying each."""
    n = len(items)
    return min(
        deviations(items, weights, np.array([0, *cut, n])).sum() for cut in combinations(range(1, n), min(k, n) - 1)
    )


items_and_weights = st.lists(
    st.tuples(st.integers(-10_000, 10_000), st.integers(1, 9)), min_size=2, max_size=9, unique_by=lambda pair: pair[0]
)


@settings(max_examples=150, deadline=None)
@given(pairs=items_and_weights, k=st.integers(1, 6), scale=st.sampled_from([1.0, 1e-12, 1e9, 0.1]))
def test_is_the_cheapest_of_all_partitions(pairs, k, scale):
    items, weights = np.array(sorted(pairs), dtype=float).T
    items = items * scale
    first = best_partition(items, weights, k)
    assert first[0] == 0
    assert first[-1] == len(items)
    assert np.all(np.diff(first) > 0)
    assert deviations(items, weights, first).sum() == pytest.approx(
        cheapest(items, weights, k), rel=1e-9, abs=1e-18 * scale**2
    )


@pytest.mark.parametrize(
    ("items", "k", "expected"),
    [
        ([1, 2, 3, 10, 11, 12, 1e12], 4, [0, 1, 3, 6, 7]),  # one far value must not blur the others
        ([0, 1e-9, 1], 2, [0, 2, 3]),
        ([1e9 + i for i in (1, 2, 3, 10, 11, 12)], 2, [0, 3, 6]),
        ([1e300, 1.1e300, 2e300], 2, [0, 2, 3]),
        ([1e-300, 1.1e-300, 2e-300], 2, [0, 2, 3]),
    ],
)
def test_does_not_lose_digits(items, k, expected):
    found = best_partition(np.array(items, dtype=float), np.ones(len(items)), k)
    assert found.tolist() == expected or (len(items) == 7 and found.tolist() == [0, 2, 3, 6, 7])


@pytest.mark.parametrize(("slope", "offset"), [(1, 0), (0.1, 7), (3, -5), (1e-4, 0.3), (7e5, 1e6)])
def test_equal_partitions_are_told_apart_by_rule_not_by_rounding(slope, offset):
    items = slope * np.arange(3.0) + offset
    assert best_partition(items, np.ones(3), 2).tolist() == [0, 1, 3]


def test_weights_are_repetitions():
    values = np.random.default_rng(1).integers(0, 30, 200)
    items, counts = np.unique(values, return_counts=True)
    first = best_partition(items.astype(float), counts.astype(float), 4)
    repeated = np.sort(values).astype(float) + 1e-12 * np.arange(200)
    same = best_partition(repeated, np.ones(200), 4)
    assert np.sort(values)[same[1:] - 1].tolist() == items[first[1:] - 1].tolist()


def test_as_many_classes_as_items():
    assert best_partition(np.array([1.0, 2.0]), np.ones(2), 5).tolist() == [0, 1, 2]


@settings(max_examples=80, deadline=None)
@given(pairs=items_and_weights, k=st.integers(2, 5))
def test_excess_of_a_border_is_what_the_best_partition_with_it_costs_more(pairs, k):
    items = np.array(sorted(value for value, _ in pairs), dtype=float)
    weights = np.array([weight for _, weight in sorted(pairs)], dtype=float)
    n = len(items)
    k = min(k, n)
    if k < 2:
        return
    least = cheapest(items, weights, k)
    excess = excess_by_border(items, weights, k)
    assert np.isinf(excess[[0, n]]).all()
    for j in range(1, n):
        with_it = min(
            deviations(items, weights, np.array([0, *cut, n])).sum()
            for cut in combinations(range(1, n), k - 1)
            if j in cut
        )
        spread = deviations(items, weights, np.array([0, n])).sum()
        assert excess[j] == pytest.approx(with_it - least, rel=1e-9, abs=1e-12 * spread)
