"""Zoning (区划): zonal statistics, grades, scales, regions and prevention zones, planning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.coverage import Coverage, OverlapWarning, zonal_statistics
    from riskzoning.methods.classification import Grades, classify, natural_breaks
    from riskzoning.zoning.patches import merge_small_patches
    from riskzoning.zoning.prevention import prevention_grades
    from riskzoning.zoning.regions import regionalise

__all__ = [
    "Coverage",
    "Grades",
    "OverlapWarning",
    "classify",
    "merge_small_patches",
    "natural_breaks",
    "prevention_grades",
    "regionalise",
    "zonal_statistics",
]

_PLACES = {
    "riskzoning.coverage": ("Coverage", "OverlapWarning", "zonal_statistics"),
    "riskzoning.methods.classification": ("Grades", "classify", "natural_breaks"),
    ".patches": ("merge_small_patches",),
    ".prevention": ("prevention_grades",),
    ".regions": ("regionalise",),
}
__getattr__, __dir__ = lazy(__name__, _PLACES, ("planning",))
