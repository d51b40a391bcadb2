"""Stored values that their stored parts contradict."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from riskzoning.database.recomputing import recomputed
from riskzoning.database.stored_run import StoredRun
from riskzoning.errors import Phrase, Problem

CODES = ["410700", "410702", "410703", "410704", "410711"]


def _row(code: str, hazard: str, indicator: str, value: float, grade: int | None = None) -> dict[str, object]:
    level = "city" if code == "410700" else "county"
    return {
        "code": code, "level": level, "hazard": hazard, "receptor": "", "indicator": indicator, "value": value,
        "grade": grade,
    }  # fmt: skip


def tables(**changed: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """A run of two hazards in four counties, in which everything adds up."""
    rows = []
    for at, code in enumerate(CODES):
        flood, quake = 0.1 * at, 0.2 + 0.1 * at
        multi = 0.25 * flood + 0.75 * quake
        grades = [1 + int(value > 0.2) + int(value > 0.35) for value in (flood, quake, multi)]
        rows += [
            _row(code, "flood", "risk_index", flood, grades[0]),
            _row(code, "earthquake", "risk_index", quake, grades[1]),
            _row(code, "multi", "risk_index", multi, grades[2]),
            _row(code, "", "population", 100.0 * at if at else 1000.0),
            _row(code, "", "valid_share", 1.0),
        ]
    tidy = pd.DataFrame(rows)
    wide = tidy[(tidy["hazard"] == "flood") & (tidy["level"] == "county")]
    breaks = [
        {
            "index": f"{hazard}_risk_index",
            "applied_to": "units",
            "rule": "fixed",
            "grade": grade,
            "upper_bound": bound,
            "closed": "right",
        }
        for hazard in ("flood", "earthquake", "multi")
        for grade, bound in ((1, 0.2), (2, 0.35), (3, 1.0))
    ]
    whole = {
        "risk_unit": tidy,
        "base_admin": pd.DataFrame({"code": CODES, "parent": ["410000"] + ["410700"] * 4}),
        "risk_breaks": pd.DataFrame(breaks),
        "risk_weights": pd.DataFrame({"hazard": ["flood", "earthquake"], "weight": [0.25, 0.75]}),
        "meta_reconciliation": pd.DataFrame(
            {"quantity": "population", "level": ["city", "county"], "total_units": [1000.0, 1000.0]}
        ),
        "unit_city": pd.DataFrame({"code": ["410700"], "population": [1000.0]}),
        "unit_county": pd.DataFrame(
            {"code": wide["code"], "flood_risk_index": wide["value"], "flood_risk_grade": wide["grade"]}
        ),
        "exposure_by_grade": pd.DataFrame(
            {
                "code": "410702",
                "hazard": "flood",
                "quantity": "population",
                "grade": [1, 2],
                "value": [60.0, 40.0],
                "share": [0.6, 0.4],
            }
        ),
        "cap_index": pd.DataFrame({"code": ["410702"], "index": [0.25], "d_plus": [3.0], "d_minus": [1.0]}),
    }
    return {**whole, **changed}


def _problems(given: Mapping[str, pd.DataFrame], combine: str = "weighted_sum") -> list[Problem]:
    study = {"risk": {"combine": combine, "unit_rule": "area_mean"}}
    return list(recomputed(StoredRun(given, lambda name: Phrase("layer", name=name), study)))


def test_a_run_that_adds_up_has_no_problem() -> None:
    assert _problems(tables()) == []


def _with(name: str, column: str, at: int, value: object) -> pd.DataFrame:
    frame = tables()[name].copy()
    frame.iloc[at, list(frame.columns).index(column)] = value  # type: ignore[index]
    return frame


@pytest.mark.parametrize(
    ("name", "column", "at", "value", "field", "stored", "computed"),
    [
        ("risk_unit", "grade", 6, 3, "earthquake_risk_grade", 3, 2),
        ("risk_unit", "value", 7, 0.26, "multi_risk_index", 0.26, 0.25),
        ("risk_unit", "value", 8, 99.0, "population", 1000.0, 999.0),
        ("risk_breaks", "upper_bound", 0, 0.05, "flood_risk_grade", 1, 2),
        ("risk_weights", "weight", 0, 0.5, "multi_risk_index", 0.15, 0.12),
        ("meta_reconciliation", "total_units", 1, 900.0, "population", 900.0, 1000.0),
        ("unit_county", "flood_risk_index", 0, 0.5, "flood_risk_index", 0.5, 0.1),
        ("unit_county", "flood_risk_grade", 0, 3, "flood_risk_grade", 3, 1),
        ("exposure_by_grade", "share", 0, 0.5, "share", 0.5, 0.6),
        ("exposure_by_grade", "value", 0, 160.0, "value", 200.0, 100.0),
        ("cap_index", "index", 0, 0.3, "index", 0.3, 0.25),
    ],
)
def test_a_changed_value_is_told_with_what_it_should_be(
    name: str, column: str, at: int, value: object, field: str, stored: float, computed: float
) -> None:
    problems = _problems(tables(**{name: _with(name, column, at, value)}))
    mine = [problem for problem in problems if problem.field == field]
    assert mine, problems
    values = dict(mine[0].values)
    assert values["stored"] == pytest.approx(stored)
    assert values["computed"] == pytest.approx(computed)
    assert {problem.rule for problem in problems} == {"database.recomputed"}


def test_a_unit_with_another_name_or_parent_than_in_the_table_of_units_is_told() -> None:
    base = tables()["base_admin"].assign(level=["city"] + ["county"] * 4, name=list("abcde"))
    layer = tables()["unit_county"].assign(name=list("bcxe"), parent=["410700", "410700", "410700", "4"])
    problems = _problems(tables(base_admin=base, unit_county=layer))
    assert [(problem.rule, problem.field, dict(problem.values)["code"]) for problem in problems] == [
        ("database.unit_differs", "name", "410704"),
        ("database.unit_differs", "parent", "410711"),
    ]


def test_what_no_sum_of_weights_made_and_ground_without_data_are_not_judged() -> None:
    other = tables(risk_unit=_with("risk_unit", "value", 7, 0.26))
    assert _problems(other, "maximum") == []
    tidy = other["risk_unit"].copy()
    tidy.loc[(tidy["indicator"] == "valid_share") & (tidy["code"] == "410702"), "value"] = 0.7
    assert _problems(tables(risk_unit=tidy)) == []


def test_grades_by_the_share_of_the_ground_are_not_those_of_the_breaks() -> None:
    changed = {"risk_unit": _with("risk_unit", "grade", 6, 3)}
    by_share = tables()["risk_breaks"].assign(rule="class_share")
    assert _problems(tables(risk_breaks=by_share, **changed, unit_county=tables()["unit_county"])) == []


def test_a_level_without_its_layer_is_told() -> None:
    given = {name: frame for name, frame in tables().items() if name != "unit_city"}
    assert [dict(problem.values)["missing"] for problem in _problems(given)] == [("unit_city",)]
