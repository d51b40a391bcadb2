"""How far a result hangs on its weights, breaks and inputs (不确定性): draws, stability of classes, sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.uncertainty.breaks import breaks_anew
from riskzoning.methods.uncertainty.classes import (
    Combination,
    class_stability,
    grade_probabilities,
    stability,
    stability_table,
)
from riskzoning.methods.uncertainty.draws import Draws, draw
from riskzoning.methods.uncertainty.sensitivity import break_sensitivity, compare_variants, one_at_a_time, sobol

__all__ = [
    "Combination",
    "Draws",
    "break_sensitivity",
    "breaks_anew",
    "class_stability",
    "compare_variants",
    "draw",
    "grade_probabilities",
    "one_at_a_time",
    "sobol",
    "stability",
    "stability_table",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
