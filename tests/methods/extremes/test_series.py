"""Series in all their forms as rows, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.methods.extremes.series import series_of

DATA = np.arange(24.0).reshape(2, 3, 4)


def test_every_form_is_rows_of_years() -> None:
    assert series_of([1, 2, 3], None).single
    assert series_of(DATA, None).values.shape == (6, 4)
    assert series_of(DATA, 0).values.shape == (12, 2)
    layer = xr.DataArray(DATA, dims=("y", "time", "x"), coords={"time": pd.date_range("2000", periods=3, freq="YS")})
    rows = series_of(layer, None)
    assert (rows.shape, rows.dims, rows.span) == ((2, 4), ("y", "x"), (2000, 2002))
    np.testing.assert_array_equal(rows.values[1], DATA[0, :, 1])
    masked = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
    np.testing.assert_array_equal(series_of(masked, None).values, [[1, np.nan, 3]])
    frame = pd.DataFrame({"a": [1, 2], "b": [3, np.inf]}, index=[2000, 2001])
    np.testing.assert_array_equal(series_of(frame, None).values, [[1, 2], [3, np.nan]])


def test_results_go_back() -> None:
    layer = xr.DataArray(DATA, dims=("y", "x", "year"), coords={"y": [1, 2]})
    rows = series_of(layer, None)
    assert rows.back(np.arange(6.0)).sel(y=2).values.tolist() == [3, 4, 5]
    assert rows.back(np.zeros((2, 6)), np.array([10.0, 20.0])).dims == ("return_period", "y", "x")
    assert rows.names[3] == "(1, 0)"


def test_labels_that_are_no_years_are_no_span() -> None:
    assert series_of(pd.Series([1.0, 2.0], index=[7, 9]), None).span is None
    assert series_of(pd.Series([1.0, 2.0], index=["a", "b"]), None).span is None
    assert series_of(pd.Series([1.0, 2.0]), None).span is None


def test_what_is_refused() -> None:
    with pytest.raises(LayerError) as refused:
        series_of(xr.DataArray(DATA, dims=("a", "b", "c")), None)
    assert refused.value.problems[0].rule == "extremes.dim"
    for wrong in ([], np.zeros((0, 3)), 5.0):
        with pytest.raises(LayerError) as refused:
            series_of(wrong, None)
        assert refused.value.problems[0].rule == "extremes.series_shape"
    with pytest.raises(LayerError):
        series_of(DATA, 5)
