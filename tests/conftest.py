"""Fixtures that are factories: a test says what matters to it and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import settings
from odc.geo.geobox import GeoBox

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on

REPOSITORY = Path(__file__).resolve().parents[1]
# A busy machine is slow; that says nothing about a property.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
# Tests read files themselves, whatever an earlier run remembers of them.
os.environ.setdefault("RISKZONING_CACHE", "off")

# Marker of a test -> what it needs and not every machine has.
_NEEDS = {"postgis": "PostgreSQL with PostGIS", "chromium": "Chromium with chromedriver", "city": "the city data set"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud, by name and number, which tests did not run for want of something."""
    skipped = terminalreporter.stats.get("skipped", [])
    for mark, need in _NEEDS.items():
        names = sorted(report.nodeid for report in skipped if mark in report.keywords)
        if names:
            terminalreporter.write_line(f"NOT RUN without {need}: {len(names)} test(s)", yellow=True, bold=True)
            for name in names:
                terminalreporter.write_line(f"  {name}")


@pytest.fixture(scope="session")
def city_data() -> Path:
    """A complete city data set beside the repository (or at RISKZONING_CITY_DATA); skips where it is absent."""
    folder = Path(os.environ.get("RISKZONING_CITY_DATA", REPOSITORY.parent / "shared" / "data" / "xinxiang"))
    if not (folder / "admin.gpkg").is_file():
        pytest.skip(f"the city data set is not at {folder}; set RISKZONING_CITY_DATA")
    return folder


@pytest.fixture
def make_grid() -> Callable[..., GeoBox]:
    """make_grid(rows, columns, resolution=100, crs="EPSG:4547", left=500000, bottom=3900000)"""

    def make(
        rows: int = 4,
        columns: int = 5,
        resolution: float = 100,
        crs: str = "EPSG:4547",
        left: float = 500000,
        bottom: float = 3900000,
    ) -> GeoBox:
        bounds = (left, bottom, left + columns * resolution, bottom + rows * resolution)
        return analysis_grid(bounds, crs=crs, resolution=resolution)

    return make


@pytest.fixture
def make_layer(make_grid: Callable[..., GeoBox]) -> Callable[..., xr.DataArray]:
    """make_layer(values, quantity, return_periods=None, **grid options): a layer around plain values"""

    def make(values: Any, quantity: str = "elevation", return_periods: Any = None, **options: Any) -> xr.DataArray:
        values = np.asarray(values)
        grid = make_grid(rows=values.shape[-2], columns=values.shape[-1], **options)
        return layer_on(grid, values, quantity=quantity, return_periods=return_periods, name=quantity)

    return make
