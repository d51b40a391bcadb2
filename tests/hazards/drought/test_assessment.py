"""The drought hazard as a whole: the ladder, constant surfaces, crops, what is refused and what is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import ConfigError, Journal, LayerError
from riskzoning.hazards import HAZARDS
from riskzoning.layers import layer_on

Inputs = dict[str, Any]
SPEC = HAZARDS["drought"]


@pytest.fixture
def inputs(hazard_grid: GeoBox, example_inputs: Callable[..., Inputs]) -> Inputs:
    return example_inputs("drought", hazard_grid, seed=3)


def test_the_index_is_that_of_the_days(hazard_grid: GeoBox, inputs: Inputs) -> None:
    result = SPEC.assess(inputs, grid=hazard_grid)
    days = result["intensity"]
    assert days.attrs["units"] == "d/a"
    np.testing.assert_array_equal(SPEC.scale.index(days), result["hazard_index"])
    assert SPEC.scale.grade(np.array([0.0, 20.0, 20.1, 45.1, 75.1])).tolist() == [1, 1, 2, 3, 4]


def test_wheat_counts_where_crops_stand(hazard_grid: GeoBox, inputs: Inputs) -> None:
    result = SPEC.assess(inputs, grid=hazard_grid)
    crops = inputs["crops"].values > 0
    wheat = result["wheat_index"].values
    assert (wheat[~crops] == 0).all()
    assert (wheat[crops] > 0).all()
    everywhere = SPEC.assess({key: value for key, value in inputs.items() if key != "crops"}, grid=hazard_grid)
    assert (everywhere["wheat_index"].values > 0).all()


def test_stations_that_differ_by_chance_make_one_value(hazard_grid: GeoBox, inputs: Inputs, heard: Journal) -> None:
    stations = inputs["stations"]
    same = stations.isel(station=[0] * stations.sizes["station"]).assign_coords(
        {name: stations[name] for name in ("station", "lon", "lat", "elevation")}
    )
    result = SPEC.assess({"stations": same}, grid=hazard_grid)
    assert np.ptp(result["intensity"].values) < 1e-9
    assert result.attrs["constant"].startswith("days")
    rules = {problem.rule for problem in heard.warnings}
    assert {"stations.constant_surfaces", "drought.short", "drought.not_assessed"} <= rules


def test_water_supply_is_kept_as_not_assessed(hazard_grid: GeoBox, inputs: Inputs) -> None:
    prepared = SPEC.prepare(inputs, None, hazard_grid)
    table = prepared.tables["water_supply"]
    assert table["status"].eq("not_assessed").all()
    assert table["value"].isna().all()
    assert SPEC.assess(prepared, grid=hazard_grid).attrs["not_assessed"].startswith("drinking_difficulty")


def test_processes_and_frequency_are_kept(hazard_grid: GeoBox, inputs: Inputs) -> None:
    tables = SPEC.prepare(inputs, None, hazard_grid).tables
    assert (tables["processes"]["days"] >= 15).all()
    assert set(tables["frequency"]["class"]) == {1, 2, 3, 4}


def rule_of(inputs: Inputs, grid: GeoBox, params: Any = None) -> str:
    with pytest.raises((LayerError, ConfigError)) as caught:
        SPEC.assess(inputs, params, grid=grid)
    return str(caught.value.problems[0].rule)


def test_bad_stations_are_refused_by_name(hazard_grid: GeoBox, inputs: Inputs) -> None:
    stations: xr.Dataset = inputs["stations"]
    rain = stations["precipitation"]

    def given(data: xr.Dataset) -> Inputs:
        return {"stations": data}

    assert rule_of(given(stations.isel(time=slice(0, 1500))), hazard_grid) == "drought.years"
    assert rule_of(given(stations.assign(precipitation=rain * 0 + 2.0)), hazard_grid) == "drought.constant"
    assert rule_of(given(stations.assign(precipitation=rain * np.nan)), hazard_grid) == "drought.elements"
    assert rule_of(given(stations.assign(tmean=stations["tmean"] + 273.15)), hazard_grid) == "stations.range"
    furlong = stations.assign(precipitation=rain.assign_attrs(units="furlong"))
    assert rule_of(given(furlong), hazard_grid) == "stations.units"
    twice = stations.isel(time=[0, *range(stations.sizes["time"])])
    assert rule_of(given(twice), hazard_grid) == "elements.steps"
    assert rule_of(given(stations.drop_vars("lon")), hazard_grid) == "stations.place"
    gaps = stations.assign(precipitation=rain.where(stations["time"].dt.month > 6))
    assert rule_of(given(gaps), hazard_grid) in ("drought.no_year", "drought.years", "drought.constant")
    assert rule_of(inputs, hazard_grid, {"season": "wheat"}) == "hazard.params"
    assert rule_of(inputs, hazard_grid, {"season": [1.0] * 11}) == "drought.season"
    assert rule_of(inputs, hazard_grid, {"crop": "rice"}) == "hazard.params"


def test_units_that_are_declared_are_converted(hazard_grid: GeoBox, inputs: Inputs) -> None:
    stations = inputs["stations"]
    kelvin = stations.assign(
        tmean=(stations["tmean"] + 273.15).assign_attrs(units="K"),
        precipitation=(stations["precipitation"] * 10).assign_attrs(units="0.1 mm"),
    )
    one, two = (SPEC.assess({**inputs, "stations": data}, grid=hazard_grid) for data in (stations, kelvin))
    np.testing.assert_allclose(one["intensity"], two["intensity"])


def test_series_by_cell_are_taken_instead_of_stations(hazard_grid: GeoBox, inputs: Inputs) -> None:
    stations = inputs["stations"]
    series = {key: stations[name] for key, name in (("precipitation", "precipitation"), ("temperature", "tmean"))}
    result = SPEC.assess(series, grid=hazard_grid)
    np.testing.assert_allclose(result["intensity"], SPEC.assess({"stations": stations}, grid=hazard_grid)["intensity"])
    assert "crop_water_deficit" not in result
    assert layer_on(hazard_grid, result["intensity"].data, quantity="drought_days").notnull().all()


def test_a_full_ladder_of_wheat_is_told_and_stages_bring_it_down(
    hazard_grid: GeoBox, inputs: Inputs, heard: Journal
) -> None:
    plain = SPEC.assess(inputs, grid=hazard_grid)
    weighted = SPEC.assess(inputs, {"crop_sum": "stages"}, grid=hazard_grid)
    ratio = float(weighted["crop_water_deficit"].mean() / plain["crop_water_deficit"].mean())
    assert 0.09 < ratio < 0.22
    full = float(plain["crop_water_deficit"].mean()) >= 4000
    said = [problem.rule for problem in heard.steps]
    assert said.count("drought.wheat_full") == int(full)
