"""Exact overlaps against polygons."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.grid.overlap import extremes, finite_sums, majority, outside_total, separable_sums, sums

corner = st.floats(-1.5, 1.5)


def cells(height: int, width: int) -> np.ndarray:
    return np.array([[shapely.box(c, r, c + 1, r + 1) for c in range(width)] for r in range(height)])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(corner, corner), min_size=9, max_size=9), st.floats(0.3, 5), st.booleans())
def test_quadrilaterals_of_any_shape_are_cut_exactly(
    shifts: list[tuple[float, float]], size: float, share: bool
) -> None:
    """A lattice of four quadrilaterals, bent within reason, against shapely."""
    bend = np.array(shifts).reshape(3, 3, 2) * 0.25 * size
    X = np.arange(3)[None, :] * size + bend[..., 0] - 0.3
    Y = np.arange(3)[:, None] * size + bend[..., 1] + 0.2
    values = np.array([[1.0, 2.0], [4.0, 8.0]])
    num, den = np.zeros((7, 8)), np.zeros((7, 8))
    sums(np.ascontiguousarray(X), np.ascontiguousarray(Y), 1, values, 0, 0, share, num, den)
    wanted, weight = np.zeros((7, 8)), np.zeros((7, 8))
    for r in range(2):
        for c in range(2):
            quad = shapely.Polygon([(X[p], Y[p]) for p in ((r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c))])
            if not quad.is_valid:
                return
            parts = shapely.area(shapely.intersection(cells(7, 8), quad)) / (quad.area if share else 1)
            wanted += values[r, c] * parts
            weight += parts
    np.testing.assert_allclose(num, wanted, atol=1e-9)
    np.testing.assert_allclose(den, weight, atol=1e-9)
    if share:
        outside = outside_total(np.ascontiguousarray(X), np.ascontiguousarray(Y), 1, values, 7, 8)
        assert num.sum() + outside == pytest.approx(15, rel=1e-12)


def test_tiles_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(2)
    X, Y = np.meshgrid(np.linspace(-3, 19, 24), np.linspace(-2, 15, 18))
    X, Y = X + 0.05 * Y, Y - 0.04 * X
    values = rng.random((17, 23))
    num, den = np.zeros((13, 17)), np.zeros((13, 17))
    sums(X, Y, 1, values, 0, 0, True, num, den)
    for top, bottom in ((0, 5), (5, 13)):
        for left, right in ((0, 9), (9, 10), (10, 17)):
            part, weight = np.zeros((bottom - top, right - left)), np.zeros((bottom - top, right - left))
            sums(X, Y, 1, values, top, left, True, part, weight)
            np.testing.assert_allclose(part, num[top:bottom, left:right], rtol=1e-13)


def test_rounding_makes_no_negative_shares_and_no_false_contacts() -> None:
    rng = np.random.default_rng(1)
    x, y = np.meshgrid(np.arange(2.0), np.arange(2.0))
    for count in range(4000):
        angle = rng.uniform(0, 2 * np.pi) if count % 2 else rng.choice([0, np.pi / 4, np.pi / 2, 1e-3, 1e-9])
        size, left, top = rng.choice([0.05, 0.3, 1, 2.5, 7]), rng.choice([5, 5.5]), rng.choice([5, 5.3])
        X = size * (x * np.cos(angle) - y * np.sin(angle)) + left
        Y = size * (x * np.sin(angle) + y * np.cos(angle)) + top
        num, den = np.zeros((20, 20)), np.zeros((20, 20))
        sums(X, Y, 1, np.ones((1, 1)), 0, 0, True, num, den)
        assert num.min() >= 0
        assert not ((num > 0) & (num < 1e-13)).any()


def test_cells_without_a_place_or_an_area_are_skipped() -> None:
    X, Y = np.meshgrid([0.0, 1.0, np.inf, 1e300], [0.0, 1.0])
    num, den = np.zeros((1, 3)), np.zeros((1, 3))
    sums(X, Y, 1, np.array([[5.0, 7.0, 9.0]]), 0, 0, True, num, den)
    np.testing.assert_array_equal(num, [[5, 0, 0]])
    assert outside_total(X, Y, 1, np.array([[5.0, 7.0, 9.0]]), 1, 3) == 16
    flat = np.zeros((2, 2))
    assert outside_total(flat, flat, 1, np.array([[3.0]]), 1, 1) == 3


@settings(max_examples=50, deadline=None)
@given(st.floats(0.05, 4), st.floats(0.05, 4), st.floats(-3, 3), st.floats(-3, 3), st.booleans())
def test_the_separable_form_gives_the_same(sx: float, sy: float, ox: float, oy: float, share: bool) -> None:
    edges_x, edges_y = ox + sx * np.arange(6), oy + sy * np.arange(5)
    values = np.arange(20.0).reshape(4, 5)
    values[1, 2] = np.nan
    one, two = (np.zeros((4, 6)), np.zeros((4, 6))), (np.zeros((4, 6)), np.zeros((4, 6)))
    separable_sums(edges_y, edges_x, values, 0, 0, share, *one)
    X, Y = np.meshgrid(edges_x, edges_y)
    sums(X, Y, 1, values, 0, 0, share, *two)
    np.testing.assert_allclose(one, two, atol=1e-10)


def test_the_larger_code_wins_a_tie() -> None:
    X, Y = np.meshgrid([0.0, 0.5, 1.0], [0.0, 1.0])
    best, winner = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.int64)
    majority(X, Y, 1, np.array([[9, 4]]), np.array([1, 0]), 0, 0, best, winner)
    assert winner[0, 0] == 9


def test_sums_in_small() -> None:
    X, Y = np.meshgrid([0.5, 2.5], [0.0, 1.0])
    num, den = np.zeros((1, 3)), np.zeros((1, 3))
    sums(X, Y, 1, np.array([[8.0]]), 0, 0, True, num, den)
    assert np.array_equal(num, [[2.0, 4.0, 2.0]], equal_nan=True)


def test_outside_total_in_small() -> None:
    X, Y = np.meshgrid([-0.5, 1.5], [0.0, 1.0])
    assert (float(outside_total(X, Y, 1, np.array([[8.0]]), 1, 3))) == 2.0


def test_finite_sums_in_small() -> None:
    assert ([float(part) for part in finite_sums(np.array([[1.0, -2.0, np.nan]]))]) == [-1.0, 3.0]


def test_extremes_in_small() -> None:
    X, Y = np.meshgrid([0.0, 1.5, 2.0], [0.0, 1.0])
    best = np.full((1, 2), np.nan)
    extremes(X, Y, 1, np.array([[3.0, 7.0]]), 0, 0, 1.0, best)
    assert np.array_equal(best, [[3.0, 7.0]], equal_nan=True)


def test_majority_in_small() -> None:
    X, Y = np.meshgrid([0.0, 0.4, 1.0], [0.0, 1.0])
    best, winner = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.int64)
    majority(X, Y, 1, np.array([[3, 2]]), np.array([1, 0]), 0, 0, best, winner)
    assert (int(winner[0, 0])) == 2


def test_separable_sums_in_small() -> None:
    num, den = np.zeros((1, 3)), np.zeros((1, 3))
    separable_sums(np.array([0.0, 1.0]), np.array([0.5, 2.5]), np.array([[8.0]]), 0, 0, True, num, den)
    assert np.array_equal(num, [[2.0, 4.0, 2.0]], equal_nan=True)
