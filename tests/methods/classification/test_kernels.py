"""The compiled loops agree with numpy, and the two precisions of the partition with each other."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.methods.classification import kernels


def test_extremes_leave_out_what_is_not_finite():
    values = np.array([np.nan, -np.inf, 3, 0, -2, np.inf])
    assert kernels.extremes(values).tolist() == [3, -2, 3, 1]


def test_moments():
    count, total, square = kernels.moments(np.array([1.0, np.nan, 4.0]), 1.0)
    assert (count, total, square) == (2, 3, 9)


def test_class_moments():
    rows = kernels.class_moments(np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 5.0]), False)
    assert rows.tolist() == [[2, -1, 1], [1, -2, 4]]


@pytest.mark.parametrize("k", [2, 3, 7])
def test_both_precisions_find_the_same_partition(k):
    items = np.sort(np.random.default_rng(k).normal(size=300))
    count, total, square = kernels.prefix_sums(items, np.zeros(300), np.ones(300))
    plain = kernels.partition(count, total[0], square[0], k, 0.0, 0.0)
    assert plain.tolist() == kernels.partition_twofold(count, total, square, k, 0.0, 0.0).tolist()


def test_twofold_sums_are_exact():
    items = np.array([1.0, 1e17, -1e17])
    _, total, _ = kernels.prefix_sums(items, np.zeros(3), np.ones(3))
    assert total.sum(axis=0).tolist() == [0, 1, 1e17 + 1, 1]


@pytest.mark.parametrize("fill", [kernels.fill_bins, kernels.fill_root_bins])
def test_bins_hold_every_finite_value(fill):
    table = np.tile([0.0, 0.0, -np.inf, np.inf], (8, 1))
    values = np.array([-1.0, 0.0, 0.3, 1.0, 5.0, np.nan, np.inf], dtype="f4")
    fill(values, 0.0, 8.0 if fill is kernels.fill_bins else 1.0, table)
    assert table[:, 0].sum() == 5
    assert table[-1, 2] == 5
    assert table[0, 3] == -1
