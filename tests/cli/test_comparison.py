"""``riskzoning compare``: 0 with words or JSON on stdout, 2 for folders that are no runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskzoning.cli.app import app
from riskzoning.comparison import compare_runs
from riskzoning.samples import toy_result
from tests.comparison.conftest import left_in

runner = CliRunner()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    before, after = (left_in(toy_result(seed=seed), tmp_path / str(seed)) for seed in (1, 2))
    return before, after


def test_words_on_stdout_files_in_the_folder(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = runner.invoke(app, ["compare", *map(str, folders), "-o", str(out), "--lang", "en"])
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[0].endswith(": two runs compared")
    assert {path.name for path in out.iterdir()} >= {"changes.csv", "summary_zh.txt", "summary_en.txt"}
    chinese = runner.invoke(app, ["compare", *map(str, folders), "--lang", "zh"])
    assert "两次运行对比" in chinese.stdout


def test_rows_for_programs(folders: tuple[Path, Path]) -> None:
    told = runner.invoke(app, ["compare", *map(str, folders), "--format", "json"])
    rows = json.loads(told.stdout)
    table = compare_runs(*folders)
    assert len(rows) == len(table)
    assert list(rows[0]) == list(table.columns)
    assert rows[0]["before"] == pytest.approx(table["before"].iloc[0], abs=1e-14)


def test_what_is_no_run_is_wrong_input(tmp_path: Path) -> None:
    told = runner.invoke(app, ["compare", str(tmp_path), str(tmp_path / "b"), "--lang", "en"])
    assert told.exit_code == 2
    assert "run.json" in told.stderr
    assert told.stdout == ""
