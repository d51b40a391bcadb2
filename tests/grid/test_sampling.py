"""Values at points."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from riskzoning.grid.sampling import bilinear, nearest


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 3.5), st.floats(0.5, 2.5)), min_size=1, max_size=5))
def test_between_centres_it_is_the_textbook(points: list[tuple[float, float]]) -> None:
    values = np.array([[1.0, 2.0, 4.0, 0.0], [3.0, -5.0, 7.0, 1.0], [2.0, 2.0, 9.0, 6.0]])
    x, y = np.array(points).T
    out = np.empty((1, x.size))
    bilinear(values, 0, 0, 3, 4, x[None], y[None], out)
    np.testing.assert_allclose(out[0], map_coordinates(values, [y - 0.5, x - 0.5], order=1, mode="nearest"), atol=1e-12)


def test_beyond_the_layer_there_is_nothing() -> None:
    x = np.array([[-0.1, 0.0, 2.0, 2.1, np.inf, np.nan]])
    out = np.empty(x.shape)
    bilinear(np.array([[1.0, 3.0]]), 0, 0, 1, 2, x, np.full(x.shape, 0.5), out)
    np.testing.assert_array_equal(out, [[np.nan, 1, 3, np.nan, np.nan, np.nan]])


def test_a_border_belongs_to_the_right_cell_whatever_the_last_bits() -> None:
    x = np.array([[1.0 - 1e-12, 1.0, 1.0 + 1e-12]])
    found, inside = nearest(np.array([[3, 4]]), 0, 0, x, np.full(x.shape, 0.5))
    np.testing.assert_array_equal(found, 4)
    assert inside.all()


def test_windows_know_their_place() -> None:
    values = np.arange(12.0).reshape(3, 4)
    x, y = np.array([[2.2, 3.4]]), np.array([[1.3, 2.0]])
    whole, part = np.empty((1, 2)), np.empty((1, 2))
    bilinear(values, 0, 0, 3, 4, x, y, whole)
    bilinear(np.ascontiguousarray(values[0:, 1:]), 0, 1, 3, 4, x, y, part)
    np.testing.assert_array_equal(whole, part)
    assert nearest(values[1:, 2:], 1, 2, x, y)[0].tolist() == [[6.0, 11.0]]


def test_bilinear_in_small() -> None:
    out = np.empty((1, 3))
    x, y = np.array([[0.5, 1.0, 1.75]]), np.array([[0.5, 0.5, 0.5]])
    bilinear(np.array([[10.0, 20.0]]), 0, 0, 1, 2, x, y, out)
    assert np.array_equal(out, [[10.0, 15.0, 20.0]], equal_nan=True)


def test_nearest_in_small() -> None:
    x, y = np.array([[0.5, 1.5, 2.5]]), np.array([[0.5, 0.5, 0.5]])
    found, inside = nearest(np.array([[3, 4]], dtype=np.uint8), 0, 0, x, y)
    assert np.array_equal(np.where(inside, found, 0), [[3, 4, 0]], equal_nan=True)
