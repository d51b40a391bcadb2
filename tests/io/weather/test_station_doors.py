"""Every odd table of stations, and every form of a date, through each door that takes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.config import StudyConfig
from riskzoning.errors import Journal, RiskZoningError, hearing
from riskzoning.hazards.forest_fire import fire_weather_index
from riskzoning.hazards.forest_fire.points import local_dates
from riskzoning.methods.dates import parse_dates
from riskzoning.pipeline.catalogue import Catalogue
from tests.io.weather.test_stations import DAY, TABLES, as_csv

# Three days in a row, as tables of the field write them.
DAYS = {
    "iso": ["2021-07-20", "2021-07-21", "2021-07-22"],
    "slashes": ["2021/7/20", "2021/7/21", "2021/7/22"],
    "compact": ["20210720", "20210721", "20210722"],
    "chinese": ["2021年7月20日", "2021年7月21日", "2021年7月22日"],
    "day first": ["20/7/2021", "21/7/2021", "22/7/2021"],
    "month first": ["7/20/2021", "7/21/2021", "7/22/2021"],
    "serials": [44397, 44398, 44399],
}
WANTED = pd.date_range("2021-07-20", periods=3)


def through_catalogue(path: Path) -> object:
    entry = {"path": path.name, "format": "station_table"}
    study = StudyConfig(
        name="X", code="410700", data_date="2026-06-30", admin={"path": "a"}, inputs={"s": entry}, base=path.parent
    )
    return Catalogue(study).stations("s")


@pytest.mark.parametrize("name", TABLES)
def test_a_study_reads_a_table_of_stations_like_the_reader(tmp_path: Path, name: str) -> None:
    path = as_csv(pd.DataFrame({**DAY, **TABLES[name][0]}), tmp_path)
    answers = []
    for read in (io.read_station_table, through_catalogue):
        with hearing(Journal()) as journal:
            try:
                stations = read(path)  # type: ignore[operator]
                answer: object = {key: np.asarray(stations[key]).tolist() for key in sorted(stations.data_vars)}
            except RiskZoningError as error:
                answer = {problem.rule for problem in error.problems}
        # What is refused has said all; of what is read the same must be told.
        told = (
            {problem.rule for problem in (*journal.warnings, *journal.dropped)} if isinstance(answer, dict) else set()
        )
        answers.append((str(answer), told))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("form", DAYS)
def test_a_form_of_dates_means_the_same_at_every_door(tmp_path: Path, form: str) -> None:
    days = DAYS[form]
    frame = pd.DataFrame({**DAY, "date": days, "PRE_Time_2020": [1.0, 2.0, 3.0]})
    with hearing(Journal()):
        table = io.read_station_table(as_csv(frame, tmp_path))
        column = parse_dates(pd.Series(days, dtype=object))
        detections = local_dates(pd.DataFrame({"acq_date": pd.Series(days, dtype=object)}))
        weather = ([20.0, 21, 22], [40.0, 35, 30], [10.0, 12, 9], [0.0, 0, 1])
        given, plain = (
            fire_weather_index(*map(np.array, weather), latitude=35.3, dates=dates)
            for dates in (np.array(days, dtype=object), WANTED)
        )
    assert pd.DatetimeIndex(table.time.values).equals(WANTED)
    assert pd.DatetimeIndex(column).equals(WANTED)
    assert pd.DatetimeIndex(detections).equals(WANTED)
    for key in plain.data_vars:
        np.testing.assert_array_equal(given[key], plain[key])
