"""Cells of station tables as readings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, Problem, hearing
from riskzoning.io.weather.readings import readings

NAN = float("nan")


@pytest.mark.parametrize(
    ("element", "cells", "units", "tenths", "values"),
    [
        ("precipitation", ["T", "微量", "trace", 2.5, 32700, 999990, 999999], "", False, [0, 0, 0, 2.5, 0, 0, NAN]),
        ("precipitation", [32700, 25, 32766, 31120, -9999], "", True, [0, 2.5, NAN, 12.0, NAN]),
        ("precipitation", [32700, 1.0, -99], "inch", False, [0, 25.4, NAN]),
        ("precipitation", [999.9, 12.0], "", False, [NAN, 12.0]),
        ("snow_depth", ["微量", "12", "缺测"], "", False, [0, 12, NAN]),
        ("tmean", [999.9, 21.5, -9999, "--"], "", False, [NAN, 21.5, NAN, NAN]),
        ("tmax", [300.15, -9999], "K", False, [27, NAN]),
        ("pressure", [999.9, 1013.2], "", False, [999.9, 1013.2]),
        ("pressure", [101320, -9999], "Pa", False, [1013.2, NAN]),
        ("humidity", ["65%", " 70 ", 32766], "", False, [65, 70, NAN]),
        ("wind_gust", ["静风", 36, "１８"], "km/h", False, [0, 10, 5]),
    ],
)
def test_codes_words_and_units(
    element: str, cells: list[object], units: str, tenths: bool, values: list[float]
) -> None:
    problems: list[Problem] = []
    with hearing(Journal()) as journal:
        read = readings(
            pd.Series(cells, dtype=object), element, units=units, tenths=tenths, thing="a.csv", problems=problems
        )
    assert read == pytest.approx(np.array(values), nan_ok=True)
    assert not problems
    assert not journal.warnings


def test_what_cannot_be_read_or_cannot_be_is_a_warning_with_its_row() -> None:
    column = pd.Series(["soon", *["5"] * 20, "95"], index=range(2, 24), name="TEM_Max")
    problems: list[Problem] = []
    with hearing(Journal()) as journal:
        read = readings(column, "tmax", units="", tenths=False, thing="a.csv", problems=problems)
    assert np.isnan(read[[0, -1]]).all()
    assert [(p.rule, p.field) for p in journal.warnings] == [
        ("stations.texts", "TEM_Max"),
        ("weather.rejected", "TEM_Max"),
    ]
    assert journal.warnings[1].row == 23
    with hearing(Journal()):
        readings(pd.Series([290.0] * 3, name="T"), "tmax", units="", tenths=False, thing="a.csv", problems=problems)
    assert [p.rule for p in problems] == ["weather.range_column"]
