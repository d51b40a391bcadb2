"""The program is told by its code, its tables, its libraries and the hazards that a user has written."""

from __future__ import annotations

import pytest

from riskzoning import __version__
from riskzoning.config import load_study
from riskzoning.pipeline.workspace import program as programs
from riskzoning.pipeline.workspace.program import is_shipped, program
from riskzoning.samples import sample_study


def test_another_code_and_other_libraries_are_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(sample_study())
    here = program(study)
    assert here["version"] == __version__
    monkeypatch.setattr(programs, "code", lambda: "another")
    assert {name for name, value in program(study).items() if value != here[name]} == {"code"}
    monkeypatch.setattr(programs, "versions", lambda: {"numpy": "0"})
    assert {name for name, value in program(study).items() if value != here[name]} == {"code", "libraries"}


def test_the_hazards_of_the_program_are_shipped() -> None:
    assert is_shipped("flood")
    assert is_shipped("no hazard at all")
