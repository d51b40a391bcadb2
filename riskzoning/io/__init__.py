"""Files to checked values and back: rasters, vectors, tables, weather, atomic writing; no science."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.files import checksum
    from riskzoning.io.hydraulics import read_hec_ras, read_mike
    from riskzoning.io.openquake import (
        HazardCurves,
        VulnerabilityFunction,
        read_hazard_curves,
        read_hazard_map,
        read_vulnerability,
    )
    from riskzoning.io.rasters import RasterFacts, overlap, probe, read_layer, read_stack, scan_layer
    from riskzoning.io.tables import read_points, read_table
    from riskzoning.io.vectors import check_place, read_vector, vector_crs
    from riskzoning.io.weather import (
        read_cma_daily,
        read_ghcn_daily,
        read_gridded_daily,
        read_isd_lite,
        read_station_table,
        read_stations_csv,
    )
    from riskzoning.io.writing import (
        CogWriter,
        csv_text,
        is_cog,
        lock,
        read_frame,
        write_cog,
        write_csv,
        write_frame,
        write_json,
        write_parquet,
        write_vector,
        write_workbook,
    )
    from riskzoning.io.writing.atomic import atomic, atomic_folder

# Public name -> module; loaded on first use, so that reading a table does not import GDAL.
_PLACES = {
    "riskzoning.files": ("checksum",),
    ".hydraulics": ("read_hec_ras", "read_mike"),
    ".openquake": (
        "HazardCurves", "VulnerabilityFunction", "read_hazard_curves", "read_hazard_map", "read_vulnerability",
    ),
    ".rasters": ("RasterFacts", "overlap", "probe", "read_layer", "read_stack", "scan_layer"),
    ".tables": ("read_points", "read_table"),
    ".vectors": ("check_place", "read_vector", "vector_crs"),
    ".weather": (
        "read_cma_daily", "read_ghcn_daily", "read_gridded_daily", "read_isd_lite", "read_station_table",
        "read_stations_csv",
    ),
    ".writing": (
        "CogWriter", "atomic", "atomic_folder", "csv_text", "is_cog", "lock", "read_frame", "write_cog", "write_csv",
        "write_frame", "write_json", "write_parquet", "write_vector", "write_workbook",
    ),
}  # fmt: skip

__all__ = [
    "CogWriter",
    "HazardCurves",
    "RasterFacts",
    "VulnerabilityFunction",
    "atomic",
    "atomic_folder",
    "check_place",
    "checksum",
    "csv_text",
    "is_cog",
    "lock",
    "overlap",
    "probe",
    "read_cma_daily",
    "read_frame",
    "read_ghcn_daily",
    "read_gridded_daily",
    "read_hazard_curves",
    "read_hazard_map",
    "read_hec_ras",
    "read_isd_lite",
    "read_layer",
    "read_mike",
    "read_points",
    "read_stack",
    "read_station_table",
    "read_stations_csv",
    "read_table",
    "read_vector",
    "read_vulnerability",
    "scan_layer",
    "vector_crs",
    "write_cog",
    "write_csv",
    "write_frame",
    "write_json",
    "write_parquet",
    "write_vector",
    "write_workbook",
]

__getattr__, __dir__ = lazy(__name__, _PLACES, ("rasters", "tables", "vectors", "weather", "writing"))
