"""Spatial statistics of units (空间自相关): who is whose neighbour, Moran's I, Getis-Ord G, false discoveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.spatial.autocorrelation import Moran, local_g, morans_i
from riskzoning.methods.spatial.discoveries import false_discovery
from riskzoning.methods.spatial.neighbours import Neighbours, within_distance

__all__ = ["Moran", "Neighbours", "false_discovery", "local_g", "morans_i", "within_distance"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
