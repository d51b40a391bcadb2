"""Meteorological hazards (气象灾害) but drought: events at stations -> event index -> mean annual sum -> grid -> index.

Rainstorms, heat, gales, cold waves and snowstorms run through one engine (:mod:`.processes`), each an entry of
``hazards/meteorology_events``: the elements that the stations have decide which of them count. Severity of an event is
the entropy-weighted sum of its factors, a year is the sum of its events, a station the mean of its complete years.
Stations are brought to the grid by regression on longitude, latitude and elevation with residuals by inverse distance,
or by inverse distance alone where that foretells left-out stations better, within the range of the stations. The index
of each kind is scaled between the least and the most affected station, so it compares places, not cities, unless a
study gives a reference. Hail, lightning and fog need other data.
"""

from __future__ import annotations

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
    dry_hot_wind,
    rain_grade,
    snow_grade,
    snow_water,
)
from riskzoning.hazards.meteorology.processes import (
    EventScale,
    EventTables,
    event_scale,
    event_tables,
    station_values,
)
from riskzoning.hazards.meteorology.terrain import terrain_factor
from riskzoning.methods.events import spells

__all__ = [
    "SPECS",
    "EventScale",
    "EventTables",
    "Params",
    "assess",
    "calibrate",
    "cold_wave_level",
    "dry_hot_wind",
    "event_scale",
    "event_tables",
    "prepare",
    "rain_grade",
    "snow_grade",
    "snow_water",
    "spells",
    "station_values",
    "terrain_factor",
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
            InputSpec("terrain_factor", "layer", "share", required=False, note="made from elevation"),
            InputSpec("lightning", "points", required=False, note="for maps; not part of the index"),
        ),
        outputs={"intensity": "event_index", "hazard_index": "hazard_index", "hazard_grade": "hazard_grade"},
        scope="global",
        ladder="meteorology/group",
        tables=(
            "hazards/meteorology_events",
            "hazards/meteorology_grades",
            "hazards/meteorology_cold_wave",
            "hazards/meteorology_dry_hot_wind",
            "hazards/meteorology_terrain",
            "ladders/meteorology",
        ),
        references=("DB34/T 4637.4-2023 (condensed text)", "GB/T 28592-2012", "GB/T 20484-2017, QX/T 393-2017"),
        method={
            "zh": "按站点逐日资料识别暴雨、高温、大风、寒潮、暴雪过程，过程因子熵权求和，逐年累加取多年平均；"
            "经纬度与海拔回归加残差反距离插值到格网，归一化后加权。",
            "en": "Rainstorms, heat, gales, cold waves and snowstorms are found in daily station series; "
            "entropy-weighted factors make the index of an event, its annual sum is averaged over years, brought "
            "to the grid by regression with weighted residuals, scaled and weighted.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess
