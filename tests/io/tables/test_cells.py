"""Single cells: numbers and degrees as people and spreadsheets write them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from riskzoning.io.tables.cells import (
    degrees_of,
    is_decimal_comma,
    number_column,
    number_text,
    plain_text,
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


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("113.9", 113.9),
        ("113°54′00″", 113.9),
        ("35 18 36 N", 35.31),
        ("113d54m0s", 113.9),
        ("北纬35°18.6′", 35.31),
        ("30°S", -30.0),
        (None, math.nan),
        ("113°75′", None),
        ("unknown", None),
    ],
)
def test_degrees_in_any_notation(text: str | None, degrees: float | None) -> None:
    assert degrees_of(text) == (degrees if degrees is None else pytest.approx(degrees, nan_ok=True))
