"""Daily series made from elements: falls of temperature, low temperature, harvest rain, dry-hot wind, classes."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import standards
from riskzoning.hazards.meteorology.series import (
    daily_series,
    elements_for,
    has_values,
    in_window,
    most_severe,
)


def stations(start="2001-01-01", **elements):
    rows = {name: np.atleast_2d(np.asarray(values, dtype=float)) for name, values in elements.items()}
    first = next(iter(rows.values()))
    coords = {
        "station": [f"s{i}" for i in range(first.shape[0])],
        "time": pd.date_range(start, periods=first.shape[1]),
    }
    return xr.Dataset({name: (("station", "time"), values) for name, values in rows.items()}, coords)


def test_the_largest_fall_over_24_48_and_72_hours():
    drop = daily_series(stations(tmin=[2, 10, 1]), "largest_drop").values[0]
    # 9 over 24 hours, 1 over 48.
    np.testing.assert_array_equal(drop, [np.nan, -8, 9])
    drop = daily_series(stations(tmin=[12, 9, 6, 3, 0]), "largest_drop").values[0]
    np.testing.assert_array_equal(drop, [np.nan, 3, 6, 9, 9])
    # A day that the axis leaves out is a missing day: only the fall over 48 hours is known.
    gap = stations(tmin=[12, 99, 2]).isel(time=[0, 2])
    np.testing.assert_array_equal(daily_series(gap, "largest_drop").values[0], [np.nan, 10])


def test_low_temperature_is_freezing_rain_or_cold_without_sun():
    n = 20
    quiet = {
        "tmean": np.full(n, 15.0),
        "tmin": np.full(n, 10.0),
        "precipitation": np.zeros(n),
        "sunshine": np.full(n, 8.0),
    }

    def days(**changes):
        values = {name: row.copy() for name, row in quiet.items()}
        for name, (part, value) in changes.items():
            values[name][part] = value
        return np.flatnonzero(daily_series(stations(**values), "low_temperature").values[0] == 1).tolist()

    three, two = slice(5, 8), slice(5, 7)
    assert days() == []
    frozen = {"tmean": (three, 1.0), "tmin": (three, 0.0), "precipitation": (three, 0.2)}
    assert days(**frozen) == [5, 6, 7]
    assert days(**{**frozen, "precipitation": (three, 0.1)}) == []
    assert days(**{**frozen, "tmin": (three, 0.1)}) == []
    assert days(**{name: (two, value) for name, (_, value) in frozen.items()}) == []
    assert days(tmean=(three, 11.9), sunshine=(three, 2.9)) == [5, 6, 7]
    assert days(tmean=(three, 12.0), sunshine=(three, 2.9)) == []
    # The mean of the spell counts: 0, 0, 8 hours are less than 3 a day, 0, 1, 8 are not.
    assert days(tmean=(three, 5.0), sunshine=(slice(5, 7), 0.0)) == [5, 6, 7]
    assert days(tmean=(three, 5.0), sunshine=(slice(5, 7), [0.0, 1.0])) == []
    known = daily_series(stations(**{**quiet, "sunshine": np.full(n, np.nan)}), "low_temperature")
    assert np.isnan(known).all()


@pytest.mark.parametrize(
    ("rain", "wet", "sun", "degree"),
    [
        (0, 0, 200, 0), (79, 7, 121, 0), (80, 8, 120, 1), (110, 10, 110, 1), (111, 10, 110, 1), (120, 12, 110, 2),
        (120, 12, 100, 2), (131, 12, 100, 3), (131, 14, 94, 3), (131, 7, 200, 1), (79, 14, 94, 2),
    ],
)  # fmt: skip
def test_rain_at_the_harvest_of_wheat_by_points(rain, wet, sun, degree):
    # Points of (rain, wet days, sunshine), e.g. (120 mm, 12 d, 110 h): 2 + 2 + 1 = 5, degree 2.
    n = 365
    water, hours = np.zeros(n), np.zeros(n)
    first = pd.Timestamp("2001-05-20").dayofyear - 1
    water[first : first + wet] = rain / wet if wet else 0
    hours[first : first + 22] = sun / 22
    values = daily_series(stations(precipitation=water, sunshine=hours), "harvest_rain").values[0]
    assert values[pd.Timestamp("2001-06-10").dayofyear - 1] == degree
    assert values.sum() == degree


@pytest.mark.parametrize(
    ("tmax", "humidity", "wind", "degree"),
    [
        (32, 30, 2, 1),
        (33, 25, 3, 2),
        (35, 25, 3, 3),
        (36, 28, 3, 1),
        (34, 25, 2.9, 1),
        (31.9, 20, 5, 0),
        (36, 31, 5, 0),
    ],
)
def test_national_degrees_of_dry_hot_wind(tmax, humidity, wind, degree):
    observed = stations(tmax=[tmax], humidity_14h=[humidity], wind_14h=[wind])
    assert daily_series(observed, "dry_hot_wind").item() == degree
    stood_in = stations(tmax=[tmax], humidity_min=[humidity], wind_mean=[wind])
    assert daily_series(stood_in, "dry_hot_wind").item() == degree
    wanted = {"tmax": "tmax", "humidity_14h": "humidity_min", "wind_14h": "wind_mean"}
    assert elements_for(stood_in, ["dry_hot_wind"]) == wanted
    assert elements_for(observed, ["dry_hot_wind"]) == {name: name for name in wanted}


def test_elements_that_are_there_but_empty_do_not_serve():
    data = stations(tmax=[30.0], humidity_14h=[np.nan], humidity_min=[20.0], wind_14h=[3.0])
    assert elements_for(data, ["dry_hot_wind"])["humidity_14h"] == "humidity_min"
    assert not has_values(data, "humidity_14h")
    assert not has_values(data, "pollen")


def test_a_part_of_the_year_has_both_its_ends():
    time = pd.date_range("2000-01-01", "2001-12-31")
    inside = in_window(time, ["05-20", "06-10"])
    assert inside.sum() == 2 * 22
    assert time[inside][[0, 21]].strftime("%m-%d").tolist() == ["05-20", "06-10"]
    assert in_window(time, None).all()


def test_the_most_severe_class_counts_and_edges_belong_upwards():
    rules = standards.table("hazards/meteorology_measures").data["kinds"]
    gusts = np.array([17.1, 17.2, 24.4, 24.5, 32.7, np.nan], dtype="float32")
    np.testing.assert_array_equal(most_severe(gusts, rules["gale"], {8: 1, 10: 2, 12: 3}), [0, 1, 1, 2, 3, np.nan])
    sight = np.array([500, 499, 200, 199, 50, 49.0])
    assert most_severe(sight, rules["fog"], {500: 1, 200: 2, 50: 3}).tolist() == [0, 1, 1, 2, 2, 3]
    night = np.array([4, 3.9, 2, 1.9, -1, -1.1])
    factors = {"light": 0.2, "moderate": 0.3, "severe": 0.5}
    assert most_severe(night, rules["frost"], factors).tolist() == [0, 0.2, 0.2, 0.3, 0.3, 0.5]
