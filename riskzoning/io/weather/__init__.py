"""Weather files: daily files of the meteorological administration and station tables, decoded by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.weather.daily import read_cma_daily
from riskzoning.io.weather.stations import read_station_table, read_stations_csv

__all__ = ["read_cma_daily", "read_station_table", "read_stations_csv"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
