"""``riskzoning maps``, ``site`` and ``report``: what was asked goes on to the pipeline, what is no run ends with 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskzoning import io, pipeline
from riskzoning.cli.app import app

runner = CliRunner()


def asked(monkeypatch: pytest.MonkeyPatch, name: str, *words: str) -> dict[str, Any]:
    """What a command asks of the pipeline."""
    told: dict[str, Any] = {}

    def make(run_dir: Path, **options: Any) -> Any:
        told.update(options, run_dir=run_dir)
        return [run_dir / "a.png"] if name == "maps" else run_dir / "made"

    monkeypatch.setattr(pipeline, f"make_{name}", make)
    said = runner.invoke(app, [name, "run", *words])
    assert said.exit_code == 0, said.output
    return told


def test_without_lang_what_is_made_stays_in_the_language_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert asked(monkeypatch, "site")["lang"] is None
    assert asked(monkeypatch, "site", "--lang", "en")["lang"] == "en"
    assert asked(monkeypatch, "report", "--lang", "zh", "-o", "x")["out"] == Path("x")


def test_options_of_the_maps_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--paper", "A4", "--hazards", "flood", "--hazards", "multi", "--levels", "county"]
    told = asked(monkeypatch, "maps", *words, "--formats", "png", "--dpi", "72")
    assert (told["size"], told["hazards"], told["levels"]) == ("A4", ["flood", "multi"], ["county"])
    assert (told["formats"], told["dpi"]) == (("png",), 72)


@pytest.mark.parametrize("name", ["maps", "site", "report"])
def test_a_folder_that_is_no_run_is_wrong_input(name: str, tmp_path: Path) -> None:
    said = runner.invoke(app, [name, str(tmp_path), "--lang", "zh"])
    assert said.exit_code == 2
    assert "不是一次运行的结果目录" in said.stderr
    assert runner.invoke(app, ["maps", str(tmp_path), "--paper", "A5"]).exit_code == 2


@pytest.mark.parametrize("name", ["maps", "site", "report"])
def test_a_run_gets_its_own_outputs_again(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "report.docx"
    old.write_text("old", encoding="utf-8")

    def make(run_dir: Path, **_: Any) -> Any:
        with io.atomic(run_dir / "report.docx") as partial:
            partial.write_text("new", encoding="utf-8")
        return [old] if name == "maps" else old

    monkeypatch.setattr(pipeline, f"make_{name}", make)
    said = runner.invoke(app, [name, str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert old.read_text(encoding="utf-8") == "new"
