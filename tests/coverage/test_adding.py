"""Add layers up over a table in blocks of rows: blocks are fixed places of the grid, merged in their order."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import box

from riskzoning.coverage.adding import Adder
from riskzoning.coverage.table import build_table
from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid


def test_adder_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    adder = Adder(build_table(geobox, np.array([box(0, 0, 150, 100)]), "fraction"), ["a"], 2, 3)
    adder.update(0, {"a": np.arange(6.0).reshape(2, 3)})
    assert (float(adder.sums["a"][0, 3])) == 5.0


def test_adder_update_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    adder = Adder(build_table(geobox, np.array([box(0, 0, 300, 200)]), "fraction"), ["a"], 2, 3)
    adder.update(0, {"a": np.array([[1.0, 2.0, np.nan]])})
    with pytest.raises(LayerError) as caught:
        adder.update(0, {"a": np.ones((1, 3))})
    assert caught.value.problems[0].required == "every layer, whole rows of 3 columns, next row 1"


def test_adder_begin_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    adder = Adder(build_table(geobox, np.array([box(0, 0, 300, 200)]), "fraction"), ["a"], 2, 3)
    adder.begin(1)
    adder.update(1, {"a": np.ones((1, 3))})
    assert (float(adder.block_sums()["a"][0, 0])) == 3.0


def test_adder_block_sums_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    adder = Adder(build_table(geobox, np.array([box(0, 0, 150, 200)]), "fraction"), ["a"], 2, 3)
    adder.update(0, {"a": np.ones((1, 3))})
    assert (float(adder.block_sums()["a"][0, 1])) == 1.5
