"""The exact zonal engine: coverage fractions computed once, any number of layers and statistics in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.coverage.engine import Accumulator, Coverage
    from riskzoning.coverage.points import unit_points
    from riskzoning.coverage.zonal import OverlapWarning, zonal_statistics

__all__ = ["Accumulator", "Coverage", "OverlapWarning", "unit_points", "zonal_statistics"]

_PLACES = {
    ".engine": ("Accumulator", "Coverage"),
    ".points": ("unit_points",),
    ".zonal": ("OverlapWarning", "zonal_statistics"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
