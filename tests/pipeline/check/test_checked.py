"""The list of a check: errors and warnings apart, an error that is raised becomes its problems, notes go to the run."""

from __future__ import annotations

from typing import Any

import pytest

from riskzoning.errors import Journal, LayerError, Phrase, Problem, hearing
from riskzoning.pipeline.check.checked import Checked

DEM = Phrase("input", name="dem")


def test_what_is_raised_becomes_problems_and_other_errors_go_on() -> None:
    checked = Checked(catalogue=None)  # type: ignore[arg-type]
    with checked.gathering(DEM):
        raise LayerError(Problem("vector.empty", DEM))
    with checked.gathering(DEM):
        raise LayerError("broken")
    assert [problem.rule for problem in checked.errors] == ["vector.empty", "catalogue.unusable"]
    assert dict(checked.errors[1].values)["reason"] == "broken"
    with pytest.raises(KeyError), checked.gathering(DEM):
        raise KeyError("a")


def test_everything_that_was_heard_and_is_no_error_is_rung_again() -> None:
    severities: Any = ("error", "warning")
    problems = [Problem("vector.empty", DEM, severity=severity) for severity in severities]
    step = Problem("step.datum", DEM, severity="info", input="dem", datum="gcj02")
    dropped = Problem("dropped.rows", DEM, severity="info", input="dem", detail=["row 3"])
    heard = Journal(steps=[step], dropped=[dropped])
    checked = Checked(catalogue=None, problems=problems, journal=heard)  # type: ignore[arg-type]
    with hearing(Journal()) as journal:
        checked.ring()
    assert (journal.steps, journal.dropped, journal.warnings) == ([step], [dropped], problems[1:])
