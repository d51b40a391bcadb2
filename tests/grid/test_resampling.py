"""Resampling by kind: means over areas, the value of the cell, the most frequent class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from riskzoning.grid import align, analysis_grid
from riskzoning.grid.resampling import Resampler


def test_coarser_cells_take_the_mean_of_their_area(
    make_layer: Callable[..., Any], make_grid: Callable[..., Any]
) -> None:
    layer = make_layer(np.arange(16.0).reshape(4, 4), "elevation")
    found = align(layer, make_grid(rows=2, columns=2, resolution=200))
    assert np.allclose(found.values, [[2.5, 4.5], [10.5, 12.5]])


def test_classes_take_the_most_frequent(make_layer: Callable[..., Any], make_grid: Callable[..., Any]) -> None:
    layer = make_layer(np.array([[1, 1, 2, 3], [1, 2, 3, 3]], np.uint8), "landcover")
    assert align(layer, make_grid(rows=1, columns=2, resolution=200)).values.tolist() == [[1, 3]]


def test_resampler_in_small() -> None:
    fine = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)
    coarse = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=200)
    assert np.array_equal(
        Resampler(fine, coarse, "sum", "float64", np.nan)(np.ones((2, 4))), [[4.0, 4.0]], equal_nan=True
    )
