"""Processes of a region: worked values of two codes, bridges, stations that do not report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.meteorology.regional import (
    cold_air_index,
    cold_air_processes,
    rain_day_weight,
    rain_process_index,
    rain_processes,
)
from riskzoning.methods.events import annual_values, completeness


def series(values) -> xr.DataArray:  # type: ignore[no-untyped-def]
    values = np.asarray(values, dtype=float)
    time = pd.date_range("2021-07-19", periods=values.shape[1])
    names = [f"s{i}" for i in range(len(values))]
    return xr.DataArray(values, dims=("station", "time"), coords={"station": names, "time": time})


def test_cold_air_over_a_region() -> None:
    made = cold_air_index(2, 3, 5, stations=40)
    assert (made.intensity, made.reach, made.grade) == (pytest.approx(2.3), pytest.approx(1.15), 3)
    assert cold_air_index(0, 0, 0, stations=40) == (0.0, 0.0, 0)
    assert [cold_air_index(100 - n, n, 0, stations=100).grade for n in (0, 69, 70, 95)] == [1, 1, 2, 3]
    for counts, stations in (((2, 3, 5), 9), ((-1, 3, 5), 40)):
        with pytest.raises(LayerError) as caught:
            cold_air_index(*counts, stations=stations)
        assert caught.value.problems[0].rule == "meteorology.station_counts"


def test_a_process_of_cold_air_needs_a_fifth_of_the_stations_on_two_days() -> None:
    quiet = [10.0] * 6
    sharp = [12.0, 2.0, -6.0, -6.0, -6.0, -6.0]
    table = cold_air_processes(series([sharp, sharp, *[quiet] * 8]))
    assert len(table) == 1
    assert table.loc[0, ["moderate", "strong", "wave"]].tolist() == [0, 0, 2]
    assert table.loc[0, "reach"] == pytest.approx(3 * np.sqrt(2 / 10))
    assert cold_air_processes(series([sharp, *[quiet] * 9])).empty
    # A station that never reports is none of the region.
    assert len(cold_air_processes(series([sharp, *[quiet] * 4, *[[np.nan] * 6] * 5]))) == 1


def test_rain_over_a_region_by_hand() -> None:
    assert rain_day_weight(6) == 0.75
    assert rain_process_index([80.0, 60.0], [25.0, 9.0]) == pytest.approx(579.486, abs=5e-4)
    assert rain_process_index([], []) == 0


def test_regional_rainstorms_of_57_years_as_a_number_a_year() -> None:
    # Guangdong 1961-2017: 1211 regional processes of 2.3 days on the mean, 21.2 a year (1211 / 57 = 21.25).
    days = pd.date_range("1961-01-01", "2017-12-31")
    lengths = np.where(np.arange(1211) % 10 < 7, 2, 3)  # seven of two days, three of three
    starts = np.round(np.linspace(5, days.size - 10, 1211)).astype(int)
    wet = np.zeros(days.size, dtype=bool)
    for day in range(3):
        wet[(starts + day)[lengths > day]] = True
    rain = xr.DataArray(
        np.where(wet, 60.0, 0.0) * np.ones((4, 1)), dims=("station", "time"),
        coords={"station": list("abcd"), "time": days},
    )  # fmt: skip
    table = rain_processes(rain)
    assert (len(table), round(table["days"].mean(), 1)) == (1211, 2.3)
    yearly = annual_values(table, completeness(rain.isel(station=0, drop=True)), "days")
    assert len(yearly) == 57
    assert yearly["events"].mean() == pytest.approx(1211 / 57)
    assert yearly["events"].mean() == pytest.approx(21.2, abs=0.05)


def test_a_regional_rainstorm_bridges_one_weaker_day() -> None:
    rain = np.zeros((20, 8))
    rain[:5, 1], rain[:2, 2], rain[:4, 3] = 80.0, 55.0, 60.0
    rain[:3, 6] = 99.0
    table = rain_processes(series(rain))
    assert table["days"].tolist() == [3]
    assert table["stations"].tolist() == [5]
    weights = rain_day_weight([1, 2, 3])
    by_hand = np.array([80 * np.sqrt(25), 55 * np.sqrt(10), 60 * np.sqrt(20)]) @ weights
    assert table["intensity"].tolist() == pytest.approx([by_hand])
    rain[:4, 2] = 50.0
    rain[:, 2][rain[:, 2] == 0] = np.nan  # 4 of the 4 that report
    assert rain_processes(series(rain))["days"].tolist() == [3]
    rain[:, 2] = np.nan  # nobody reports: the process ends
    assert rain_processes(series(rain))["days"].tolist() == [1, 1]
    with pytest.raises(LayerError) as caught:
        rain_processes(series(rain[:3]))
    assert caught.value.problems[0].rule == "meteorology.region_stations"


def test_a_share_of_many_stations_is_needed() -> None:
    rain = np.zeros((200, 3))
    rain[:9, 1] = 70.0
    assert rain_processes(series(rain)).empty
    rain[:10, 1] = 70.0
    assert len(rain_processes(series(rain))) == 1


def test_rain_in_other_units_is_refused_and_codes_are_missing() -> None:
    rain = np.zeros((5, 4))
    rain[:4, 1] = 80.0
    with pytest.raises(LayerError) as caught:
        rain_processes(series(rain + 5000.0))
    assert caught.value.problems[0].rule == "stations.range"
    rain[4, 1] = 32766.0
    with hearing(Journal()):
        assert rain_processes(series(rain))["stations"].tolist() == [4]
        metres = series(np.where(rain > 999, 0, rain) / 1000).assign_attrs(units="m")
        assert rain_processes(metres)["stations"].tolist() == [4]
