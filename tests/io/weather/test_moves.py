"""Stations that moved inside their record: day, distance and height of each move, and what is done about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from riskzoning import io
from riskzoning.errors import Journal, hearing
from riskzoning.io.weather.moves import station_moves


def line(day: str, lat: int, lon: int, high: int, station: int = 57494) -> str:
    year, month, number = (int(part) for part in day.split("-"))
    return f"{station:5d} {lat:5d} {lon:6d} {high:6d} {year:4d} {month:2d} {number:2d}" + " 55" * 3 + " 0" * 3 + "\n"


def read(folder: Path, rows: list[str]) -> tuple[Any, list[Any]]:
    name = f"SURF_CLI_CHN_MUL_DAY-PRE-13011-{rows[0].split()[4]}{int(rows[0].split()[5]):02d}.TXT"
    (folder / name).write_text("".join(rows), encoding="ascii")
    with hearing(Journal()) as heard:
        found = io.read_cma_daily(folder)
    told = [*heard.warnings, *heard.steps]
    return found, [problem for problem in told if problem.rule == "weather.station_moved"]


def test_a_move_is_told_with_its_day_its_distance_and_what_was_done(tmp_path: Path) -> None:
    rows = [line("2001-03-01", 3037, 11404, 233), line("2001-03-02", 3037, 11404, 233)]
    rows += [line("2001-03-03", 3036, 11403, 236), line("2001-03-04", 3050, 11403, 1236)]
    found, told = read(tmp_path, rows)
    (problem,) = told
    assert problem.severity == "warning"
    text = problem.text()
    # 30 36 -> 30 50: 14 minutes of latitude are 25.9 km.
    assert "57494: from 2001-03-03 on 2.4 km away, +0.3 m in height, from 2001-03-04 on 25.9 km away, +100.0 m" in text
    assert "latest place" in text
    assert float(found.lat.sel(station="57494")) == pytest.approx(30 + 50 / 60)
    assert found.sizes["time"] == 4


@pytest.mark.parametrize(
    ("lat", "high", "severity"),
    [(3036, 233, "info"), (3037, 253, "info"), (3037, 433, "warning"), (3037, 238, None), (3040, 233, "warning")],
)
def test_how_far_decides_how_loud(tmp_path: Path, lat: int, high: int, severity: str | None) -> None:
    rows = [line("2001-03-01", 3037, 11404, 233), line("2001-03-02", lat, 11404, high)]
    told = read(tmp_path, rows)[1]
    assert [problem.severity for problem in told] == ([] if severity is None else [severity])


@given(st.integers(0, 59), st.integers(0, 59), st.integers(0, 59), st.integers(0, 59))
def test_distances_are_those_on_the_ellipsoid(a: int, b: int, c: int, d: int) -> None:
    places = pd.DataFrame(
        {"station": ["s", "s"], "lat": [3000 + a, 3000 + b], "lon": [11400 + c, 11400 + d], "elevation": [10, 25],
         "since": [19990101, 20010203]}
    )  # fmt: skip
    (move,) = station_moves(places.iloc[::-1])
    metres = Geod(ellps="WGS84").inv(114 + c / 60, 30 + a / 60, 114 + d / 60, 30 + b / 60)[2]
    assert move.km == pytest.approx(metres / 1000, rel=1e-6, abs=1e-9)
    assert (move.day, move.metres) == ("2001-02-03", 1.5)
