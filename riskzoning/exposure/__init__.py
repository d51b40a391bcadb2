"""承灾体: what is exposed. Count layers of people, product, buildings, cropland and roads, their densities and indices.

Every receptor keeps its own layer: persons and money are never added.
"""

from __future__ import annotations

from riskzoning.exposure import buildings, crops, economy, infrastructure, population
from riskzoning.exposure.base import density, exposure_index, exposure_reference, spread_totals
from riskzoning.exposure.buildings import building_layers, structure_vulnerability, vulnerability_layer
from riskzoning.exposure.crops import cropland
from riskzoning.exposure.infrastructure import road_length

__all__ = [
    "building_layers",
    "buildings",
    "cropland",
    "crops",
    "density",
    "economy",
    "exposure_index",
    "exposure_reference",
    "infrastructure",
    "population",
    "road_length",
    "spread_totals",
    "structure_vulnerability",
    "vulnerability_layer",
]
