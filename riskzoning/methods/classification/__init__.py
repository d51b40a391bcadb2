"""Class breaks and grades (分级): natural breaks, the other schemes, histograms of streamed layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.classification.grades import (
    Grades,
    classify,
    goodness_of_variance_fit,
    grade_values,
    to_five,
)
from riskzoning.methods.classification.histogram import Histogram
from riskzoning.methods.classification.natural import natural_breaks

__all__ = [
    "Grades",
    "Histogram",
    "classify",
    "goodness_of_variance_fit",
    "grade_values",
    "natural_breaks",
    "to_five",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
