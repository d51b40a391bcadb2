"""Key hidden dangers (重点隐患): index and counts of units, exposed plants, buildings that are weak in earthquakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.hidden_dangers.buildings import buildings_by_unit, screen_buildings, site_intensity
from riskzoning.hidden_dangers.index import danger_counts, danger_index
from riskzoning.hidden_dangers.plants import exposed_plants

__all__ = [
    "buildings_by_unit",
    "danger_counts",
    "danger_index",
    "exposed_plants",
    "screen_buildings",
    "site_intensity",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
