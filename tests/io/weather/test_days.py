"""When the days of a series end is said for each series, at every door: rain of 08-08 h is not that of 20-20 h."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import io
from riskzoning.errors import Decisions, Journal, deciding, hearing
from riskzoning.io.weather.days import Day, day_of_heading, with_days

AT_20, AT_08 = "days end at 20:00 Beijing time", "days end at 08:00 Beijing time"
UNSAID = "days of the table, which does not say when they end"


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("PRE_Time_2020", "day_20"),
        ("PRE_Time_0808", "day_08"),
        ("20-20时降水量", "day_20"),
        ("降水量（08时-08时）", "day_08"),
        ("降水量(08—08时,mm)", "day_08"),
        ("降水量", "day_unsaid"),
        ("PRE_2020", "day_unsaid"),  # a year
        ("rain_20080820", "day_unsaid"),
    ],
)
def test_headings_say_when_a_day_ends(heading: str, day: Day) -> None:
    assert day_of_heading(heading) == day


def read(path: Path, rows: list[str]) -> tuple[xr.Dataset, list[str]]:
    path.write_text("\n".join(rows), encoding="utf-8")
    with deciding(Decisions()) as made, hearing(Journal()):
        days = io.read_station_table(path)
    return days, [decision.text("zh") for decision in made.of(str(path)) if decision.what == "day"]


def test_a_table_says_it_of_each_element(tmp_path: Path) -> None:
    days, said = read(tmp_path / "a.csv", ["station,date,PRE_Time_0808,平均气温", "53986,2021-07-20,12.5,25.5"])
    assert days.attrs["day"] == f"precipitation: {AT_08}; tmean: {UNSAID}"
    rain, warmth = "日降水量（precipitation）以北京时 08 时为日界", "日平均气温（tmean）按表中日期（日界未注明）"
    assert said == [f"日界：{rain}、{warmth}（按名称识别）"]
    days, _ = read(tmp_path / "b.csv", ["station,date,20-20时降水量,08-08时降水量", "53986,2021-07-20,12.5,7.5"])
    assert days.precipitation.values.tolist() == [[12.5]]
    assert days.attrs["day"] == AT_20


@pytest.mark.parametrize(("zone", "day"), [("Z", AT_20), ("+08:00", AT_20), ("", "calendar days of the time stamps")])
def test_days_made_of_hours_end_where_their_zone_says_else_at_midnight(tmp_path: Path, zone: str, day: str) -> None:
    stamps = pd.date_range("2021-07-19", periods=72, freq="h")
    rows = [f"53986,{stamp:%Y-%m-%dT%H:%M:%S}{zone},20.0" for stamp in stamps]
    assert read(tmp_path / "a.csv", ["station,time,tmean", *rows])[0].attrs["day"] == day


def test_hourly_and_daily_fields_of_a_grid_are_told_apart(tmp_path: Path) -> None:
    for name, freq, count in (("t2m", "h", 72), ("Pre", "D", 3)):
        time = pd.date_range("2021-07-19", periods=count, freq=freq)
        values = np.full((count, 2, 2), 300.0 if name == "t2m" else 5.0)
        axes = {"time": time, "lat": [35.0, 35.25], "lon": [113.5, 113.75]}
        field = xr.DataArray(values, axes, ["time", "lat", "lon"], name, {"units": "K" if name == "t2m" else "mm"})
        field.to_netcdf(tmp_path / f"{name}.nc")
    parts = io.read_gridded_daily(tmp_path).attrs["day"].split("; ")
    assert "precipitation: days of the file" in parts
    assert any(AT_20 in part and {"tmean", "tmax", "tmin"} <= set(part.split(":")[0].split(", ")) for part in parts)


def test_all_of_one_kind_is_said_once() -> None:
    series = xr.Dataset({name: ("time", [1.0]) for name in ("tmax", "tmin")})
    assert with_days(series, {"tmax": "day_20", "tmin": "day_20"}, "a.csv").attrs["day"] == AT_20
