"""Tables and layers of a database into files that other programs read: CSV, workbook, GeoPackage, GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskzoning import io
from riskzoning.database.schema import GEOMETRY
from riskzoning.errors import Phrase, Problem, TargetError

if TYPE_CHECKING:
    from riskzoning.database.base import Database

_ENDINGS = (".csv", ".xlsx", ".gpkg", ".geojson")
_ONE = (".csv", ".geojson")


def exported(
    database: Database, path: Path, tables: Sequence[str], region: str | None, run: str | None
) -> dict[str, int]:
    """Write tables as they hold now, or held after a run; rows by table."""
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise TargetError(Problem("database.export_format", path, endings=list(_ENDINGS)))
    names = list(tables) or [name for name in database.tables() if not name.startswith(("v_", "meta_unit_past"))]
    if ending in _ONE and len(names) != 1:
        raise TargetError(Problem("database.export_one", path, count=len(names)))
    frames = {name: database.query(name, region=region, run=run) for name in names}
    _WRITERS[ending](path, frames, database.shown)
    return {name: len(frame) for name, frame in frames.items()}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns=GEOMETRY, errors="ignore"))


def _csv(path: Path, frames: Mapping[str, pd.DataFrame], _shown: str) -> None:
    io.write_csv(path, _plain(next(iter(frames.values()))))


def _workbook(path: Path, frames: Mapping[str, pd.DataFrame], _shown: str) -> None:
    io.write_workbook(path, {name: _plain(frame) for name, frame in frames.items()})


def _package(path: Path, frames: Mapping[str, pd.DataFrame], _shown: str) -> None:
    io.write_vector(path, dict(frames))


def _geojson(path: Path, frames: Mapping[str, pd.DataFrame], shown: str) -> None:
    """GeoJSON is in degrees of WGS 84, of which those of CGCS2000 do not differ here."""
    ((name, frame),) = frames.items()
    if not isinstance(frame, gpd.GeoDataFrame):
        raise TargetError(Problem("database.export_shapes", Phrase("database_table", name=name, database=shown)))
    io.write_vector(path, {name: frame if frame.crs is None else frame.to_crs(4326)})


_WRITERS = {".csv": _csv, ".xlsx": _workbook, ".gpkg": _package, ".geojson": _geojson}
