"""Accumulators: added up, merged, rolled up."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import box

from riskzoning.coverage.columns import statistic_of
from riskzoning.coverage.kernels import add_rows32, add_rows64, add_rows_weighted, empty_sums, merge, roll_up
from riskzoning.coverage.table import build_table
from riskzoning.grid import analysis_grid

GRID = analysis_grid((0, 0, 400, 300), crs="EPSG:4547", resolution=100)
TABLE = build_table(GRID, np.array([box(0, 0, 250, 300), box(250, 0, 400, 150)]), "fraction")
PLACES = (TABLE.run_start, TABLE.runs, TABLE.cell_start, TABLE.cells, TABLE.fractions)
VALUES = np.array([[1, 2, 3, 4], [5, -9, 7, 8], [9, np.nan, np.inf, 12]])


def added(dtype: str, first: int = 0, last: int = 3) -> np.ndarray:
    sums, values = empty_sums(2), VALUES.astype(dtype)
    add, bits = (add_rows32, np.int32) if dtype == "f4" else (add_rows64, np.int64)
    add(values, values.view(bits), first, last, 0, -9.0, *PLACES, sums)
    return sums


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_missing_cells_of_every_kind_are_left_out(dtype: str) -> None:
    sums = added(dtype)
    assert statistic_of(sums, "sum") == pytest.approx([1 + 2 + 1.5 + 5 + 3.5 + 9, 3.5 / 2 + 4 + 12])
    assert statistic_of(sums, "count") == pytest.approx([5.0, 0.25 + 0.5 + 1])
    assert statistic_of(sums, "max").tolist() == [9, 12]


def test_parts_merged_are_the_whole_and_sums_roll_up() -> None:
    parts = added("f8", 0, 2)
    merge(parts, added("f8", 2, 3))
    whole = added("f8")
    for name in ("sum", "mean", "std", "min", "max", "count"):
        assert statistic_of(parts, name) == pytest.approx(statistic_of(whole, name), rel=1e-14)
    city = empty_sums(1)
    roll_up(whole, np.array([0, 0]), np.array([0, 1]), city)
    assert statistic_of(city, "sum")[0] == pytest.approx(statistic_of(whole, "sum").sum())


def test_weights_of_one_change_nothing() -> None:
    sums = empty_sums(2)
    add_rows_weighted(VALUES, np.ones_like(VALUES), 0, 3, 0, -9.0, *PLACES, sums)
    assert statistic_of(sums, "mean") == pytest.approx(statistic_of(added("f8"), "mean"))
