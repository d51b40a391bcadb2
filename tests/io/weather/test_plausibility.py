"""Whole series that cannot be: another unit, exchanged columns, an instrument that stands still, a wrong year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing

DAYS = 120
RNG = np.random.default_rng(4)
RAIN = np.where(RNG.random(DAYS) < 0.4, RNG.gamma(0.6, 14.0, DAYS).round(1), 0.0)
WARM = (12 + RNG.normal(0, 4, DAYS)).round(1)


def table(**columns: object) -> pd.DataFrame:
    days = pd.date_range("2020-01-01", periods=DAYS).strftime("%Y-%m-%d")
    return pd.DataFrame({"station": "53986", "lon": 113.9, "lat": 35.3, "date": days, "tmean": WARM, **columns})


def read(folder: Path, frame: pd.DataFrame, **options: object) -> tuple[object, list[str]]:
    path = folder / "days.csv"
    frame.to_csv(path, index=False)
    with hearing(Journal()) as journal:
        days = io.read_station_table(path, **options)  # type: ignore[arg-type]
    return days, [problem.rule for problem in (*journal.warnings, *journal.dropped)]


OTHER_UNITS = {
    "rain in m": ("precipitation", RAIN / 1000, "m"),
    "rain in inches": ("precipitation", RAIN / 25.4, "in"),
    "rain in 0.1 mm": ("precipitation", RAIN * 10, "0.1 mm"),
    "humidity as a share": ("humidity", RNG.uniform(0.2, 0.95, DAYS), "1"),
    "gusts in km/h": ("wind_gust", RNG.gamma(6, 1.6, DAYS) * 3.6, "km/h"),
    "wind in 0.1 m/s": ("wind_mean", RNG.gamma(3, 9, DAYS), "0.1 m/s"),
    "visibility in km": ("visibility", RNG.gamma(3, 3, DAYS), "km"),
}


@pytest.mark.parametrize("name", OTHER_UNITS)
def test_another_unit_is_refused_until_it_is_stated(name: str, tmp_path: Path) -> None:
    element, values, unit = OTHER_UNITS[name]
    frame = table(**{element: values})
    with pytest.raises(LayerError) as caught:
        read(tmp_path, frame)
    assert [problem.rule for problem in caught.value.problems] == ["weather.other_unit"]
    assert element in str(caught.value)
    _, said = read(tmp_path, frame, units={element: unit})
    assert said == []


@pytest.mark.parametrize("name", OTHER_UNITS)
def test_a_stated_unit_that_is_unlikely_is_used_and_told(name: str, tmp_path: Path) -> None:
    element, values, _ = OTHER_UNITS[name]
    wanted = {"precipitation": "mm", "humidity": "%", "visibility": "m"}.get(element, "m/s")
    if wanted == "m/s" and values.max() > 115:
        pytest.skip("some of the values cannot be at all")
    days, said = read(tmp_path, table(**{element: values}), units={element: wanted})
    assert said == ["weather.stated_unit"]
    assert days[element].values[0] == pytest.approx(values)  # type: ignore[index]


def test_all_other_units_are_said_at_once(tmp_path: Path) -> None:
    frame = table(precipitation=RAIN / 1000, humidity=RNG.uniform(0.2, 0.9, DAYS), tmax=WARM - 3, tmin=WARM + 3)
    with pytest.raises(LayerError) as caught:
        read(tmp_path, frame)
    rules = [problem.rule for problem in caught.value.problems]
    assert rules == ["weather.other_unit", "weather.other_unit", "weather.exchanged"]


def test_usual_series_are_not_doubted(tmp_path: Path) -> None:
    frame = table(
        precipitation=RAIN, humidity=RNG.uniform(20, 95, DAYS), wind_gust=RNG.gamma(6, 1.6, DAYS),
        visibility=RNG.gamma(3, 3000, DAYS), tmax=WARM + 5, tmin=WARM - 5, snow_depth=0.0,
    )  # fmt: skip
    assert read(tmp_path, frame)[1] == []


def test_a_list_of_storms_is_rain(tmp_path: Path) -> None:
    frame = table(precipitation=RNG.uniform(50, 250, DAYS))
    assert read(tmp_path, frame)[1] == []


def test_single_days_whose_minimum_is_above_the_maximum_are_missing(tmp_path: Path) -> None:
    low, high = WARM - 5, WARM + 5
    low[[7, 50]] += 11
    days, said = read(tmp_path, table(tmax=high, tmin=low))
    assert said == ["weather.crossed"]
    lost = np.flatnonzero(np.isnan(days.tmin.values[0]) & np.isnan(days.tmax.values[0]))  # type: ignore[attr-defined]
    assert lost.tolist() == [7, 50]


def test_an_instrument_that_stands_still_has_no_values(tmp_path: Path) -> None:
    still = table(tmean=12.0)
    other = table().assign(station="53987", lon=114.1)
    days, said = read(tmp_path, pd.concat([still, other]))
    assert said == ["weather.still"]
    assert np.isnan(days.tmean.sel(station="53986").values).all()  # type: ignore[attr-defined]
    assert np.isfinite(days.tmean.sel(station="53987").values).all()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("precipitation", 0.0, []),
        ("precipitation", 3.0, ["weather.still"]),
        ("snow_depth", 0.0, []),
        ("snow_depth", 5.0, ["weather.still"]),
        ("wind_gust", 0.0, ["weather.still"]),
        ("sunshine", 4.0, ["weather.still"]),
    ],
)
def test_what_never_occurred_may_stay_at_nought(column: str, value: float, said: list[str], tmp_path: Path) -> None:
    assert read(tmp_path, table(**{column: value}))[1] == said


def test_a_year_without_any_rain_and_another(tmp_path: Path) -> None:
    days = pd.date_range("2020-01-01", periods=731).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"station": "53986", "lon": 113.9, "lat": 35.3, "date": days, "precipitation": 0.0})
    assert read(tmp_path, frame)[1] == ["weather.still"]
    assert read(tmp_path, frame.iloc[:729])[1] == []


@pytest.mark.parametrize("wrong", ["2202-01-05", "1920-01-05"])
def test_a_row_of_another_century_is_left_out(wrong: str, tmp_path: Path) -> None:
    frame = table()
    frame.loc[DAYS - 1, "date"] = wrong
    days, said = read(tmp_path, frame)
    assert said == ["dropped.weather_apart"]
    assert days.sizes["time"] == DAYS - 1  # type: ignore[attr-defined]


def test_a_record_of_two_ages_is_kept(tmp_path: Path) -> None:
    old = table()
    old["date"] = pd.date_range("1951-01-01", periods=DAYS).strftime("%Y-%m-%d")
    days, said = read(tmp_path, pd.concat([old, table()]))
    assert said == ["weather.gaps"]
    assert int(np.isfinite(days.tmean.values).sum()) == 2 * DAYS  # type: ignore[attr-defined]
