"""Output ``flood_villages``: the villages with their flash-flood danger zone as a layer for a GIS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from riskzoning import io
from riskzoning.pipeline.outputs.output import Output, Writing

_TABLE = "flood_villages"


def write_flood_villages(writing: Writing) -> None:
    """Write ``layers/flood_villages.gpkg`` when the study has villages with a place."""
    table = writing.result.tables.get(_TABLE)
    if table is None or not {"lon", "lat"} <= set(table.columns):
        return
    east, north = (table[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    placed = np.isfinite(east) & np.isfinite(north)
    if not placed.any():
        return
    points = gpd.points_from_xy(east[placed], north[placed], crs="EPSG:4490")
    frame = gpd.GeoDataFrame(table[placed].reset_index(drop=True), geometry=points)
    io.write_vector(writing.folder / "layers" / f"{_TABLE}.gpkg", {_TABLE: frame}, date=writing.result.data_date)


FLOOD_VILLAGES = Output(_TABLE, files=(f"layers/{_TABLE}.gpkg",), rank=16, write=write_flood_villages)
