"""Layers of any kind as bands of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskzoning.coverage.sources import open_source
from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on

Make = Callable[..., Any]

GRID = analysis_grid((0, 0, 2, 1), crs="EPSG:4547", resolution=1)


def test_bands_of_every_kind_are_the_rows_of_the_layer(make_layer: Make) -> None:
    layer = make_layer(np.arange(12.0).reshape(4, 3), "slope")
    stack = make_layer(np.arange(24.0).reshape(2, 4, 3), "flood_depth", return_periods=[5, 20])
    for given, name in ((layer, layer.name or "layer"), (layer.chunk(2), layer.name or "layer"), ({"a": layer}, "a")):
        parts = [(first, band[name]) for first, band in open_source(given).bands(3)]
        assert [first for first, _ in parts] == [0, 3]
        assert np.array_equal(np.concatenate([part for _, part in parts]), layer.values)
    source = open_source(stack)
    assert (source.names, source.single, source.integer(5.0)) == ((5.0, 20.0), False, False)
    assert np.array_equal(source.read(20.0)(1, 3), stack.values[1, 1:3])
    assert open_source(source) is source


def test_declared_fill_values_are_missing(make_layer: Make) -> None:
    layer = make_layer(np.array([[1.0, -9.0]])).assign_attrs(_FillValue=-9.0)
    assert np.isnan(next(open_source(layer).bands(1))[1][layer.name or "layer"][0, 1])


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, "zonal.no_layers"),
        (7, "zonal.layers"),
        ({"a": 7}, "layer.type"),
        (xr.DataArray(np.zeros(2), dims="x"), "layer.dims"),
        (
            layer_on(analysis_grid((0, 0, 2, 1), crs="EPSG:4547", resolution=1), [["a", "b"]], quantity="slope"),
            "zonal.dtype",
        ),
    ],
)
def test_what_is_no_layer_is_told(given: Any, rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        open_source(given)
    assert caught.value.problems[0].rule == rule
