"""Disaster-reduction capacity (综合减灾能力): index of units from indicators, blocks of capacity, size of teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.capacity.index import capacity_index, combined_blocks, grassroots_index, grassroots_weights
from riskzoning.capacity.indicators import community_indicators, short_teams, township_indicators
from riskzoning.faces import missing

__all__ = [
    "capacity_index",
    "combined_blocks",
    "community_indicators",
    "grassroots_index",
    "grassroots_weights",
    "short_teams",
    "township_indicators",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
