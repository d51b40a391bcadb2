"""Terrain from a digital elevation model, and distances to features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.terrain.curvature import curvature
from riskzoning.methods.terrain.distance import distance_to
from riskzoning.methods.terrain.flow import wetness, wetness_index
from riskzoning.methods.terrain.surface import aspect, hillshade, relief, slope

__all__ = ["aspect", "curvature", "distance_to", "hillshade", "relief", "slope", "wetness", "wetness_index"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
