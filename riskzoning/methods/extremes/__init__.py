"""Extreme values and return periods (重现期): yearly extremes, distributions, levels, how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.extremes.fitted import Band, Fitted, from_record
from riskzoning.methods.extremes.fitting import fit
from riskzoning.methods.extremes.positions import plotting_positions, probability_within, return_period_of
from riskzoning.methods.extremes.quality import Goodness
from riskzoning.methods.extremes.sample import l_moment_ratio, l_moments, yearly_extremes

__all__ = [
    "Band",
    "Fitted",
    "Goodness",
    "fit",
    "from_record",
    "l_moment_ratio",
    "l_moments",
    "plotting_positions",
    "probability_within",
    "return_period_of",
    "yearly_extremes",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
