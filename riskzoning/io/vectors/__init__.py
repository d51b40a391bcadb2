"""Vector files: GeoPackage, GeoJSON, shapefile (also GBK without .cpg), with codes as text and names ungarbled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.vectors.placement import check_place
from riskzoning.io.vectors.reading import read_vector, vector_crs

__all__ = ["check_place", "read_vector", "vector_crs"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
