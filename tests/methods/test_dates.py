"""Dates in every form that tables of the field have, and none guessed at."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
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
        ("8/13/2019", "2019-08-13"),
        ("1-Aug-2019", "2019-08-01"),
        ("August 1, 2019", "2019-08-01"),
        ("20190801 08:00", "2019-08-01"),
        (2019080108, "2019-08-01"),
        ("２０１９/８/１", "2019-08-01"),
        ("2019年8月1日 下午3:20", "2019-08-01"),
        ("2019-08-01T00:00:00+08:00", "2019-08-01"),
        ("2019-07-31 24:00", "2019-08-01"),
        ("43678", "2019-08-01"),
    ],
)
def test_forms_of_one_day(text: object, day: str) -> None:
    with hearing(Journal()) as journal:
        assert parse_dates([text]).dt.strftime("%Y-%m-%d").tolist() == [day]
    assert bool(journal.warnings) == (text == "1/8/2019")


@pytest.mark.parametrize(
    "text", ["soon", "2019-02-29", "13/13/2019", 20191301, 7, -1, "99999999", "2019-08", "2019-08-01 25:00"]
)
def test_what_is_no_date_is_missing_and_told(text: object) -> None:
    with hearing(Journal()) as journal:
        assert parse_dates([text]).isna().all()
    (problem,) = journal.warnings
    assert problem.rule == "dates.unread"
    assert dict(problem.values)["texts"] == (str(text),)


@pytest.mark.parametrize("text", ["", None, np.nan, pd.NaT, " "])
def test_an_empty_cell_is_missing_without_a_word(text: object) -> None:
    assert parse_dates([text]).isna().all()


@pytest.mark.parametrize(
    ("column", "days", "rule"),
    [
        (["1/11/2021", "1/13/2021"], ["01-11", "01-13"], None),
        (["11/1/2021", "13/1/2021"], ["01-11", "01-13"], None),
        (["1-11-2021", "1-13-2021 08:00"], ["01-11", "01-13"], None),
        (["1/11/2021", "2/11/2021"], ["11-01", "11-02"], "dates.assumed"),
        (["7/7/2021"], ["07-07"], None),
        (["1/13/2021", "14/1/2021", "2/3/2021"], ["01-13", "01-14", None], "dates.contradicting"),
        ([pd.Timestamp("2021-11-01"), "1/13/2021", "1/14/2021"], ["11-01", "01-13", "01-14"], "dates.swapped"),
        (["2021-11-01", "1/13/2021", "1/14/2021"], ["11-01", "01-13", "01-14"], "dates.swapped"),
        ([pd.Timestamp("2021-11-20"), "13/1/2021"], ["11-20", "01-13"], None),
        ([44207, "1/13/2021", "2021年1月14日"], ["01-11", "01-13", "01-14"], None),
    ],
)
def test_the_column_decides_whether_the_day_or_the_month_comes_first(
    column: list[object], days: list[str | None], rule: str | None
) -> None:
    with hearing(Journal()) as journal:
        read = parse_dates(column)
    assert [None if pd.isna(day) else day for day in read.dt.strftime("%m-%d")] == days
    rules = [problem.rule for problem in journal.warnings if problem.rule != "dates.unread"]
    assert rules == ([] if rule is None else [rule])


def test_dates_with_a_zone_keep_the_day_that_stands_there() -> None:
    stamps = pd.Series(pd.to_datetime(["2021-07-20 01:00+08:00"]))
    assert parse_dates(stamps).dt.strftime("%m-%d").tolist() == ["07-20"]


def test_forms_may_be_mixed_and_the_index_stays() -> None:
    column = pd.Series(["1/8/2019", "2019-08-02", None, 20190803, "31/8/2019"], index=[5, 5, 7, 9, 9])
    found = parse_dates(column)
    assert found.index.tolist() == [5, 5, 7, 9, 9]
    assert found.dt.day.dropna().tolist() == [1, 2, 3, 31]


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
