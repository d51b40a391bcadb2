"""Fire weather of the season: which days count, what stands for noon, what is missing."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.hazards.forest_fire.season import (
    noon_elements,
    season_days,
    season_fwi,
    season_values,
    season_years,
    station_table,
)
from riskzoning.hazards.forest_fire.weather import fire_weather_index


def stations(start="2018-01-01", end="2020-12-31", count=2, **more):
    time = pd.date_range(start, end)
    rng = np.random.default_rng(1)
    shape = (count, time.size)
    elements = {
        "tmax": rng.uniform(5, 30, shape), "humidity": rng.uniform(20, 90, shape),
        "wind_mean": rng.uniform(0, 6, shape), "precipitation": rng.exponential(0.5, shape), **more,
    }  # fmt: skip
    coords = {
        "station": [f"s{i}" for i in range(count)],
        "time": time,
        "lat": ("station", np.full(count, 35.3)),
        "lon": ("station", np.linspace(113.5, 114.5, count)),
    }
    return xr.Dataset({name: (("station", "time"), values) for name, values in elements.items()}, coords)


def test_only_days_of_the_season_after_the_start_count():
    data = stations()
    found = season_fwi(data, statistic="mean")
    daily = fire_weather_index(
        data["tmax"], data["humidity"], data["wind_mean"] * 3.6, data["precipitation"], latitude=35.3
    )["fwi"]
    time = daily["time"].to_index()
    # Seasons 2018/19 and 2019/20 are whole; November and December 2020 are not, nor is spring 2018.
    inside = (time >= "2018-11-01") & (time <= "2020-04-30") & time.month.isin([11, 12, 1, 2, 3, 4])
    np.testing.assert_allclose(found["fwi"], daily.values[:, inside].mean(axis=1))
    assert found["seasons"].tolist() == [2, 2]
    assert found["days"].tolist() == [181 + 182, 181 + 182]
    p90 = season_fwi(data)
    np.testing.assert_allclose(p90["fwi"], np.quantile(daily.values[:, inside], 0.9, axis=1))
    years = season_years(season_days(data), statistic="p90")
    assert years[["station", "year"]].values.tolist() == [["s0", 2018], ["s0", 2019], ["s1", 2018], ["s1", 2019]]
    first = (time >= "2018-11-01") & (time <= "2019-04-30")
    np.testing.assert_allclose(years["value"][[0, 2]], np.quantile(daily.values[:, first], 0.9, axis=1))


def test_wind_that_says_its_unit_is_converted_once():
    data, stated = stations(), stations()
    for name, units in {"tmax": "degC", "humidity": "%", "wind_mean": "m/s", "precipitation": "mm"}.items():
        stated[name].attrs["units"] = units
    pd.testing.assert_frame_equal(season_days(stated), season_days(data))


def test_a_season_with_gaps_does_not_count():
    data = stations()
    data["tmax"][0, 320:400] = np.nan
    found = season_fwi(data)
    assert found["seasons"].tolist() == [1, 2]
    data["tmax"][0] = np.nan
    found = season_fwi(data)
    assert np.isnan(found.loc["s0", "fwi"])
    assert np.isfinite(found.loc["s1", "fwi"])


def test_the_best_element_stands_for_noon():
    data = stations()
    assert noon_elements(data) == {
        "temperature": "tmax", "humidity": "humidity", "wind": "wind_mean", "precipitation": "precipitation",
    }  # fmt: skip
    shape = data["tmax"].shape
    assert noon_elements(stations(humidity_min=np.full(shape, 20.0)))["humidity"] == "humidity_min"
    assert noon_elements(stations(humidity_min=np.full(shape, np.nan)))["humidity"] == "humidity"


def test_all_missing_elements_are_named_at_once():
    data = stations().drop_vars(["humidity", "wind_mean"])
    with pytest.raises(LayerError) as caught:
        season_fwi(data)
    assert [problem.rule for problem in caught.value.problems] == ["forest_fire.elements"]
    assert "humidity_14h" in str(caught.value)
    assert "wind_14h" in str(caught.value)
    with pytest.raises(LayerError, match="coordinates lat"):
        season_fwi(stations().drop_vars("lat"))


@pytest.mark.parametrize(
    ("weather", "values", "high", "extreme"),
    [("fwi", [5.0, 21.3, 50.0, 60.0], 1.5, 1.0), ("htz", [72.0, 73.0, 90.0, 90.1], 1.5, 0.5)],
)
def test_days_of_a_season_by_station(weather, values, high, extreme):
    days = pd.DataFrame({"station": "a", "season": [2019, 2019, 2020, 2020], "value": values})
    places = pd.DataFrame({"lon": [114.0, 115.0], "lat": [35.0, 36.0]}, index=pd.Index(["a", "b"], name="station"))
    table = station_table(days, season_values(days, places.index.to_numpy(), statistic="mean"), places, weather)
    assert list(table) == ["station", "lon", "lat", "weather", "value", "seasons", "days", "high_days", "extreme_days"]
    row = table.iloc[0]
    assert (row["value"], row["seasons"], row["days"]) == (pytest.approx(sum(values) / 4), 2, 4)
    assert (row["high_days"], row["extreme_days"]) == (high, extreme)
    # A station without a complete season has no days and no zero.
    assert table.loc[1, ["value", "high_days", "extreme_days"]].isna().all()
