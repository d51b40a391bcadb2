"""Cropland (耕地) per cell, from the classes of a land-cover raster, and the yearly value of its crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BeforeValidator, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.exposure.base.receptor import Counted, CountSpec, Exposed, Ground, ReceptorSpec, StudyUnits, beyond
from riskzoning.exposure.base.spreading import spread_totals
from riskzoning.exposure.base.unit_tables import column_problems, number_problems, table_problems, unit_totals
from riskzoning.inputs import Inputs, InputSpec, Real, Section, Whole, one_or_many
from riskzoning.layers import Total, check_layer, describe, grid_of, scan
from riskzoning.layers.plausible import takes


@takes()
def cropland(landcover: xr.DataArray, grid: GeoBox, *, classes: Sequence[int] | None = None) -> xr.DataArray:
    """Hectares of cropland in every cell of the grid.

    The area of each cropland cell is counted on the raster's own grid and brought over as a count, so that hectares are
    neither lost nor made by resampling.

    Parameters
    ----------
    landcover : DataArray
        Class codes on their own grid; 0 is no data.
    grid : GeoBox
    classes : sequence of int, optional
        Codes of cropland; default of ``exposure/cropland``: 10 (GlobeLand30).

    Returns
    -------
    DataArray
        ha per cell, 0 where there is none, NaN where the land cover has no data; lazy when the land cover is lazy.

    Raises
    ------
    LayerError
        When no class is given, or the layer is no land cover.

    Examples
    --------
    >>> import numpy as np
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> cover = layer_on(geobox, np.array([[10, 80]], dtype=np.uint8), quantity="landcover")
    >>> cropland(cover, geobox).values.tolist()
    [[1.0, 0.0]]
    """
    codes = standards.table("exposure/cropland").data["classes"] if classes is None else list(classes)
    return class_hectares(landcover, grid, codes, quantity="cropland")


def class_hectares(landcover: xr.DataArray, grid: GeoBox, codes: Sequence[int], *, quantity: str) -> xr.DataArray:
    """Hectares of some classes of land cover in every cell of the grid, as a count of that quantity."""
    check_layer(landcover, name=str(landcover.name or "landcover"), quantity="landcover")
    if not codes:
        raise LayerError(Problem("exposure.crop_classes", Phrase("parameter", name="classes")))
    factor = standards.unit_factor("m2", standards.quantity(quantity).units)
    assert factor is not None
    area = grids.cell_area(grid_of(landcover)).data * factor[0]
    known = landcover.notnull() & (landcover != 0)  # noqa: PD004
    hectares = (landcover.isin(codes) * area).where(known)
    own = describe(hectares, quantity=quantity, like=landcover)
    return own if grid_of(landcover) == grid else grids.align(own, grid)


class Params(Section):
    """Cropland from the classes of a land-cover raster, and what it yields in a year.

    The value of the crops comes from ``table`` (rows by unit and crop: area x yield x price, spread over the unit's
    cropland) or from ``value_per_ha`` (yuan a year); without either they have no loss.
    """

    landcover: str
    classes: Annotated[tuple[Whole, ...], BeforeValidator(one_or_many)] = Field(default=(10,), min_length=1)
    value_per_ha: Real | None = Field(default=None, gt=0)
    table: str | None = None
    code: str = "code"
    area: str = "sown_ha"
    yields: str = "yield_kg_ha"
    price: str = "price_yuan_kg"


HECTARES, VALUE = CountSpec("cropland_ha", "cropland"), CountSpec("crop_value_yuan", "crop_value")


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    raster, table = inputs["landcover"], inputs.get("table")
    assert isinstance(raster, xr.DataArray)
    layer = cropland(raster, ground.grid, classes=params.classes)
    outside = beyond(cropland(raster, grid_of(raster), classes=params.classes), ground.grid)
    hectares = Counted(layer, Total(scan(layer).total + outside, outside))
    counts = {HECTARES.name: hectares}
    if isinstance(table, pd.DataFrame):
        totals = unit_totals(_grown(table, params), params.code, _VALUE, ground.units, name=params.table or "table")
        grown = spread_totals(totals, layer, ground.units.frame, quantity=VALUE.quantity, source="area x yield x price")
        counts[VALUE.name] = Counted(grown, Total(float(totals.sum())))
    elif params.value_per_ha is not None:
        price = params.value_per_ha
        grown = describe(layer * price, quantity=VALUE.quantity, like=layer, source="value per hectare")
        counts[VALUE.name] = Counted(grown, price * hectares.total)
    return Exposed(counts)


_VALUE = "value"


def _grown(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Yearly value of all crops by unit, yuan: sown area x yield x price."""
    columns = [params.area, params.yields, params.price]
    value = table[columns].apply(pd.to_numeric, errors="coerce").prod(axis=1, min_count=3)
    rows = pd.DataFrame({params.code: code_texts(table[params.code]), _VALUE: value})
    return rows.groupby(params.code, sort=False)[_VALUE].sum(min_count=1).reset_index()


def _check(inputs: Inputs, params: Params, units: StudyUnits | None) -> list[Problem]:
    table, thing = inputs.get("table"), SPEC.thing("table")
    if not isinstance(table, pd.DataFrame):
        return []
    numbers = (params.area, params.yields, params.price)
    problems = column_problems(table, (params.code, *numbers), thing) or number_problems(table, numbers, thing)
    return problems or table_problems(_grown(table, params), params.code, _VALUE, units, thing)


SPEC = ReceptorSpec(
    name="crops",
    counts=(HECTARES, VALUE),
    inputs=(
        InputSpec("landcover", "layer", "landcover", native=True, note="classes of which some are cropland"),
        InputSpec("table", "table", required=False, note="area, yield and price by unit and crop"),
    ),
    params=Params,
    count=_count,
    check=_check,
    loss_count=VALUE.name,
)
