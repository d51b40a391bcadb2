"""What is decided about inputs is heard by who listens, belongs to its input, and speaks both languages."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import riskzoning
from riskzoning.errors import Decision, Decisions, Phrase, about_input, decided, deciding
from riskzoning.errors.sentences import phrases

PACKAGE = Path(riskzoning.__file__).parent


def test_nobody_hears_and_nothing_is_kept() -> None:
    made = Decisions()
    decided("a.tif", "nodata", -9999)
    with deciding(made):
        pass
    decided("a.tif", "nodata", -9999)
    assert made.made == {}


def test_who_hears_around_hears_too_and_each_thing_once() -> None:
    with deciding(Decisions()) as outer:
        decided("a.tif", "crs", "EPSG:4490", why="file")
        with deciding(Decisions()) as inner:
            decided("b.tif", "nodata", float("-inf"))
            decided("b.tif", "nodata", float("-inf"))
    assert [item.thing for item in inner.made] == ["b.tif"]
    assert [item.thing for item in outer.made] == ["a.tif", "b.tif"]


def test_a_decision_belongs_to_the_entry_in_whose_name_the_file_is_opened(tmp_path: Path) -> None:
    with deciding(Decisions()) as made:
        with about_input("people"):
            decided(tmp_path / "people.csv", "columns", {"code": "区划代码", "people": "人口"}, why="name")
        decided(tmp_path / "people.csv", "separator", "\t")
    assert made.inputs == ["people", str(tmp_path / "people.csv")]
    record = json.loads(json.dumps(made.as_record("zh", tmp_path)))
    wanted = {
        "file": "people.csv",
        "what": "columns",
        "value": ["code = 区划代码", "people = 人口"],
        "because": "按名称识别",
    }
    assert record["people"] == [wanted]
    assert record["people.csv"][0]["value"] == "\t"


@pytest.mark.parametrize(
    ("value", "why", "zh", "en"),
    [
        (-9999.0, "file", "无效值：-9999（文件声明）", "missing value: -9999 (as the file states)"),
        (Phrase("nothing"), "", "无效值：", "missing value: "),
        ((1, 2.5), Phrase("layer", name="d"), "无效值：1、2.5（图层“d”）", "missing value: 1, 2.5 (layer 'd')"),
    ],
)
def test_a_decision_speaks_both_languages(value: object, why: Phrase | str, zh: str, en: str) -> None:
    decision = Decision("a.tif", "nodata", value, why)
    assert (decision.text("zh"), decision.text("en")) == (zh, en)


def test_whatever_the_package_decides_has_a_word_in_both_languages() -> None:
    calls = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "decided" and len(node.args) > 1
    ]
    named = {node.args[1].value for node in calls if isinstance(node.args[1], ast.Constant)}
    assert {f"decision_{name}" for name in named} <= set(phrases())


def test_files_that_are_read_together_belong_to_their_own_entries() -> None:
    with deciding(Decisions()) as made, about_input("d10", {"b.tif": "d100"}):
        for path in ("a.tif", "b.tif"):
            decided(path, "crs", "EPSG:4490")
    assert made.inputs == ["d10", "d100"]
