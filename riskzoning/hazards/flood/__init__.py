"""Flood (洪水): depths by return period -> severity of depth by frequency -> ladder -> hazard index and grade.

The depths are those of inundation maps (洪水风险图); no hydraulics are computed here. The composite risk degree
(综合风险度), the area under depth over exceedance probability, is a product of its own with grades of its own. Without
depths the height above the nearest drainage,
from a DEM that reaches at least one catchment beyond the study area, gives a substitute. The class limits 0.15, 0.5 and
1.0 are common practice, not read from the printed requirement of the water sector; form and limits are choices.
Reservoirs, levees, sluices, detention areas and rainfall are accepted for maps and prevention zoning; the index does
not use them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.flood.assessment import Params, assess_flood, calibrate_flood, prepare_flood
from riskzoning.hazards.flood.degree import (
    composite_risk,
    degree_index,
    equivalent_depth,
    flood_severity,
    rising_depths,
)
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "calibrate",
    "composite_risk",
    "degree_index",
    "drainage_index",
    "equivalent_depth",
    "flood_severity",
    "height_above_nearest_drainage",
    "prepare",
    "rising_depths",
]

_FOR_MAPS = "for maps and prevention zoning; not part of the index"

SPECS = (
    HazardSpec(
        name="flood",
        params=Params,
        stages=Stages(calibrate_flood, assess_flood, prepare_flood),
        title={"zh": "洪水灾害", "en": "Flood"},
        method={
            "zh": "各重现期淹没水深（有流速时取水深与水深乘流速中的较大者）的严重程度乘以频率系数，取最大值，"
            "按标尺得危险性指数和等级。综合风险度（当量水深按超越概率积分）及其等级另行给出。",
            "en": "The severity of the depth (or of depth x velocity where that is larger) times a factor of its "
            "frequency, the largest over the return periods, is read off on the ladder. The composite risk degree, "
            "equivalent depths integrated over probability, is given beside it with grades of its own.",
        },
        inputs=(
            InputSpec(
                "depth",
                "stack",
                "flood_depth",
                direction=1,
                monotone_in_period=True,
                alternatives=("elevation", "height_above_drainage"),
                note="largest depth by return period; 0 is dry",
            ),
            InputSpec(
                "velocity", "layer", "flood_velocity", direction=1, required=False, note="raises the equivalent depth"
            ),
            InputSpec(
                "duration", "layer", "flood_duration", direction=1, required=False, note="raises the equivalent depth"
            ),
            InputSpec(
                "elevation", "layer", "elevation", required=False, native=True, note="only without depth; with a margin"
            ),
            InputSpec("rivers", "lines", required=False, note="with elevation: further drainage"),
            InputSpec(
                "height_above_drainage",
                "layer",
                "height_above_drainage",
                direction=-1,
                required=False,
                note="only without depth; made from elevation",
            ),
            InputSpec("rainfall", "layer", "precipitation", required=False, native=True, note="not part of the index"),
            InputSpec("reservoirs", "points", required=False, note=_FOR_MAPS),
            InputSpec("levees", "lines", required=False, note=_FOR_MAPS),
            InputSpec("sluices", "points", required=False, note=_FOR_MAPS),
            InputSpec("detention_areas", "polygons", required=False, note=_FOR_MAPS),
        ),
        outputs={
            "intensity": "flood_depth",
            "risk_degree": "composite_risk_degree",
            "risk_degree_grade": "hazard_grade",
            "severity": "flood_severity",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        ladder="flood",
        measure="severity",
        acts="places",
        tables=("hazards/flood_composite", "hazards/flood_equivalent_depth", "hazards/flood_terrain", "ladders/flood"),
        references=("BWW/BRP/BUWAL 1997 (depth and frequency)", "Nobre et al. 2016, Hydrological Processes 30"),
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
