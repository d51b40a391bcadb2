"""Stations and their daily values in one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.io.weather.stations import gridded


def test_table_of_cimiss(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "Station_Id_C,Station_Name,Lat,Lon,Alti,Year,Mon,Day,TEM_Avg,PRE_Time_2020\n"
    path.write_text(
        head + "53986,新乡,35.3,113.9,73,2020,1,1,2.5,999999\n53986,新乡,35.3,113.9,73,2020,1,3,1.5,4\n",
        encoding="gb18030",
    )
    found = io.read_station_table(path)
    assert found.tmean.values[0] == pytest.approx([2.5, np.nan, 1.5], nan_ok=True)
    assert found.precipitation.values[0] == pytest.approx([np.nan, np.nan, 4], nan_ok=True)


HEAD = "Station_Id_C,Lat,Lon,Alti,date,TEM_Max,PRE_Time_2020\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "days.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_reports_what_it_leaves_out(tmp_path: Path) -> None:
    text = (
        HEAD
        + "53986,35.3,113.9,73,2020-01-01,2.5,-9999\n"
        + "53986,35.3,113.9,73,2020-01-02,trace,4\n"
        + "53986,35.3,113.9,73,2020-01-02,3.5,4\n"
        + ",35.3,113.9,73,2020-01-03,1.5,4\n"
        + "53986,35.3,113.9,73,yesterday,1.5,4\n"
    )
    with hearing(Journal()) as journal:
        found = io.read_station_table(table(tmp_path, text))
    assert found.station.values.tolist() == ["53986"]
    assert found.tmax.values.tolist() == [[2.5, 3.5]]
    assert found.precipitation.values[0] == pytest.approx([np.nan, 4.0], nan_ok=True)
    dropped = {problem.rule: dict(problem.values) for problem in journal.dropped}
    assert dropped["dropped.weather_undated"]["rows"] == (6,)
    assert dropped["dropped.weather_stationless"]["rows"] == (5,)
    assert dropped["dropped.weather_rows_twice"]["count"] == 1
    texts = next(problem for problem in journal.warnings if problem.rule == "stations.texts")
    assert texts.field == "TEM_Max"
    assert "'trace' (row 3)" in texts.found


def test_a_table_in_another_unit_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"53986,35.3,113.9,73,2020-07-{day:02d},{300 + day},{-day}\n" for day in range(1, 5))
    with pytest.raises(LayerError) as error:
        io.read_station_table(table(tmp_path, HEAD + rows))
    assert {(p.field, p.row) for p in error.value.problems} == {("PRE_Time_2020", 2), ("TEM_Max", 2)}


@pytest.mark.parametrize("days", [("20200131", "20200201"), ("31/1/2020", "1/2/2020"), ("2020/1/31", "2020/2/1")])
def test_forms_of_dates_in_a_table(tmp_path: Path, days: tuple[str, str]) -> None:
    rows = "".join(f"53986,35.3,113.9,73,{day},2,4\n" for day in days)
    found = io.read_station_table(table(tmp_path, HEAD + rows))
    assert found.time.dt.strftime("%m-%d").values.tolist() == ["01-31", "02-01"]


def test_stations_keep_the_last_of_two_rows_and_lose_the_mark_of_an_estimate(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("站号,站名,lon,lat,海拔\n53986,甲,113.9,35.3,100073\n53986,乙,113.9,35.3,74\n", encoding="utf-8")
    stations = io.read_stations_csv(path)
    assert stations.index.tolist() == ["53986"]
    assert stations[["name", "elevation"]].iloc[0].tolist() == ["乙", 74]
    path.write_text("名,lon,lat\n甲,113.9,35.3\n", encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        io.read_stations_csv(path)
    assert caught.value.problems[0].rule == "stations.id"


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        ("Lat,Lon,date,TEM_Max\n35,114,2020-01-01,1\n", "stations.table", "station numbers"),
        ("Station_Id_C,TEM_Max\n53986,1\n", "stations.table", "dates"),
        ("Station_Id_C,date\n53986,2020-01-01\n", "stations.table", "known variables"),
        (HEAD + "53986,35.3,113.9,73,yesterday,1.5,4\n", "stations.no_rows", "no row"),
    ],
)
def test_a_table_without_what_it_needs_is_told(tmp_path: Path, text: str, rule: str, said: str) -> None:
    with pytest.raises(LayerError) as caught:
        io.read_station_table(table(tmp_path, text))
    assert caught.value.problems[0].rule == rule
    assert said in caught.value.problems[0].found


def test_days_between_rows_are_filled_and_what_is_missing_is_noted() -> None:
    rows = pd.DataFrame({"station": ["1", "1"], "time": pd.to_datetime(["2020-01-01", "2020-01-03"]), "tmax": np.nan})
    places = pd.DataFrame({"name": ["A"], "lon": [np.nan], "lat": [35.0], "elevation": [70.0]}, index=["1"])
    with hearing(Journal()) as journal:
        assert gridded(rows, ["tmax"], places, "days.csv").sizes["time"] == 3
    assert [problem.rule for problem in journal.steps] == ["weather.all_missing", "weather.no_place"]
