"""Residents (人口): a table of units spread over cells, or a population raster corrected to the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import model_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
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
from riskzoning.layers import Total, check_layer


def spread(
    totals: pd.Series[Any] | Mapping[str, float],
    weights: xr.DataArray | None,
    units: gpd.GeoDataFrame,
    grid: GeoBox | None = None,
    *,
    quantity: str = "population",
) -> xr.DataArray:
    """Spread a table of residents by unit over cells, by floor area, built-up share or another weight (人口空间化).

    P(cell) = P(unit) w(cell) / sum of w in the unit; sums of the units, by exact area shares, are the table to 1e-9.
    See :func:`riskzoning.exposure.spread_totals` for cells cut by borders.

    Parameters
    ----------
    totals : Series or mapping
        Code -> persons.
    weights : DataArray or None
        Weight of each cell, 0 or more; None spreads by area over ``grid``.
    units : GeoDataFrame
        Administrative units, index ``code``.
    grid : GeoBox, optional
        Where the layer shall lie; needed without weights.

    Returns
    -------
    DataArray
        Persons per cell, float64, NaN outside the units.

    Raises
    ------
    AdminError, LayerError
        Codes or weights that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> towns = gpd.GeoDataFrame(index=["410702001"], geometry=[box(0, 0, 400, 100)], crs="EPSG:4547")
    >>> spread({"410702001": 800}, None, towns, geobox).values.tolist()
    [[200.0, 200.0, 200.0, 200.0]]
    """
    return spread_totals(
        totals, weights, units, quantity=quantity, grid=grid, source="table of units, spread by weight"
    )


def rescale(
    counts: xr.DataArray, totals: pd.Series[Any] | Mapping[str, float], units: gpd.GeoDataFrame
) -> xr.DataArray:
    """Correct a population raster so that every unit adds up to a table (总量控制).

    Inside a unit the pattern of the raster stays; world-wide products let people bleed over borders, which the
    correction takes back.

    Parameters
    ----------
    counts : DataArray
        Persons per cell; align it with ``riskzoning.grid.align`` first, which keeps its total.
    totals : Series or mapping
        Code -> persons.
    units : GeoDataFrame
        Administrative units, index ``code``.

    Returns
    -------
    DataArray
        Persons per cell, float64, NaN outside the units; 0 where the raster has no value inside.

    Raises
    ------
    UnitsError, AdminError, LayerError
        The raster counts no persons, or codes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> towns = gpd.GeoDataFrame(index=["410702001"], geometry=[box(0, 0, 300, 100)], crs="EPSG:4547")
    >>> raster = layer_on(geobox, np.array([[1.0, 2.0, np.nan]]), quantity="population")
    >>> rescale(raster, {"410702001": 600}, towns).values.tolist()
    [[200.0, 400.0, 0.0]]
    """
    check_layer(counts, name=str(counts.name or "population"), quantity="population")
    source = f"{counts.attrs.get('source') or 'raster'}, totals of a table"
    return spread_totals(totals, counts, units, quantity="population", source=source)


class Params(Section):
    """Residents: a count raster, a table by unit, or both (the raster is then corrected to the table).

    ``spread_by`` names what a table without a raster is spread by: ``buildings`` or a catalogue raster. ``units`` are
    those of the column of the table: persons, unless its heading says otherwise: 常住人口（万人）.
    """

    raster: str | None = None
    table: str | None = None
    column: str = "pop"
    code: str = "code"
    units: str | None = None
    spread_by: str | None = None

    @model_validator(mode="after")
    def _some_source(self) -> Params:
        if self.raster is None and self.table is None:
            raise refused("params.some_source")
        return self


def _factor(params: Params) -> float:
    """Persons in one unit of the table."""
    units = column_units(params.column, params.units, "population")
    return standards.convert_units(1.0, units, "population", thing=Phrase("parameter", name="units"))


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    table, raster, weights = (inputs.get(key) for key in ("table", "raster", "spread_by"))
    if not isinstance(table, pd.DataFrame):
        assert isinstance(raster, xr.DataArray)
        return Exposed({"population": raster_count(raster, ground)})
    name, factor = params.table or "table", _factor(params)
    totals = unit_totals(table, params.code, params.column, ground.units, name=name, factor=factor)
    units = ground.units.frame
    if isinstance(raster, xr.DataArray):
        layer = rescale(grids.align(raster, ground.grid), totals, units)
        thing = Phrase("input", name=params.raster)
        note(Problem("step.rescaled", thing, severity="info", input=params.raster, table=params.table))
    else:
        layer = spread(totals, weights if isinstance(weights, xr.DataArray) else None, units, ground.grid)
    return Exposed({"population": Counted(layer, Total(float(totals.sum())))})


def _check(inputs: Inputs, params: Params, units: StudyUnits | None) -> list[Problem]:
    table = inputs.get("table")
    if not isinstance(table, pd.DataFrame):
        return []
    thing = SPEC.thing("table")
    return [
        *table_problems(table, params.code, params.column, units, thing),
        *units_problems(params.column, params.units, "population", thing),
    ]


def _totals(inputs: Inputs, params: Params, scan: Scan) -> dict[str, float]:
    table, raster = inputs.get("table"), inputs.get("raster")
    if isinstance(table, pd.DataFrame):
        return {"population": column_total(table, params.column) * _factor(params)}
    assert isinstance(raster, xr.DataArray)
    return {"population": scan(raster).total}


SPEC = ReceptorSpec(
    name="population",
    counts=(CountSpec("population", "population"),),
    inputs=(
        InputSpec("raster", "layer", "population", native=True, alternatives=("table",), note="persons per cell"),
        InputSpec("table", "table", required=False, note="persons by unit"),
        InputSpec("spread_by", "layer", required=False, note="what a table without a raster is spread by"),
    ),
    params=Params,
    count=_count,
    check=_check,
    totals=_totals,
    spread_by=("buildings",),
    weighs=lambda params: params.raster is None,
)
