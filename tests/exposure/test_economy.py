from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import GridMismatchError, LayerError
from riskzoning.exposure import economy
from riskzoning.layers import layer_on
from riskzoning.zoning import zonal_statistics


@pytest.fixture
def scene(make_grid: Any, make_towns: Any) -> tuple[Any, Any, Any]:
    grid = make_grid(rows=20, columns=25)
    rng = np.random.default_rng(8)
    return grid, make_towns(grid, 4, seed=8), layer_on(grid, rng.lognormal(2, 1, (20, 25)), quantity="population")


def test_product_follows_people_and_keeps_the_county_totals(scene: Any) -> None:
    grid, counties, people = scene
    totals = pd.Series([4.9e10, 2.4e10, 1e8, 7e9], index=counties.index)
    found = economy.spread(totals, people, counties)
    np.testing.assert_allclose(zonal_statistics(found, counties, ("sum",))["sum"], totals, rtol=1e-9)
    assert found.attrs["units"] == "yuan"
    by_area = economy.spread(totals, None, counties, grid)
    assert float(by_area.sum()) == pytest.approx(totals.sum(), rel=1e-9)


def test_sectors_add_up_with_weights_of_their_own(scene: Any) -> None:
    grid, counties, people = scene
    fields = layer_on(grid, np.linspace(0, 1, 500).reshape(20, 25), quantity="cropland")
    table = pd.DataFrame({"gdp1": [10.0, 20, 30, 40], "gdp3": [90.0, 80, 70, 60]}, index=counties.index)
    found = economy.spread_sectors(table, {"gdp1": fields, "gdp3": people}, counties)
    np.testing.assert_allclose(zonal_statistics(found, counties, ("sum",))["sum"], 100.0, rtol=1e-9)
    alone = economy.spread(table["gdp1"], fields, counties) + economy.spread(table["gdp3"], people, counties)
    np.testing.assert_allclose(found, alone, rtol=1e-12)


def test_sectors_without_weight_and_foreign_grids_are_refused(scene: Any, make_grid: Any) -> None:
    _, counties, people = scene
    table = pd.DataFrame({"gdp1": 1.0, "gdp2": 1.0}, index=counties.index)
    with pytest.raises(LayerError, match="are gdp1, gdp2, with weights for gdp1"):
        economy.spread_sectors(table, {"gdp1": people}, counties)
    other = layer_on(make_grid(rows=20, columns=25, left=0), 1.0, quantity="cropland")
    with pytest.raises(GridMismatchError):
        economy.spread_sectors(table, {"gdp1": people, "gdp2": other}, counties)
