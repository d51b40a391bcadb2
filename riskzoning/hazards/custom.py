"""A hazard without code: a study brings a layer and the ladder that it is read off on (自定义灾种)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict

from riskzoning import standards
from riskzoning.hazards.base import HazardSpec, InputSpec, Prepared, Stages, as_dataset
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.inputs import Facts
from riskzoning.layers import describe
from riskzoning.methods.ladders import Ladder
from riskzoning.names import check_hazard_key

MEASURE = "measure"


class NoParams(BaseModel):
    """All that a custom hazard is stands in its definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def custom_spec(key: str, definition: Mapping[str, Any]) -> HazardSpec:
    """The hazard that a study defines: one layer, one ladder; refuses reserved keys and ladders that do not rise."""
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
    importance = definition.get("importance")
    return HazardSpec(
        name=key,
        params=NoParams,
        stages=Stages(_nothing, _assess),
        title=dict(name),
        method=dict(definition.get("method") or _METHOD),
        inputs=(InputSpec(MEASURE, "layer", quantity, direction=ladder.direction, note="what stands on its ladder"),),
        outputs={"intensity": quantity, "hazard_index": "hazard_index", "hazard_grade": "hazard_grade"},
        ladder=ladder,
        measure="intensity",
        acts=definition.get("acts") or "ground",
        importance=None if importance is None else float(importance),
        references=tuple(filter(None, [definition.get("source")])),
        status=definition.get("status") or "project_default",
    )


_METHOD = {
    "zh": "由研究提供的图层和标尺定义的灾种：图层的值直接对照标尺得指数和等级。",
    "en": "A hazard that the study defines by a layer and a ladder: the layer is read off on the ladder.",
}


def _nothing(_prepared: Prepared, _params: NoParams) -> dict[str, Any]:
    return {}


def _assess(prepared: Prepared, _params: NoParams, _grid: GeoBox, _calibration: Facts) -> xr.Dataset:
    layer = prepared.layers[MEASURE]
    quantity = str(layer.attrs["quantity"])
    values = valid_values(layer, quantity=quantity).astype(np.float64)
    return as_dataset({"intensity": describe(values, quantity=quantity, like=layer)})


def defined(key: str) -> HazardSpec | None:
    """The hazard of that key that a study has defined; None where none has."""
    definition = standards.own_hazards().get(key)
    return None if definition is None or "ladder" not in definition else custom_spec(key, definition)
