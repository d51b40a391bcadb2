"""Station values to a grid: surfaces, how well they foretell stations, whether stations differ at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.interpolation.choice import Comparison, StationEffect, best_method, station_effect
from riskzoning.methods.interpolation.surfaces import CrossValidation, interpolate, leave_one_out

__all__ = [
    "Comparison",
    "CrossValidation",
    "StationEffect",
    "best_method",
    "interpolate",
    "leave_one_out",
    "station_effect",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
