"""Geological hazards (地质灾害): factors of the ground -> information value -> density of events -> ladder -> hazard.

Landslides, collapses and debris flows: on susceptible ground (steep, rugged, or beside such ground) every class of a
factor (terrain, rock, water, faults, roads) gets its information value (信息量) from the inventory, and the values of
a cell are added up. Of factors that say the same the better one is kept. Folds of whole blocks of ground show how well
the map predicts, and how dense the landslides are by score, relative to the mean of the susceptible ground: that
density, lowered by the rain of a return period where rain is given, is read off on the ladder. Other ground has index
0; subsidence, where its rate is given, has a ladder of its own, and the worse of both counts. Class limits of the
factors are common practice, not read in a standard; the information value says where landslides were found, so an
inventory along roads finds roads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.geology.assessment import Params, assess_geology, calibrate_geology, prepare_geology
from riskzoning.hazards.geology.catchments import debris_flow_catchments, slope_units
from riskzoning.hazards.geology.factors import terrain_layers
from riskzoning.hazards.geology.grading import (
    debris_flow_grade,
    debris_flow_score,
    event_grade,
    melton_ratio,
    subsidence_grade,
    subsidence_index,
    threat_grade,
    volume_grade,
)
from riskzoning.hazards.geology.sites import graded_sites
from riskzoning.hazards.geology.trigger import (
    event_probability,
    matrix_grade,
    trigger_class,
    trigger_factor,
    yearly_probability,
)
from riskzoning.hazards.inputs import optional_input

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "calibrate",
    "debris_flow_catchments",
    "debris_flow_grade",
    "debris_flow_score",
    "event_grade",
    "event_probability",
    "graded_sites",
    "matrix_grade",
    "melton_ratio",
    "prepare",
    "slope_units",
    "subsidence_grade",
    "subsidence_index",
    "terrain_layers",
    "threat_grade",
    "trigger_class",
    "trigger_factor",
    "volume_grade",
    "yearly_probability",
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
            InputSpec(
                "slope",
                "layer",
                "slope",
                required=False,
                product="ground_slope",
                highest=(2.0, 90.0),
                note="degrees, made from elevation",
            ),
            optional_input("aspect", "layer", "aspect", product="ground_slope", note="made from elevation"),
            optional_input("relief", "layer", "relief", note="made from elevation"),
            optional_input("lithology", "polygons", "lithology", note="engineering rock groups"),
            optional_input("landcover", "polygons", "landcover"),
            optional_input("rivers", "lines"),
            optional_input("faults", "lines"),
            optional_input("roads", "lines"),
            InputSpec(
                "rainfall",
                "stack",
                "precipitation",
                required=False,
                direction=1,
                monotone_in_period=True,
                highest=(30.0, 1500.0),
                note="mm of a design storm, scales the susceptibility",
            ),
            optional_input("ndvi", "layer", "ndvi", note="factor, natural breaks"),
            InputSpec(
                "pga",
                "layer",
                "pga",
                required=False,
                lowest=(0.0, 0.4),
                highest=(0.04, 1.5),
                note="factor, natural breaks; trigger with `trigger: pga`",
            ),
            optional_input("slope_structure", "polygons", "slope_structure", note="factor"),
            optional_input("soil_thickness", "layer", "soil_thickness", note="factor, natural breaks"),
            InputSpec(
                "annual_rain",
                "layer",
                "annual_precipitation",
                required=False,
                highest=(10.0, 12_000.0),
                note="factor, natural breaks",
            ),
            optional_input("embankments", "lines", note="levees and dams: ground that is steep beside them was made"),
            optional_input(
                "study_area", "polygons", "mask", note="ground that the inventory covers; default: the whole grid"
            ),
            InputSpec(
                "subsidence_rate",
                "layer",
                "subsidence_rate",
                required=False,
                direction=-1,
                lowest=(-500.0, -1.0),
                highest=(-500.0, 30.0),
                note="mm/a, sinking negative",
            ),
            InputSpec(
                "subsidence_total",
                "layer",
                "subsidence_total",
                required=False,
                direction=-1,
                lowest=(-20_000.0, -5.0),
                highest=(-20_000.0, 300.0),
                note="mm, sinking negative",
            ),
        ),
        outputs={
            "intensity": "information_value",
            "susceptibility": "susceptibility",
            "relative_density": "relative_density",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        scope="global",
        nan_halo=1,
        ladder="geology/landslide",
        measure="relative_density",
        acts="places",
        published=("catchments",),
        tables=(
            "hazards/geology_factors",
            "hazards/geology_grades",
            "hazards/geology_event_grades",
            "hazards/geology_matrix",
            "ladders/geology",
        ),
        references=(
            "Yin & Yan 1988 (information value); GRASS landslide-susceptibility tutorial",
            "DZ/T 0438-2023, DZ/T 0261-2014 (titles; not read)",
        ),
        method={
            "zh": "在易发区（坡度或起伏度达到界限的地面及其邻近地带）内，各因子分级信息量相加；"
            "相关性强的因子只保留较优者。"
            "以多次空间分块交叉检验得 AUC 及各得分段的相对灾害点密度，按标尺得危险性指数；易发区以外为 0。"
            "有设计雨量时按雨量折算密度，有沉降速率时取两者中较重者。",
            "en": "On susceptible ground (steep, rugged, or beside it) the information values of factor classes are "
            "added up, of correlated factors the better one is kept. Repeated folds of whole blocks give the AUC and "
            "the density of landslides by score, which is read off on the ladder; other ground has index 0. Design "
            "rain scales the density; subsidence counts where it is worse.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
