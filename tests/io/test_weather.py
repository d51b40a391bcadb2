"""Daily weather files: one test for each branch of the decoding."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from riskzoning import io
from riskzoning.errors import LayerError
from riskzoning.io.weather.decoding import decode, degrees_of_ddmm, elevation_metres


@pytest.mark.parametrize(
    ("stored", "expected"),
    [(55, 5.5), (0, 0.0), (32700, 0.0), (32766, np.nan), (32744, np.nan), (32003, 0.3), (31120, 12.0), (30045, 4.5)],
)
def test_rain_codes(stored: int, expected: float) -> None:
    found, _ = decode(np.array([stored]), rain=True, factor=0.1)
    assert found[0] == pytest.approx(expected, nan_ok=True)


def test_readings_over_range_and_plain_elements() -> None:
    assert decode(np.array([350, 45]), over=300)[0].tolist() == [50, 45]
    assert decode(np.array([1325, 200]), over=1000, factor=0.1)[0].tolist() == [32.5, 20.0]
    assert decode(np.array([-124]), factor=0.1)[0].tolist() == pytest.approx([-12.4])


def test_degrees_and_elevations() -> None:
    assert degrees_of_ddmm([3502, 11425]).tolist() == pytest.approx([35.03333333, 114.41666667])
    assert elevation_metres([100703, 703]).tolist() == pytest.approx([70.3, 70.3])


def line(station: int, day: int, value: int, flag: int = 0, lat: int = 3502, lon: int = 11425, high: int = 703) -> str:
    return f"{station} {lat} {lon} {high} 2020 1 {day} 0 0 {value} 0 0 {flag}\n"


def test_files_and_archives_make_one_series(tmp_path: Path) -> None:
    name = "SURF_CLI_CHN_MUL_DAY-PRE-13011-202001.TXT"
    (tmp_path / name).write_text(
        line(53983, 1, 55) + line(53983, 2, 32766) + line(53986, 1, 90, flag=2), encoding="ascii"
    )
    with zipfile.ZipFile(tmp_path / "SURF_CLI_CHN_MUL_DAY-PRE-13011-202002.zip", "w") as archive:
        archive.writestr("SURF_CLI_CHN_MUL_DAY-PRE-13011-202002.TXT", line(53983, 4, 12, lat=3510, high=100703))
    found = io.read_cma_daily(tmp_path)
    assert found.precipitation.sel(station="53983").values == pytest.approx([5.5, np.nan, np.nan, 1.2], nan_ok=True)
    assert np.isnan(found.precipitation.sel(station="53986").values).all()
    assert float(found.elevation.sel(station="53983")) == pytest.approx(70.3)
    said = {row["what"] for row in found.attrs["report"]}
    assert {"codes", "station moved; the latest place is used", "estimated elevation decoded"} <= said


def test_wrong_folders_and_lines_are_told(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="does not exist"):
        io.read_cma_daily(tmp_path / "no")
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(LayerError, match="none of them"):
        io.read_cma_daily(tmp_path)
    (tmp_path / "SURF_CLI_CHN_MUL_DAY-SSD-14032-202001.TXT").write_text("1 2 3\n", encoding="ascii")
    with pytest.raises(LayerError, match="has 3 columns"):
        io.read_cma_daily(tmp_path)


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


@pytest.mark.city
def test_series_of_the_city(city_data: Path) -> None:
    found = io.read_cma_daily(city_data / "meteorology" / "daily", stations=city_data / "meteorology" / "stations.csv")
    assert found.sizes == {"station": 13, "time": 10958}
    assert 450 < float(found.precipitation.sum("time").mean()) / 30 < 750
    old = io.read_station_table(city_data / "meteorology" / "cma_daily_1951_9stations_real.csv")
    assert any(row.get("what") == "all missing" for row in old.attrs["report"]) or old.wind_max.notnull().any()
