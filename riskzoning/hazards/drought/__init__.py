"""Drought (干旱): standardised indices, MCI and its processes, crop water deficit -> days of drought on the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
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

__all__ = [
    "Standard",
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

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
