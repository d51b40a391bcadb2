"""Cells of the standard grid by codes, in blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from riskzoning.products.grid import standard_grid
from tests.products.conftest import CELL, NORTH, WEST, write


def test_cells_of_a_range_of_codes(grid: Path) -> None:
    of = standard_grid(grid)
    assert standard_grid(of) is of
    cells = of.cells(130131000, 130131999)
    assert len(cells) == 35
    west, south, east, north = cells.extent(of.raster)
    wanted = (WEST + 3 * CELL, NORTH - 9 * CELL, WEST + 8 * CELL, NORTH - 2 * CELL)
    assert (west, south, east, north) == pytest.approx(wanted, abs=1e-12)
    assert len(of.cells(1, 2)) == 0


def test_a_grid_of_many_blocks_of_rows(tmp_path: Path) -> None:
    codes = np.zeros((1300, 3), np.int32)
    codes[[3, 600, 1299], 1] = 410702001
    of = standard_grid(write(tmp_path / "grid.tif", codes, Affine(CELL, 0, 110, 0, CELL, 20)))
    cells = of.cells(410702001, 410702001)
    assert cells.rows.tolist() == [3, 600, 1299]
    assert cells.extent(of.raster)[3] == pytest.approx(20 + 1300 * CELL)
