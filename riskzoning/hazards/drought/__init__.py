"""Drought (干旱): MCI of every day at stations -> days of moderate and worse drought in a year -> ladder -> index.

Standardised indices (SPI, SPEI), the composite index MCI, its processes and their frequency, potential
evapotranspiration and the water deficit of crops are functions of their own. A run computes MCI at the stations, each
standardised on its own years 1991-2020, counts the days of moderate and worse drought, and draws them only where the
stations differ by more than chance. What a season of winter wheat lacks of water stands beside it, on a ladder of its
own, where crops stand. How people and towns get water in drought is not derived: without data it is not assessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.drought.assessment import (
    Params,
    assess_drought,
    calibrate_drought,
    prepare_drought,
    rehearse_drought,
)
from riskzoning.hazards.drought.composite import drought_class, mci, mci_of_parts, relative_moisture
from riskzoning.hazards.drought.crops import (
    crop_coefficient,
    crop_water_deficit,
    deficit_class,
    season_deficit,
    stage_deficit,
    water_deficit,
    weighted_deficit,
)
from riskzoning.hazards.drought.evaporation import (
    daylight,
    extraterrestrial_radiation,
    heat_exponent,
    heat_index,
    net_radiation,
    penman_monteith,
    potential_evapotranspiration,
    solar_declination,
    sunset_angle,
    thornthwaite,
)
from riskzoning.hazards.drought.processes import drought_days, drought_frequency, drought_processes
from riskzoning.hazards.drought.standardised import (
    Standard,
    fit_standard,
    rolling_sum,
    spei,
    spi,
    weighted_precipitation,
)
from riskzoning.hazards.inputs import optional_input

__all__ = [
    "SPECS",
    "Params",
    "Standard",
    "assess",
    "calibrate",
    "crop_coefficient",
    "crop_water_deficit",
    "daylight",
    "deficit_class",
    "drought_class",
    "drought_days",
    "drought_frequency",
    "drought_processes",
    "extraterrestrial_radiation",
    "fit_standard",
    "heat_exponent",
    "heat_index",
    "mci",
    "mci_of_parts",
    "net_radiation",
    "penman_monteith",
    "potential_evapotranspiration",
    "prepare",
    "relative_moisture",
    "rolling_sum",
    "season_deficit",
    "solar_declination",
    "spei",
    "spi",
    "stage_deficit",
    "sunset_angle",
    "thornthwaite",
    "water_deficit",
    "weighted_deficit",
    "weighted_precipitation",
]

SPECS = (
    HazardSpec(
        name="drought",
        params=Params,
        stages=Stages(calibrate_drought, assess_drought, prepare_drought, rehearse_drought),
        title={"zh": "干旱灾害", "en": "Drought"},
        inputs=(
            InputSpec(
                "stations",
                "stations",
                alternatives=("precipitation",),
                note="daily precipitation (mm) and mean temperature (degC), ten years or more, better thirty; "
                "with extremes, humidity, wind and sunshine also the water deficit of wheat",
            ),
            optional_input(
                "precipitation", "series", "precipitation", native=True, note="with temperature, instead of stations"
            ),
            optional_input(
                "temperature", "series", "temperature", native=True, note="daily mean, of the same days and places"
            ),
            optional_input("elevation", "layer", "elevation", native=True, note="covariate of the interpolation"),
            optional_input("elevation_on_grid", "layer", "elevation", note="made from elevation"),
            optional_input(
                "crops",
                "layer",
                "cropland",
                note="where the water deficit of wheat counts; default: the crops of the study",
            ),
            optional_input(
                "drinking_difficulty",
                "table",
                note="share of people, by county and return period",
            ),
            optional_input(
                "urban_shortage",
                "table",
                note="share of their water, by county and return period",
            ),
            optional_input("emergency_sources", "points", note="emergency water sources, with their capacity in m3/d"),
        ),
        outputs={"intensity": "drought_days", "hazard_index": "hazard_index", "hazard_grade": "hazard_grade"},
        scope="global",
        measure="intensity",
        tables=("hazards/drought_indices", "hazards/drought_crops", "ladders/drought"),
        published=("water_supply", "frequency", "processes"),
        references=("GB/T 20481-2017 (as used in public systems)", "GB/T 32136 (as used in a public calculator)"),
        method={
            "zh": "按站点逐日降水和气温计算气象干旱综合指数（MCI，标准期 1991-2020 年），统计年均中旱及以上日数，"
            "对照固定标尺得指数；"
            "站点差异经检验后向均值收缩，插值优于均值才成面，否则取常数；另按作物水分亏缺指数给出小麦旱情。"
            "因旱人饮困难、城镇缺水无资料时列为“未评估”，不按 0 计。",
            "en": "MCI of every day from rain and temperature at the stations (standardised on 1991-2020); the days of "
            "moderate and worse drought in a year are read off on a fixed ladder; stations are shrunk to their mean as "
            "far as chance explains them and drawn only where a surface foretells them better than the mean; the water "
            "deficit of wheat stands beside it. Drinking water and the supply of towns are not assessed without data.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
