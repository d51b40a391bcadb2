"""Stations and their daily values in one table."""

from __future__ import annotations

from collections.abc import Callable
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


def as_csv(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "days.csv", index=False, encoding="utf-8-sig")
    return folder / "days.csv"


def as_gbk(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "days.txt", index=False, sep="\t", encoding="gbk", errors="replace")
    return folder / "days.txt"


def as_sheet(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_excel(folder / "days.xlsx", index=False)
    return folder / "days.xlsx"


def as_parquet(frame: pd.DataFrame, folder: Path) -> Path:
    texts = {name: column.astype(str) for name, column in frame.items() if len(set(column.map(type))) > 1}
    frame.assign(**texts).to_parquet(folder / "days.parquet", index=False)
    return folder / "days.parquet"


NAN = float("nan")
DAY = {"站号": "53986", "Lat": 35.3, "LON": 113.9}
# Columns of a table with one station; what is read of an element, day by day; which warnings; or the rule of refusal.
TABLES: dict[str, tuple[dict[str, list[object]], str, list[float] | str, list[str]]] = {
    "month first": (
        {"date": ["1/12/2021", "1/13/2021", "1/14/2021"], "PRE_Time_2020": [1.0, 2.0, 3.0]},
        "precipitation",
        [1, 2, 3],
        [],
    ),
    "chinese dates": ({"日期": ["2021年7月20日", "2021年7月21日"], "雨量": [1.0, 2.0]}, "precipitation", [1, 2], []),
    "serials": ({"Date": [44397, 44398], "日降水量": [1.0, 2.0]}, "precipitation", [1, 2], []),
    "parts": ({"YEAR": [2021, 2021], "mon": [7, 7], "Day": [20, 21], "tem_max": [30.5, 31.0]}, "tmax", [30.5, 31], []),
    "wind in km/h": ({"date": ["2021-07-20"], "极大风速(km/h)": [36.0]}, "wind_gust", [10], []),
    "rain in tenths": ({"date": ["2021-07-20"], "降水量（0.1mm）": [1872]}, "precipitation", [187.2], []),
    "rain in inches": ({"date": ["2021-07-20"], "Rainfall (in)": [2.0]}, "precipitation", [50.8], []),
    "a unit behind": ({"date": ["2021-07-20"], "P_mm": [12.5]}, "precipitation", [12.5], []),
    "kelvin": ({"date": ["2021-07-20"], "TEM_Avg(K)": [300.15]}, "tmean", [27], []),
    "pascal": ({"date": ["2021-07-20"], "气压(Pa)": [100000.0]}, "pressure", [1000], []),
    "snow in metres": ({"date": ["2021-01-20"], "积雪深度(m)": [0.12]}, "snow_depth", [12], []),
    "a share": ({"date": ["2021-01-20"], "相对湿度(1)": [0.65]}, "humidity", [65], []),
    "a trace as a word": (
        {"date": ["2021-07-20", "2021-07-21"], "rain": ["微量", "2.5"]},
        "precipitation",
        [0, 2.5],
        [],
    ),
    "a trace as a code": (
        {"date": ["2021-07-20", "2021-07-21", "2021-07-22"], "PRE_Time_2020": [999990, 32700, 999999]},
        "precipitation",
        [0, 0, NAN],
        [],
    ),
    "trace of snow": ({"date": ["2021-01-20", "2021-01-21"], "雪深": ["T", "3"]}, "snow_depth", [0, 3], []),
    "fills": (
        {"date": ["2021-07-20", "2021-07-21", "2021-07-22"], "TEM_Avg": [21.5, -9999, 999.9]},
        "tmean",
        [21.5, NAN, NAN],
        [],
    ),
    "a blank double": (
        {"date": ["2021-07-20", "2021-07-20", "2021-07-21"], "WIN_S_Max": [12.0, None, 3.0]},
        "wind_max",
        [12, 3],
        ["dropped.weather_rows_twice"],
    ),
    "two readings": (
        {"date": ["2021-07-20", "2021-07-20"], "RHU_Avg": [60, 70]},
        "humidity",
        "weather.two_readings",
        [],
    ),
    "hours of rain": (
        {"Datetime": [f"2021-07-20 {hour:02d}:00" for hour in range(24)], "PRE_1h": [10.0] * 23 + [0.0]},
        "precipitation",
        [230],
        ["weather.finer_steps"],
    ),
    "hours of gusts": (
        {"date": ["2021-07-20"] * 8, "hour": [2, 5, 8, 11, 14, 17, 20, 23], "阵风": [1.0, 2, 3, 9, 5, 4, 3, 2]},
        "wind_gust",
        [9],
        ["weather.finer_steps"],
    ),
    "text": (
        {"date": ["2021-07-20", "2021-07-21"], "TEM_Max": ["warm", "30"]},
        "tmax",
        [NAN, 30],
        ["stations.texts"],
    ),
    "two columns": (
        {"date": ["2021-07-20"], "TEM_Max": [30.0], "tem max": [31.0]},
        "tmax",
        "stations.two_columns",
        [],
    ),
    "another unit": ({"date": ["2021-07-20"], "风速(mm)": [3.0]}, "wind_mean", "stations.column_units", []),
    "kelvin that nobody said": ({"date": ["2021-07-20"], "TEM_Max": [300.0]}, "tmax", "weather.range_column", []),
}


@pytest.mark.parametrize("write", [as_csv, as_gbk, as_sheet, as_parquet])
@pytest.mark.parametrize("name", TABLES)
def test_tables_of_the_field_through_every_format(
    tmp_path: Path, name: str, write: Callable[[pd.DataFrame, Path], Path]
) -> None:
    columns, element, expected, said = TABLES[name]
    frame = pd.DataFrame(
        {**columns, **{key: [value] * len(next(iter(columns.values()))) for key, value in DAY.items()}}
    )
    path = write(frame, tmp_path)
    with hearing(Journal()) as journal:
        if isinstance(expected, str):
            with pytest.raises(LayerError) as caught:
                io.read_station_table(path)
            assert [problem.rule for problem in caught.value.problems] == [expected]
            return
        days = io.read_station_table(path)
    assert days[element].values[0] == pytest.approx(np.array(expected), nan_ok=True)
    assert days.station.values.tolist() == ["53986"]
    assert float(days.lon[0]) == pytest.approx(113.9)
    assert [problem.rule for problem in (*journal.warnings, *journal.dropped)] == said


def test_a_row_of_units_below_the_heading_is_no_day(tmp_path: Path) -> None:
    rows = ["站号,经度,纬度,日期,降水量,气温", ",°,°,,mm,0.1℃", "53986,113.9,35.3,2021-07-20,12.5,255"]
    days = io.read_station_table(table(tmp_path, "\n".join(rows)))
    assert days.precipitation.values.tolist() == [[12.5]]
    assert days.tmean.values[0] == pytest.approx([25.5])
    assert float(days.lat[0]) == pytest.approx(35.3)


@pytest.mark.parametrize(("zone", "first"), [("Z", 12), ("+00:00", 12), ("+08:00", 20), ("+0800", 20), (" UTC", 12)])
def test_hours_with_a_zone_become_days_that_end_at_20_in_beijing(zone: str, first: int, tmp_path: Path) -> None:
    stamps = pd.date_range("2021-07-19 00:00", periods=72, freq="h")
    # 1 mm in the hour that ends at 20:00 in Beijing of 20 July, 10 mm in the hour after it.
    rain = np.zeros(72)
    rain[24 + first], rain[24 + first + 1] = 1.0, 10.0
    rows = [f"53986,113.9,35.3,{stamp:%Y-%m-%dT%H:%M:%S}{zone},{mm}" for stamp, mm in zip(stamps, rain)]
    path = table(tmp_path, "\n".join(["station,lon,lat,time,precipitation", *rows]))
    with hearing(Journal()) as journal:
        days = io.read_station_table(path)
    there = days.precipitation.sel(station="53986").to_series().dropna()
    assert there.loc["2021-07-20"] == 1.0
    assert there.loc["2021-07-21"] == 10.0
    assert not journal.warnings


def test_days_with_a_zone_stay_days(tmp_path: Path) -> None:
    for clock in ("T00:00:00Z", "T12:00:00Z", "T20:00:00+08:00"):
        text = "\n".join(f"53986,113.9,35.3,2021-07-{day}{clock},{day}" for day in (20, 21))
        days = io.read_station_table(table(tmp_path, f"station,lon,lat,time,tmean\n{text}"))
        assert [str(day)[:10] for day in days.time.values] == ["2021-07-20", "2021-07-21"]
        assert days.tmean.values.tolist() == [[20.0, 21.0]]
