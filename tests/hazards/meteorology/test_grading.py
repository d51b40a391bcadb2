"""Rain, snow, cold wave, dry-hot wind: limits on both sides, worked series, missing days."""

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards.meteorology.grading import (
    cold_wave_level,
    cold_wave_warning,
    dry_hot_wind,
    rain_grade,
    snow_grade,
    snow_water,
)


def highest(values):
    return np.nanmax(cold_wave_level(np.array(values, dtype=float)))


def series(values, start="2001-11-01"):
    time = pd.date_range(start, periods=len(values))
    return xr.DataArray(np.array(values, dtype=float), coords={"time": time}, dims="time")


@pytest.mark.parametrize(
    ("amount", "grade"),
    [
        (0, 0),
        (0.1, 1),
        (9.9, 1),
        (9.95, 1),
        (10, 2),
        (24.9, 2),
        (25, 3),
        (49.9, 3),
        (50, 4),
        (99.9, 4),
        (100, 5),
        (250, 6),
    ],
)
def test_rain_of_24_hours(amount, grade):
    assert rain_grade(amount) == grade
    assert rain_grade(np.float32(amount)) == grade


@pytest.mark.parametrize(
    ("amount", "grade"), [(0.05, 0), (0.1, 1), (4.9, 1), (5, 2), (15, 3), (30, 4), (69.9, 4), (70, 5), (140, 6)]
)
def test_rain_of_12_hours(amount, grade):
    assert rain_grade(amount, hours=12) == grade


@pytest.mark.parametrize(
    ("amount", "day", "half"),
    [(0.1, 1, 1), (1, 1, 2), (2.5, 2, 2), (3, 2, 3), (5, 3, 3), (6, 3, 4), (10, 4, 5), (20, 5, 6), (30, 6, 6)],
)
def test_snow(amount, day, half):
    assert snow_grade(amount) == day
    assert snow_grade(amount, hours=12) == half


def test_published_snow_grades_and_phase():
    assert snow_grade(np.array([32, 22, 11])).tolist() == [6, 5, 4]
    assert snow_water(40.0, 3.0) == 0
    assert snow_water(30.0, 0.2) == 30
    assert snow_water(30.0, 0.5) == 0
    assert np.isnan(snow_water(30.0, np.nan))


def test_missing_and_negative_amounts_have_no_grade():
    np.testing.assert_array_equal(rain_grade(np.array([np.nan, np.inf, -9999, 0])), [np.nan, np.nan, np.nan, 0])


def test_containers_stay():
    rain = xr.DataArray([[0.0, 60], [120, np.nan]], dims=("station", "time"))
    graded = rain_grade(rain)
    assert graded.dims == rain.dims
    lazy = rain_grade(rain.chunk(station=1))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy, graded)
    assert isinstance(rain_grade(da.from_array(rain.values, chunks=1)), da.Array)


def test_other_periods_are_refused():
    with pytest.raises(LayerError, match="one of 24, 12"):
        rain_grade(10, hours=6)


@pytest.mark.parametrize(
    ("tmin", "level"),
    [
        ([12, 3, 3, 3], 3),
        ([12, 2, 2, 2], 4),
        ([12, 0, 0, 0], 5),
        ([14.2, 4.1, 4.1, 4.1], 2),
        ([20, 13.5, 13.5], 1),
        ([9, 1, 1, 1], 3),
        ([13, 8, 4, 2], 2),
        ([14, 9, 7.5, 7.5], 1),
        ([9, 4, 2.5, 1], 1),
        ([5, 5, 5, 5], 0),
    ],
)
def test_highest_level_of_short_series(tmin, level):
    assert highest(tmin) == level


def test_limits_are_met_in_spite_of_float_noise():
    assert 9.2 - 1.2 < 8
    assert highest([9.2, 1.2]) == 3
    assert np.nanmax(cold_wave_level(np.array([9.2, 1.2], dtype=np.float32))) == 3
    assert highest([22.0, 18.0, 14.0]) == 1
    assert highest([16.0, 12.0, 8.0]) == 2
    assert highest([16.1, 12.0, 8.1]) == 1


def test_a_recovered_day_is_no_cold_wave():
    assert cold_wave_level(np.array([12.0, 2, 12])).tolist()[2] == 0


def test_a_window_that_lacks_a_day_does_not_count():
    found = cold_wave_level(np.array([12, np.nan, 3.0, 3, 3, -9]))
    assert np.isnan(found[:3]).all()
    assert found[3] == 0
    assert found[5] == 5
    assert np.isnan(cold_wave_level(np.array([1.0]))).all()
    assert cold_wave_level(np.array([])).shape == (0,)


def test_a_day_left_out_of_the_axis_equals_a_missing_day():
    whole = series([12, 11, np.nan, 1, 0, -12, -13])
    cut = whole.dropna("time")
    np.testing.assert_array_equal(cold_wave_level(cut), cold_wave_level(whole).sel(time=cut.time))
    with pytest.raises(LayerError, match="whole days"):
        cold_wave_level(whole[::-1])
    with pytest.raises(LayerError, match="a dimension 'day'"):
        cold_wave_level(whole, time_dim="day")


def test_stations_fields_and_dask_agree():
    rng = np.random.default_rng(0)
    data = rng.normal(0, 6, (40, 3))
    data[rng.random(data.shape) < 0.1] = np.nan
    plain = cold_wave_level(data)
    time = pd.date_range("2001-01-01", periods=40)
    field = xr.DataArray(data, coords={"time": time}, dims=("time", "station"))
    np.testing.assert_array_equal(cold_wave_level(field), plain)
    turned = cold_wave_level(field.T)
    assert turned.dims == ("station", "time")
    lazy = cold_wave_level(field.chunk(time=7))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy, plain)
    for column in range(3):
        np.testing.assert_array_equal(cold_wave_level(pd.Series(data[:, column], index=time)), plain[:, column])


# Tenths of degrees, as stations read them, with a missing day now and then.
NIGHTS = st.lists(st.one_of(st.none(), *[st.integers(-200, 250)] * 6), min_size=1, max_size=14)


def by_the_table(tenths: list[int | None]) -> list[float]:
    """Level of each day word by word: falls over 24, 48, 72 h to day d, the least minimum of the days of the window."""
    rules = [(5, (120, 140, 160), 0), (4, (100, 120, 140), 20), (3, (80, 100, 120), 40)]
    out = []
    for day in range(len(tenths)):
        windows = {}
        for length in (1, 2, 3):
            part = tenths[day - length : day + 1] if day >= length else [None]
            if None not in part:
                windows[length] = (part[0] - part[-1], min(part[1:]))
        level = 0
        for code, falls, most in rules:
            if any(fall >= falls[length - 1] and least <= most for length, (fall, least) in windows.items()):
                level = max(level, code)
        if 2 in windows and level < 3:
            fall, least = windows[2]
            level = 2 if fall >= 80 and least <= 80 else 1 if fall >= 60 else 0
        out.append(float(level) if windows else float("nan"))
    return out


@given(NIGHTS)
def test_levels_are_those_of_the_table_word_by_word(nights: list[int | None]) -> None:
    values = np.array([np.nan if night is None else night / 10 for night in nights])
    np.testing.assert_array_equal(cold_wave_level(values), by_the_table(nights))


@given(hnp.arrays(float, st.integers(1, 30), elements=st.floats(-30, 30)), st.integers(1, 5))
def test_shifting_the_series_shifts_the_levels(tmin, days):
    shifted = cold_wave_level(np.concatenate([np.full(days, np.nan), tmin]))
    np.testing.assert_array_equal(shifted[days:], cold_wave_level(tmin))


def test_condition_on_the_minimum_of_level_1_is_a_choice_of_the_study():
    own = {**standards.table("hazards/meteorology_cold_wave").data, "moderate_tmin": 8}
    with standards.session({"hazards/meteorology_cold_wave": own}):
        assert highest([20, 13.5, 13.5]) == 0
        assert highest([14, 9, 7.5, 7.5]) == 1
        assert highest([20, 12, 12]) == 1


def test_strong_cold_air_without_a_minimum_is_a_choice_of_the_study():
    assert highest([20, 11, 11]) == 1
    own = {**standards.table("hazards/meteorology_cold_wave").data, "strong_tmin": False}
    with standards.session({"hazards/meteorology_cold_wave": own}):
        assert highest([20, 11, 11]) == 2
        # From the warmest night of the days before: 15, not 12.
        assert highest([12, 15, 7]) == 2
        assert highest([20, 13.5, 13.5]) == 1
        assert highest([12, 0, 0, 0]) == 5
    assert highest([12, 15, 7]) == 0


@pytest.mark.parametrize(
    ("tmax", "humidity", "wind", "degree"),
    [(36, 28, 3, 1), (36, 25, 3, 2), (33, 30, 3, 1), (35, 25, 2.9, 0), (31.9, 20, 5, 0), (36, np.nan, 3, np.nan)],
)
def test_dry_hot_wind(tmax, humidity, wind, degree):
    np.testing.assert_equal(dry_hot_wind(tmax, humidity, wind), degree)


@pytest.mark.parametrize(
    ("nights", "colour"),
    [
        ([12, 4, 4], 1),  # 8 within 48 h, to 4 degC
        ([12, 8, 4], 1),
        ([12.1, 4.1, 4.1], 0),  # not cold enough
        ([11.9, 8, 4], 0),  # 7.9 within 48 h
        ([14, 14, 4], 2),  # 10 within 24 h
        ([14.1, 14.1, 4.1], 0),
        ([13, 13, 1], 2),  # 12 within 24 h, above 0
        ([12, 12, 0], 3),
        ([15.9, 15.9, 0], 3),
        ([16, 16, 0], 4),
    ],
)
def test_signals_of_cold_waves(nights: list[float], colour: int) -> None:
    made = cold_wave_warning(np.array(nights, dtype=float))
    assert np.isnan(made[0])
    assert made[2] == colour


def test_signals_keep_the_container_and_left_out_days() -> None:
    days = pd.to_datetime(["2001-01-01", "2001-01-02", "2001-01-05", "2001-01-06"])
    series = pd.Series([12.0, 2.0, 12.0, -5.0], index=days, name="tmin")
    made = cold_wave_warning(series)
    np.testing.assert_array_equal(made.to_numpy(), [np.nan, 2, np.nan, 4])
    layer = xr.DataArray(series.to_numpy()[None], dims=("station", "time"), coords={"station": ["a"], "time": days})
    assert cold_wave_warning(layer).dims == ("station", "time")
    np.testing.assert_array_equal(cold_wave_warning(layer).to_numpy()[0], made.to_numpy())


# Limits as they are printed: 24 and 12 hours.
PRINTED = {
    (rain_grade, 24): (0.1, 10, 25, 50, 100, 250),
    (rain_grade, 12): (0.1, 5, 15, 30, 70, 140),
    (snow_grade, 24): (0.1, 2.5, 5, 10, 20, 30),
    (snow_grade, 12): (0.1, 1, 3, 6, 10, 15),
}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=30), st.sampled_from(sorted(PRINTED, key=str)))
def test_grades_of_any_amount_are_those_of_the_printed_limits(hundredths, kind):
    graded, hours = kind
    limits = PRINTED[kind]
    amounts = np.concatenate([np.array(hundredths) / 100, limits, [np.nan]])
    made = graded(amounts, hours=hours)
    plain = [sum(amount >= limit for limit in limits) for amount in amounts[:-1]]
    np.testing.assert_array_equal(made, [*plain, np.nan])


HOURS_14 = st.tuples(st.floats(25, 42), st.floats(10, 60), st.floats(0, 8))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(HOURS_14, st.sampled_from([(32, 30, 3), (35, 25, 3), (34.9, 25, 3)])), min_size=1))
def test_dry_hot_wind_of_any_day_is_that_of_the_table(days):
    tmax, humidity, wind = (np.array(column, dtype=float) for column in zip(*days))
    severe = (tmax >= 35) & (humidity <= 25) & (wind >= 3)
    light = (tmax >= 32) & (humidity <= 30) & (wind >= 3) & ~severe
    np.testing.assert_array_equal(dry_hot_wind(tmax, humidity, wind), np.where(severe, 2, np.where(light, 1, 0)))
