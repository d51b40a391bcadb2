"""Meteorological hazards (气象灾害) but drought: days of hazardous weather -> ladder of each kind -> weighted mean.

Rainstorms, snowstorms, cold waves, heat, gales, frost, dry-hot wind ... run through one engine (:mod:`.measures`), each
an entry of ``hazards/meteorology_measures``: the elements that the stations have decide which of them count. The
measure of a kind is the mean number of its days (or events) in a complete year, each times the factor of its class; it
is read off on the ladder of the kind, so that the index says how much there is of it, in this city as in the next.
Stations come to the grid by regression on longitude, latitude and elevation with residuals by inverse distance, or by
inverse distance alone, shrunk to their mean as far as the years ask; where they differ by chance only, or nothing
foretells left-out stations better than their mean, the mean is taken everywhere and the run says so. Lightning has its
strokes instead of stations. Events, levels of return periods, regional processes and classes of readings are functions
of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.meteorology.assessment import (
    Params,
    assess_meteorology,
    calibrate_meteorology,
    prepare_meteorology,
    rehearse_meteorology,
)
from riskzoning.hazards.meteorology.grading import (
    cold_wave_level,
    cold_wave_warning,
    dry_hot_wind,
    rain_grade,
    snow_grade,
    snow_water,
)
from riskzoning.hazards.meteorology.lightning import (
    FuzzyLevel,
    LightningRisk,
    kept_strokes,
    lightning_density,
    lightning_intensity,
    lightning_level,
    lightning_risk,
    lightning_site,
    memberships,
    thunder_day_density,
)
from riskzoning.hazards.meteorology.processes import (
    EventScale,
    EventTables,
    event_scale,
    event_tables,
    return_levels,
    station_values,
)
from riskzoning.hazards.meteorology.regional import (
    ColdAir,
    cold_air_index,
    cold_air_processes,
    rain_day_weight,
    rain_process_index,
    rain_processes,
)
from riskzoning.hazards.meteorology.scales import environment_share, late_frost_index, weather_class
from riskzoning.hazards.meteorology.terrain import terrain_factor
from riskzoning.methods.events import spells

__all__ = [
    "SPECS",
    "ColdAir",
    "EventScale",
    "EventTables",
    "FuzzyLevel",
    "LightningRisk",
    "Params",
    "assess",
    "calibrate",
    "cold_air_index",
    "cold_air_processes",
    "cold_wave_level",
    "cold_wave_warning",
    "dry_hot_wind",
    "environment_share",
    "event_scale",
    "event_tables",
    "kept_strokes",
    "late_frost_index",
    "lightning_density",
    "lightning_intensity",
    "lightning_level",
    "lightning_risk",
    "lightning_site",
    "memberships",
    "prepare",
    "rain_day_weight",
    "rain_grade",
    "rain_process_index",
    "rain_processes",
    "return_levels",
    "snow_grade",
    "snow_water",
    "spells",
    "station_values",
    "terrain_factor",
    "thunder_day_density",
    "weather_class",
]

SPECS = (
    HazardSpec(
        name="meteorology",
        params=Params,
        stages=Stages(calibrate_meteorology, assess_meteorology, prepare_meteorology, rehearse_meteorology),
        title={"zh": "气象灾害", "en": "Meteorological hazards"},
        inputs=(
            InputSpec("stations", "stations", note="daily elements; what is there decides which kinds of events count"),
            InputSpec(
                "elevation",
                "layer",
                "elevation",
                required=False,
                native=True,
                note="covariate of the interpolation; best wide enough for the stations around the study area",
            ),
            InputSpec("elevation_on_grid", "layer", "elevation", required=False, note="made from elevation"),
            InputSpec(
                "cropland",
                "layer",
                "cropland",
                required=False,
                note="where frost, dry-hot wind and continuous rain count; default: the crops of the study",
            ),
            InputSpec("terrain_factor", "layer", "share", required=False, note="made from elevation"),
            InputSpec(
                "lightning",
                "points",
                required=False,
                note="counts where `lightning_years` says how many years the list covers; else for maps",
            ),
        ),
        outputs={"intensity": "weather_days", "hazard_index": "hazard_index", "hazard_grade": "hazard_grade"},
        scope="global",
        ladder="meteorology/group",
        published=("event_factors", "return_levels"),
        tables=(
            "hazards/meteorology_measures",
            "ladders/meteorology",
            "hazards/meteorology_events",
            "hazards/meteorology_grades",
            "hazards/meteorology_cold_wave",
            "hazards/meteorology_dry_hot_wind",
            "hazards/meteorology_terrain",
            "hazards/meteorology_scales",
        ),
        references=("DB34/T 4637.4-2023 (condensed text)", "GB/T 28592-2012", "GB/T 20484-2017, QX/T 393-2017"),
        method={
            "zh": "按站点逐日资料统计暴雨、暴雪、寒潮、高温、大风、霜冻、干热风等分灾种的年均日数（次数），按级别加权，"
            "对照各自的固定标尺得分灾种指数；站点差异经检验后向均值收缩，插值优于均值才成面，否则取常数；"
            "霜冻、干热风、连阴雨只在有耕地处计入；各分灾种指数加权平均为综合指数，不再按本地极值拉伸。",
            "en": "Days or events of rainstorm, snowstorm, cold wave, heat, gale, frost, dry-hot wind and more in a "
            "complete year, each times the factor of its class, are read off on fixed ladders; stations are shrunk to "
            "their mean as far as chance explains them and drawn only where a surface foretells them better than the "
            "mean; frost, dry-hot wind and continuous rain count on cropland only; the index is the weighted mean of "
            "the kinds, nothing stretched to the city.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
