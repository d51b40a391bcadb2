"""Grades of prevention: the worked examples, what is missing, monotony, measures."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards import HAZARDS
from riskzoning.zoning.prevention import (
    codes_by_risk,
    codes_of,
    grades_of,
    measure_text,
    measures,
    prevention_grades,
)


def one(value: Any) -> pd.Series[Any]:
    return pd.Series([value], index=["410702001"])


@pytest.mark.parametrize(
    ("capacity", "danger", "risk", "grade", "flag"),
    [
        (5, 3, 3, 2, ""),
        (1, 1, 5, 3, "priority"),
        (4, 2, 4, 2, ""),
        (2, 1, 2, 1, "capacity_building"),
        (np.nan, np.nan, 4, 3, ""),
        (3, np.nan, 3, 2, ""),
        (5, 0, 4, 2, ""),
        (5, 1, 0, 0, ""),
    ],
)
def test_units_by_risk_and_need(capacity: float, danger: float, risk: float, grade: int, flag: str) -> None:
    row = prevention_grades(one(risk), one(capacity), one(danger)).iloc[0]
    assert row["grade"] == grade
    assert row["priority"] == (flag == "priority")
    assert row["capacity_building"] == (flag == "capacity_building")


def test_what_the_need_rests_on() -> None:
    index = ["a", "b", "c"]
    risk = pd.Series([3, 3, 3], index=index)
    out = prevention_grades(risk, pd.Series({"a": 1, "b": 0}), pd.Series({"a": 1.0, "b": 5.0}))
    assert out["need_known"].tolist() == ["capacity;hidden_dangers", "hidden_dangers", ""]
    assert out["need"].tolist() == [3, 3, 2]


def test_more_risk_or_need_never_lowers_the_grade() -> None:
    grid = [(risk, need) for risk in range(1, 6) for need in range(1, 4)]
    codes = dict(zip(grid, codes_by_risk(np.array([n for _, n in grid]), np.array([r for r, _ in grid])), strict=True))
    for (risk, need), (other, more) in itertools.product(grid, grid):
        if risk <= other and need <= more:
            assert codes[risk, need] // 4 <= codes[other, more] // 4


def test_grades_and_flags_as_one_number_and_back() -> None:
    table = prevention_grades(pd.Series([5, 5, 2, 0]), pd.Series([1, 5, 1, 1]), None)
    codes = codes_of(table)
    back = grades_of(codes)
    assert back["grade"].tolist() == table["grade"].tolist()
    assert back["priority"].tolist() == table["priority"].tolist()
    assert back["capacity_building"].tolist() == table["capacity_building"].tolist()


def test_grades_outside_their_range() -> None:
    with pytest.raises(LayerError) as caught:
        prevention_grades(one(6))
    assert caught.value.problems[0].rule == "prevention.grades"
    with pytest.raises(LayerError):
        prevention_grades(one(3), one(2.5))


def test_a_table_of_ones_own() -> None:
    own = dict(standards.table("zoning/prevention").data)
    own["matrix"] = {grade: [[1], [1], [2]] for grade in range(1, 6)}
    with standards.session({"zoning/prevention": own}):
        assert prevention_grades(one(5), one(1))["grade"].tolist() == [2]


def test_measures_by_hazard_grade_and_land() -> None:
    assert measures("geology", 3, "agricultural")[0] == "relocation"
    assert measures("geology", 1, "urban") == ["monitoring"]
    assert measures("hail", 2) == measures("other", 2)
    assert "capacity" in measures("flood", 1, "any", ("capacity_building",))
    assert measure_text(["monitoring", "drills"], "zh") == "监测预警、预案演练"
    assert measure_text(["monitoring", "drills"], "en") == "monitoring and warning, plans and drills"


def test_every_measure_has_a_name() -> None:
    table = standards.table("zoning/measures").data
    for rows in table["measures"].values():
        for by_function in rows.values():
            assert "any" in by_function
            for keys in by_function.values():
                assert set(keys) <= set(table["names"])


def test_every_hazard_grade_and_land_has_measures() -> None:
    functions = ("urban", "agricultural", "ecological", "any", "")
    for hazard in (*HAZARDS, "multi", "a_hazard_of_ones_own"):
        for grade in (1, 2, 3):
            sizes = [len(measures(hazard, grade, function)) for function in functions]
            assert min(sizes) > 0, (hazard, grade)
        # What is asked for at a higher grade is no less than at a lower one.
        assert len(measures(hazard, 3)) >= len(measures(hazard, 2)) >= len(measures(hazard, 1))
    assert measures("a_hazard_of_ones_own", 3) == measures("other", 3)
