"""Disaster-reduction capacity (综合减灾能力): index of units, blocks of capacity, teams, shelters and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.capacity.blocks import (
    BLOCKS,
    BlockIndicators,
    block_index,
    block_indicators,
    block_weights,
    county_facts,
)
from riskzoning.capacity.index import capacity_index, combined_blocks, grassroots_index, grassroots_weights
from riskzoning.capacity.indicators import community_indicators, short_teams, township_indicators
from riskzoning.capacity.places import crowded_shelters, shelter_supply, store_area, store_classes
from riskzoning.capacity.reach import distance_coverage
from riskzoning.faces import missing

__all__ = [
    "BLOCKS",
    "BlockIndicators",
    "block_index",
    "block_indicators",
    "block_weights",
    "capacity_index",
    "combined_blocks",
    "community_indicators",
    "county_facts",
    "crowded_shelters",
    "distance_coverage",
    "grassroots_index",
    "grassroots_weights",
    "shelter_supply",
    "short_teams",
    "store_area",
    "store_classes",
    "township_indicators",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
