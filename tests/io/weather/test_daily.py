"""Daily files of the meteorological administration."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, Problem, hearing


def line(station: int, day: int, value: int, flag: int = 0, lat: int = 3502, lon: int = 11425, high: int = 703) -> str:
    return f"{station} {lat} {lon} {high} 2020 1 {day} 0 0 {value} 0 0 {flag}\n"


PRE = "SURF_CLI_CHN_MUL_DAY-PRE-13011-202001.TXT"


TEM = "SURF_CLI_CHN_MUL_DAY-TEM-12001-202001.TXT"


def noted(journal: Journal, rule: str) -> Problem:
    return next(problem for problem in journal.steps + journal.dropped if problem.rule == rule)


def values(problem: Problem) -> dict[str, Any]:
    return dict(problem.values)


def months(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("ascii"))
    return folder


def test_files_and_archives_make_one_series(tmp_path: Path) -> None:
    name = "SURF_CLI_CHN_MUL_DAY-PRE-13011-202001.TXT"
    (tmp_path / name).write_text(
        line(53983, 1, 55) + line(53983, 2, 32766) + line(53986, 1, 90, flag=2), encoding="ascii"
    )
    with zipfile.ZipFile(tmp_path / "SURF_CLI_CHN_MUL_DAY-PRE-13011-202002.zip", "w") as archive:
        archive.writestr("SURF_CLI_CHN_MUL_DAY-PRE-13011-202002.TXT", line(53983, 4, 12, lat=3510, high=100703))
    with hearing(Journal()) as journal:
        found = io.read_cma_daily(tmp_path)
    assert found.precipitation.sel(station="53983").values == pytest.approx([5.5, np.nan, np.nan, 1.2], nan_ok=True)
    assert np.isnan(found.precipitation.sel(station="53986").values).all()
    assert float(found.elevation.sel(station="53983")) == pytest.approx(70.3)
    assert found.attrs["day"] == "days end at 20:00 Beijing time"
    rules = {problem.rule for problem in (*journal.steps, *journal.warnings)}
    assert {"weather.codes", "weather.station_moved", "weather.elevation_estimated"} <= rules
    assert "report" not in found.attrs


def test_wrong_folders_and_lines_are_told(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="exist"):
        io.read_cma_daily(tmp_path / "no")
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(LayerError, match="none of them"):
        io.read_cma_daily(tmp_path)
    (tmp_path / "SURF_CLI_CHN_MUL_DAY-SSD-14032-202001.TXT").write_text("1 2 3\n", encoding="ascii")
    with pytest.raises(LayerError, match="has 3 columns"):
        io.read_cma_daily(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        line(53986, 1, 55).replace("\n", "\r\n") + "\r\n",
        b"\xef\xbb\xbf" + line(53986, 1, 55).encode(),
        line(53986, 1, 55).replace(" ", "\t"),
        "\n\n   " + line(53986, 1, 55).strip(),
    ],
    ids=["crlf", "mark", "tabs", "blank lines"],
)
def test_ways_to_write_the_same_line(tmp_path: Path, text: str | bytes) -> None:
    found = io.read_cma_daily(months(tmp_path, {PRE: text}))
    assert found.precipitation.values.tolist() == [[5.5]]


def test_station_ids_keep_their_zeros_and_letters(tmp_path: Path) -> None:
    found = io.read_cma_daily(months(tmp_path, {PRE: line(123, 1, 55) + line(53986, 1, 5)}))
    assert found.station.values.tolist() == ["00123", "53986"]
    found = io.read_cma_daily(months(tmp_path, {PRE: line(53986, 1, 55).replace("53986", "A3986")}))
    assert found.station.values.tolist() == ["A3986"]


def test_every_bad_line_of_every_file_is_told_with_its_row(tmp_path: Path) -> None:
    texts = {
        PRE: line(53986, 1, 5) + "53986 3519 11353 736 2020\n" + line(53986, 3, 5) + line(53986, 4, 5).strip() + " 7\n",
        TEM: b"53986 3519 11353 736 2020 1 1 \xd5\xbe 5 5 0 0 0\n",
    }
    with pytest.raises(LayerError) as error:
        io.read_cma_daily(months(tmp_path, texts))
    assert [(problem.file, problem.row) for problem in error.value.problems] == [(PRE, 2), (PRE, 4), (TEM, 1)]
    assert "13 integers for element PRE" in str(error.value)


def test_long_lists_of_bad_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="has 15 more lines") as error:
        io.read_cma_daily(months(tmp_path, {PRE: "1 2\n" + line(53986, 1, 5) + "1 2\n" * 19}))
    assert len(error.value.problems) == 6


def test_a_file_of_another_element_is_refused(tmp_path: Path) -> None:
    cold = "".join(line(53986, day, -210) for day in range(1, 8))
    with pytest.raises(LayerError, match=r"7 of 7 values of precipitation that cannot be, e\.g\. -21") as error:
        io.read_cma_daily(months(tmp_path, {PRE: cold}))
    assert error.value.problems[0].file == PRE
    # Rain codes read as temperatures would be thousands of degrees.
    wet = "".join(line(53986, day, 32700) for day in range(1, 4)) + line(53986, 4, 0)
    with pytest.raises(LayerError, match=r"tmin that cannot be, e\.g\. 3270"):
        io.read_cma_daily(months(tmp_path, {PRE: line(53986, 1, 5), TEM: wet}))


def test_a_single_impossible_value_is_rejected_and_counted(tmp_path: Path) -> None:
    text = "".join(line(53986, day, 5) for day in range(1, 21)) + line(53986, 21, 29999)
    with hearing(Journal()) as journal:
        found = io.read_cma_daily(months(tmp_path, {PRE: text}))
    assert np.isnan(found.precipitation.values[0, -1])
    assert "1 impossible and rejected" in noted(journal, "weather.codes").found


def test_dates_that_are_none_and_days_of_other_months_are_reported(tmp_path: Path) -> None:
    text = line(53986, 1, 5) + line(53986, 32, 5) + line(53986, 5, 5).replace("2020 1 5", "2020 2 5")
    with hearing(Journal()) as journal:
        io.read_cma_daily(months(tmp_path, {PRE: text}))
    assert values(noted(journal, "dropped.weather_undated"))["rows"] == (f"{PRE}: 53986 2020-1-32",)
    assert values(noted(journal, "weather.other_month"))["count"] == 1


def test_a_month_that_comes_twice_counts_once_and_may_not_contradict_itself(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr(PRE, line(53986, 1, 32766) + line(53986, 2, 7))
    with hearing(Journal()) as journal:
        days = io.read_cma_daily(months(tmp_path, {PRE: line(53986, 1, 66) + line(53986, 2, 7)}))
    assert days.precipitation.values.tolist() == [[pytest.approx(6.6), pytest.approx(0.7)]]
    assert values(noted(journal, "dropped.weather_rows_twice"))["count"] == 2
    months(tmp_path, {PRE: line(53986, 1, 66) + line(53986, 2, 9)})
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        io.read_cma_daily(tmp_path)
    assert [problem.rule for problem in caught.value.problems] == ["weather.two_readings"]
    assert "0.7 and 0.9" in caught.value.problems[0].found or "0.9 and 0.7" in caught.value.problems[0].found


def test_empty_files_are_passed_over_and_named(tmp_path: Path) -> None:
    empty = PRE.replace("202001", "202002")
    with hearing(Journal()) as journal:
        io.read_cma_daily(months(tmp_path, {PRE: line(53986, 1, 5), empty: b""}))
    assert values(noted(journal, "weather.empty_files"))["files"] == (empty,)
    (tmp_path / PRE).write_bytes(b" \n")
    with pytest.raises(LayerError, match="only empty files"):
        io.read_cma_daily(tmp_path)


def test_coordinates_that_are_no_degrees_and_minutes_give_no_place(tmp_path: Path) -> None:
    with hearing(Journal()) as journal:
        found = io.read_cma_daily(months(tmp_path, {PRE: line(53986, 1, 5, lat=3575) + line(53983, 1, 5)}))
    assert np.isnan(found.lat.sel(station="53986"))
    assert float(found.lat.sel(station="53983")) == pytest.approx(35.0333333)
    assert values(noted(journal, "weather.no_place"))["stations"] == ("53986",)


def test_elements_and_periods_that_are_not_there_are_refused(tmp_path: Path) -> None:
    months(tmp_path, {PRE: line(53986, 1, 5)})
    with pytest.raises(LayerError, match="files of PRE only; expected daily files of TEM"):
        io.read_cma_daily(tmp_path, elements=["PRE", "TEM"])
    with pytest.raises(LayerError, match="has days from 2020-01-01 to 2020-01-01"):
        io.read_cma_daily(tmp_path, start="2021-01-01")


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PRE, "".join(line(53986, day, 5) for day in range(1, 32)))
    raw = bytearray(path.read_bytes())
    raw[len(PRE) + 40 : len(PRE) + 60] = b"x" * 20
    path.write_bytes(raw)
    with pytest.raises(LayerError, match="cannot be unpacked"):
        io.read_cma_daily(tmp_path)


@pytest.mark.city
def test_series_of_the_city(city_data: Path) -> None:
    daily, places = city_data / "meteorology" / "daily", city_data / "meteorology" / "stations.csv"
    with hearing(Journal()) as told:
        found = io.read_cma_daily(daily, stations=places)
    # One of its stations was moved on the way.
    assert [problem.rule for problem in told.warnings] == ["weather.station_moved"]
    assert found.sizes == {"station": 13, "time": 10958}
    assert 450 < float(found.precipitation.sum("time").mean()) / 30 < 750
    with hearing(Journal()) as journal:
        old = io.read_station_table(city_data / "meteorology" / "cma_daily_1951_9stations_real.csv")
    rules = [problem.rule for problem in journal.steps]
    assert "weather.all_missing" in rules or old.wind_max.notnull().any()


def test_a_period_is_made_of_days(tmp_path: Path) -> None:
    months(tmp_path, {PRE: line(53983, 1, 55)})
    with pytest.raises(LayerError) as error:
        io.read_cma_daily(tmp_path, start="the first")
    assert error.value.problems[0].rule == "weather.period_day"
