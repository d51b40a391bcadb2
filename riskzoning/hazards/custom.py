"""A hazard without code: a study brings a layer and the ladder that it is read off on (自定义灾种)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict

from riskzoning import standards
from riskzoning.hazards.base import HazardSpec, InputSpec, Prepared, Stages, as_dataset
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.inputs import Facts
from riskzoning.hazards.periods import worst_period
from riskzoning.inputs import Form
from riskzoning.layers import describe
from riskzoning.methods.ladders import Ladder
from riskzoning.names import check_hazard_key

MEASURE = "measure"
# How layers of return periods become one index: all of them, or one of them; None: there is one layer.
Periods = Literal["severity"] | float | None


class NoParams(BaseModel):
    """All that a custom hazard is stands in its definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def custom_spec(key: str, definition: Mapping[str, Any]) -> HazardSpec:
    """The hazard that a study defines: a layer, or one by return period, and a ladder; refuses reserved keys."""
    return _made(key, json.dumps(definition, sort_keys=True, ensure_ascii=False))


@cache
def _made(key: str, text: str) -> HazardSpec:
    definition: dict[str, Any] = json.loads(text)
    check_hazard_key(key)
    name, steps, quantity = definition["name"], definition["ladder"], str(definition["quantity"])
    ladder = Ladder(
        key,
        float(steps["none"]),
        tuple(float(limit) for limit in steps["limits"]),
        float(steps["full"]),
        units=str(definition["units"]),
        closed=steps.get("closed") or "left",
        direction=steps.get("direction") or 1,
        measure=dict(definition.get("measure") or name),
    )
    importance, periods = definition.get("importance"), definition.get("periods")
    form: Form = "layer" if periods is None else "stack"
    return HazardSpec(
        name=key,
        params=NoParams,
        stages=Stages(_nothing, partial(_assess, ladder=ladder, periods=periods)),
        title=dict(name),
        method=dict(definition.get("method") or (_METHOD if periods is None else _BY_PERIOD)),
        inputs=(InputSpec(MEASURE, form, quantity, direction=ladder.direction, note="what stands on its ladder"),),
        outputs={"intensity": quantity, "hazard_index": "hazard_index", "hazard_grade": "hazard_grade"},
        ladder=ladder,
        measure="intensity" if periods is None else "",
        tables=() if periods is None else ("ladders/flood",),
        acts=definition.get("acts") or "ground",
        importance=None if importance is None else float(importance),
        references=tuple(filter(None, [definition.get("source")])),
        status=definition.get("status") or "project_default",
    )


_METHOD = {
    "zh": "由研究提供的图层和标尺定义的灾种：图层的值直接对照标尺得指数和等级。",
    "en": "A hazard that the study defines by a layer and a ladder: the layer is read off on the ladder.",
}


_BY_PERIOD = {
    "zh": "由研究提供的各重现期图层和标尺定义的灾种：各重现期的值对照标尺得指数，按频率系数折算后取最大；"
    "只给一个重现期时直接对照标尺。",
    "en": "A hazard that the study defines by layers of return periods and a ladder: each is read off on the ladder "
    "and counts by how often it comes, and the worst is taken; or one period alone is read off.",
}


def _nothing(_prepared: Prepared, _params: NoParams) -> dict[str, Any]:
    return {}


def _assess(
    prepared: Prepared, _params: NoParams, _grid: GeoBox, _calibration: Facts, *, ladder: Ladder, periods: Periods
) -> xr.Dataset:
    layer = prepared.layers[MEASURE]
    quantity = str(layer.attrs["quantity"])
    values = describe(valid_values(layer, quantity=quantity).astype(np.float64), quantity=quantity, like=layer)
    if periods is None:
        return as_dataset({"intensity": values})
    if periods == "severity":
        # A limit belongs to the class above it where the ladder is closed to the left.
        lowest = 1 / ladder.k - (1e-9 if ladder.closed == "left" else 0.0)
        return as_dataset({"intensity": values, "hazard_index": worst_period(values, ladder.index, lowest)})
    chosen = values.sel(return_period=float(periods), drop=True)
    grade, index = ladder.grade(chosen), ladder.index(chosen)
    return as_dataset({"intensity": values, "hazard_index": index, "hazard_grade": grade})


def defined(key: str) -> HazardSpec | None:
    """The hazard of that key that a study has defined; None where none has."""
    definition = standards.own_hazards().get(key)
    return None if definition is None or "ladder" not in definition else custom_spec(key, definition)
