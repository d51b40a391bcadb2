"""Quotients, sums, means, totals and shares that rows contradict."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from riskzoning.database.composites import recomposed, rules, tables_of_rules
from riskzoning.database.schema import Schema
from riskzoning.database.stored_run import StoredRun
from riskzoning.errors import Phrase, Problem

UNITS = pd.DataFrame({"code": ["C", "a", "b"], "parent": ["", "C", "C"]})


def tables() -> dict[str, pd.DataFrame]:
    """Tables in which everything adds up."""
    stock = pd.DataFrame(
        {
            "code": ["C", "C", "a", "b", "b"], "level": ["city"] * 2 + ["town"] * 3, "structure": list("12112"),
            "period": "2002-", "buildings": [40.0, 20.0, 30.0, 10.0, 20.0],
            "area_m2": [300.0, 100.0, 200.0, 100.0, 100.0],
            "value_yuan": [30.0, 10.0, 20.0, 10.0, 10.0], "vulnerability": [0.35, 0.1, 0.35, 0.35, 0.1],
            "sampled": [4.0, 2.0, 3.0, 1.0, 2.0], "sample_fraction": 0.1,
        }
    )  # fmt: skip
    of_units = pd.DataFrame(
        {
            "code": ["C", "a", "b"], "level": ["city", "town", "town"], "buildings": [60.0, 30.0, 30.0],
            "area_m2": [400.0, 200.0, 200.0], "value_yuan": [40.0, 20.0, 20.0], "vulnerability": [0.2875, 0.35, 0.225],
            "sampled": [6.0, 3.0, 3.0], "sample_fraction": 0.1,
        }
    )  # fmt: skip
    ages = pd.DataFrame(
        {
            "code": ["C", "a", "b"], "level": ["city", "township", "township"], "residents": [30.0, 10.0, 20.0],
            "vulnerable": [9.0, 4.0, 5.0], "vulnerable_share": [0.3, 0.4, 0.25],
        }
    )  # fmt: skip
    grades = pd.DataFrame(
        {
            "code": "a",
            "hazard": "flood",
            "quantity": "people",
            "grade": [0, 1],
            "value": [1.0, 3.0],
            "share": [0.25, 0.75],
        }
    )
    quality = pd.DataFrame({"form": "f", "code": ["a"], "rows": [10.0], "accepted": [9.0], "rejected": [1.0]})
    return {
        "base_admin": UNITS, "exp_building_stock": stock, "exp_buildings_by_unit": of_units,
        "exp_population_by_age": ages, "exposure_by_grade": grades, "qc_survey_quality": quality,
    }  # fmt: skip


def _problems(given: Mapping[str, pd.DataFrame]) -> list[Problem]:
    return list(recomposed(StoredRun(given, lambda name: Phrase("layer", name=name))))


def test_tables_that_add_up_have_no_problem() -> None:
    assert _problems(tables()) == []


@pytest.mark.parametrize(
    ("table", "column", "at", "value", "told"),
    [
        ("exp_building_stock", "buildings", 2, 31.0, {("sample_fraction", "a 1 2002-"), ("buildings", "a town")}),
        ("exp_building_stock", "vulnerability", 4, 0.9, {("vulnerability", "b town")}),
        ("exp_buildings_by_unit", "area_m2", 0, 401.0, {("area_m2", "C city"), ("area_m2", "C")}),
        ("exp_buildings_by_unit", "sample_fraction", 1, 0.2, {("sample_fraction", "a")}),
        ("exp_population_by_age", "residents", 0, 31.0, {("residents", "C")}),
        ("exp_population_by_age", "vulnerable_share", 2, 0.5, {("vulnerable_share", "b")}),
        ("exposure_by_grade", "share", 1, 0.5, {("share", "a flood people 1")}),
        ("qc_survey_quality", "accepted", 0, 8.0, {("rows", "f a")}),
    ],
)
def test_a_changed_value_is_told_with_its_row(
    table: str, column: str, at: int, value: float, told: set[tuple[str, str]]
) -> None:
    given = tables()
    given[table] = given[table].copy()
    given[table].loc[at, column] = value
    problems = _problems(given)
    assert {(problem.field, dict(problem.values)["code"]) for problem in problems} == told
    assert all(problem.text(lang) for problem in problems for lang in ("zh", "en"))


def test_rules_are_about_tables_that_a_run_may_bring() -> None:
    schema = Schema().whole()
    known = set(schema.metadata.tables) | set(schema._data["names"].values())
    named = {name for name in tables_of_rules() if not name.startswith(("cap_", "exp_", "his_", "risk_", "zone_"))}
    assert named <= known
    assert {str(rule["table"]) for kind in rules().values() for rule in kind} <= set(tables_of_rules())
