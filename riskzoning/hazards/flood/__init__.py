"""Flood (洪水): depths by return period -> severity of depth by frequency -> ladder -> hazard index and grade.

The depths are those of inundation maps (洪水风险图); no hydraulics are computed here. The composite risk degree
(综合风险度), the area under depth over exceedance probability, is a product of its own with grades of its own. Without
depths the height above the nearest drainage,
from a DEM that reaches at least one catchment beyond the study area, gives a substitute. The class limits 0.15, 0.5 and
1.0 are common practice, not read from the printed requirement of the water sector; form and limits are choices.
Where rain is given, what neither ground nor drains take is poured into the depressions of the DEM
(:func:`ponding_depth`); the worse of rivers and standing water counts, and standing water has a class and an index of
its own. Reservoirs, levees, sluices and rainfall are accepted for maps and prevention zoning. Works change the index
where the study names the columns: water in detention areas (:func:`detention_depths`), ground behind works
(``protection`` of :func:`flood_severity`), works in bad condition (:func:`works_defects`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.flood.assessment import (
    Params,
    assess_flood,
    calibrate_flood,
    prepare_flood,
    rehearse_flood,
)
from riskzoning.hazards.flood.defects import Defects, works_defects
from riskzoning.hazards.flood.degree import (
    composite_risk,
    degree_index,
    equivalent_depth,
    flood_severity,
    rising_depths,
)
from riskzoning.hazards.flood.depressions import fill_depressions
from riskzoning.hazards.flood.detention import detention_depths
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage
from riskzoning.hazards.flood.flash import Agreement, danger_zone, first_period, high_zone_share, village_zones
from riskzoning.hazards.flood.footprints import water_at_buildings
from riskzoning.hazards.flood.inundation import floodplain, stage_depth
from riskzoning.hazards.flood.ponding import Ponding, ponding_depth
from riskzoning.hazards.flood.waterlogging import (
    excess_rain,
    runoff_coefficient,
    storm_depth,
    storm_intensity,
    waterlogging_class,
)
from riskzoning.hazards.flood.works import effective_protection
from riskzoning.hazards.inputs import optional_input

__all__ = [
    "SPECS",
    "Agreement",
    "Defects",
    "Params",
    "Ponding",
    "assess",
    "calibrate",
    "composite_risk",
    "danger_zone",
    "degree_index",
    "detention_depths",
    "drainage_index",
    "effective_protection",
    "equivalent_depth",
    "excess_rain",
    "fill_depressions",
    "first_period",
    "flood_severity",
    "floodplain",
    "height_above_nearest_drainage",
    "high_zone_share",
    "ponding_depth",
    "prepare",
    "rising_depths",
    "runoff_coefficient",
    "stage_depth",
    "storm_depth",
    "storm_intensity",
    "village_zones",
    "water_at_buildings",
    "waterlogging_class",
    "works_defects",
]

_FOR_MAPS = "for maps and prevention zoning; with `works_condition` those in bad condition raise the hazard around them"

SPECS = (
    HazardSpec(
        name="flood",
        params=Params,
        stages=Stages(calibrate_flood, assess_flood, prepare_flood, rehearse_flood),
        title={"zh": "洪水灾害", "en": "Flood"},
        method={
            "zh": "各重现期淹没水深（有流速时取水深与水深乘流速中的较大者）的严重程度乘以频率系数，取最大值，"
            "按标尺得危险性指数和等级。综合风险度（当量水深按超越概率积分）及其等级另行给出。给出雨量时，把扣除入渗和排水后的净雨"
            "汇入地面洼地得到内涝积水深，与河道洪水取较重者，内涝等级和指数另行给出。",
            "en": "The severity of the depth (or of depth x velocity where that is larger) times a factor of its "
            "frequency, the largest over the return periods, is read off on the ladder. The composite risk degree, "
            "equivalent depths integrated over probability, is given beside it with grades of its own. Where rain is "
            "given, what ground and drains leave of it fills the depressions of the ground: the worse of rivers and "
            "standing water counts, and standing water has a class and an index of its own.",
        },
        inputs=(
            InputSpec(
                "depth",
                "stack",
                "flood_depth",
                direction=1,
                monotone_in_period=True,
                repaired=True,
                alternatives=("elevation", "height_above_drainage"),
                note="largest depth by return period; 0 is dry",
            ),
            InputSpec(
                "velocity",
                "layer",
                "flood_velocity",
                direction=1,
                required=False,
                periods_of="depth",
                note="raises the severity and the equivalent depth; one layer, or one for each return period of depth",
            ),
            InputSpec(
                "duration",
                "layer",
                "flood_duration",
                direction=1,
                required=False,
                periods_of="depth",
                note="raises the equivalent depth; one layer, or one for each return period of depth",
            ),
            optional_input(
                "waterlogging_depth",
                "stack",
                "flood_depth",
                direction=1,
                note="water that stands in streets by return period, of a model of the drains; the worse of it and "
                "depth counts",
            ),
            optional_input(
                "elevation",
                "layer",
                "elevation",
                native=True,
                note="without depth, and for waterlogging; with a margin",
            ),
            optional_input(
                "design_rain",
                "stack",
                "precipitation",
                native=True,
                note="rain of a storm by return period; asks for waterlogging by volume fill of the DEM",
            ),
            optional_input(
                "stations", "stations", note="daily precipitation, fifteen years or more: instead of design_rain"
            ),
            optional_input("landcover", "layer", "landcover", native=True, note="what runs off, and where drains are"),
            optional_input("sealed", "layer", "share", native=True, note="share of sealed ground; before landcover"),
            optional_input("drained_area", "polygons", note="where storm drains are; default: built-up land cover"),
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
            optional_input(
                "buildings",
                "footprints",
                note="footprints that cut holes in depth: they get the water beside them",
            ),
            optional_input(
                "villages", "points", note="flash-flood danger zone of each, by the flood that first reaches it"
            ),
            InputSpec("reservoirs", "points", required=False, note=_FOR_MAPS),
            InputSpec("levees", "lines", required=False, note=_FOR_MAPS),
            InputSpec("sluices", "points", required=False, note=_FOR_MAPS),
            InputSpec(
                "detention_areas",
                "polygons",
                required=False,
                note="for maps; with `detention_volume` and `detention_period` their water is in the depths, with "
                "`works_condition` bad condition raises the hazard inside",
            ),
            optional_input(
                "protected_areas", "polygons", note="with `protected_period`: floods up to it are residual hazard only"
            ),
        ),
        outputs={
            "intensity": "flood_depth",
            "risk_degree": "composite_risk_degree",
            "risk_degree_grade": "hazard_grade",
            "severity": "flood_severity",
            "waterlogging_depth": "flood_depth",
            "waterlogging_grade": "hazard_grade",
            "waterlogging_index": "hazard_index",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        ladder="flood",
        measure="severity",
        acts="places",
        tables=(
            "hazards/flood_composite",
            "hazards/flood_defects",
            "hazards/flood_equivalent_depth",
            "hazards/flood_flash",
            "hazards/flood_footprints",
            "hazards/flood_terrain",
            "hazards/flood_waterlogging",
            "hazards/flood_works",
            "ladders/flood",
        ),
        published=("waterlogging", "villages", "works"),
        references=("BWW/BRP/BUWAL 1997 (depth and frequency)", "Nobre et al. 2016, Hydrological Processes 30"),
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
