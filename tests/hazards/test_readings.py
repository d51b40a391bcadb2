"""Readings of weather as public functions take them: the checks of a run."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.forest_fire import fire_weather_index, htz_sum
from riskzoning.hazards.meteorology import cold_wave_level, dry_hot_wind, rain_grade, snow_grade
from riskzoning.hazards.readings import check_days, decoded_values, element_values

NAN = float("nan")


def array(values: list[float], units: str) -> xr.DataArray:
    return xr.DataArray(values, dims="time", attrs={"units": units})


@pytest.mark.parametrize(
    ("element", "values", "units", "wanted", "expected"),
    [
        ("tmean", [273.15, -9999], "K", "", [0.0, NAN]),
        ("wind_mean", [5, 32766], "m/s", "km/h", [18, NAN]),
        ("wind_mean", [18, 999.9], "km/h", "", [5, NAN]),
        ("precipitation", [32700, 25, 999999], "0.1 mm", "", [0, 2.5, NAN]),
        ("humidity", [0.5, -9999], "1", "%", [50, NAN]),
    ],
)
def test_units_and_codes_in_every_container(
    element: str, values: list[float], units: str, wanted: str, expected: list[float]
) -> None:
    layer = array(values, units)
    with hearing(Journal()) as journal:
        read = element_values(layer, element, thing="a", units=wanted)
        lazy = element_values(layer.chunk(time=1), element, thing="a", units=wanted)
    assert isinstance(lazy.data, da.Array)
    for one in (read, lazy, decoded_values(layer, element, thing="a")[0] if not wanted else read):
        assert one.values == pytest.approx(np.array(expected), nan_ok=True)
    assert [problem.rule for problem in journal.warnings] == ["elements.codes"]


def test_labels_and_numbers_stay() -> None:
    series = element_values(pd.Series([1.0, 2.0], index=["a", "b"]), "tmax", thing="a")
    assert series.to_dict() == {"a": 1, "b": 2}
    assert element_values(21.5, "tmax", thing="a") == 21.5
    assert element_values(da.from_array(np.array([1.0])), "tmax", thing="a").compute().tolist() == [1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: cold_wave_level(np.array([285.0, 280.0, 275.0, 270.0])),
        lambda: rain_grade(np.array([3000.0, 4000.0])),
        lambda: snow_grade(np.array([3000.0, 4000.0])),
        lambda: dry_hot_wind(np.array([36.0, 36.0]), np.array([28.0, 25.0]), np.array([300.0, 300.0])),
        lambda: htz_sum(300.0, 60.0, 2, 9.0),
        lambda: rain_grade(array([1.0], "degC")),
        lambda: cold_wave_level(array([1.0], "m/s")),
        lambda: fire_weather_index(*[array([1.0], "hPa")] * 4, latitude=35.0, dates=["2021-03-01"]),
    ],
)
def test_another_unit_is_refused_by_every_function(call: Any) -> None:
    with pytest.raises(LayerError) as caught:
        call()
    assert caught.value.problems[0].rule in ("argument.range", "argument.units", "stations.units")


def test_hours_are_no_days() -> None:
    hours, days = pd.date_range("2021-03-01", periods=48, freq="h"), pd.date_range("2021-03-01 12:00", periods=3)
    check_days(days, "a")
    check_days(None, "a")
    for odd in (hours, days.append(days[:1]), pd.date_range("2021-03-01", periods=4, freq="12h")):
        with pytest.raises(LayerError) as caught:
            check_days(odd, "a")
        assert caught.value.problems[0].rule == "elements.steps"
    elements = [np.full(48, value) for value in (15.0, 30.0, 18.0, 0.0)]
    with pytest.raises(LayerError, match="48 time stamps on 2 days"):
        fire_weather_index(*elements, latitude=35.0, dates=hours)


def test_fire_weather_is_paired_by_label() -> None:
    days = pd.date_range("2021-03-11", periods=5)
    parts = [pd.Series([14.0, 18, 20, 22, 15], days), pd.Series([30.0, 25, 60, 40, 35], days), pd.Series(12.0, days)]
    rain = pd.Series([0.0, 0, 8, 0, 0], days)
    expected = fire_weather_index(*parts, rain, latitude=35.3)["fwi"]
    turned = fire_weather_index(parts[0], parts[1][::-1], parts[2], rain.sample(frac=1, random_state=1), latitude=35.3)
    np.testing.assert_array_equal(turned["fwi"], expected)
    text = fire_weather_index(
        *[part.to_numpy() for part in (*parts, rain)], latitude=35.3, dates=days.strftime("%m/%d/%Y")
    )
    np.testing.assert_array_equal(text["fwi"], expected)
    with pytest.raises(LayerError) as caught:
        fire_weather_index(parts[0], parts[1].shift(freq="D"), parts[2], rain, latitude=35.3)
    assert caught.value.problems[0].rule == "labels.differ"
