"""Earthquake (地震): PGA by return period on class-II ground -> PGA on the site -> ladder -> hazard index.

The levels of ground motion are read, not computed: a probabilistic seismic hazard analysis is the business of the
seismological bureau or of OpenQuake. A scenario (设定地震) comes from the elliptical attenuation of the zonation
(:func:`scenario_field`). Site factors follow table E.1 of GB 18306-2015, intensity GB/T 17742-2020. The index reads the
PGA of the basic level off on the ladder of the seismic hazard, whose classes are the intensities VI to IX; the seismic
intensity is given beside it. Faults and the catalogue are accepted
for maps and for prevention zoning; the index does not use them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hazards.base import HazardSpec, InputSpec, Stages
from riskzoning.hazards.earthquake.assessment import (
    Params,
    assess_earthquake,
    calibrate_earthquake,
    prepare_earthquake,
)
from riskzoning.hazards.earthquake.catalogue import catalogue_points
from riskzoning.hazards.earthquake.county import county_pga
from riskzoning.hazards.earthquake.design import (
    characteristic_period,
    critical_blows,
    liquefaction,
    site_class_of,
)
from riskzoning.hazards.earthquake.faults import avoidance_strips
from riskzoning.hazards.earthquake.ground import (
    at_return_period,
    instrumental_intensity,
    seismic_levels,
    site_amplification,
    site_class_codes,
    site_pga,
)
from riskzoning.hazards.earthquake.ridges import ridge_factor
from riskzoning.hazards.earthquake.rupture import fault_field, rupture_length
from riskzoning.hazards.earthquake.scenario import (
    attenuation,
    elliptical_attenuation,
    isoseismal_axes,
    scenario_field,
)

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "at_return_period",
    "attenuation",
    "avoidance_strips",
    "calibrate",
    "catalogue_points",
    "characteristic_period",
    "county_pga",
    "critical_blows",
    "elliptical_attenuation",
    "fault_field",
    "instrumental_intensity",
    "isoseismal_axes",
    "liquefaction",
    "prepare",
    "ridge_factor",
    "rupture_length",
    "scenario_field",
    "seismic_levels",
    "site_amplification",
    "site_class_codes",
    "site_class_of",
    "site_pga",
]

SPECS = (
    HazardSpec(
        name="earthquake",
        params=Params,
        stages=Stages(calibrate_earthquake, assess_earthquake, prepare_earthquake),
        title={"zh": "地震灾害", "en": "Earthquake"},
        inputs=(
            InputSpec(
                "pga",
                "stack",
                "pga",
                direction=1,
                monotone_in_period=True,
                # The map of GB 18306 goes from 0.05 to 0.40 g; rarer levels and PSHA near faults reach further.
                lowest=(0.0, 0.4),
                highest=(0.04, 1.5),
                alternatives=("pga_zones",),
                note="on class-II ground, by return period",
            ),
            InputSpec(
                "pga_zones",
                "polygons",
                "pga",
                required=False,
                note="counties or zones with their basic PGA in a column pga, or by the table of counties; levels from "
                "the basic one",
            ),
            InputSpec(
                "site_class",
                "polygons",
                "site_class",
                required=False,
                columns=("site_class",),
                note="codes 1..5 or polygons",
            ),
            InputSpec(
                "ridges",
                "polygons",
                "amplification",
                direction=1,
                required=False,
                columns=("factor",),
                note="ridges, isolated hills, steep edges: a factor of 1.0 to 1.6 on the site PGA, 1 elsewhere",
            ),
            InputSpec("faults", "lines", required=False, note="for maps and prevention zoning; not part of the index"),
            InputSpec("catalogue", "points", required=False, note="for maps; not part of the index"),
        ),
        ladder="earthquake",
        measure="basic_pga",
        outputs={
            "intensity": "seismic_intensity",
            "site_pga": "pga",
            "basic_pga": "pga",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        tables=(
            "hazards/earthquake_site",
            "hazards/earthquake_levels",
            "hazards/earthquake_intensity",
            "hazards/earthquake_index",
            "hazards/earthquake_attenuation",
            "hazards/earthquake_design",
            "hazards/earthquake_county_pga",
            "hazards/earthquake_ridge",
            "ladders/earthquake",
        ),
        references=("GB 18306-2015", "GB/T 17742-2020", "Yu et al. 2013"),
        method={
            "zh": "各超越概率水平的II类场地峰值加速度经场地调整；危险性指数由基本水平场地峰值加速度按标尺取值"
            "（四级分别对应烈度VI、VII、VIII度和IX度及以上，低于VI度为0）。仪器烈度另行给出。",
            "en": "PGA by return period on class-II ground is adjusted to the site; the site PGA of the basic level is "
            "read off on the ladder, whose classes are the intensities VI, VII, VIII, and IX and more, 0 below VI. "
            "The seismic intensity is given beside it.",
        },
    ),
)
prepare, calibrate, assess = SPECS[0].prepare, SPECS[0].calibrate, SPECS[0].assess

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
