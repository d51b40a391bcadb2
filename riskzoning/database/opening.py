"""A database by its path or URL."""

from __future__ import annotations

from pathlib import Path

from riskzoning.database.base import Database
from riskzoning.database.geopackage import GeoPackage
from riskzoning.database.postgis import PostGIS
from riskzoning.database.urls import is_server, without_password
from riskzoning.errors import DatabaseError, Problem


def open_database(target: str | Path) -> Database:
    """A disaster database by path (GeoPackage) or URL (``postgresql://user@host/name``, with PostGIS).

    Raises
    ------
    DatabaseError
        The path does not end in ``.gpkg``, the server does not answer, or PostGIS is not there.

    Examples
    --------
    >>> open_database("city.gpkg").kind
    'geopackage'
    """
    text = str(target)
    if is_server(text):
        return PostGIS(text)
    if not text.lower().endswith(".gpkg"):
        raise DatabaseError(Problem("database.target", without_password(text)))
    return GeoPackage(Path(text))
