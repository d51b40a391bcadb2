"""Planning (规划衔接): plans held against the risk, risk capacity, what a planned polygon brings into which grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.zoning.planning.capacity import conflict_index, population_capacity, risk_capacity
    from riskzoning.zoning.planning.scenario import what_if

__all__ = ["conflict_index", "population_capacity", "risk_capacity", "what_if"]

_PLACES = {".capacity": ("conflict_index", "population_capacity", "risk_capacity"), ".scenario": ("what_if",)}
__getattr__, __dir__ = lazy(__name__, _PLACES)
