"""Series of days and months: dates of every kind, gaps, and the way back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.drought.series import group_days, series_of


def test_a_leap_day_goes_with_the_day_before() -> None:
    days = pd.DatetimeIndex(["2000-02-28", "2000-02-29", "2000-03-01", "2001-03-01", "2000-12-31", "2001-12-31"])
    group, count = group_days(days, "day")
    assert group.tolist() == [58, 58, 59, 59, 364, 364]
    assert count == 365
    assert group_days(days, "month")[0].tolist() == [1, 1, 2, 2, 11, 11]


def test_missing_dates_become_gaps_and_go_again() -> None:
    days = pd.date_range("2001-01-01", periods=10).delete([3, 4])
    series = series_of(pd.Series(np.arange(8.0), days))
    assert series.step == "day"
    assert np.isnan(series.values[[3, 4]]).all()
    assert len(series.values) == 10
    np.testing.assert_array_equal(series.back(series.values), np.arange(8.0))


def test_months_may_be_periods_or_month_ends() -> None:
    for index in (pd.period_range("2001-01", periods=24, freq="M"), pd.date_range("2001-01-31", periods=24, freq="ME")):
        series = series_of(pd.Series(np.arange(24.0), index))
        assert series.step == "month"
        assert len(series.values) == 24


def test_calendars_of_models_are_read() -> None:
    time = xr.date_range("2001-01-01", periods=400, calendar="noleap", use_cftime=True)
    layer = xr.DataArray(np.arange(400.0), dims="time", coords={"time": time})
    assert series_of(layer).step == "day"


def test_dates_that_cannot_be_read_are_refused() -> None:
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        series_of(np.arange(3.0), dates=["2001-01-01", "soon", "2001-01-03"])
    assert caught.value.problems[0].rule == "drought.unread"


def test_codes_for_missing_are_missing() -> None:
    days = pd.date_range("2001-01-01", periods=4)
    with hearing(Journal()) as journal:
        series = series_of(pd.Series([1.0, 999999.0, 2.0, -9999.0], days), element="precipitation", negative=False)
    assert np.isnan(series.values[[1, 3]]).all()
    assert [problem.rule for problem in journal.warnings] == ["elements.codes"]


def test_gaps_and_rain_in_another_unit_are_told() -> None:
    days = pd.date_range("2001-01-01", "2003-12-31")
    rain = pd.Series(np.where(np.arange(len(days)) % 3 == 0, 8.0 + np.arange(len(days)) % 7, 0.0), days)
    gap = rain.mask((days > "2002-02-01") & (days < "2002-08-20"))
    for given in (gap, gap.dropna()):
        with hearing(Journal()) as heard:
            series_of(given, element="precipitation", negative=False)
        (problem,) = heard.warnings
        values = dict(problem.values)
        assert (problem.rule, values["days"], values["last"]) == ("drought.gap", 199, "2002-02-01")
    months = pd.Series(20.0 + np.arange(240) % 12, pd.date_range("2001-01-01", periods=240, freq="MS"))
    with hearing(Journal()) as heard:
        for right in (rain, months, months / 31):  # a mean of the month in mm a day is possible
            series_of(right, element="precipitation", negative=False)
    assert not heard.warnings
    for metres in (rain / 1000, months / 1000):
        with pytest.raises(LayerError) as caught:
            series_of(metres, element="precipitation", negative=False)
        assert caught.value.problems[0].rule == "weather.other_unit"
