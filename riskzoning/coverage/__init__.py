"""The exact zonal engine: coverage fractions computed once, any number of layers and statistics in one pass."""

from __future__ import annotations

from riskzoning.coverage.engine import Accumulator, Coverage
from riskzoning.coverage.zonal import OverlapWarning, zonal_statistics

__all__ = ["Accumulator", "Coverage", "OverlapWarning", "zonal_statistics"]
