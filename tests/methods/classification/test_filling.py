"""The loops that fill bins: nothing is lost, whatever the bits of the values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.methods.classification import filling


def table_of(bins):
    return np.tile([0.0, 0.0, -np.inf, np.inf], (bins, 1))


def test_extremes_leave_out_what_is_not_finite():
    values = np.array([np.nan, -np.inf, 3, 0, -2, np.inf])
    assert filling.extremes(values).tolist() == [3, -2, 3, 1]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_extremes_equal_numpy(dtype, data):
    width = 32 if dtype == "f4" else 64
    values = np.array(data.draw(st.lists(st.floats(width=width), max_size=50)), dtype=dtype)
    finite = values[np.isfinite(values)]
    count, low, high, zeros = filling.extremes(values)
    assert (count, zeros) == (finite.size, (finite == 0).sum())
    assert (low, high) == ((finite.min(), finite.max()) if finite.size else (np.inf, -np.inf))


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, 5000])
def test_chunks_of_any_length(size):
    values = np.random.default_rng(size).normal(size=size).astype("f4")
    values[::7] = np.nan
    low, high = -2.0, 2.0
    table = table_of(10)
    filling.fill_bins(values, low, 10 / (high - low), table)
    finite = values[np.isfinite(values)].astype(float)
    place = np.clip((finite - low) * 2.5, 0, 9).astype(int)
    assert table[:, 0].tolist() == np.bincount(place, minlength=10).tolist()
    assert table[:, 1] == pytest.approx(np.bincount(place, weights=finite, minlength=10))
    for b in range(10):
        inside = finite[place == b]
        assert table[b, 2] == inside.max(initial=-np.inf)
        assert table[b, 3] == inside.min(initial=np.inf)


@pytest.mark.parametrize("fill", [filling.fill_bins, filling.fill_root_bins])
def test_bins_hold_every_finite_value(fill):
    table = table_of(8)
    values = np.array([-1.0, 0.0, 0.3, 1.0, 5.0, np.nan, np.inf], dtype="f4")
    fill(values, 0.0, 8.0 if fill is filling.fill_bins else 1.0, table)
    assert table[:, 0].sum() == 5
    assert table[-1, 2] == 5
    assert table[0, 3] == -1


def test_a_second_block_adds_to_the_first():
    table = table_of(2)
    filling.fill_bins(np.array([0.1, 0.9]), 0.0, 2.0, table)
    filling.fill_bins(np.array([0.2]), 0.0, 2.0, table)
    assert table.tolist() == [[2, pytest.approx(0.3), 0.2, 0.1], [1, 0.9, 0.9, 0.9]]


def test_only_bins_that_were_split_are_filled_again():
    table = table_of(2)
    # Bin 0 of two is split in two at 0.25; bin 1 is left alone.
    tree = (np.array([2, 0, 0, 0]), np.array([2, 0, 0, 0]), np.zeros(4), np.array([4.0, 0, 0, 0]))
    filling.fill_children(np.array([0.1, 0.3, 0.4, 0.9, np.nan]), (0.0, 2.0, 2), tree, 2, table)
    assert table[:, 0].tolist() == [1, 2]


def test_tables_are_merged_bin_by_bin():
    table = np.array([[1.0, 5.0, 5.0, 5.0], [0.0, 0.0, -np.inf, np.inf]])
    filling.merge_tables(table, np.array([[2.0, 3.0, 2.0, 1.0], [1.0, 9.0, 9.0, 9.0]]))
    assert table.tolist() == [[3, 8, 5, 1], [1, 9, 9, 9]]
