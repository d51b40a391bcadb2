"""Weather: daily files of the administration, station tables, GHCN-Daily, ISD-Lite, grids; decoded by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.weather.daily import read_cma_daily
from riskzoning.io.weather.ghcn import read_ghcn_daily
from riskzoning.io.weather.isd import read_isd_lite
from riskzoning.io.weather.netcdf import read_gridded_daily
from riskzoning.io.weather.stations import read_station_table, read_stations_csv

__all__ = [
    "read_cma_daily",
    "read_ghcn_daily",
    "read_gridded_daily",
    "read_isd_lite",
    "read_station_table",
    "read_stations_csv",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
