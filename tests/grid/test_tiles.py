"""Tiles: every cell once, the same work lazily."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.grid.tiles import Tile, fill, in_threads, scratch, tiles


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
