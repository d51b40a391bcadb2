"""Zoning (区划): zonal statistics, grades, scales."""

from __future__ import annotations

from riskzoning.coverage import Coverage, OverlapWarning, zonal_statistics
from riskzoning.methods.classification import Grades, classify, natural_breaks

__all__ = ["Coverage", "Grades", "OverlapWarning", "classify", "natural_breaks", "zonal_statistics"]
