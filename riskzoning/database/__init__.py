"""The disaster database: one schema in a GeoPackage or in PostGIS, tables by type, every row with its region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.database.base import Database
from riskzoning.database.opening import open_database
from riskzoning.database.runs import run_tables
from riskzoning.database.urls import filled_url, is_server, without_password
from riskzoning.faces import missing

__all__ = ["Database", "filled_url", "is_server", "open_database", "run_tables", "without_password"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
