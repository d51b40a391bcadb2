"""The commands: exit codes, streams, languages; never a traceback unasked."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from riskzoning.cli import app
from riskzoning.cli.app import _LAST, _loading, _summary
from riskzoning.cli.console import Speaker
from riskzoning.config import load_study
from riskzoning.errors import Phrase, Problem, language, speaking
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline import output_places
from riskzoning.results import StudyResult
from riskzoning.samples import sample_study, toy_result
from tests.pipeline.conftest import write_small_city

runner = CliRunner()


def test_check_of_the_sample_is_clean_but_for_rows_of_its_surveys() -> None:
    done = runner.invoke(app, ["check", str(sample_study()), "--format", "json"])
    assert done.exit_code == 0
    (row,) = json.loads(done.stdout)
    assert (row["rule"], row["severity"]) == ("survey.quality", "info")


def test_check_lists_all_problems_as_json_with_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("name: x\ncode: 1\ndata_date: soon\nadmn: {}\n", encoding="utf-8")
    done = runner.invoke(app, ["check", str(path), "--format", "json"])
    assert done.exit_code == 2
    rows = json.loads(done.stdout)
    assert {row["field"] for row in rows} == {"admin", "admn", "code", "data_date"}
    assert set(rows[0]) == {"file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix", "values"}


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
    assert "'cod'" in wrong.output


def test_init_and_explain(tmp_path: Path) -> None:
    assert runner.invoke(app, ["init", str(tmp_path / "new")]).exit_code == 0
    assert runner.invoke(app, ["init", str(tmp_path / "new")]).exit_code == 2
    done = runner.invoke(app, ["run", str(sample_study()), "--explain", "--lang", "en"])
    assert done.exit_code == 0
    assert "stages: check -> prepare" in done.output


def test_unwritable_place_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    study = write_small_city(tmp_path / "city")
    done = runner.invoke(app, ["run", str(study), "--out", str(tmp_path / "file" / "out")])
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


def test_data_go_to_stdout_and_words_to_stderr(tmp_path: Path) -> None:
    path = write_small_city(tmp_path)
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["inputs"]["depth_20"]["path"] = "depth_100.tif"
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    text = [sys.executable, "-m", "riskzoning", "check", str(path), "--format", "json", "--lang", "zh"]
    done = subprocess.run(text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert [(row["rule"], row["severity"]) for row in json.loads(done.stdout)] == [("layer.identical", "warning")]
    assert "检查输入" in done.stderr


@pytest.mark.parametrize(
    "words", [["run", "x.yaml", "--only", "asess"], ["run"], ["check", "a.yaml", "--lang", "fr"], ["no"]]
)
def test_wrong_arguments_end_with_2(words: list[str]) -> None:
    done = runner.invoke(app, words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


# Four English words in a row, outside quotes, paths and names of keys.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?:[ ,;]+[A-Za-z]{2,}){3,}\b")
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|'[^']*'|`[^`]*`|\([A-Z][^()]*\)")


def english(text: str) -> list[str]:
    """Runs of English words in what people read; lists of names in Chinese commas are none."""
    return ENGLISH.findall(QUOTED.sub("", text))


def test_the_search_for_english_finds_a_sentence_and_no_names() -> None:
    assert english("错误：the file does not exist") == ["the file does not exist"]
    assert english("要求：prepare、calibrate、assess、grade；请用“does it not work”") == []


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A study with keys and inputs that do not fit, each in a way of its own."""
    path = write_small_city(tmp_path / "study")
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["inputs"]["depth_20"]["path"] = "no-such.tif"
    study["inputs"]["pga_475"]["quantity"] = "landcovr"
    study["zoning"] = {"levels": ["city", "no_level"]}
    study["outputs"] = {"database": "results.txt"}
    study["wrong_key"] = 1
    path.write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def unfit(tmp_path: Path) -> Path:
    """A study whose text is right and whose files are not."""
    path = write_small_city(tmp_path / "study")
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["inputs"]["depth_20"]["path"] = "study.yaml"
    study["inputs"]["pga_475"]["path"] = "dem.tif"
    study["inputs"]["population"]["path"] = "gdp.csv"
    study["exposure"]["roads"] = {"lines": "roads"}
    study["inputs"]["roads"] = {"path": "houses.gpkg"}
    study["admin"]["layers"] = {"county": "no_layer"}
    path.write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("study", ["broken", "unfit"])
@pytest.mark.parametrize("command", [["check"], ["check", "--format", "json"], ["run"]])
def test_chinese_to_the_end(study: str, command: list[str], request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(study)
    words = [command[0], str(path), *command[1:], "--lang", "zh"]
    if command == ["run"]:
        whole = [sys.executable, "-m", "riskzoning", *words]
        done = subprocess.run(whole, capture_output=True, text=True, encoding="utf-8", check=False)
        code, out, said = done.returncode, done.stdout, done.stderr
    else:
        here = runner.invoke(app, words)
        code, out, said = here.exit_code, here.stdout, here.stderr
    assert code == 2, said
    text = out + said
    assert "要求" in text or '"required"' in text
    if "json" in command:
        rows = json.loads(out)
        assert len(rows) > 4
        assert all(isinstance(row["values"], dict) and row["rule"] for row in rows)
        text = "\n".join(str(row[key]) for row in rows for key in ("file", "found", "required", "fix"))
    assert english(text.replace(str(path.parent), "")) == []


def test_the_language_of_a_command_ends_with_it() -> None:
    runner.invoke(app, ["check", "no.yaml", "--lang", "zh"])
    assert language() == "en"


@pytest.mark.parametrize(("lang", "said"), [("zh", "用时 61 秒"), ("en", "took 61 s")])
def test_the_summary_names_every_output_and_the_warnings(lang: str, said: str) -> None:
    speaker = Speaker(Console(file=io.StringIO(), width=200))
    speaker.note(Problem("example.empty", Phrase("layer", name="dem"), severity="warning"))
    study = load_study(sample_study())
    with speaking(lang):
        _summary(speaker, study, toy_result(), 61.2)
    text = speaker.console.file.getvalue()  # type: ignore[attr-defined]
    assert said in text
    assert len(re.findall(r"^  \S", text, flags=re.M)) >= len(output_places(study, toy_result()))
    assert Problem("example.empty", Phrase("layer", name="dem")).text(lang) in text


def test_a_run_that_stops_early_says_how_long_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]

    def run(*_: object, **__: object) -> StudyResult:
        clock[0] += 7
        return replace(toy_result(), record={})

    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr("riskzoning.pipeline.run_study", run)
    done = runner.invoke(app, ["run", str(write_small_city(tmp_path / "city")), "--only", "prepare"])
    assert done.exit_code == 0
    assert "took 7 s" in done.stderr


@pytest.mark.parametrize(("lang", "said"), [("zh", "质量得分 90.0"), ("en", "quality score 90.0")])
def test_the_summary_names_what_the_surveys_gave(lang: str, said: str) -> None:
    speaker = Speaker(Console(file=io.StringIO(), width=400))
    scores = pd.DataFrame({"form": ["a"], "code": [""], "rows": [30], "score": [90.0]})
    problems = pd.DataFrame({"severity": ["error", "warning"]})
    result = replace(
        toy_result(), tables={"survey_quality": scores, "survey_problems": problems, "hidden_dangers": scores}
    )
    with speaking(lang):
        _summary(speaker, load_study(sample_study()), result, 1.0)
    text = speaker.console.file.getvalue()  # type: ignore[attr-defined]
    assert all(part in text for part in (said, "survey_problems", "qc_rejected", "hidden_dangers"))


@pytest.mark.parametrize("way", ["itself", "link", "second name", "raster"])
def test_zonal_never_writes_over_what_it_reads(way: str, tmp_path: Path) -> None:
    sample = sample_study().parent
    for name in ("elevation.tif", "admin.gpkg"):
        shutil.copy(sample / name, tmp_path / name)
    raster, out = tmp_path / "elevation.tif", tmp_path / "admin.gpkg"
    if way == "link":
        (out := tmp_path / "result.gpkg").symlink_to("admin.gpkg")
    elif way == "second name":
        os.link(tmp_path / "admin.gpkg", out := tmp_path / "result.gpkg")
    elif way == "raster":
        raster = raster.rename(out := tmp_path / "elevation.gpkg")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    words = ["zonal", str(raster), str(tmp_path / "admin.gpkg"), "--layer", "county", "-o", str(out), "--lang", "en"]
    done = runner.invoke(app, words)
    assert done.exit_code == 2
    assert out.name in done.output
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_zonal_keeps_the_other_layers_of_a_geopackage(tmp_path: Path) -> None:
    sample = sample_study().parent
    shutil.copy(sample / "admin.gpkg", tmp_path / "mine.gpkg")
    words = ["zonal", str(sample / "elevation.tif"), str(sample / "admin.gpkg"), "--layer", "county", "-o"]
    assert runner.invoke(app, [*words, str(tmp_path / "mine.gpkg")]).exit_code == 0
    layers = {str(name) for name in pyogrio.list_layers(tmp_path / "mine.gpkg")[:, 0]}
    assert layers == {"zonal", *(str(name) for name in pyogrio.list_layers(sample / "admin.gpkg")[:, 0])}


def test_libraries_are_left_out_of_searches_for_cycles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    monkeypatch.setitem(sys.modules, _LAST, pytest)
    with _loading():
        assert gc.isenabled()
    assert not frozen
    monkeypatch.delitem(sys.modules, _LAST)
    with _loading():
        assert not gc.isenabled()
    assert frozen == [False]
    with pytest.raises(ImportError), _loading():
        raise ImportError
    assert gc.isenabled()
    assert frozen == [False]


def test_the_module_that_imports_the_libraries_of_a_run_is_there() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from riskzoning.pipeline import run_study; assert {_LAST!r} in sys.modules",
        ],
        check=False,
    )
    assert done.returncode == 0


def test_only_names_every_stage() -> None:
    from importlib import import_module

    from riskzoning.errors import Phrase, Problem
    from riskzoning.pipeline.conductor import STAGES

    assert import_module("riskzoning.cli.app")._STAGES == STAGES
    asked = Problem("run.only", Phrase("argument", name="only"), value="tables", known=STAGES)
    assert all(stage in asked.required for stage in STAGES)
    assert "publish" in asked.fix
