"""What is rung during a stage is kept, told on once, and comes back equal, in either language."""

from __future__ import annotations

import json

from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.workspace.journal import Overheard, as_state, from_state


def problem(severity: str = "warning") -> Problem:
    codes = [Phrase("input_file", path="b", name="a"), "410702", 3, 0.25, None]
    return Problem("step.classes", Phrase("input", name="dem"), severity=severity, row=4, field="a", detail=codes)  # type: ignore[arg-type]


def test_a_problem_comes_back_equal_through_json_and_speaks_both_languages() -> None:
    again = from_state(json.loads(json.dumps(as_state(problem()), sort_keys=True)))
    assert again == problem()
    assert [again.text(lang) for lang in ("zh", "en")] == [problem().text(lang) for lang in ("zh", "en")]


def test_each_new_note_is_told_on_once() -> None:
    told: list[Problem] = []
    journal = Overheard(told=told.append)
    for severity in ("warning", "info", "warning"):
        journal.add(problem(severity))
    assert [item.severity for item in told] == ["warning", "info"]
    assert journal.everything == [problem("info"), problem("warning")]
