"""The stage writes what the study asks for; what lacks its package is skipped and noted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from riskzoning.errors import Journal, MissingDependencyError, hearing
from riskzoning.pipeline.outputs import Output
from riskzoning.pipeline.stages import publish as room
from riskzoning.pipeline.stages.publish import output_places, publish
from riskzoning.pipeline.workspace.progress import Silent
from riskzoning.samples import toy_result

from ..outputs import toy_study


class Ear(Silent):
    def __init__(self) -> None:
        self.heard: list[tuple[float, str]] = []

    def step(self, stage: str, share: float, text: str = "") -> None:
        self.heard.append((round(share, 3), text))


def test_only_what_is_wanted_is_written_and_the_record_comes_last(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    study = toy_study(maps=False, database=False, site=False, workbook=False)
    publish(study, result, progress=Silent())
    assert {path.name for path in tmp_path.iterdir()} == {"tables"}
    publish(study, result, progress=Silent(), when="end")
    assert {path.name for path in tmp_path.iterdir()} == {"tables", "run.json"}
    assert output_places(study, result)["record"] == tmp_path / "run.json"


def test_an_output_without_its_package_is_skipped_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def fail(*_: object) -> None:
        raise MissingDependencyError("folium is not installed")

    first = Output("first", files=(), rank=0, write=fail)
    second = Output("second", files=(), rank=1, write=lambda writing: writing.told(0.5, "half"), weight=3.0)
    third = Output(
        "third", files=(), rank=2, write=lambda *_: written.append("third"), wanted=lambda outputs: outputs.site
    )
    monkeypatch.setattr(room, "OUTPUTS", (first, second, third))
    ear = Ear()
    with hearing(Journal()) as journal:
        publish(toy_study(site=False), toy_result(), progress=ear)
    assert [problem.rule for problem in journal.warnings] == ["output.skipped"]
    assert written == []
    assert ear.heard == [(0.0, "first"), (0.25, "second"), (0.625, "half"), (1.0, "")]
