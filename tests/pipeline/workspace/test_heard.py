"""What was told while a piece of work was done is told again word for word."""

from __future__ import annotations

import json
from typing import Any

from riskzoning import standards
from riskzoning.errors import Decisions, Journal, Phrase, Problem, decided, deciding, hearing, note
from riskzoning.pipeline.workspace.heard import comes_back, heard, told_again


def work() -> dict[str, Any]:
    note(Problem("step.classes", Phrase("input", name="dem"), severity="info", detail=["a: 1"]))
    decided("dem.tif", "nodata", -9999, why="file")
    standards.table("weights/hazards")
    return {"slope": 1.5}


def test_notes_decisions_and_tables_are_told_again() -> None:
    first, second = Journal(), Journal()
    with deciding(Decisions()) as decisions, standards.session({}):
        content = json.loads(json.dumps(heard(work, first.add)))
    with hearing(second), deciding(Decisions()) as again, standards.session({}) as used:
        made = told_again(content)
    assert made == {"slope": 1.5}
    assert (first, decisions) == (second, again)
    assert len(second.steps) == 1
    assert list(used.used) == ["weights/hazards"]


def test_a_problem_whose_values_json_changes_does_not_come_back() -> None:
    plain = Problem("step.classes", Phrase("input", name="dem"), severity="info", detail=["a: 1"])
    assert comes_back([plain])
    assert not comes_back([plain, Problem("step.classes", "dem", severity="info", detail=float("nan"))])
