"""Forest (森林资源) per cell, from the classes of a land-cover raster, and its value: what a forest fire burns."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import xarray as xr
from pydantic import BeforeValidator, Field

from riskzoning.errors import Problem
from riskzoning.exposure.base.receptor import Counted, CountSpec, Exposed, Ground, ReceptorSpec, StudyUnits, beyond
from riskzoning.exposure.base.spreading import spread_totals
from riskzoning.exposure.base.unit_tables import table_problems, unit_totals
from riskzoning.exposure.crops import class_hectares
from riskzoning.inputs import Inputs, InputSpec, Real, Section, Whole, one_or_many
from riskzoning.layers import Total, describe, grid_of, scan


class Params(Section):
    """Forest from the classes of a land-cover raster, and what it is worth.

    The value comes from ``table`` (yuan by unit in the column ``value``, spread over the unit's forest) or from
    ``value_per_ha`` (yuan); without either it has none. Weighs in the risk of forest fires; in that of other hazards
    only where the study says so.
    """

    landcover: str
    classes: Annotated[tuple[Whole, ...], BeforeValidator(one_or_many)] = Field(default=(20,), min_length=1)
    value_per_ha: Real | None = Field(default=None, gt=0)
    table: str | None = None
    code: str = "code"
    value: str = "value_yuan"


HECTARES, VALUE = CountSpec("forest_ha", "forest_area"), CountSpec("forest_value_yuan", "forest_value")


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    raster, table = inputs["landcover"], inputs.get("table")
    assert isinstance(raster, xr.DataArray)
    layer = class_hectares(raster, ground.grid, params.classes, quantity=HECTARES.quantity)
    own = class_hectares(raster, grid_of(raster), params.classes, quantity=HECTARES.quantity)
    outside = beyond(own, ground.grid)
    hectares = Counted(layer, Total(scan(layer).total + outside, outside))
    counts = {HECTARES.name: hectares}
    if isinstance(table, pd.DataFrame):
        totals = unit_totals(table, params.code, params.value, ground.units, name=params.table or "table")
        worth = spread_totals(totals, layer, ground.units.frame, quantity=VALUE.quantity, source="value by unit")
        counts[VALUE.name] = Counted(worth, Total(float(totals.sum())))
    elif params.value_per_ha is not None:
        price = params.value_per_ha
        worth = describe(layer * price, quantity=VALUE.quantity, like=layer, source="value per hectare")
        counts[VALUE.name] = Counted(worth, price * hectares.total)
    return Exposed(counts)


def _check(inputs: Inputs, params: Params, units: StudyUnits | None) -> list[Problem]:
    table = inputs.get("table")
    if not isinstance(table, pd.DataFrame):
        return []
    return table_problems(table, params.code, params.value, units, SPEC.thing("table"))


SPEC = ReceptorSpec(
    name="forest",
    counts=(HECTARES, VALUE),
    inputs=(
        InputSpec("landcover", "layer", "landcover", native=True, note="classes of which some are forest"),
        InputSpec("table", "table", required=False, note="value by unit"),
    ),
    params=Params,
    count=_count,
    check=_check,
)
