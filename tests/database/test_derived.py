"""What is derived from risks and losses of units, held against them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning import risk
from riskzoning.database.derived import derived
from riskzoning.database.stored_run import StoredRun
from riskzoning.errors import Journal, Phrase, Problem, hearing

CODES = ["410702001", "410702002"]
RISKS = {"flood": [0.6, 0.0], "geology": [0.2, 0.3]}
# E9 of the worked examples: losses 100, 400, 900 at 5, 20, 100 years: 63.5 without, 72.5 with the tail; bounds 40, 96.
LOSSES = {5.0: 100.0, 20.0: 400.0, 100.0: 900.0}


def columns(**changed: Any) -> dict[tuple[str, str, str], pd.Series[float]]:
    own = {(name, "", "risk_index"): pd.Series(values, index=CODES) for name, values in RISKS.items()}
    own["flood", "buildings", "eal"] = pd.Series([72.5, 145.0], index=CODES)
    return {**own, **changed}


def tables() -> dict[str, pd.DataFrame]:
    rows = [
        {"code": code, "hazard": "flood", "receptor": "buildings", "return_period": period, "loss": lost * (1 + at)}
        for at, code in enumerate(CODES)
        for period, lost in LOSSES.items()
    ]
    annual = {"hazard": "flood", "receptor": "buildings", "units": "yuan/a", "protection": ""}
    left = risk.capacity_discount(np.array(RISKS["flood"]), np.array([0.5, 1.0]), form="partial", beta=0.3)
    by_capacity = {"hazard": "flood", "risk_index": RISKS["flood"], "capacity": [0.5, 1.0], "adjusted_index": left}
    about = {"index": "flood_risk_index", "applied_to": "units", "rule": "fixed", "closed": "right"}
    bounds = {"grade": [1, 2, 3, 4, 5], "upper_bound": [0.2, 0.4, 0.6, 0.8, 1.0]}
    return {
        "risk_weights": pd.DataFrame({"hazard": list(RISKS), "weight": [0.5, 0.5]}),
        "unit_township": pd.DataFrame({"code": CODES, "multi_leading": ["flood;geology", "geology"]}),
        "risk_by_capacity": pd.DataFrame(
            {"code": CODES, **by_capacity, "adjusted_grade": [3, 1], "form": "partial", "beta": 0.3}
        ),
        "risk_breaks": pd.DataFrame(bounds).assign(**about),
        "risk_annual_losses": pd.DataFrame(
            {"code": CODES, **annual, "eal": [72.5, 145.0], "eal_method": "trapezoid", "eal_tail": "constant",
             "lower": [40.0, 80.0], "upper": [105.0, 210.0]}
        ),
        "risk_loss_curves": pd.DataFrame(rows),
    }  # fmt: skip


def told(given: dict[str, pd.DataFrame], stored: Any = None) -> list[Problem]:
    run = StoredRun(given, lambda name: Phrase("layer", name=name), {"risk": {"form": "gated"}})
    with hearing(Journal()):
        return list(derived(run, columns() if stored is None else stored))


def test_what_follows_has_no_problem() -> None:
    assert told(tables()) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "field"),
    [
        ("unit_township", "multi_leading", "geology;flood", "multi_leading"),
        ("risk_by_capacity", "risk_index", 0.5, "risk_index"),
        ("risk_by_capacity", "adjusted_index", 0.6, "adjusted_index"),
        ("risk_by_capacity", "adjusted_grade", 5, "adjusted_grade"),
        ("risk_annual_losses", "eal", 63.5, "eal"),
        ("risk_annual_losses", "lower", 41.0, "lower"),
        ("risk_annual_losses", "upper", 95.0, "upper"),
        ("risk_loss_curves", "loss", 90.0, "eal"),
    ],
)
def test_a_changed_value_is_told_with_its_unit(table: str, column: str, value: Any, field: str) -> None:
    given = tables()
    given[table].loc[0, column] = value
    problems = told(given)
    assert field in {problem.field for problem in problems}
    assert {dict(problem.values)["code"] for problem in problems} == {CODES[0]}
    assert all(problem.text(lang) for problem in problems for lang in ("zh", "en"))


def test_a_yearly_loss_is_that_of_the_unit() -> None:
    own = columns()
    own["flood", "buildings", "eal"] = pd.Series([72.5, 150.0], index=CODES)
    (problem,) = told(tables(), own)
    assert (problem.field, dict(problem.values)["code"]) == ("eal", CODES[1])


@pytest.mark.parametrize(("protection", "judged"), [("2 a", True), ("20 a", False), ("by area", False)])
def test_a_curve_that_works_cut_does_not_give_the_yearly_loss(protection: str, judged: bool) -> None:
    given, own = tables(), columns()
    given["risk_annual_losses"]["protection"] = protection
    given["risk_annual_losses"]["eal"] = own["flood", "buildings", "eal"] = pd.Series([60.0, 120.0])
    own["flood", "buildings", "eal"].index = pd.Index(CODES)
    assert bool(told(given, own)) is judged


def test_the_method_and_the_tail_are_those_that_are_stated() -> None:
    given, own = tables(), columns()
    given["risk_annual_losses"]["eal_method"], given["risk_annual_losses"]["eal_tail"] = "trapezoid", "none"
    given["risk_annual_losses"]["eal"] = [63.5, 127.0]
    given["risk_annual_losses"]["lower"], given["risk_annual_losses"]["upper"] = [31.0, 62.0], [96.0, 192.0]
    own["flood", "buildings", "eal"] = pd.Series([63.5, 127.0], index=CODES)
    assert told(given, own) == []
    given["risk_annual_losses"]["eal_method"], given["risk_annual_losses"]["eal_tail"] = "log-linear", "constant"
    given["risk_annual_losses"]["eal"] = [64.88734, 129.77468]
    given["risk_annual_losses"]["lower"], given["risk_annual_losses"]["upper"] = [40.0, 80.0], [105.0, 210.0]
    own["flood", "buildings", "eal"] = pd.Series([64.88734, 129.77468], index=CODES)
    assert told(given, own) == []


def test_numbers_that_the_study_has_replaced_are_not_judged() -> None:
    given = tables()
    given["unit_township"].loc[0, "multi_leading"] = "geology"
    given["meta_tables_used"] = pd.DataFrame({"name": ["grades/risk_index"], "replaced_by": ["own.yml"]})
    assert told(given) == []
