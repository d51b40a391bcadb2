"""Gross domestic product (地区生产总值): a table of units spread over cells, by one weight or sector by sector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import model_validator

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.exposure.base import spread_totals
from riskzoning.exposure.base.receptor import (
    Counted,
    CountSpec,
    Exposed,
    Ground,
    ReceptorSpec,
    Scan,
    StudyUnits,
    raster_count,
)
from riskzoning.exposure.base.unit_tables import (
    column_total,
    column_units,
    table_problems,
    unit_totals,
    units_problems,
)
from riskzoning.inputs import Inputs, InputSpec, Section, refused
from riskzoning.layers import Total, check_same_grid, describe

GDP = CountSpec("gdp_yuan", "gdp")


def spread(
    totals: pd.Series[Any] | Mapping[str, float],
    weights: xr.DataArray | None,
    units: gpd.GeoDataFrame,
    grid: GeoBox | None = None,
) -> xr.DataArray:
    """Spread a table of product by unit over cells, by population or another weight (GDP空间化).

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
        Yuan per cell, float64, NaN outside the units; sums of the units are the table to 1e-9.

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
    return spread_totals(
        totals, weights, units, quantity=GDP.quantity, grid=grid, source="table of units, spread by weight"
    )


def spread_sectors(sectors: pd.DataFrame, weights: Mapping[str, xr.DataArray], units: gpd.GeoDataFrame) -> xr.DataArray:
    """Spread product sector by sector, e.g. the primary one by cropland (分产业空间化).

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
            Problem("exposure.sectors", Phrase("sectors"), sectors=list(sectors.columns), weights=list(weights))
        )
    check_same_grid(**{str(name): layer for name, layer in weights.items()})
    parts = [spread_totals(sectors[name], layer, units, quantity=GDP.quantity) for name, layer in weights.items()]
    out = parts[0]
    for part in parts[1:]:
        out = out + part.data
    return describe(out, quantity=GDP.quantity, like=parts[0], source="table of units, spread sector by sector")


class Params(Section):
    """Gross domestic product by unit, spread by population or by a catalogue raster; or a count raster.

    ``units`` are those of the column of the table: yuan, unless its heading says otherwise: GDP（亿元）.
    """

    table: str | None = None
    raster: str | None = None
    column: str = "gdp"
    code: str = "code"
    units: str | None = None
    spread_by: str = "population"

    @model_validator(mode="after")
    def _some_source(self) -> Params:
        if (self.raster is None) == (self.table is None):
            raise refused("params.one_source")
        return self


def _factor(params: Params) -> float:
    """Yuan in one unit of the table."""
    units = column_units(params.column, params.units, GDP.quantity)
    return standards.convert_units(1.0, units, GDP.quantity, thing=Phrase("parameter", name="units"))


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    table, raster, weights = (inputs.get(key) for key in ("table", "raster", "spread_by"))
    if isinstance(raster, xr.DataArray):
        return Exposed({GDP.name: raster_count(raster, ground)})
    assert isinstance(table, pd.DataFrame)
    name, factor = params.table or "table", _factor(params)
    totals = unit_totals(table, params.code, params.column, ground.units, name=name, factor=factor)
    weights = weights if isinstance(weights, xr.DataArray) else None
    layer = spread(totals, weights, ground.units.frame, ground.grid)
    return Exposed({GDP.name: Counted(layer, Total(float(totals.sum())))})


def _check(inputs: Inputs, params: Params, units: StudyUnits | None) -> list[Problem]:
    table, thing = inputs.get("table"), SPEC.thing("table")
    if not isinstance(table, pd.DataFrame):
        return []
    return [
        *table_problems(table, params.code, params.column, units, thing),
        *units_problems(params.column, params.units, GDP.quantity, thing),
    ]


def _totals(inputs: Inputs, params: Params, _scan: Scan) -> dict[str, float]:
    # A raster may reach far beyond the study; its total says nothing about the people in it.
    table = inputs.get("table")
    return {GDP.name: column_total(table, params.column) * _factor(params)} if isinstance(table, pd.DataFrame) else {}


SPEC = ReceptorSpec(
    name="economy",
    counts=(GDP,),
    inputs=(
        InputSpec("raster", "layer", GDP.quantity, native=True, alternatives=("table",), note="yuan per cell"),
        InputSpec("table", "table", required=False, note="product by unit"),
        InputSpec("spread_by", "layer", required=False, note="what a table is spread by"),
    ),
    params=Params,
    count=_count,
    check=_check,
    totals=_totals,
    spread_by=("population", "buildings"),
)
