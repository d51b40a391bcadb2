"""Zoning (区划): zonal statistics, grades, scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.coverage import Coverage, OverlapWarning, zonal_statistics
    from riskzoning.methods.classification import Grades, classify, natural_breaks

__all__ = ["Coverage", "Grades", "OverlapWarning", "classify", "natural_breaks", "zonal_statistics"]

_PLACES = {
    "riskzoning.coverage": ("Coverage", "OverlapWarning", "zonal_statistics"),
    "riskzoning.methods.classification": ("Grades", "classify", "natural_breaks"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
