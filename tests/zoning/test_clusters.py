"""Ward with contiguity and the pruned tree, on a chain and against every possible division."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from riskzoning.zoning.clusters import Ground, from_below, numbered, skater, spread, ward, ward_path


def chain(values: list[float], sizes: list[float] | None = None) -> Ground:
    last = len(values) - 1
    near = [[other for other in (at - 1, at + 1) if 0 <= other <= last] for at in range(len(values))]
    return Ground(np.array(values, float)[:, None], near, np.array(sizes or [1.0] * len(values)))


@pytest.mark.parametrize("method", [ward, skater])
def test_two_halves_of_a_chain(method: object) -> None:
    assert method(chain([1, 1, 1, 9, 9, 9]), 2).tolist() == [0, 0, 0, 1, 1, 1]  # type: ignore[operator]


@pytest.mark.parametrize("method", [ward, skater])
def test_one_region_and_as_many_as_units(method: object) -> None:
    ground = chain([3, 1, 4, 1])
    assert method(ground, 1).tolist() == [0, 0, 0, 0]  # type: ignore[operator]
    assert method(ground, 4).tolist() == [0, 1, 2, 3]  # type: ignore[operator]


def test_skater_finds_the_best_two_of_a_chain() -> None:
    values = np.random.default_rng(5).normal(size=9).round(2).tolist()
    ground = chain(values)
    best = min(
        (np.array([0] * cut + [1] * (9 - cut)) for cut in range(1, 9)), key=lambda labels: spread(ground.values, labels)
    )
    assert skater(ground, 2).tolist() == best.tolist()


def test_the_first_merge_of_ward_is_the_cheapest() -> None:
    ground = chain([0, 5, 5.1, 20])
    assert ward(ground, 3).tolist() == [0, 1, 1, 2]


def test_equal_costs_go_to_the_lower_codes() -> None:
    assert ward(chain([0, 1, 2, 3]), 3).tolist() == [0, 0, 1, 2]
    assert skater(chain([0, 1, 2, 3]), 2).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("method", [ward, skater])
def test_a_floor_is_reached(method: object) -> None:
    ground = chain([0, 0, 0, 0, 0, 50], [1, 1, 1, 1, 1, 1])
    labels = method(ground, 2, 3.0)  # type: ignore[operator]
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_one_sequence_of_merges_gives_all_numbers() -> None:
    ground = chain([1, 2, 8, 9, 20, 21, 22])
    path = ward_path(ground, [2, 3, 5])
    assert {k: ward(ground, k).tolist() for k in path} == {k: labels.tolist() for k, labels in path.items()}
    for few, many in itertools.pairwise(sorted(path)):
        pairs = set(zip(path[many].tolist(), path[few].tolist(), strict=True))
        assert len(pairs) == many  # regions of the finer division lie each in one of the coarser


def test_numbers_in_order_of_occurrence() -> None:
    assert numbered(np.array([7, 7, 2, 9, 2])).tolist() == [0, 0, 1, 2, 1]


def test_clusters_cut_from_the_leaves() -> None:
    ground = chain([0, 0, 0, 0, 0, 0, 0])
    for floor, wanted in ((1, 7), (2, 3), (3, 2), (4, 1), (9, 1)):
        labels = from_below(ground, floor)
        assert labels.max() + 1 == wanted
        if floor < 9:
            assert np.bincount(labels).min() >= floor
