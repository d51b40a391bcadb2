"""Raster files: GeoTIFF and what GDAL reads, NetCDF, Zarr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.rasters.reading import probe, read_layer, read_stack
from riskzoning.io.rasters.scanning import scan_layer
from riskzoning.rasters import RasterFacts, overlap

__all__ = ["RasterFacts", "overlap", "probe", "read_layer", "read_stack", "scan_layer"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
