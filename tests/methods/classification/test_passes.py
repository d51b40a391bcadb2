"""Every container becomes blocks of floats, in order, without copies of the whole."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.methods.classification.passes import Passes, as_floats, is_lazy, plain


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("f4", "f4"), ("f8", "f8"), ("f2", "f4"), ("u1", "f4"), ("i2", "f4"), ("i4", "f8"), ("u8", "f8"), ("?", "f4")],
)
def test_float_types(dtype, expected):
    assert as_floats(np.zeros(3, dtype=dtype)).dtype == expected


def test_a_float_array_is_not_copied():
    values = np.zeros((4, 5), dtype="f4")
    assert np.shares_memory(as_floats(values), values)
    assert all(np.shares_memory(part, values) for part in Passes(values)._parts)


def test_blocks_come_in_order():
    values = np.arange(3 * 2**20, dtype="f4")
    assert np.array_equal(np.concatenate(list(Passes(values).map(np.copy))), values)
    columns = values.reshape(1024, -1)[:, ::2]
    assert np.array_equal(np.concatenate(list(Passes(columns).map(np.copy))), columns.ravel())
    lazy = da.from_array(values, chunks=100_000)
    assert np.array_equal(np.concatenate(list(Passes(lazy).map(np.copy))), values)


@pytest.mark.parametrize("size", [2, 3 * 2**20])
def test_zeros_can_be_hidden(size):
    values = np.ones(size, dtype="f4")
    values[0] = values[-1] = 0
    seen = np.concatenate(list(Passes(values, skip_zero=True).map(np.copy)))
    assert np.isnan(seen[[0, -1]]).all()
    assert values[0] == 0


def test_is_lazy():
    assert is_lazy(xr.DataArray(da.zeros(3)))
    assert not is_lazy(xr.DataArray(np.zeros(3)))


def test_missing_entries():
    assert np.isnan(plain(pd.Series([1, None], dtype="Int32"))[1])
    assert np.isnan(plain(np.ma.masked_all(2))).all()


@pytest.mark.parametrize(
    "values",
    ["高", [object()], np.array(["1"]), np.array(["2020-01-01"], dtype="M8[D]"), da.from_array(np.array([1j]))],
)
def test_no_numbers(values):
    with pytest.raises(LayerError, match="real numbers"):
        list(Passes(values).map(np.copy))


def test_work_writes_to_its_piece_of_the_result() -> None:
    values = np.arange(6.0).reshape(2, 3)
    out = np.zeros((2, 3))
    sums = list(Passes(values).map_into(out, lambda block, piece: (piece.__setitem__(slice(None), 2 * block), 1)[1]))
    assert out.tolist() == (2 * values).tolist()
    assert sum(sums) == len(sums)
