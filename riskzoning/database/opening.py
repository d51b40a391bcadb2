"""A database by its path or URL."""

from __future__ import annotations

from pathlib import Path

from riskzoning.database.base import Database
from riskzoning.database.geopackage import GeoPackage
from riskzoning.database.urls import is_server, without_password
from riskzoning.errors import Problem, TargetError


def open_database(target: str | Path) -> Database:
    """A disaster database by path (GeoPackage) or URL (``postgresql://user@host/name``, with PostGIS).

    Raises
    ------
    TargetError
        The path does not end in ``.gpkg``, the URL has a mistake, or the server has no such database.
    DatabaseError
        The server does not answer, or does not let the user in.

    Examples
    --------
    >>> open_database("city.gpkg").kind
    'geopackage'
    """
    text = str(target)
    if is_server(text):
        # The driver of the server is loaded for who has one.
        from riskzoning.database.postgis import PostGIS

        return PostGIS(text)
    if not text.lower().endswith(".gpkg"):
        raise TargetError(Problem("database.target", without_password(text)))
    return GeoPackage(Path(text))
