"""The disaster database: one schema in a GeoPackage or in PostGIS, tables by type, every row with its region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.database.base import Database
    from riskzoning.database.example import toy_database
    from riskzoning.database.opening import open_database
    from riskzoning.database.plan import Loaded
    from riskzoning.database.runs import run_tables
    from riskzoning.database.schema import Schema
    from riskzoning.database.urls import filled_url, is_server, without_password
    from riskzoning.database.versions import Comparison

# A URL is looked at, and its password hidden, without the libraries of databases.
__getattr__, __dir__ = lazy(
    __name__,
    {
        ".base": ["Database"],
        ".example": ["toy_database"],
        ".opening": ["open_database"],
        ".plan": ["Loaded"],
        ".runs": ["run_tables"],
        ".schema": ["Schema"],
        ".urls": ["filled_url", "is_server", "without_password"],
        ".versions": ["Comparison"],
    },
)

__all__ = [
    "Comparison",
    "Database",
    "Loaded",
    "Schema",
    "filled_url",
    "is_server",
    "open_database",
    "run_tables",
    "toy_database",
    "without_password",
]
