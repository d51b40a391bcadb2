"""What the check says of forms and combinations that cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from riskzoning import standards
from riskzoning.config import StudyConfig
from riskzoning.pipeline.check.risk_forms import form_problems


def study(**changes: Any) -> StudyConfig:
    given = {"name": "X", "code": 410700, "data_date": "2026-06-30", "admin": {"path": "a"}}
    return StudyConfig(**given, hazards=[{"hazard": "flood"}, {"hazard": "earthquake"}], **changes)


def rules(one: StudyConfig) -> list[str]:
    return [problem.rule for problem in form_problems(one)]


def test_the_shipped_matrices_serve_every_hazard() -> None:
    assert rules(study(risk={"form": "matrix"})) == []
    assert rules(study(risk={"form": "matrix", "matrix": "risk_5x5"})) == []


def test_a_matrix_that_nobody_knows_is_told_with_those_that_are() -> None:
    (first, *_) = form_problems(study(risk={"form": "matrix", "matrix": "risk_9x9"}))
    assert (first.rule, first.field) == ("risk.option", "risk.matrix")
    assert "risk_4x5" in first.required


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([[1, 2, 3, 4, 5]] * 3, "risk.matrix_rows"),
        ([[1, 2, 3, 4]] * 4, "risk.matrix_rows"),
        ([[1, 2, 3, 4, 6]] * 4, "risk.matrix_classes"),
        ([[0, 2, 3, 4, 5]] * 4, "risk.matrix_shape"),
    ],
)
def test_an_own_matrix_must_fit(rows: list[list[int]], rule: str) -> None:
    with standards.session({"damage/risk_matrix": {"data": {"mine": rows}}}):
        assert set(rules(study(risk={"form": "matrix", "matrix": "mine"}))) == {rule}


def test_ranks_would_hide_the_matrix() -> None:
    one = study(risk={"form": "matrix"}, grades={"risk_scheme": "ranked"})
    assert rules(one) == ["study.matrix_ranked"]


def test_money_needs_a_curve_and_something_of_value() -> None:
    assert rules(study(risk={"combine": "sum"})) == ["combined.no_losses"]
    houses = {"buildings": {"points": "houses", "area": "area_m2"}}
    assert rules(study(risk={"combine": "sum"}, exposure=houses)) == []
