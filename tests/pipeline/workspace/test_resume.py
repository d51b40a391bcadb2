"""A stage that was finished is read back with its notes; another study, or a run without resume, begins anew."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from riskzoning import standards
from riskzoning.errors import Decisions, Journal, Phrase, Problem, about_input, decided, deciding, hearing, note
from riskzoning.io.writing.ledger import Ledger
from riskzoning.pipeline.workspace.resume import Claim, finished, once, open_work


def run_in(folder: Path, journal: Journal) -> Any:
    return SimpleNamespace(workspace=SimpleNamespace(folder=folder, work=folder / ".work"), journal=journal)


def noting(value: float) -> dict[str, Any]:
    for severity in ("info", "warning"):
        note(Problem("step.classes", Phrase("input", name="dem"), severity=severity, detail=["a: 1"]))  # type: ignore[arg-type]
    note(Problem("dropped.points", Phrase("input", name="dem"), severity="info", count=1, total=9, rows=["row 3"]))
    with about_input("dem"):
        decided("dem.tif", "resampling", Phrase("layer", name="a"), why="default")
    standards.table("weights/hazards")
    return {"slope": value, "pair": (1, 2)}


def test_the_work_is_done_once_and_its_notes_and_tables_come_back(tmp_path: Path) -> None:
    open_work(Ledger(tmp_path), Claim("abc"), resume=False)
    first, second = Journal(), Journal()
    with hearing(first), deciding(Decisions()) as decisions, standards.session({}):
        made = once(run_in(tmp_path, first), "calibrate", lambda: noting(1.5))
    open_work(Ledger(tmp_path), Claim("abc"), resume=True)
    with hearing(second), deciding(Decisions()) as redecided, standards.session({}) as used:
        again = once(run_in(tmp_path, second), "calibrate", lambda: noting(9.9))
    assert made == again == {"slope": 1.5, "pair": [1, 2]}
    assert first == second
    assert (decisions, len(decisions.made)) == (redecided, 1)
    assert (len(first.warnings), len(first.steps), len(first.dropped)) == (1, 1, 1)
    assert list(used.used) == ["weights/hazards"]
    assert finished(tmp_path) == ["calibrate"]


def test_a_stage_that_fails_is_not_finished(tmp_path: Path) -> None:
    open_work(Ledger(tmp_path), Claim("abc"), resume=False)
    with pytest.raises(ZeroDivisionError):
        once(run_in(tmp_path, Journal()), "prepare", lambda: {"ratio": 1 / 0})
    assert finished(tmp_path) == []


def test_another_key_or_no_resume_begins_anew(tmp_path: Path) -> None:
    for key, resume, goes_on in (("a", True, False), ("a", True, True), ("b", True, False), ("b", False, False)):
        work, answer = open_work(Ledger(tmp_path), Claim(key, "410700"), resume=resume)
        assert (work.name, answer) == (".work", goes_on)


def test_a_state_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    assert finished(tmp_path / "nowhere") == []
    work, _ = open_work(Ledger(tmp_path), Claim("a"), resume=False)
    (work / "state.json").write_text("[1", encoding="utf-8")
    assert finished(tmp_path) == []
