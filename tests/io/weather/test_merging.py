"""Rows of one station and day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, Problem, hearing
from riskzoning.io.weather.merging import note_gaps, one_row_a_day

NAN = float("nan")


def rows(times: list[str], **elements: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"station": "53986", "time": pd.to_datetime(times, format="mixed"), **elements})


def merged(table: pd.DataFrame, *elements: str) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    problems: list[Problem] = []
    with hearing(Journal()) as journal:
        out = one_row_a_day(table, elements, "a.csv", problems)
    return out.sort_values("time"), problems, [problem.rule for problem in (*journal.warnings, *journal.dropped)]


@pytest.mark.parametrize("values", [[187.2, NAN], [NAN, 187.2], [187.2, 187.2], [187.2, 187.2 * (1 + 1e-12)]])
def test_a_value_beats_a_blank_in_any_order(values: list[float]) -> None:
    out, problems, said = merged(rows(["2021-07-20", "2021-07-20"], precipitation=values), "precipitation")
    assert out["precipitation"].tolist() == [pytest.approx(187.2)]
    assert not problems
    assert said == ["dropped.weather_rows_twice"]


def test_elements_of_several_rows_make_one_day() -> None:
    table = rows(["2021-07-20", "2021-07-20"], tmax=[30, NAN], tmin=[NAN, 20])
    out, problems, _ = merged(table, "tmax", "tmin")
    assert out[["tmax", "tmin"]].to_numpy().tolist() == [[30, 20]]
    assert not problems


def test_two_values_of_a_day_are_a_problem() -> None:
    _, problems, _ = merged(
        rows(["2021-07-20 08:00", "2021-07-20 20:00", "2021-07-21", "2021-07-22"], tmax=[30, 31, 20, 20]), "tmax"
    )
    (problem,) = problems
    assert problem.rule == "weather.two_readings"
    assert "station 53986, 2021-07-20, tmax: 30 and 31" in problem.found


@pytest.mark.parametrize(("hours", "step"), [(24, 1), (8, 3), (4, 6), (2, 12)])
def test_readings_within_a_day_become_one_by_the_rule_of_their_element(hours: int, step: int) -> None:
    times = [f"2021-07-{day} {hour:02d}:00" for day in (20, 21) for hour in range(0, 24, step)]
    table = rows(
        times, precipitation=[10.0] * (2 * hours), wind_gust=[*range(hours), *range(hours)], tmean=[4.0, 6.0] * hours
    )
    out, problems, said = merged(table, "precipitation", "wind_gust", "tmean")
    assert out["precipitation"].tolist() == [10.0 * hours] * 2
    assert out["wind_gust"].tolist() == [hours - 1] * 2
    assert out["tmean"].tolist() == [5.0] * 2
    assert not problems
    assert said == ["weather.finer_steps"]


def test_a_day_with_few_of_its_readings_is_missing() -> None:
    times = [f"2021-07-{day} {hour:02d}:00" for day in (20, 21, 22) for hour in range(24)][:-12]
    out, _, _ = merged(rows(times, precipitation=[1.0] * len(times)), "precipitation")
    assert out["precipitation"].tolist()[:2] == [24, 24]
    assert np.isnan(out["precipitation"].iloc[2])


def test_days_at_one_hour_stay_days() -> None:
    out, _, said = merged(rows(["2021-07-20 20:00", "2021-07-21 20:00"], precipitation=[1.0, 2.0]), "precipitation")
    assert out["time"].dt.strftime("%d %H").tolist() == ["20 00", "21 00"]
    assert said == []


def test_rows_without_date_or_station_are_told_and_nothing_left_is_refused() -> None:
    table = rows(["2021-07-20", "2021-07-21"], tmax=[1.0, 2.0])
    table.loc[0, "time"] = pd.NaT
    assert merged(table, "tmax")[2] == ["dropped.weather_undated"]
    with pytest.raises(LayerError, match="no row"):
        one_row_a_day(table.assign(station=""), ["tmax"], "a.csv", [])


def test_gaps_are_told() -> None:
    with hearing(Journal()) as journal:
        note_gaps(rows(["2021-01-01", "2021-01-02", "2021-03-01"]), "a.csv")
        note_gaps(rows(["2021-01-01", "2021-01-03"]), "a.csv")
    assert [problem.rule for problem in journal.warnings] == ["weather.gaps"]
