"""Rows that are no records, and rows that only look so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.surveys.forms import form
from riskzoning.surveys.headings import matched
from riskzoning.surveys.remarks import Remarks, is_numbering, records_only, units_row
from tests.surveys.conftest import shelters


def kept(rows: pd.DataFrame) -> tuple[list[int], dict[str, list[int]]]:
    remarks = Remarks()
    numbers = np.arange(2, len(rows) + 2)
    columns = matched(list(rows.columns), form("shelter"), "f")
    block = rows.astype(object).set_axis(range(rows.shape[1]), axis=1)
    return numbers[records_only(numbers, block, columns, remarks)].tolist(), remarks.rows


def test_totals_headings_and_remarks_are_passed_over_and_named() -> None:
    rows = shelters(4).astype(object)
    title = rows.columns
    rows.loc[4] = [None] * len(title)
    rows.loc[4, [title[0], title[7]]] = ["合 计", 3600]
    rows.loc[5] = list(title)
    rows.loc[6] = [None, "红旗区小计", *[1] * (len(title) - 2)]
    rows.loc[7] = ["填表人：张三", "审核人：李四", *[None] * (len(title) - 2)]
    rows.loc[8] = ["注：按实填写。", *[None] * (len(title) - 1)]
    assert kept(rows) == ([2, 3, 4, 5], {"totals": [6, 8], "headings": [7], "remarks": [9, 10]})


@pytest.mark.parametrize(
    ("field", "value"),
    [("场所编码", None), ("场所编码", "  "), ("场所名称", "合计广场"), ("场所名称", "填报人:某某")],
)
def test_a_record_with_a_fault_stays_a_record(field: str, value: object) -> None:
    rows = shelters(4).astype(object)
    rows.loc[1, field] = value
    assert kept(rows) == ([2, 3, 4, 5], {})


def test_numbers_of_columns() -> None:
    assert is_numbering(["甲", "乙", 1, 2, 3])
    assert is_numbering(["1", "2", "3", None])
    assert not is_numbering([1, 2])
    assert not is_numbering(["BN001", 1, 2, 3])
    assert not is_numbering([410702, 410703, 410704])


def test_a_row_of_units_joins_the_headings() -> None:
    headings = ["场所编码", "面积", "人口", "金额(元)"]
    assert units_row([None, "公顷", "万人", "元"], headings) == ["场所编码", "面积(公顷)", "人口(万人)", "金额(元)"]
    assert units_row(["—", "（亩）", "人"], headings) == ["场所编码", "面积(亩)", "人口(人)", "金额(元)"]
    assert units_row(["BN1", "公顷", "1", "1"], headings) is None
    assert units_row([None] * 4, headings) is None
