"""The compiled loops agree with numpy, and the two precisions of the partition with each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from riskzoning.methods.classification import kernels


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


@pytest.mark.parametrize("k", [1, 2, 4])
def test_costs_of_every_beginning(k):
    items = np.sort(np.random.default_rng(k).normal(size=12))
    count, total, square = kernels.prefix_sums(items, np.zeros(12), np.ones(12))
    costs = kernels.partition_costs(count, total[0], square[0], k)
    for j in range(k, 13):
        cuts = itertools.combinations(range(1, j), k - 1)
        best = min(sum(part.size * part.var() for part in np.split(items[:j], cut)) for cut in cuts)
        assert costs[k, j] == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize(("left", "codes"), [(False, [1, 2, 0, 1]), (True, [2, 2, 0, 1])])
def test_codes_are_written_and_counted(left: bool, codes: list[int]) -> None:
    out = np.empty(4, dtype=np.uint8)
    counts = kernels.code_block(np.array([1.0, 2.0, np.nan, 0.5]), np.array([1.0]), left, out)
    assert out.tolist() == codes
    assert counts[:3].tolist() == [codes.count(code) for code in (0, 1, 2)]
