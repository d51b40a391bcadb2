"""GeoParquet and GeoArrow (Feather): read without GDAL, whose wheels do not bring these formats."""

from __future__ import annotations

import io
from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from riskzoning.errors import LayerError, Problem
from riskzoning.io.vectors.containers import Source

COLUMNAR = (".parquet", ".geoparquet", ".feather", ".arrow")


def read_columnar(source: Source) -> gpd.GeoDataFrame:
    """The layer of a GeoParquet or Feather file, or of a folder of parts; its index, where it has names, as columns."""
    if source.layer is not None:
        raise LayerError(Problem("vector.one_layer", source.path, wanted=source.layer))
    parquet = source.suffix in (".parquet", ".geoparquet")
    read: Callable[..., gpd.GeoDataFrame] = gpd.read_parquet if parquet else gpd.read_feather
    try:
        frame = read(io.BytesIO(source.content()) if source.packed else source.target)
    except Exception as error:  # noqa: BLE001 - geopandas and pyarrow have many kinds of failure
        if "geo metadata" in str(error).lower() or "geo_metadata" in str(error).lower():
            raise LayerError(_without_geometry(source)) from None
        raise LayerError(Problem("vector.damaged", source.path)) from None
    if frame.crs is not None and frame.crs.to_authority() is not None:
        # The file describes its CRS in full; a code says the same in a word.
        frame = frame.set_crs(":".join(frame.crs.to_authority()), allow_override=True)
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return frame.reset_index() if named else frame.reset_index(drop=True)


def _without_geometry(source: Source) -> Problem:
    """A table, or a file of another program that keeps shapes in a column and does not say so."""
    content = io.BytesIO(source.content()) if source.packed else source.target
    table = pd.read_parquet(content) if source.suffix in (".parquet", ".geoparquet") else pd.read_feather(content)
    return Problem("vector.parquet_table", source.path, columns=list(map(str, table.columns)))
