"""Cells of gridded weather as stations: which are taken, where they stand, how they are called."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.gridded import cells_as_stations, is_gridded, near


def cells(grid: GeoBox, *, days: int = 3, margin: float = 1.0, step: float = 0.1) -> xr.Dataset:
    west, south, east, north = grid.extent.to_crs("EPSG:4490").boundingbox.bbox
    x, y = np.arange(west - margin, east + margin, step), np.arange(south - margin, north + margin, step)[::-1]
    time = pd.date_range("2001-01-01", periods=days)
    values = np.arange(days * y.size * x.size, dtype=float).reshape(days, y.size, x.size)
    data = xr.Dataset({"tmean": (("time", "y", "x"), values)}, {"time": time, "y": y, "x": x})
    return data.odc.assign_crs("EPSG:4490")


def test_only_cells_around_the_grid_are_read(hazard_grid: GeoBox) -> None:
    data = cells(hazard_grid)
    lazy = data.chunk(time=1, y=3, x=3)
    stations = cells_as_stations(lazy, hazard_grid, thing="weather")
    west, _, _, north = hazard_grid.extent.to_crs("EPSG:4490").boundingbox.bbox
    assert stations["tmean"].dims == ("station", "time")
    assert 0 < stations.sizes["station"] < data.sizes["x"] * data.sizes["y"] / 4
    assert float(stations.lon.min()) == pytest.approx(west, abs=0.16)
    assert float(stations.lat.max()) == pytest.approx(north, abs=0.16)
    for label in stations.station.values[[0, -1]]:
        one = stations.sel(station=label)
        there = data["tmean"].sel(x=float(one.lon), y=float(one.lat), method="nearest")
        np.testing.assert_array_equal(one["tmean"], there)
    assert stations.indexes["station"].is_unique
    whole = cells_as_stations(data, thing="weather")
    assert whole.sizes["station"] == data.sizes["x"] * data.sizes["y"]
    assert near(stations, hazard_grid, thing="weather") is stations
    assert is_gridded(data)
    assert not is_gridded(stations)


def test_cells_without_values_are_left_out(hazard_grid: GeoBox) -> None:
    data = cells(hazard_grid, margin=0.05)
    count = data.sizes["x"] * data.sizes["y"]
    data["tmean"][:, 0, 0] = np.nan
    assert cells_as_stations(data, hazard_grid, thing="weather").sizes["station"] == count - 1
    with pytest.raises(LayerError) as caught:
        cells_as_stations(data * np.nan, hazard_grid, thing="weather")
    assert caught.value.problems[0].rule == "gridded.empty"


def test_a_grid_elsewhere_is_refused(hazard_grid: GeoBox) -> None:
    data = cells(hazard_grid)
    with pytest.raises(LayerError) as caught:
        cells_as_stations(data.assign_coords(x=data.x + 40), hazard_grid, thing="weather")
    assert caught.value.problems[0].rule == "gridded.beyond"
    with pytest.raises(MissingCRSError):
        cells_as_stations(data.drop_vars("spatial_ref"), hazard_grid, thing="weather")


def test_a_hazard_of_cells_is_the_hazard_of_their_stations(hazard_grid: GeoBox) -> None:
    data = cells(hazard_grid, days=365 * 3, margin=0.2, step=0.15)
    days = data["time"].dt.dayofyear
    hot = 20 + 18 * np.exp(-(((days - 200) / 30.0) ** 2)) + 30 * (data["x"] - data["x"].mean())
    daily = xr.Dataset({"tmax": (hot + 0 * data["y"]).transpose("time", "y", "x")}).odc.assign_crs("EPSG:4490")
    spec = HAZARDS["meteorology"]
    with hearing(Journal()):
        gridded = spec.assess({"stations": daily}, grid=hazard_grid)
        stations = cells_as_stations(daily, hazard_grid, thing="weather")
        found = spec.assess({"stations": stations}, grid=hazard_grid)
    np.testing.assert_array_equal(gridded["hazard_index"], found["hazard_index"])
    assert float(gridded["heat_intensity"][10, -1]) > float(gridded["heat_intensity"][10, 0])
