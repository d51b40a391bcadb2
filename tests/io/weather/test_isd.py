"""ISD-Lite: hours in UTC become Chinese days, rain of six hours, traces, extremes of readings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing


def line(
    stamp: pd.Timestamp, temp: int = 200, dew: int = 100, wind: int = 30, one: int = -9999, six: int = -9999
) -> str:
    return f"{stamp:%Y %m %d %H} {temp:5d} {dew:5d} 10052   180 {wind:5d} -9999 {one:5d} {six:5d}"


def lines(folder: Path, rows: list[str], name: str = "539860-99999-2021") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n")
    return path


def read(path: Path, **options: str | Path):  # type: ignore[no-untyped-def]
    with hearing(Journal()):
        return io.read_isd_lite(path, **options)


def test_a_day_ends_at_20_in_beijing(tmp_path: Path) -> None:
    # 12 UTC is 20:00: the last reading of the 21st; 13 UTC is the first of the 22nd.
    hours = pd.date_range("2021-07-20 13:00", "2021-07-22 12:00", freq="h")
    rows = [line(t, temp=200 + i, one=10 if t == pd.Timestamp("2021-07-21 12:00") else 0) for i, t in enumerate(hours)]
    days = read(lines(tmp_path, rows))
    assert days.time.values.astype("datetime64[D]").astype(str).tolist() == ["2021-07-21", "2021-07-22"]
    np.testing.assert_allclose(days.precipitation[0], [1.0, 0.0])
    np.testing.assert_allclose(days.tmin[0], [20.0, 22.4])
    np.testing.assert_allclose(days.tmax[0], [22.3, 24.7])
    assert days.attrs["day"] == "days end at 20:00 Beijing time"
    np.testing.assert_allclose(days.tmean[0], [21.15, 23.55])
    # The reading of 6 UTC is that of 14 h.
    assert days.wind_14h.values[0].tolist() == [3.0, 3.0]
    # 20 degrees with a dew point of 10: 52.5 % of humidity (Magnus).
    dry = read(lines(tmp_path, [line(t) for t in hours]))
    np.testing.assert_allclose(dry.humidity[0], 52.5, atol=0.1)
    np.testing.assert_allclose(dry.humidity_14h[0], 52.5, atol=0.1)


def test_rain_of_six_hours_tiles_the_day(tmp_path: Path) -> None:
    hours = pd.date_range("2021-07-20 15:00", "2021-07-21 12:00", freq="3h")
    # 18, 0, 6 and 12 UTC; a trace at 6; the amount at 15 UTC is of other hours.
    amounts = {18: 12, 0: 34, 6: -1, 12: 200, 15: 500}
    days = read(lines(tmp_path, [line(t, six=amounts.get(t.hour, -9999)) for t in hours]))
    np.testing.assert_allclose(days.precipitation[0], [24.6])
    # Without one of them the rain of the day is not known.
    days = read(lines(tmp_path, [line(t, six=amounts.get(t.hour, -9999) if t.hour != 0 else -9999) for t in hours]))
    assert np.isnan(days.precipitation.values).all()


def test_days_with_few_readings_are_missing_and_said(tmp_path: Path) -> None:
    hours = pd.date_range("2021-07-20 13:00", "2021-07-22 12:00", freq="h")
    rows = [line(t) for t in hours if not pd.Timestamp("2021-07-21 13:00") <= t <= pd.Timestamp("2021-07-22 04:00")]
    with hearing(Journal()) as heard:
        days = io.read_isd_lite(lines(tmp_path, rows))
    np.testing.assert_allclose(days.tmean[0], [20.0, np.nan])
    assert any(problem.rule == "weather.hours_made_days" for problem in heard.steps)
    missing = read(lines(tmp_path, [line(t, temp=-9999, wind=-9999) for t in hours]))
    assert np.isnan(missing.tmean.values).all()


def test_names_and_places(tmp_path: Path) -> None:
    hours = pd.date_range("2021-07-20 13:00", "2021-07-21 12:00", freq="h")
    folder = tmp_path / "isd"
    folder.mkdir()
    lines(folder, [line(t) for t in hours])
    lines(folder, [line(t) for t in hours], "A51256-00451-2021")
    (folder / "readme.txt").write_text("no station")
    (tmp_path / "list.csv").write_text("USAF,NAME,LAT,LON,ELEV\n539860,XINXIANG,35.3,113.9,73\n")
    days = read(folder, stations=tmp_path / "list.csv")
    assert days.station.values.tolist() == ["53986", "A51256"]
    assert float(days.lon[0]) == 113.9
    assert np.isnan(days.lon.values[1])
    # Where there are no places, there are none.
    assert np.isnan(read(folder).lon.values).all()


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    with pytest.raises(LayerError) as caught:
        io.read_isd_lite(tmp_path)
    assert caught.value.problems[0].rule == "weather.isd_files"
    hour = pd.Timestamp("2021-07-20 13:00")
    with pytest.raises(LayerError) as caught:
        read(lines(tmp_path, [line(hour).replace("  200", "  2x0")]))
    assert caught.value.problems[0].rule == "weather.fixed_lines"
    with pytest.raises(LayerError) as caught:
        read(lines(tmp_path, [line(hour + pd.Timedelta(hours=i), temp=2930) for i in range(24)]))
    assert caught.value.problems[0].rule == "weather.range_column"
