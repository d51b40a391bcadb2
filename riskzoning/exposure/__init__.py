"""承灾体: what is exposed. Count layers of people, product, buildings, cropland, roads, services; densities, indices.

Every receptor keeps its own layer: persons and money are never added. ``RECEPTORS["roads"].prepare(...)`` counts one on
a grid. A new receptor is one file that ends in ``SPEC`` and one line in the list below.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskzoning.exposure import economy, population
from riskzoning.exposure.base import (
    BuildingMix,
    Counted,
    CountSpec,
    Exposed,
    Ground,
    ReceptorSpec,
    StudyUnits,
    density,
    exposure_index,
    exposure_reference,
    scaled_exposure,
    spread_totals,
)
from riskzoning.exposure.buildings import (
    building_layers,
    sampled_building_layers,
    structure_vulnerability,
    vulnerability_layer,
)
from riskzoning.exposure.crops import cropland
from riskzoning.exposure.hours import people_by_place
from riskzoning.exposure.objects import exposed_objects, objects_by_grade, objects_extent
from riskzoning.exposure.roads import road_length
from riskzoning.exposure.stock import building_stock, people_by_age, summed_stock
from riskzoning.faces import missing

__all__ = [
    "RECEPTORS",
    "BuildingMix",
    "CountSpec",
    "Counted",
    "Exposed",
    "Ground",
    "ReceptorSpec",
    "StudyUnits",
    "building_layers",
    "building_stock",
    "cropland",
    "density",
    "economy",
    "exposed_objects",
    "exposure_index",
    "exposure_reference",
    "objects_by_grade",
    "objects_extent",
    "people_by_age",
    "people_by_place",
    "population",
    "road_length",
    "sampled_building_layers",
    "scaled_exposure",
    "spread_totals",
    "structure_vulnerability",
    "summed_stock",
    "vulnerability_layer",
]

_FILES = (
    "population",
    "economy",
    "buildings",
    "crops",
    "roads",
    "public_services",
    "forest",
)
_SPECS: tuple[ReceptorSpec[Any], ...] = tuple(importlib.import_module(f"{__name__}.{file}").SPEC for file in _FILES)
RECEPTORS: Mapping[str, ReceptorSpec[Any]] = {spec.name: spec for spec in _SPECS}

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
