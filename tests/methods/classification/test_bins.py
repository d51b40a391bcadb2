"""Bins that are split: nothing is lost, order statistics are exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.methods.classification.bins import (
    Bins,
    Partition,
    bin_scale,
    cut_items,
    empty_table,
    order_statistics,
    partition_passes,
)
from riskzoning.methods.classification.fisher import best_partition
from riskzoning.methods.classification.passes import Passes


def test_splitting_keeps_count_and_sum():
    values = np.random.default_rng(0).random(5000)
    bins = Bins(Passes(values), 0.0, 1.0, 10)
    bins.split(np.array([0, 7]), np.array([50, 3]))
    numbers, table = bins.leaves()
    again = numbers[table[:, 0] > 100][:2]
    bins.split(again, np.array([4, 4]))
    _, table = bins.leaves()
    assert table[:, 0].sum() == 5000
    assert table[:, 1].sum() == pytest.approx(values.sum())
    assert np.all(table[1:, 3] > table[:-1, 2])


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=60),
    k=st.integers(1, 5),
)
def test_few_values_in_bins_give_the_sorted_answer(values, k):
    array = np.array(values, dtype="f4")
    found = partition_passes(Passes(array), k, float(array.min()), float(array.max()))
    items = np.unique(array).astype(float)
    counts = np.unique(array, return_counts=True)[1].astype(float)
    if len(items) <= k:
        assert found.largest.tolist() == items.tolist()
    else:
        exact = cut_items(np.column_stack([counts, items * counts, items, items]), k)[0]
        assert found.within <= exact.within * (1 + 1e-6) + 1e-300
    assert found.counts.sum() == len(array)
    assert found.largest[-1] == array.max()
    assert found.smallest[0] == array.min()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=60))
def test_order_statistics(values):
    array = np.array(values) / 4  # the range itself must be a number, and its inverse too
    array[np.abs(array) < 1e-290] = 0
    ranks = np.arange(len(array))
    found = order_statistics(Passes(array), ranks, float(array.min()), float(array.max()))
    assert found.tolist() == np.sort(array).tolist()


def test_fit_of_a_partition():
    items = np.array([1.0, 2.0, 9.0])
    found, first = cut_items(np.column_stack([np.ones(3), items, items, items]), 2)
    assert first.tolist() == best_partition(items, np.ones(3), 2).tolist()
    assert found.fit == pytest.approx(1 - 0.5 / 38)


def test_a_few_far_values_do_not_take_the_bins_of_the_others():
    random = np.random.default_rng(3)
    values = np.concatenate([random.random(20_000), [1e9, -1e9, 1e12]])
    found = partition_passes(Passes(values), 4, -1e9, 1e12)
    assert found.largest[-1] == 1e12
    assert found.counts.sum() == len(values)
    items, counts = np.unique(values, return_counts=True)
    exact = cut_items(np.column_stack([counts, items * counts, items, items]), 4)[0]
    assert found.counts.tolist() == exact.counts.tolist()
    assert found.largest.tolist() == exact.largest.tolist()


def test_classes_say_how_much_of_the_variance_they_explain() -> None:
    one = np.ones(1)
    assert Partition(one, one, np.array([2]), within=1.0, overall=4.0).fit == 0.75
    assert Partition(one, one, np.array([2]), within=0.0, overall=0.0).fit == 1.0


def test_an_empty_table_of_bins_takes_any_value() -> None:
    assert empty_table(2).tolist() == [[0.0, 0.0, -np.inf, np.inf]] * 2


@pytest.mark.parametrize(
    ("low", "high", "scale"), [(0.0, 2.0, 5.0), (1.0, 1.0, 0.0), (2.0, 1.0, 0.0), (0.0, np.inf, 0.0)]
)
def test_bins_per_unit(low: float, high: float, scale: float) -> None:
    assert bin_scale(low, high, 10) == scale
    assert np.isfinite(bin_scale(0.0, 5e-324, 10))
