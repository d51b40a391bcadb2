"""Two runs held beside each other: what changed in each unit, and what made it change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.comparison.changes import Comparison, compare, compare_runs

__all__ = ["Comparison", "compare", "compare_runs"]

_PLACES = {".changes": ("Comparison", "compare", "compare_runs")}
__getattr__, __dir__ = lazy(__name__, _PLACES)
