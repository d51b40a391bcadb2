"""Gross domestic product (地区生产总值): a table of units spread over cells, by one weight or sector by sector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Problem
from riskzoning.exposure.base import spread_totals
from riskzoning.layers import check_same_grid, describe

__all__ = ["spread", "spread_sectors"]


def spread(
    totals: pd.Series[Any] | Mapping[str, float],
    weights: xr.DataArray | None,
    units: gpd.GeoDataFrame,
    grid: GeoBox | None = None,
) -> xr.DataArray:
    """Product of a table by unit, spread by population or another weight (GDP空间化); unit totals kept to 1e-9.

    Parameters
    ----------
    totals : Series or mapping
        Code -> **yuan** (1 万元 is 10 000 yuan), usually by county.
    weights : DataArray or None
        Usually residents per cell; None spreads by area over ``grid``.
    units : GeoDataFrame
        Administrative units, index ``code``.
    grid : GeoBox, optional
        Where the layer shall lie; needed without weights.

    Returns
    -------
    DataArray
        Yuan per cell, float64, NaN outside the units.

    Raises
    ------
    AdminError, LayerError
        Codes or weights that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> county = gpd.GeoDataFrame(index=["410702"], geometry=[box(0, 0, 200, 100)], crs="EPSG:4547")
    >>> people = layer_on(geobox, np.array([[30.0, 10.0]]), quantity="population")
    >>> spread({"410702": 4e9}, people, county).values.tolist()
    [[3000000000.0, 1000000000.0]]
    """
    return spread_totals(totals, weights, units, quantity="gdp", grid=grid, source="table of units, spread by weight")


def spread_sectors(sectors: pd.DataFrame, weights: Mapping[str, xr.DataArray], units: gpd.GeoDataFrame) -> xr.DataArray:
    """Product spread sector by sector: first by cropland, second by industry, third by people (分产业空间化).

    Parameters
    ----------
    sectors : DataFrame
        Index code, one column a sector, **yuan**.
    weights : mapping
        Column of ``sectors`` -> weight layer; all on one grid.
    units : GeoDataFrame
        Administrative units, index ``code``.

    Returns
    -------
    DataArray
        Yuan per cell, the sum of the sectors.

    Raises
    ------
    LayerError
        When columns and weights do not match.
    GridMismatchError
        When the weights lie on different grids.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> county = gpd.GeoDataFrame(index=["410702"], geometry=[box(0, 0, 200, 100)], crs="EPSG:4547")
    >>> table = pd.DataFrame({"primary": [100.0], "tertiary": [50.0]}, index=["410702"])
    >>> fields = layer_on(geobox, np.array([[0.0, 1.0]]), quantity="cropland")
    >>> people = layer_on(geobox, np.array([[4.0, 1.0]]), quantity="population")
    >>> spread_sectors(table, {"primary": fields, "tertiary": people}, county).values.tolist()
    [[40.0, 110.0]]
    """
    if not weights or set(weights) != set(sectors.columns):
        raise LayerError(
            Problem(
                "sectors of the product",
                f"are {', '.join(map(str, sectors.columns))} with weights for {', '.join(weights) or 'none'}",
                "one weight layer for each column",
                "Give each sector its weight, or leave the column out.",
                rule="exposure.sectors",
            )
        )
    check_same_grid(**{str(name): layer for name, layer in weights.items()})
    parts = [spread_totals(sectors[name], layer, units, quantity="gdp") for name, layer in weights.items()]
    out = parts[0]
    for part in parts[1:]:
        out = out + part.data
    return describe(out, quantity="gdp", like=parts[0], source="table of units, spread sector by sector")
