"""Forest and grassland fire (森林草原火灾): fuel, fire weather, terrain, people and earlier fires -> hazard index.

The fire weather index of the fire season (the value that one day in ten exceeds) is computed at stations and
interpolated; fire points from satellites are cut down to forest fires (no straw burning) and smoothed to a density;
fuel comes from forest stands or land cover. The danger score is fuel x weather x people x terrain x earlier fires, each
to the power of its weight, times the share of the ground that can burn, and is read off on a fixed ladder: exactly 0 on
fields, water, built-up and bare ground, missing where land cover is missing. Where the fires of the record can be
foretold on ground that a model has not seen, that model says where they start. Scores, weights and limits are proposals
of this project, not those of the forestry census, whose text was not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.forest_fire.assessment import (
    Params,
    assess_forest_fire,
    calibrate_forest_fire,
    prepare_forest_fire,
)
from riskzoning.hazards.forest_fire.county import county_zoning, firefighting_capacity
from riskzoning.hazards.forest_fire.htz import htz_days, htz_parts, htz_rank, htz_sum
from riskzoning.hazards.forest_fire.models import occurrence_skill
from riskzoning.hazards.forest_fire.points import FireEvents, fire_events, ignition_density, local_dates
from riskzoning.hazards.forest_fire.season import season_fwi
from riskzoning.hazards.forest_fire.size import fire_size
from riskzoning.hazards.forest_fire.weather import fire_weather_index, fwi_class
from riskzoning.hazards.inputs import optional_input

__all__ = [
    "SPECS",
    "FireEvents",
    "Params",
    "assess",
    "calibrate",
    "county_zoning",
    "fire_events",
    "fire_size",
    "fire_weather_index",
    "firefighting_capacity",
    "fwi_class",
    "htz_days",
    "htz_parts",
    "htz_rank",
    "htz_sum",
    "ignition_density",
    "local_dates",
    "occurrence_skill",
    "prepare",
    "season_fwi",
]

SPECS = (
    HazardSpec(
        name="forest_fire",
        params=Params,
        stages=Stages(calibrate_forest_fire, assess_forest_fire, prepare_forest_fire),
        title={"zh": "森林火灾", "en": "Forest fire"},
        inputs=(
            InputSpec(
                "stations",
                "stations",
                alternatives=("fwi",),
                note="daily temperature (degC), humidity (%), wind (m/s), precipitation (mm)",
            ),
            optional_input("fwi", "layer", "fire_weather_index", direction=1, note="instead of stations"),
            InputSpec(
                "landcover", "polygons", "landcover", alternatives=("fuel_type",), note="GlobeLand30 codes; 0 no data"
            ),
            optional_input(
                "fuel_type", "polygons", "fuel_type", note="burning classes, or forest stands with a species"
            ),
            optional_input("elevation", "layer", "elevation", native=True, note="slope and aspect"),
            optional_input("slope", "layer", "slope", product="cell_slope", note="made from elevation"),
            optional_input("aspect", "layer", "aspect", product="cell_slope", note="made from elevation"),
            optional_input("fire_points", "points", note="FIRMS columns"),
            optional_input(
                "study_area", "polygons", "mask", note="ground that the record of fires covers; default: the whole grid"
            ),
            optional_input("roads", "lines"),
            optional_input("settlements", "points", note="points or polygons"),
            optional_input("tombs", "points", note="points or polygons: offerings are burnt there"),
            optional_input("canopy", "layer", "canopy_density", note="a factor of the model of where fires start"),
            optional_input("ndvi", "layer", "ndvi", note="a factor of the model of where fires start"),
            optional_input(
                "county_factors", "table", note="factors of units for the points of hazards/forest_fire_county"
            ),
            optional_input(
                "firefighting", "table", note="forces, firebreaks and towers of units with forest, or their index 0..1"
            ),
        ),
        measure="danger_score",
        outputs={
            "intensity": "fire_weather_index",
            "danger_score": "danger_score",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        scope="global",
        ladder="forest_fire",
        acts="places",
        tables=(
            "hazards/forest_fire_index",
            "ladders/forest_fire",
            "hazards/forest_fire_weather",
            "hazards/forest_fire_points",
            "hazards/forest_fire_factors",
            "hazards/forest_fire_htz",
            "hazards/forest_fire_shz",
            "hazards/forest_fire_county",
            "hazards/forest_fire_capacity",
            "hazards/forest_fire_sizes",
        ),
        published=("county", "capacity", "weather"),
        references=("Van Wagner 1987; Wang et al. 2017 (cffdrs)", "EFFIS danger classes", "Silverman 1986, kernel 4.5"),
        method={
            "zh": "防火期火险天气指数（站点日序列取九成分位后插值）、可燃物、人为火源、地形和历史火点密度"
            "按权重指数相乘，再乘以可燃比例，对照固定标尺得指数；无可燃物处为零；农田秸秆焚烧火点剔除并计数。"
            "以可燃地面上的历史火点训练信息量模型，经多次空间分块检验确有预报能力时，以其代替人为火源和历史火点密度。",
            "en": "Fire weather of the season (the value that one day in ten exceeds, computed at stations, "
            "interpolated), fuel, people, terrain and density of earlier fires, multiplied to the powers of their "
            "weights, times the burnable share, read off on a fixed ladder; no fuel is 0; straw burning is left out "
            "and counted. A model trained on the fires of burnable ground takes the place of people and earlier fires "
            "where repeated folds of ground show that it foretells fires.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
