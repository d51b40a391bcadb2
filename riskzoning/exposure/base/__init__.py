"""What the receptors share: their specification, spreading totals over cells, density, exposure index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.exposure.base.balancing import Balance, balance
from riskzoning.exposure.base.index import density, exposure_index, exposure_reference, scaled_exposure
from riskzoning.exposure.base.receptor import Counted, CountSpec, Exposed, Ground, ReceptorSpec, StudyUnits
from riskzoning.exposure.base.sample import BuildingMix
from riskzoning.exposure.base.spreading import spread_totals
from riskzoning.faces import missing

__all__ = [
    "Balance",
    "BuildingMix",
    "CountSpec",
    "Counted",
    "Exposed",
    "Ground",
    "ReceptorSpec",
    "StudyUnits",
    "balance",
    "density",
    "exposure_index",
    "exposure_reference",
    "scaled_exposure",
    "spread_totals",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
