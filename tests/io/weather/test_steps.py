"""Steps of gridded weather: lengths, rates, sums since 0 UTC, days that end at 20:00 in Beijing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.io.weather.steps import daily_of_steps, hours_of_step, increments, rate_hours


def cells(values: np.ndarray, start: str, freq: str) -> xr.DataArray:
    time = pd.date_range(start, periods=len(values), freq=freq)
    layer = xr.DataArray(np.asarray(values, dtype=float)[:, None, None], dims=("time", "y", "x"))
    return layer.assign_coords(time=time, y=[35.0], x=[114.0])


@pytest.mark.parametrize(("freq", "hours"), [("D", 24), ("h", 1), ("3h", 3), ("6h", 6), ("30min", 0.5)])
def test_steps_that_divide_a_day(freq: str, hours: float) -> None:
    assert hours_of_step(cells(np.zeros(60), "2020-01-01", freq), "file") == hours


@pytest.mark.parametrize("freq", ["MS", "7D", "5h"])
def test_other_steps_are_refused(freq: str) -> None:
    with pytest.raises(LayerError) as caught:
        hours_of_step(cells(np.zeros(6), "2020-01-01", freq), "file")
    assert caught.value.problems[0].rule == "gridded.step"


def test_a_single_field_is_a_day() -> None:
    assert hours_of_step(cells(np.zeros(1), "2020-01-01", "D"), "file") == 24


def test_rates() -> None:
    assert rate_hours("kg m-2 s-1") == rate_hours("mm  s-1") == 3600
    assert rate_hours("mm/h") == 1
    assert rate_hours("mm day-1") == pytest.approx(1 / 24)
    assert rate_hours("furlong") is None


def test_hours_become_days_that_end_at_20() -> None:
    # Stamps close their hour: 13 UTC of the day before to 12 UTC.
    hours = cells(np.ones(48), "2020-06-30 13:00", "h")
    hours[23] = 5.0  # 12 UTC of the 1st
    rain = daily_of_steps(hours, "precipitation", 1.0)
    assert rain.time.values.astype("datetime64[D]").astype(str).tolist() == ["2020-07-01", "2020-07-02"]
    assert rain.values.ravel().tolist() == [28.0, 24.0]
    assert daily_of_steps(hours, "tmax", 1.0).values.ravel().tolist() == [5.0, 1.0]
    assert daily_of_steps(hours, "tmean", 1.0).values.ravel().tolist() == [28 / 24, 1.0]


def test_a_day_with_few_steps_is_missing() -> None:
    hours = cells(np.ones(72), "2020-06-30 13:00", "h")
    gaps = hours.isel(time=np.r_[0:24, 40:72])
    assert np.isnan(daily_of_steps(gaps, "precipitation", 1.0).values.ravel()).tolist() == [False, True, False]
    # The parts of days at both ends.
    part = hours.isel(time=slice(10, 60))
    assert np.isnan(daily_of_steps(part, "precipitation", 1.0).values.ravel()).tolist() == [True, False, True]
    assert daily_of_steps(gaps.chunk(time=7), "precipitation", 1.0).chunks is not None


def test_days_stay_days_whatever_their_hour() -> None:
    days = cells(np.arange(3), "2020-07-01 12:00", "D")
    assert daily_of_steps(days, "tmean", 24.0).time.values[0] == np.datetime64("2020-07-01")


def test_sums_since_0_utc_become_amounts() -> None:
    # Each hour rains its number; the sum of a day stands at 0 UTC of the next.
    amounts = np.tile(np.arange(1, 25), 3).astype(float)
    sums = np.cumsum(amounts.reshape(3, 24), axis=1).ravel()
    layer = cells(sums, "2020-07-01 01:00", "h")
    np.testing.assert_allclose(increments(layer).values.ravel(), amounts)
    # After a gap the amount of an hour is not known.
    cut = increments(layer.isel(time=np.r_[0:5, 7:72])).values.ravel()
    assert np.isnan(cut[5])
    np.testing.assert_allclose(np.delete(cut, 5), np.delete(amounts, [5, 6, 7]))
