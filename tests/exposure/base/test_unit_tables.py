"""Totals by unit: read by code, folded, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, Phrase, Problem, hearing
from riskzoning.exposure.base.receptor import StudyUnits
from riskzoning.exposure.base.unit_tables import (
    column_problems,
    column_total,
    column_units,
    folded_totals,
    heading_units,
    number_problems,
    table_problems,
    unit_totals,
    units_problems,
)

THING = Phrase("input_of_receptor", receptor="population", name="table")


@pytest.fixture
def units(make_grid: Any, make_towns: Any) -> StudyUnits:
    return StudyUnits(make_towns(make_grid(), 3), {"zone": "410700002"})


def problems(table: dict[str, list[Any]], units: StudyUnits | None = None) -> dict[str, dict[str, Any]]:
    listed: list[Problem] = table_problems(pd.DataFrame(table), "code", "pop", units, THING)
    assert all(problem.about == THING for problem in listed)
    return {problem.rule: dict(problem.values) for problem in listed}


def test_zones_are_folded_into_their_county_once() -> None:
    frame = pd.DataFrame({"code": [" 410702", "410771", "410703"], "gdp": ["5", "2", "1"]})
    totals, folded = folded_totals(frame, "code", "gdp", {"410702", "410703"}, {"410771": "410702"}, 1e4)
    assert totals.to_dict() == {"410702": 70_000.0, "410703": 10_000.0}
    assert folded == ["410771"]


def test_what_was_folded_is_noted(units: StudyUnits) -> None:
    frame = pd.DataFrame({"code": [*units.frame.index, "zone"], "pop": [1, 2, 3, 4]})
    with hearing(Journal()) as journal:
        totals = unit_totals(frame, "code", "pop", units, name="people")
    assert totals.sum() == 10
    assert len(totals) == 3
    assert [(step.rule, dict(step.values)["detail"]) for step in journal.steps] == [("step.folded", ("zone",))]


def test_a_right_table_has_no_problem(units: StudyUnits) -> None:
    assert problems({"code": [*units.frame.index], "pop": [1, 2, 0]}, units) == {}


def test_values_and_codes_are_named(units: StudyUnits) -> None:
    first, second, _ = units.frame.index
    wrong = problems({"code": [first, first, second, "9"], "pop": [-1, 1, np.nan, 2]}, units)
    assert wrong["table.negative"]["rows"] == (f"{first} (-1.0)",)
    assert wrong["table.not_a_number"]["rows"] == (f"{second} (nan)",)
    assert wrong["table.double"]["codes"] == (first,)
    assert wrong["table.unknown_code"]["codes"] == ("9",)
    assert wrong["table.missing_code"]["missing"] == 1
    assert set(problems({"code": [first], "people": [1]})) == {"exposure.column"}


def test_rows_of_two_levels_count_twice(units: StudyUnits) -> None:
    both = pd.concat([units.frame, units.frame.iloc[:1].assign(level="county").set_axis(["4107"])])
    table = {"code": [str(code) for code in both.index], "pop": [1.0] * 4}
    assert set(problems(table, StudyUnits(both))) == {"table.levels"}


def test_columns_of_features() -> None:
    frame = pd.DataFrame({"area": ["5", "x", None, "-1"], "n": [1, 2, 3, 4]})
    assert [p.field for p in column_problems(frame, ("area", None, "floor"), THING)] == ["floor"]
    (problem,) = number_problems(frame, ("area", "n", None), THING)
    assert (problem.rule, problem.field, dict(problem.values)["values"]) == (
        "table.bad_number",
        "area",
        ("x (2)", "-1 (4)"),
    )
    assert column_total(frame, "area") == 4


def test_statistical_codes_filled_with_zeros_are_those_of_their_units(units: StudyUnits) -> None:
    frame = pd.DataFrame({"code": ["410700001000", "zone", "410702000000"], "pop": [3, 4, 5]})
    totals, folded = folded_totals(frame, "code", "pop", {"410700001", "410700002", "410702"}, units.zones)
    assert totals.to_dict() == {"410700001": 3.0, "410700002": 4.0, "410702": 5.0}
    assert folded == ["zone"]
    long = [f"{code}000" if code.isdigit() and len(code) == 9 else code for code in units.frame.index]
    assert "table.unknown_code" not in problems({"code": long, "pop": [1] * len(long)}, units)


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("常住人口（万人）", "万人"),
        ("常住人口(人)", "人"),
        ("人口/万人", "万人"),
        ("residents_2020", None),
        ("population (census)", None),
        ("pop", None),
    ],
)
def test_a_unit_in_a_heading_is_read(heading: str, unit: str | None) -> None:
    assert heading_units(heading, "person") == unit
    assert column_units(heading, None, "population") == (unit or "person")
    assert column_units(heading, "人", "population") == "人"


def test_units_that_contradict_their_heading_are_told() -> None:
    assert units_problems("人口（万人）", None, "population", THING) == []
    assert units_problems("人口（万人）", "万人", "population", THING) == []
    assert units_problems("人口（人）", "person", "population", THING) == []
    (wrong,) = units_problems("人口（万人）", "person", "population", THING)
    assert wrong.rule == "table.units_heading"
    (other,) = units_problems("GDP", "kg", "gdp", THING)
    assert other.field == "units"
