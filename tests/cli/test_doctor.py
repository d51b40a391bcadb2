"""``riskzoning doctor``: what is there in words of both languages, exit code by what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskzoning import pipeline
from riskzoning.cli.app import app
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline import Surroundings

runner = CliRunner()
FONT = Problem("surroundings.font", Phrase("machine_fonts"), severity="warning")


def found(monkeypatch: pytest.MonkeyPatch, *problems: Problem) -> None:
    facts = {"threads": 2, "fonts": None, "memory": 24.0}
    monkeypatch.setattr(pipeline, "surroundings", lambda *_, **__: Surroundings(facts, problems))


def test_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch)
    said = runner.invoke(app, ["doctor", "--lang", "zh"])
    assert said.exit_code == 0
    assert said.stdout.splitlines() == ["可用线程数：2", "中文字体：无", "内存（GB）：24.0", "可以运行"]


def test_what_is_missing_is_a_problem_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, FONT)
    said = runner.invoke(app, ["doctor", "--lang", "en"])
    assert said.exit_code == 1
    assert "riskzoning[fonts]" in said.stdout
    rows = json.loads(runner.invoke(app, ["doctor", "--format", "json"]).stdout)
    assert rows[0] == {"topic": "threads", "found": 2}
    assert rows[-1]["rule"] == "surroundings.font"


def test_a_database_that_does_not_answer_is_a_fault_of_the_surroundings() -> None:
    said = runner.invoke(app, ["doctor", "--database", "postgresql://me@127.0.0.1:1/none"])
    assert said.exit_code == 3


def test_the_real_machine(tmp_path: Path) -> None:
    said = runner.invoke(app, ["doctor", str(tmp_path), "--lang", "en"])
    assert said.exit_code in (0, 1)
    assert "versions: riskzoning" in said.stdout
