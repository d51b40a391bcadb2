from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr

from riskzoning.errors import GridMismatchError
from riskzoning.hazards.cells import by_cell, valid_values
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]


def test_valid_values_has_one_mark_for_missing(make_layer: MakeLayer) -> None:
    depth = make_layer(np.array([[np.nan, -np.inf, np.inf, -9999.0, 0.0]], dtype=np.float32), "flood_depth")
    found = valid_values(depth, quantity="flood_depth")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[np.nan, np.nan, np.nan, np.nan, 0.0]])
    height = make_layer(np.array([[-3, 5]]), "elevation")
    np.testing.assert_array_equal(valid_values(height, quantity="elevation"), [[-3.0, 5.0]])


def double(a: np.ndarray[Any, Any], b: Any = 1.0) -> np.ndarray[Any, Any]:
    return 2.0 * a * b


def test_by_cell_gives_back_what_it_got(make_layer: MakeLayer) -> None:
    assert by_cell(double, 3) == 6.0
    assert isinstance(by_cell(double, 3), float)
    np.testing.assert_array_equal(by_cell(double, [1, 2], 3), [6, 12])
    blocks = by_cell(double, da.ones(4, chunks=2), 3.0)
    assert isinstance(blocks, da.Array)
    np.testing.assert_array_equal(blocks, [6, 6, 6, 6])
    layer = make_layer(np.ones((4, 5)), "flood_depth")
    found = by_cell(double, layer.chunk({"y": 2}), layer, quantity="composite_risk_degree")
    assert found.chunks is not None
    assert found.attrs["quantity"] == "composite_risk_degree"
    assert grid_of(found) == grid_of(layer)


def test_by_cell_refuses_layers_of_two_grids(make_layer: MakeLayer) -> None:
    with pytest.raises(GridMismatchError):
        by_cell(double, make_layer(np.ones((4, 5))), make_layer(np.ones((4, 5)), left=400000))


def test_by_cell_keeps_the_return_periods_in_front(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((2, 4, 5)), "flood_depth", return_periods=[5, 100])
    found = by_cell(double, stack, make_layer(np.full((4, 5), 2.0), "mask"), quantity="flood_depth")
    assert found.dims == ("return_period", "y", "x")
    assert float(found.max()) == 4.0


def test_masked_values_are_missing() -> None:
    masked = np.ma.masked_array([1, 2], mask=[False, True])
    np.testing.assert_array_equal(by_cell(double, masked), [2.0, np.nan])
