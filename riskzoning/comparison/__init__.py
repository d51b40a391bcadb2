"""Two runs held beside each other: what changed in each unit, and what made it change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.comparison.changes import Comparison, compare, compare_runs
    from riskzoning.comparison.drawing import change_map
    from riskzoning.comparison.words import summary
    from riskzoning.comparison.writing import write_comparison

__all__ = ["Comparison", "change_map", "compare", "compare_runs", "summary", "write_comparison"]

_PLACES = {
    ".changes": ("Comparison", "compare", "compare_runs"),
    ".drawing": ("change_map",),
    ".words": ("summary",),
    ".writing": ("write_comparison",),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
