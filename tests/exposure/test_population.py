from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from riskzoning import grid as grids
from riskzoning.errors import UnitsError
from riskzoning.exposure import population
from riskzoning.layers import layer_on
from riskzoning.zoning import zonal_statistics


def test_spread_agrees_with_zonal_statistics(make_grid: Any, make_towns: Any) -> None:
    grid = make_grid(rows=40, columns=50)
    towns = make_towns(grid, 15, seed=11, inset=0.4)
    weights = layer_on(grid, np.random.default_rng(1).lognormal(0, 1.5, (40, 50)), quantity="building_area")
    totals = pd.Series(np.random.default_rng(2).integers(1000, 90_000, len(towns)), index=towns.index)
    found = population.spread(totals, weights, towns, grid)
    again = zonal_statistics(found, towns, ("sum",))["sum"]
    np.testing.assert_allclose(again, totals, rtol=1e-9)
    assert float(found.sum()) == pytest.approx(totals.sum(), rel=1e-9)


def test_rescale_keeps_the_pattern_and_meets_the_table(make_grid: Any, make_towns: Any) -> None:
    grid = make_grid(rows=40, columns=50)
    towns = make_towns(grid, 8, seed=3)
    raster = layer_on(grid, np.random.default_rng(4).lognormal(2, 1, (40, 50)), quantity="population")
    totals = 1.3 * zonal_statistics(raster, towns, ("sum",))["sum"]
    found = population.rescale(raster, totals, towns)
    np.testing.assert_allclose(zonal_statistics(found, towns, ("sum",))["sum"], totals, rtol=1e-9)
    np.testing.assert_allclose(found, 1.3 * raster, rtol=1e-9)
    assert "totals of a table" in found.attrs["source"]


def test_rescale_wants_persons(make_grid: Any, make_towns: Any) -> None:
    grid = make_grid()
    with pytest.raises(UnitsError, match="'m2'"):
        population.rescale(layer_on(grid, 1.0, quantity="building_area"), {}, make_towns(grid, 1))


@pytest.mark.city
def test_city_product_with_people_across_borders_meets_the_township_table(city_data: Path) -> None:
    with rasterio.open(city_data / "exposure" / "population_30s.tif") as file:
        values, bounds = file.read(1).astype(float), file.bounds
        values[values == file.nodata] = np.nan
    grid = grids.analysis_grid(tuple(bounds), crs="EPSG:4490", resolution=1 / 120)
    raster = layer_on(grid, values, quantity="population")
    towns = gpd.read_file(city_data / "admin.gpkg", layer="township").set_index("code")
    table = pd.read_csv(city_data / "exposure" / "population_township.csv", dtype={"code": str}).set_index("code")[
        "pop"
    ]
    before = zonal_statistics(raster, towns, ("sum",))["sum"]
    assert ((before - table).abs() / table).max() > 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = population.rescale(raster, table, towns)
    unmet = set(found.attrs["unmet"].split(", ")) - {""}
    after = zonal_statistics(found, towns, ("sum",))["sum"]
    met = ~table.index.isin(unmet)
    np.testing.assert_allclose(after[table.index[met]], table[met], rtol=1e-9)
    assert len(unmet) <= 3
