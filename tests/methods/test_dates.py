"""Dates in every form that tables of the field have, and none guessed at."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from riskzoning.methods.dates import clock_minutes, parse_dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-08-01", "2019-08-01"),
        ("2019-08-01T16:30:00Z", "2019-08-01"),
        ("2019/8/1", "2019-08-01"),
        ("2019/8/1 16:30", "2019-08-01"),
        ("1/8/2019", "2019-08-01"),
        ("13/8/2019 04:05:06", "2019-08-13"),
        ("2019年8月1日", "2019-08-01"),
        ("20190801", "2019-08-01"),
        (20190801, "2019-08-01"),
        (20190801.0, "2019-08-01"),
        (43678, "2019-08-01"),
        (datetime.date(2019, 8, 1), "2019-08-01"),
        (pd.Timestamp("2019-08-01 12:00"), "2019-08-01"),
        ("2020-02-29", "2020-02-29"),
    ],
)
def test_forms_of_one_day(text: object, day: str) -> None:
    assert parse_dates([text]).dt.strftime("%Y-%m-%d").tolist() == [day]


@pytest.mark.parametrize("text", ["", None, np.nan, "soon", "2019-02-29", "8/13/2019", 20191301, 7, -1, "99999999"])
def test_what_is_no_date_is_missing(text: object) -> None:
    assert parse_dates([text]).isna().all()


def test_forms_may_be_mixed_and_the_index_stays() -> None:
    column = pd.Series(["1/8/2019", "2019-08-02", None, 20190803], index=[5, 5, 7, 9])
    found = parse_dates(column)
    assert found.index.tolist() == [5, 5, 7, 9]
    assert found.dt.day.dropna().tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("clock", "minutes"),
    [
        (1630, 990),
        (0, 0),
        (5, 5),
        ("0450", 290),
        ("16:30", 990),
        ("16:30:59", 990),
        (1630.0, 990),
        (datetime.time(16, 30), 990),
    ],
)
def test_clocks(clock: object, minutes: int) -> None:
    assert clock_minutes([clock]).tolist() == [minutes]


@pytest.mark.parametrize("clock", ["", None, "noon", 2400, 1260, "25:00", -5])
def test_what_is_no_clock_is_missing(clock: object) -> None:
    assert clock_minutes([clock]).isna().all()
