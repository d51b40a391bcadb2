"""The command line: exit codes, streams, languages; never a traceback unasked."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from riskzoning.cli import app
from riskzoning.cli.speaking import Speaker, guarded
from riskzoning.hazards import HAZARDS
from riskzoning.samples import sample_study

runner = CliRunner()


def test_check_of_the_sample_is_clean() -> None:
    done = runner.invoke(app, ["check", str(sample_study()), "--format", "json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == []


def test_check_lists_all_problems_as_json_with_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("name: x\ncode: 1\ndata_date: soon\nadmn: {}\n", encoding="utf-8")
    done = runner.invoke(app, ["check", str(path), "--format", "json"])
    assert done.exit_code == 2
    rows = json.loads(done.stdout)
    assert {row["field"] for row in rows} == {"admin", "admn", "code", "data_date"}
    assert set(rows[0]) == {"file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix"}


@pytest.mark.parametrize("command", [["run", "no.yaml"], ["check", "no.yaml"], ["zonal", "no.tif", "no.gpkg"]])
def test_missing_files_end_with_2_and_no_traceback(command: list[str]) -> None:
    done = runner.invoke(app, command)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert "does not exist" in done.output


def test_hazards_lists_every_hazard_in_both_languages() -> None:
    for lang in ("zh", "en"):
        done = runner.invoke(app, ["hazards", "--lang", lang])
        assert done.exit_code == 0
        assert all(HAZARDS[name].title[lang] in done.output for name in HAZARDS)


def test_zonal_prints_csv_and_names_the_columns_it_knows(tmp_path: Path) -> None:
    folder = sample_study().parent
    done = runner.invoke(app, ["zonal", str(folder / "elevation.tif"), str(folder / "admin.gpkg"), "--layer", "county"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "code,mean,valid_share"
    assert len(done.stdout.splitlines()) == 13
    wrong = runner.invoke(
        app, ["zonal", str(folder / "elevation.tif"), str(folder / "admin.gpkg"), "--layer", "county", "--id", "cod"]
    )
    assert wrong.exit_code == 2
    assert "has no column 'cod'" in wrong.output


def test_init_and_explain(tmp_path: Path) -> None:
    assert runner.invoke(app, ["init", str(tmp_path / "new")]).exit_code == 0
    assert runner.invoke(app, ["init", str(tmp_path / "new")]).exit_code == 2
    done = runner.invoke(app, ["run", str(sample_study()), "--explain", "--lang", "en"])
    assert done.exit_code == 0
    assert "stages: check -> prepare" in done.output


def test_unwritable_place_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = runner.invoke(app, ["run", str(sample_study()), "--out", str(tmp_path / "file" / "out")])
    assert done.exit_code == 3
    assert "Traceback" not in done.output


def test_starts_quickly_without_the_heavy_packages() -> None:
    code = "import sys, riskzoning.cli.app; print('numba' in sys.modules, 'matplotlib' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]


def test_a_stream_without_chinese_letters_shows_them_escaped() -> None:
    command = [sys.executable, "-m", "riskzoning", "hazards", "--lang", "zh"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert r"earthquake: \u5730\u9707" in done.stdout.decode("ascii")


def test_without_arguments_it_helps_and_tells_its_version() -> None:
    done = runner.invoke(app, [])
    assert done.exit_code == 0
    assert all(name in done.output for name in ("demo", "init", "check", "run", "zonal", "hazards"))
    version = subprocess.run(
        [sys.executable, "-m", "riskzoning", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("riskzoning ")


def test_data_go_to_stdout_and_words_to_stderr() -> None:
    text = [sys.executable, "-m", "riskzoning", "check", str(sample_study()), "--format", "json", "--lang", "zh"]
    done = subprocess.run(text, capture_output=True, text=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == []
    assert "检查输入" in done.stderr


@pytest.mark.parametrize(
    "words", [["run", "x.yaml", "--only", "asess"], ["run"], ["check", "a.yaml", "--lang", "fr"], ["no"]]
)
def test_wrong_arguments_end_with_2(words: list[str]) -> None:
    done = runner.invoke(app, words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


@pytest.mark.parametrize("then", ["goes on", "says something else"])
def test_an_interrupt_that_a_library_swallows_is_heard_all_the_same(then: str) -> None:
    reached = []

    @guarded
    def command(lang: str = "en") -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            reached.append("swallowed")
        if then == "says something else":
            raise ValueError("compiler failed")
        with Speaker("en", console=Console(stderr=True, file=io.StringIO())) as speaker:
            speaker.step("assess", 0.5)
        reached.append("went on")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(typer.Exit) as leaving:
            command()
    finally:
        signal.signal(signal.SIGINT, before)
    assert leaving.value.exit_code == 130
    assert reached == ["swallowed"]
