"""Stations before interpolation: missing values dropped, shared places merged."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely import Point

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.methods.interpolation import interpolate
from riskzoning.methods.interpolation.stations import Stations, as_covariates, limits, plane_of, read_stations


def test_missing_are_dropped_and_doubles_are_averaged() -> None:
    grid = analysis_grid((0, 0, 3000, 2000), crs="EPSG:4547", resolution=100)
    places = [Point(0, 0), Point(1000, 0), Point(1000, 0), Point(0, 1000), Point(500, 500)]
    frame = gpd.GeoDataFrame({"rain": [1.0, 2.0, 4.0, 5.0, np.nan]}, geometry=places, crs="EPSG:4547")
    with pytest.warns(UserWarning, match="."):
        found = read_stations(frame, "rain", plane_of(grid, None), {}, grid)
    assert sorted(found.values.tolist()) == [1.0, 3.0, 5.0]
    assert (found.dropped, found.merged) == (1, 1)


def test_the_limits_come_from_the_table() -> None:
    assert limits()["kriging_stations"] == 30


def test_one_station_is_left_out_with_its_covariates() -> None:
    one = np.arange(3.0)
    rest = Stations(one, one, one, one, one, one, {"height": one * 10}, 0, 0).without(1)
    assert (rest.values.tolist(), rest.covariates["height"].tolist()) == ([0.0, 2.0], [0.0, 20.0])


def test_covariates_have_names() -> None:
    layer = xr.DataArray(1.0, attrs={"quantity": "elevation"})
    assert as_covariates(None) == {}
    for given in ({"elevation": layer}, layer, layer.to_dataset(name="elevation"), layer.rename("elevation")):
        assert list(as_covariates(given)) == ["elevation"]


def test_fill_values_of_stations_are_missing_with_a_word_and_impossible_ones_refused() -> None:
    grid = analysis_grid((0, 0, 3000, 2000), crs="EPSG:4547", resolution=100)
    places = [Point(0, 0), Point(1000, 0), Point(0, 1000)]
    for column in ("precipitation", "rain"):
        frame = gpd.GeoDataFrame({column: [7.0, 8.0, -9999.0]}, geometry=places, crs="EPSG:4547")
        with hearing(Journal()) as journal:
            known = read_stations(frame, column, plane_of(grid, None), {}, grid)
        assert (known.values.tolist(), known.dropped) == ([7, 8], 1)
        assert [problem.rule for problem in journal.warnings] == ["layer.nodata"]
    kelvin = gpd.GeoDataFrame({"temperature": [280.0, 281.0, 282.0]}, geometry=places, crs="EPSG:4547")
    with pytest.raises(LayerError) as caught:
        interpolate(kelvin, "temperature", grid)
    assert caught.value.problems[0].rule == "argument.range"
