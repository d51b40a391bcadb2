"""Cells as typed columns: what people write, and what cannot be read."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from riskzoning.surveys.forms import Field
from riskzoning.surveys.headings import Column
from riskzoning.surveys.typed import typed
from tests.surveys.conftest import annual, records_of, shelters, townships


def column(kind: str, **facts: object) -> Column:
    return Column(0, "x", Field("x", "x", "x", kind, **facts))  # type: ignore[arg-type]


def cells(*values: object) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def test_numbers_and_what_is_none() -> None:
    read = typed(
        cells(1, "2.5", " 3 ", None, "", "  ", "约200", "30人", "１２", "1.2.5", True, "1_000"), column("number")
    )
    np.testing.assert_array_equal(read.values[:3], [1, 2.5, 3])
    assert read.empty.tolist() == [False] * 3 + [True] * 3 + [False] * 6
    assert read.unreadable.tolist() == [False] * 6 + [True] * 6


def test_factor_of_the_heading() -> None:
    read = typed(cells("2"), Column(0, "x", Field("x", "x", "x", "number"), 1e4))
    assert read.values[0] == 2e4


@pytest.mark.parametrize(
    "text", ["2021-07-20", "2021/7/20", "2021.07.20", "2021年7月20日", "20210720", 20210720, datetime.date(2021, 7, 20)]
)
def test_days(text: object) -> None:
    assert typed(cells(text), column("date")).values[0] == pd.Timestamp("2021-07-20")


@pytest.mark.parametrize("text", ["2021-13-04", "20210631", "去年", "2021-02-30", 3.5, "2021"])
def test_what_is_no_day(text: object) -> None:
    assert typed(cells(text), column("date")).unreadable.tolist() == [True]


def test_choices_by_code_number_and_label() -> None:
    kind = column("choice", choices=("1", "11", "2"), labels={"砌体": "1"})
    read = typed(cells(1, 11.0, "2", "砌体", "8", None), kind)
    assert read.values.astype(object).tolist()[:4] == ["1", "11", "2", "1"]
    assert read.unreadable.tolist() == [False] * 4 + [True, False]
    assert read.empty.tolist() == [False] * 5 + [True]


def test_codes_are_text() -> None:
    read = typed(cells("410702.0", 410702, " 410702 ", "４１０７０２", None), column("code6"))
    assert read.values[:4].tolist() == ["410702"] * 4
    assert read.empty[4]


def test_degrees_in_minutes_and_seconds() -> None:
    read = typed(cells("113°54'36\"", "113.91", "east"), column("lon"))
    np.testing.assert_allclose(read.values[:2], [113.91, 113.91])
    assert read.unreadable.tolist() == [False, False, True]


def test_hazards_by_their_codes_and_other_names() -> None:
    rows = annual(range(2010, 2014)).assign(灾害种类=["FLOOD", "洪涝灾害", "地质灾害", "洪水猛兽"])
    records = records_of("his_annual", rows)
    assert records.frame["hazard"].tolist()[:3] == ["洪涝", "洪涝", "崩塌滑坡泥石流"]
    assert records.unread["hazard"] == {3: "洪水猛兽"}


def test_numbers_in_the_notation_of_their_column() -> None:
    rows = shelters(6).astype(object)
    # All large numbers have separators: that is how the column is written.
    rows["可容纳人数(人)"] = ["1,200", "980", "2,345", "1,001", "12", "１２"]
    records = records_of("shelter", rows)
    assert records.frame["capacity"].tolist()[:5] == [1200, 980, 2345, 1001, 12]
    # A single cell in wide digits is a slip.
    assert records.unread["capacity"] == {5: "１２"}
    rows["可容纳人数(人)"] = [1200, 1980, 2345, 1001, 12, "1,500"]
    assert records_of("shelter", rows).unread["capacity"] == {5: "1,500"}


def test_months_and_orders_of_days_by_the_column() -> None:
    days = townships(4).assign(填报日期=["2021年7月", "2021年8月", "2021-09", "2021年10月"])
    read = records_of("cap_township", days).frame["fill_date"]
    assert read.dt.strftime("%Y-%m-%d").tolist() == ["2021-07-01", "2021-08-01", "2021-09-01", "2021-10-01"]
    single = townships(4).assign(填报日期=["2021-07-03", "2021-08-03", "2021-09-04", "2021年10月"])
    assert records_of("cap_township", single).unread["fill_date"] == {3: "2021年10月"}
    turned = townships(4).assign(填报日期=["3/7/2021", "13/8/2021", "2021-09-04 10:30", 44397])
    read = records_of("cap_township", turned).frame["fill_date"]
    assert read.dt.strftime("%m%d").tolist() == ["0703", "0813", "0904", "0720"]
