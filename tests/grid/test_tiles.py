"""Tiles: every cell once, the same work lazily."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.grid.tiles import Tile, fill, in_threads, scratch, side_for, tiles


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 60))
def test_every_cell_lies_in_one_tile(height: int, width: int, side: int) -> None:
    seen = np.zeros((height, width), dtype=int)
    for row in tiles((height, width), side):
        for tile in row:
            seen[tile.slices] += 1
    assert (seen == 1).all()


def test_lazy_and_plain_do_the_same_work() -> None:
    source = np.arange(35.0).reshape(5, 7)
    lazy_source = da.from_array(source, chunks=(2, 3))

    def work(tile: Tile, out: np.ndarray, values: np.ndarray) -> None:
        out[:] = np.asarray(values) * 2 + tile.top

    plain = fill((5, 7), "float32", work, side=3, sources=lambda tile: (source[tile.slices],))
    lazy = fill((5, 7), "float32", work, side=3, sources=lambda tile: (lazy_source[tile.slices],), lazy=True)
    assert lazy.chunks == ((3, 2), (3, 3, 1))
    np.testing.assert_array_equal(lazy.compute(), plain)


def test_errors_of_threads_come_out() -> None:
    def work(item: int) -> int:
        raise ValueError(item)

    with pytest.raises(ValueError, match="1"):
        list(in_threads(work, [1, 2]))
    assert list(in_threads(str, [7])) == ["7"]


def test_scratch_is_clean_and_reused() -> None:
    first = scratch("test", (3, 4))
    first[:] = 5
    second = scratch("test", (2, 2))
    assert second.sum() == 0
    assert np.shares_memory(first, second)


def test_tile_in_small() -> None:
    assert (Tile(0, 4, 2, 5).shape) == (4, 3)


def test_tile_shape_in_small() -> None:
    assert (Tile(1, 4, 2, 5).shape) == (3, 3)


def test_tile_slices_in_small() -> None:
    assert repr(Tile(0, 4, 2, 5).slices) == "(slice(0, 4, None), slice(2, 5, None))"


def test_side_for_in_small() -> None:
    assert (side_for((1065, 1486)), side_for((10000, 10000))) == (512, 2048)


def test_tiles_in_small() -> None:
    assert ([[tile.shape for tile in row] for row in tiles((3, 5), side=2)]) == [
        [(2, 2), (2, 2), (2, 1)],
        [(1, 2), (1, 2), (1, 1)],
    ]


def test_fill_in_small() -> None:
    assert np.array_equal(
        fill((2, 3), float, lambda tile, out: out.fill(7.0)), [[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]], equal_nan=True
    )


def test_in_threads_in_small() -> None:
    assert (list(in_threads(abs, [-1, 2]))) == [1, 2]


def test_scratch_in_small() -> None:
    assert np.array_equal(scratch("num", (2, 2)), [[0.0, 0.0], [0.0, 0.0]], equal_nan=True)
