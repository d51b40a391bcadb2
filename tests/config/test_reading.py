"""The text of a study file: YAML mistakes, encodings and bombs are messages with a line, never a traceback."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from riskzoning.config import load_study, parse_study
from riskzoning.config.reading import StudyText, read_text

Changed = Callable[..., Path]
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
)


@pytest.mark.parametrize(
    ("content", "rule", "found"),
    [
        (b"", "study.empty", "is empty"),
        (b"# only words\n", "study.empty", "is empty"),
        (b"- a\n- b\n", "study.form", "is not a mapping"),
        (b"name: [1, 2\n", "study.yaml", "is not valid YAML"),
        (b"name: x\n\tcode: 1\n", "study.yaml_tab", "a tab"),
        (b"name: !!python/object/apply:os.system [ls]\n", "study.yaml", "is not valid YAML"),
        (b"name: x\n---\nname: y\n", "study.yaml_documents", "a second document"),
        (b"{[1, 2]: x}\n", "study.yaml", "is not valid YAML"),
        (b"a: " + b"[" * 3000 + b"]" * 3000, "study.yaml_deep", "too deeply"),
        (b"a: &a [*a]\n", "study.anchors", "anchors"),
        (BOMB.encode(), "study.anchors", "anchors"),
        (bytes(range(256)) * 20, "study.binary", "binary"),
        ("name: 新乡市的研究".encode("gbk"), "study.gbk", "is GBK text"),
        (b"name: x\0\n", "study.yaml_control", "is not valid YAML"),
        (b"#" * 3_000_000, "study.size", "3.0 MB"),
    ],
)
def test_files_that_are_no_study_are_one_message(tmp_path: Path, content: bytes, rule: str, found: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    start = time.perf_counter()
    problems = parse_study(path).problems
    assert [problem.rule for problem in problems] == [rule]
    assert found in problems[0].found
    assert problems[0].fix
    assert time.perf_counter() - start < 20


def test_missing_folder_and_impossible_paths(tmp_path: Path) -> None:
    assert parse_study(tmp_path / "no.yaml").problems[0].rule == "study.missing"
    assert parse_study(tmp_path).problems[0].rule == "study.folder"
    assert parse_study(tmp_path / ("x" * 5000)).problems[0].rule == "study.no_path"


def test_every_double_key_is_named_with_its_lines_and_the_rest_is_checked(changed: Changed) -> None:
    path = changed(("grid:", 'code: "1"\ngrid:'), ("units: m}", "units: m, units: cm}"), ("raster: dem", "raster: dme"))
    problems = parse_study(path).problems
    doubled = [problem for problem in problems if problem.rule == "study.duplicate_key"]
    assert {(problem.row, problem.field) for problem in doubled} == {(5, "code"), (8, "inputs.dem.units")}
    assert "lines 2, 5" in doubled[0].found
    assert "study.entry" in {problem.rule for problem in problems}


def test_keys_that_are_no_text_get_their_line(changed: Changed) -> None:
    problems = [p for p in parse_study(changed(("grid:", "5: x\ngrid:"))).problems if p.severity == "error"]
    assert [(problem.rule, problem.row) for problem in problems] == [("study.key", 5)]


def test_anchors_and_merges_that_people_use_are_read(changed: Changed) -> None:
    path = changed(("depth_5: {", "depth_5: &d {"), ("depth_100: {path", "depth_100: {<<: *d, path"))
    assert load_study(path).inputs["depth_100"].return_period == 100


def test_utf16_and_a_mark_at_the_start_are_read(study: Path) -> None:
    text = study.read_text(encoding="utf-8")
    for encoding in ("utf-16", "utf-8-sig"):
        study.write_text(text, encoding=encoding)
        assert load_study(study).name.zh == "市"


def test_dates_stay_text_and_leading_zeros_stay(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("a: 2026-06-30\nb: 010700\nc: 410700\nd: 12:30\n", encoding="utf-8")
    assert read_text(path).raw == {"a": "2026-06-30", "b": "010700", "c": 410700, "d": "12:30"}


def test_the_line_of_a_key_is_that_of_the_nearest_one_that_holds_it() -> None:
    text = StudyText(Path("study.yaml"), {"seed": 1}, {("seed",): 4})
    assert (text.line(("seed", "x")), text.line(("code",))) == (4, None)
    problem = text.problem("study.missing_key", ("seed",))
    assert (problem.row, problem.field, problem.severity) == (4, "seed", "error")
