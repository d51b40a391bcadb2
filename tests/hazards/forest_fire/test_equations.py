"""The equations of the fire weather index against xclim, which is their reference: the same numbers, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from xclim.indices import fire
from xclim.indices.fire import _cffwis as reference

from riskzoning import standards
from riskzoning.hazards.forest_fire import equations

START = (85.0, 6.0, 15.0)
LATITUDES = np.array([-89.0, -30.0, -29.9, -15.0, 0.0, 14.9, 15.0, 29.9, 30.0, 35.3, 90.0])
Values = NDArray[np.float64]


def weather(days: int, series: int, seed: int) -> Values:
    """Temperature, humidity, wind, rain; all branches of the equations are met."""
    rng = np.random.default_rng(seed)
    size = (days, series)
    rain = np.where(rng.random(size) < 0.3, rng.gamma(0.6, 12, size), 0.0)
    return np.stack([rng.normal(12, 14, size), rng.uniform(3, 100, size), rng.gamma(2, 8, size), rain])


def day_tables(latitude: Values) -> list[Values]:
    data = standards.table("hazards/forest_fire_days").data
    return [equations.by_latitude(latitude, data[key]["bands"], data[key]["months"]) for key in data]


def codes(elements: Values, valid: NDArray[np.bool_], months: NDArray[np.int64], latitude: Values) -> Values:
    return equations.moisture_codes(elements, valid, months, *day_tables(latitude), np.array(START))


def test_codes_of_a_year_are_those_of_xclim_at_every_latitude() -> None:
    elements = weather(400, LATITUDES.size, seed=1)
    months = np.arange(400) // 31 % 12 + 1
    ours = codes(elements, np.ones(elements.shape[1:], dtype=bool), months, LATITUDES)
    before = [np.full(LATITUDES.size, code) for code in START]
    t, h, w, p = elements
    for day, month in enumerate(months):
        before = [
            reference._fine_fuel_moisture_code(t[day], p[day], w[day], h[day], before[0]),
            reference._duff_moisture_code(t[day], p[day], h[day], month, LATITUDES, before[1]),
            reference._drought_code(t[day], p[day], month, LATITUDES, before[2]),
        ]
        np.testing.assert_array_equal(ours[:, day], before)


def test_series_with_gaps_are_those_of_the_public_function_without_the_days() -> None:
    elements = weather(80, 2, seed=9)
    valid = np.ones((80, 2), dtype=bool)
    valid[30:34, 1] = False
    ours = codes(elements, valid, np.full(80, 3), np.array([35.3, 20.0]))
    stamps = np.full(76, np.datetime64("2001-03-15", "ns"))
    parts = [xr.DataArray(part[valid[:, 1], 1], dims="time", coords={"time": stamps}) for part in elements]
    theirs = fire.fire_weather_ufunc(
        tas=parts[0], pr=parts[3], hurs=parts[1], sfcWind=parts[2], lat=xr.DataArray(20.0),
        ffmc0=xr.DataArray(START[0]), dmc0=xr.DataArray(START[1]), dc0=xr.DataArray(START[2]),
        indexes=["FFMC", "DMC", "DC"],
    )  # fmt: skip
    for number, name in enumerate(("FFMC", "DMC", "DC")):
        np.testing.assert_allclose(ours[number, valid[:, 1], 1], theirs[name], rtol=1e-12)
    assert np.isnan(ours[:, 30:34, 1]).all()
    assert np.isfinite(ours[:, 30:34, 0]).all()


def test_indices_from_the_codes_are_those_of_xclim() -> None:
    rng = np.random.default_rng(4)
    ffmc, dmc, dc, wind = (rng.uniform(0, top, 5000) for top in (101, 300, 900, 80))
    dmc[:10] = dc[:5] = 0
    isi, bui = equations.spread(wind, ffmc), equations.build_up(dmc, dc)
    np.testing.assert_array_equal(isi, fire.initial_spread_index(wind, ffmc))
    np.testing.assert_array_equal(bui, fire.build_up_index(dmc, dc))
    np.testing.assert_array_equal(equations.fire_weather(isi, bui), fire.fire_weather_index(isi, bui))
    np.testing.assert_array_equal(equations.severity(isi), fire.daily_severity_rating(isi))


def test_a_known_day() -> None:
    ours = codes(
        np.array([[[17.0]], [[42.0]], [[25.0]], [[0.0]]]), np.ones((1, 1), bool), np.array([4]), np.array([40.0])
    )
    assert ours[0, 0, 0] == pytest.approx(87.692980092774448)


def test_a_band_begins_at_its_southern_limit_and_a_missing_latitude_breaks_nothing() -> None:
    rows = equations.by_latitude(np.array([-15.1, -15.0, 15.0, np.nan]), [-15.0, 15.0], [[1.0], [2.0], [3.0]])
    assert rows[:, 0].tolist() == [1, 2, 3, 2]
