"""Geological hazards (地质灾害): terrain, rock, water, faults, roads -> information value -> susceptibility -> hazard.

Landslides, collapses and debris flows: every class of a factor gets its information value (信息量) from the inventory,
the values of a cell are added up and scaled to 0..1 between the extremes of the calibration. Part of the ground, in
whole blocks, and the landslides on it are kept out of the training; the AUC on them says how well the map predicts, the
AUC on the training ground is in-sample. Rain of a return period, where given, scales the susceptibility; subsidence,
where given, counts where it is the greater hazard. Class limits of the factors are common practice, not read in a
standard; the information value says where landslides were found, so an inventory along roads finds roads.
"""

from __future__ import annotations

from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.geology.assessment import Params, assess_geology, calibrate_geology, prepare_geology
from riskzoning.hazards.geology.factors import terrain_layers
from riskzoning.hazards.geology.grading import (
    debris_flow_grade,
    event_grade,
    melton_ratio,
    subsidence_grade,
    subsidence_index,
    threat_grade,
    volume_grade,
)
from riskzoning.hazards.inputs import optional_input

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "calibrate",
    "debris_flow_grade",
    "event_grade",
    "melton_ratio",
    "prepare",
    "subsidence_grade",
    "subsidence_index",
    "terrain_layers",
    "threat_grade",
    "volume_grade",
]

SPECS = (
    HazardSpec(
        name="geology",
        params=Params,
        stages=Stages(calibrate_geology, assess_geology, prepare_geology),
        title={"zh": "地质灾害", "en": "Geological hazards"},
        inputs=(
            InputSpec(
                "elevation",
                "layer",
                "elevation",
                native=True,
                alternatives=("susceptibility", "slope"),
                note="with a margin of a few cells around the study area",
            ),
            InputSpec("landslides", "points", alternatives=("susceptibility",), note="inventory of slope failures"),
            optional_input("susceptibility", "layer", "susceptibility", direction=1, note="instead of the model"),
            optional_input("elevation_on_grid", "layer", "elevation", note="made from elevation"),
            optional_input("slope", "layer", "slope", product="ground_slope", note="made from elevation"),
            optional_input("aspect", "layer", "aspect", product="ground_slope", note="made from elevation"),
            optional_input("relief", "layer", "relief", note="made from elevation"),
            optional_input("lithology", "polygons", "lithology", note="engineering rock groups"),
            optional_input("landcover", "polygons", "landcover"),
            optional_input("rivers", "lines"),
            optional_input("faults", "lines"),
            optional_input("roads", "lines"),
            optional_input("rainfall", "stack", "precipitation", direction=1, note="scales the susceptibility"),
            optional_input("ndvi", "layer", "ndvi", note="factor, natural breaks"),
            optional_input("pga", "layer", "pga", note="factor, natural breaks"),
            optional_input(
                "study_area", "polygons", "mask", note="ground that the inventory covers; default: the whole grid"
            ),
            optional_input("subsidence_rate", "layer", "subsidence_rate", direction=-1, note="mm/a, sinking negative"),
        ),
        outputs={
            "intensity": "information_value",
            "susceptibility": "susceptibility",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        scope="global",
        nan_halo=1,
        ladder="geology/landslide",
        acts="places",
        tables=("hazards/geology_factors", "hazards/geology_grades", "hazards/geology_event_grades", "ladders/geology"),
        references=(
            "Yin & Yan 1988 (information value); GRASS landslide-susceptibility tutorial",
            "DZ/T 0438-2023, DZ/T 0261-2014 (titles; not read)",
        ),
        method={
            "zh": "各因子分级信息量（按训练区滑坡统计）相加，按极值归一化为易发性；按空间分块留出检验 AUC。"
            "有设计雨量时按雨量折算，有沉降速率时取大。",
            "en": "Information values of factor classes, trained on the landslides of part of the ground, are added up "
            "and scaled to susceptibility; the AUC is measured on ground held out in blocks. Design rain scales it; "
            "subsidence counts where it is greater.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess
