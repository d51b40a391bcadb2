"""What a layer holds, as points with their unit."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.coverage import Coverage, unit_points
from riskzoning.errors import GridMismatchError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.samples import toy_city


def test_amounts_of_units_are_their_totals_and_carry_the_finest_codes() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    people = city.layers["population"]
    for cells in (4e6, 20):
        points = unit_points(coverage, people, most_cells=cells)
        sums = points.groupby("code")["amount"].sum()
        exact = coverage.statistics(people, ["sum"])["sum"]
        assert set(sums.index) <= set(city.units.index[city.units["level"] == "township"])
        assert sums.to_numpy() == pytest.approx(exact[sums.index].to_numpy())


def test_points_lie_where_the_people_are() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    values = np.zeros(city.grid.shape)
    values[2, 3] = 5.0
    values[3, 3] = 15.0
    layer = layer_on(city.grid, values, quantity="population")
    fine = unit_points(coverage, layer)
    assert len(fine.groupby(["x", "y"])) == 2
    coarse = unit_points(coverage, layer, most_cells=4)
    x, y = city.grid.affine * (3.5, (2.5 * 5 + 3.5 * 15) / 20)
    mean = [(coarse[axis] * coarse["amount"]).sum() / coarse["amount"].sum() for axis in ("x", "y")]
    assert mean == pytest.approx([x, y])
    assert coarse["amount"].sum() == pytest.approx(20)


def test_missing_cells_hold_nobody_and_another_grid_is_refused() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    layer = layer_on(city.grid, np.full(city.grid.shape, np.nan), quantity="population")
    assert unit_points(coverage, layer).empty
    other = analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    with pytest.raises(GridMismatchError):
        unit_points(coverage, layer_on(other, np.ones(other.shape), quantity="population"))
