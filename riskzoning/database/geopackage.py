"""The disaster database in a file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning import io
from riskzoning.database.base import Database
from riskzoning.errors import DatabaseError, Problem


class GeoPackage(Database):
    kind = "geopackage"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path)

    def tables(self) -> list[str]:
        if not self.path.is_file():
            return []
        try:
            return sorted(str(name) for name, _ in pyogrio.list_layers(self.path))
        except pyogrio.errors.DataSourceError as error:
            raise DatabaseError(Problem("database.open", self.shown, reason=str(error))) from None

    def _write(self, tables: dict[str, pd.DataFrame]) -> None:
        # The file carries the date of the data, no clock.
        io.write_vector(self.path, tables, date=str(tables["meta_run"]["created"].iloc[0]) or None)

    def _read(self, table: str) -> pd.DataFrame:
        frame = gpd.read_file(self.path, layer=table)
        return frame if isinstance(frame, gpd.GeoDataFrame) else pd.DataFrame(frame)
