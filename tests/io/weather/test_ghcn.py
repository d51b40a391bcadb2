"""GHCN-Daily in its three forms: tenths, flags, months of their length, places, what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing


def dly(station: str, year: int, month: int, element: str, days: dict[int, tuple[int, str]]) -> str:
    cells = [days.get(day, (-9999, "   ")) for day in range(1, 32)]
    return f"{station}{year}{month:02d}{element}" + "".join(f"{value:5d}{flags}" for value, flags in cells)


def fixed(folder: Path) -> Path:
    station = "CHM00053986"
    lines = [
        dly(station, 2021, 7, "PRCP", {20: (2547, "  S"), 21: (0, "T S"), 22: (9999, " XS")}),
        dly(station, 2021, 7, "TMAX", {20: (305, "  S"), 21: (-15, "  S")}),
        dly(station, 2021, 7, "SNWD", {20: (120, "  S")}),
        dly(station, 2021, 7, "WT01", {20: (1, "  S")}),
        dly("USW00094728", 2021, 4, "PRCP", {30: (10, "  S")}),
    ]
    path = folder / f"{station}.dly"
    path.write_text("\n".join(lines) + "\n")
    return path


def listed(folder: Path) -> None:
    rows = ["CHM00053986  35.3000  113.9000   73.2    XINXIANG                       GSN     53986"]
    rows.append("USW00094728  40.7789  -73.9692 -999.9 NY NYC CNTRL PARK              HCN     72506")
    (folder / "ghcnd-stations.txt").write_text("\n".join(rows) + "\n")


def test_lines_at_fixed_width(tmp_path: Path) -> None:
    path = fixed(tmp_path)
    listed(tmp_path)
    with hearing(Journal()) as heard:
        days = io.read_ghcn_daily(path)
    assert days.station.values.tolist() == ["53986", "USW00094728"]
    one = days.sel(station="53986", time=slice("2021-07-20", "2021-07-22"))
    np.testing.assert_allclose(one.precipitation, [254.7, 0.0, np.nan])
    np.testing.assert_allclose(one.tmax, [30.5, -1.5, np.nan])
    assert float(one.snow_depth[0]) == 12.0  # 120 mm are 12 cm
    assert days.precipitation.sel(station="USW00094728", time="2021-04-30").item() == 1.0
    # A month has the days that it has: there is no 31st of April.
    assert days.time.values[0] == np.datetime64("2021-04-01")
    assert float(days.lon[0]) == 113.9
    assert days.name.values[0] == "XINXIANG"
    assert np.isnan(days.elevation.values[1])
    (failed,) = [problem for problem in heard.steps if problem.rule == "weather.failed_checks"]
    assert dict(failed.values)["count"] == 1
    assert days.attrs["day"] == "days as the stations report them"


def test_long_tables_equal_the_lines(tmp_path: Path) -> None:
    rows = ["CHM00053986,20210720,PRCP,2547,,,S,0800", "CHM00053986,20210721,PRCP,0,T,,S,"]
    rows += ["CHM00053986,20210722,PRCP,9999,,X,S,", "CHM00053986,20210720,TMAX,305,,,S,"]
    path = tmp_path / "CHM00053986.csv.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    days = io.read_ghcn_daily([path])
    np.testing.assert_allclose(days.precipitation[0], [254.7, 0.0, np.nan])
    head = "ID,DATE,ELEMENT,DATA_VALUE,M_FLAG,Q_FLAG,S_FLAG,OBS_TIME\n"
    titled = tmp_path / "by_station.csv"
    titled.write_text(head + "\n".join(rows))
    pd.testing.assert_frame_equal(io.read_ghcn_daily(titled).to_dataframe(), days.to_dataframe())


def test_wide_tables_bring_their_places(tmp_path: Path) -> None:
    head = "STATION,DATE,LATITUDE,LONGITUDE,ELEVATION,NAME,PRCP,PRCP_ATTRIBUTES,TMIN,TMIN_ATTRIBUTES\n"
    rows = [
        'CHM00053986,2021-07-20,35.3,113.9,73.2,"XINXIANG, CH"," 2547",",,S"," -15",",,S"',
        'CHM00053986,2021-07-21,35.3,113.9,73.2,"XINXIANG, CH","   99",",G,S",,',
    ]
    path = tmp_path / "CHM00053986.csv"
    path.write_text(head + "\n".join(rows))
    days = io.read_ghcn_daily(path)
    np.testing.assert_allclose(days.precipitation[0], [254.7, np.nan])
    np.testing.assert_allclose(days.tmin[0], [-1.5, np.nan])
    assert (float(days.lat[0]), float(days.elevation[0])) == (35.3, 73.2)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("CHM00053986,20210720,PRCP,25.4,,,S,\n", "weather.ghcn_decimals"),
        ("CHM00053986,20210720,PRCP,wet,,,S,\n", "weather.fixed_lines"),
        ("CHM00053986,20210720,WT01,1,,,S,\n", "weather.no_element"),
        ("CHM00053986,20210720\n", "weather.ghcn_table"),
        ("CHM00053986,20210720,TMAX,9000,,,S,\nCHM00053986,20210721,TMAX,8000,,,S,\n", "weather.range_column"),
        ("CHM00053986,20210720,PRCP,1,,,S,\nCHM00053986,20210720,PRCP,2,,,S,\n", "weather.two_readings"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        io.read_ghcn_daily(path)
    assert rule in {problem.rule for problem in caught.value.problems}


def test_a_folder_without_such_files(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        io.read_ghcn_daily(tmp_path)
    assert caught.value.problems[0].rule == "weather.ghcn_files"
