"""One conductor that reads from top to bottom: prepare, calibrate, assess, grade, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.pipeline.again import make_maps, make_report, make_site
    from riskzoning.pipeline.beside import rerun
    from riskzoning.pipeline.check import check_study
    from riskzoning.pipeline.conductor import STAGES, explain_study, output_places, run_study
    from riskzoning.pipeline.machine import Surroundings, surroundings
    from riskzoning.pipeline.new_study import init_study
    from riskzoning.pipeline.zonal import check_zonal_output, write_zonal, zonal_table

__all__ = [
    "STAGES",
    "Surroundings",
    "check_study",
    "check_zonal_output",
    "explain_study",
    "init_study",
    "make_maps",
    "make_report",
    "make_site",
    "output_places",
    "rerun",
    "run_study",
    "surroundings",
    "write_zonal",
    "zonal_table",
]

_PLACES = {
    ".again": ("make_maps", "make_report", "make_site"),
    ".check": ("check_study",),
    ".conductor": ("STAGES", "explain_study", "output_places", "run_study"),
    ".new_study": ("init_study",),
    ".beside": ("rerun",),
    ".machine": ("Surroundings", "surroundings"),
    ".zonal": ("check_zonal_output", "write_zonal", "zonal_table"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
