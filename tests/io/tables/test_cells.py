"""Single cells: numbers as people and spreadsheets write them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from riskzoning.io.tables.cells import (
    is_decimal_comma,
    number_column,
    number_text,
    plain_text,
    point_decimals,
)


def test_cells_as_text() -> None:
    assert [plain_text(value) for value in (410702.0, None, float("nan"), " 甲 ")] == ["410702", None, None, " 甲 "]


def test_numbers_in_text() -> None:
    assert [number_text(text) for text in ("1,234.5", "'12 ", "１２", "1 200", "无")] == [
        "1234.5",
        "12",
        "12",
        "1200",
        "无",
    ]
    assert [number_text(text, decimal_comma=True) for text in ("1,5", "1.234,5")] == ["1.5", "1234.5"]
    assert [is_decimal_comma(text) for text in ("113,9", "1,200", "0,125")] == [True, False, True]


def test_a_column_is_numbers_when_every_filled_cell_is_one() -> None:
    numbers = number_column(pd.Series(["1,200", "", "3"]))
    assert numbers.tolist() == pytest.approx([1200, math.nan, 3], nan_ok=True)
    assert number_column(pd.Series(["1,200", "无", ""])).tolist() == ["1,200", "无", None]
    assert number_column(pd.Series(["00123", "", "53986"])).tolist() == ["00123", None, "53986"]


def test_commas_of_degrees() -> None:
    column = pd.Series(["113,900", "-35,1", "113.817", None, "3,900,000", 113.9], dtype=object)
    assert point_decimals(column).tolist() == ["113.900", "-35.1", "113.817", None, "3,900,000", 113.9]
    whole = column[2:4]
    assert point_decimals(whole) is whole
