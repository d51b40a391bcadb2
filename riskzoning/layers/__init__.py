"""The convention of layers: dims, CRS, quantity and units of a DataArray, its grid, the facts of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.layers.axes import regular_axis
from riskzoning.layers.convention import (
    LAYER_DIMS,
    as_mapping,
    check_layer,
    check_same_grid,
    crs_name,
    describe,
    grid_difference,
    grid_of,
    layer_on,
)
from riskzoning.layers.facts import LayerFacts, Total, fact_problems, scan
from riskzoning.layers.memory import without_fill

__all__ = [
    "LAYER_DIMS",
    "LayerFacts",
    "Total",
    "as_mapping",
    "check_layer",
    "check_same_grid",
    "crs_name",
    "describe",
    "fact_problems",
    "grid_difference",
    "grid_of",
    "layer_on",
    "regular_axis",
    "scan",
    "without_fill",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
