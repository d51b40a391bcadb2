"""Design rain of a region from daily values at stations, and between rasters by return period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood.design_rain import given_rain, interpolated_level, regional_rain
from riskzoning.layers import layer_on
from riskzoning.methods import extremes


def storms(years: int, count: int, *, spread: float = 0.0, seed: int = 1) -> xr.Dataset:
    """One storm a year at each station, the rest dry; the last station the wettest by ``spread``."""
    time = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    rain = np.zeros((count, time.size))
    rng = np.random.default_rng(seed)
    days = [int(np.flatnonzero(time.year == 2001 + year)[190]) for year in range(years)]
    size = rng.gumbel(70, 20, (count, years)) * (1 + spread * np.arange(count) / count)[:, None]
    rain[:, days] = np.maximum(size, 5.0)
    coords = {"station": [f"5{i:04d}" for i in range(count)], "time": time}
    places = {"lon": ("station", 113.8 + 0.1 * np.arange(count)), "lat": ("station", 35.2 + 0.05 * np.arange(count))}
    return xr.Dataset({"precipitation": (("station", "time"), rain)}, coords | places)


def test_the_growth_is_that_of_all_years_over_the_mean_of_their_station() -> None:
    data = storms(20, 6)
    rain = regional_rain(data)
    yearly = data["precipitation"].groupby("time.year").max().transpose("station", "year").values
    expected = extremes.fit((yearly / yearly.mean(axis=1, keepdims=True)).ravel())
    mean = yearly.mean()
    assert rain.method == "mean"  # they differ by chance
    assert rain.on(analysis_grid((0, 0, 10, 10), crs="EPSG:4547", resolution=5)) == pytest.approx(mean)
    assert rain.level(mean, 50) == pytest.approx(mean * expected.return_level(50))
    assert rain.level(mean, 50, 1.13) == pytest.approx(1.13 * mean * expected.return_level(50))
    levels = [rain.level(mean, years) for years in (2, 5, 10, 50, 200)]
    assert np.all(np.diff(levels) > 0)
    assert rain.facts["station_years"] == 120


def test_short_stations_are_left_out_and_none_is_refused() -> None:
    data = storms(20, 5)
    data["precipitation"][0, :2500] = np.nan
    rain = regional_rain(data)
    assert len(rain.points) == 4
    assert {problem.rule for problem in rain.notes} == {"stations.years"}
    with pytest.raises(LayerError) as caught:
        regional_rain(storms(8, 3))
    assert caught.value.problems[0].rule == "flood.no_rain_years"
    with pytest.raises(LayerError) as caught:
        regional_rain(data.rename(precipitation="rain"))
    assert caught.value.problems[0].rule == "input.columns"


def test_between_rasters_rain_follows_gumbel() -> None:
    y = -np.log(-np.log1p(-1.0 / np.array([2.0, 5.0, 20.0, 100.0])))
    planes = [np.array([[30.0 + 20.0 * one]]) for one in y]
    for period, one in zip((2.0, 5.0, 20.0, 100.0), y):
        got = interpolated_level([planes[1], planes[3]], [5.0, 100.0], period).item()
        assert got == pytest.approx(30.0 + 20.0 * one)
    with hearing(Journal()) as journal:
        assert interpolated_level(planes, [2, 5, 20, 100], 500.0).item() == planes[3].item()
    assert [problem.rule for problem in journal.warnings] == ["flood.rain_held"]
    with pytest.raises(LayerError) as caught:
        interpolated_level([planes[0]], [2.0], 5.0)
    assert caught.value.problems[0].rule == "flood.one_rain"


def test_rasters_come_to_the_grid_of_the_dem() -> None:
    coarse = analysis_grid((0, 0, 400, 400), crs="EPSG:4547", resolution=200)
    fine = analysis_grid((0, 0, 400, 400), crs="EPSG:4547", resolution=100)
    stack = layer_on(
        coarse, np.full((2, 2, 2), 50.0) * np.array([2.0, 1.0])[:, None, None],
        quantity="precipitation", return_periods=[100, 10],
    )  # fmt: skip
    level = given_rain(stack, fine)
    assert np.asarray(level(10)).shape == (4, 4)
    assert float(np.mean(level(100))) == 100.0
