"""Containers in, the same container out."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.risk.operands import Operands, check_range, finite


def test_kinds(make_layer):
    layer = make_layer(np.ones((2, 2), dtype="f4"), quantity="risk_index")
    assert Operands.of({"a": layer, "b": 0.5}).contain(layer.data, quantity="risk_index").attrs["units"] == "1"
    assert isinstance(Operands.of({"a": pd.Series([1.0])}).contain(np.ones(1), quantity="risk_index"), pd.Series)
    assert Operands.of({"a": np.ma.masked_equal([1, 2], 2)}).arrays["a"].tolist() == [
        1,
        pytest.approx(np.nan, nan_ok=True),
    ]
    assert not Operands.of({"a": [1, 2]}).lazy
    assert finite(np.array([1, 2])).dtype.kind == "i"


def test_a_layer_without_crs_is_refused(make_layer):
    layer = make_layer(np.ones((2, 2)), quantity="risk_index")
    bare = xr.DataArray(np.ones((2, 2)), dims=("y", "x"), coords={"y": [1.0, 0.0], "x": [0.0, 1.0]})
    with pytest.raises(MissingCRSError, match="bare"):
        Operands.of({"a": layer, "bare": bare})


def test_range_reports_every_input_and_leaves_lazy_ones_alone():
    arrays = {
        "a": np.array([2.0]),
        "b": np.array([-1.0]),
        "c": da.from_array(np.array([9.0])),
        "d": np.array([np.inf, 0.5]),
    }
    with pytest.raises(LayerError) as caught:
        check_range(arrays, 0, 1, rule="x")
    assert [problem.file for problem in caught.value.problems] == ["input 'a'", "input 'b'"]


def test_plain_numbers_and_columns_are_one_formula():
    operands = Operands.of({"hazard": [0.2, 0.4], "exposure": 0.5})
    assert (operands.arrays["hazard"] * operands.arrays["exposure"]).tolist() == [0.1, 0.2]
    assert Operands.of({"a": pd.Series([1.0], index=["410702"])}).like.index[0] == "410702"
    assert Operands.of({"a": da.zeros(3)}).lazy
    np.testing.assert_array_equal(finite(np.array([1.0, np.inf])), [1.0, np.nan])


def test_a_range_is_told_as_values():
    check_range({"hazard": np.array([0.0, np.nan, 1.0])}, 0, 1, rule="risk.range")
    with pytest.raises(LayerError) as caught:
        check_range({"hazard": np.array([0.0, 1.5])}, 0, 1, rule="risk.range")
    assert caught.value.problems[0].found == "has values from 0 to 1.5"
