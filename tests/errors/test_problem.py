"""A problem is a rule, a place and values; its sentences are rendered last, in the language spoken then."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from riskzoning.errors import Phrase, Problem, speaking
from riskzoning.errors.problem import _KEYS


def test_message_names_thing_found_required_and_fix() -> None:
    problem = Problem("example.empty", "a.tif", sheet="S", row=4, field="pop")
    assert str(problem) == "a.tif, sheet 'S', row 4, field 'pop' is empty; expected one value or more. Export it again."
    assert problem.text("zh") == "a.tif，工作表“S”，第 4 行，字段“pop”为空；要求：至少有一个值。请重新导出。"
    assert (problem.found, problem.required, problem.fix) == ("is empty", "one value or more", "Export it again.")


def test_parts_follow_the_language_that_is_spoken() -> None:
    problem = Problem("example.empty", Phrase("layer", name="depth"))
    with speaking("zh"):
        assert (problem.file, problem.found, str(problem)) == ("图层“depth”", "为空", problem.text("zh"))
    assert problem.file == "layer 'depth'"


def test_rows_for_programs_have_the_agreed_keys_and_are_json() -> None:
    values = {"codes": ["1", "2"], "share": np.float64(0.5), "what": Phrase("layer", name="x"), "none": None}
    row = Problem("example.empty", "a.tif", **values).as_row("zh")
    assert tuple(row) == _KEYS
    assert (row["row"], row["found"]) == (None, "为空")
    assert json.loads(json.dumps(row))["values"] == {
        "codes": ["1", "2"], "share": 0.5, "what": "图层“x”", "none": None,
    }  # fmt: skip


def test_a_row_gives_the_problem_back_with_its_sentences() -> None:
    problem = Problem("example.empty", "a.tif", severity="warning", row=2, field="pop", codes=["1"])
    again = Problem.from_row(problem.as_row("zh"))
    assert (again.rule, again.severity, again.row, again.field) == ("example.empty", "warning", 2, "pop")
    assert again.found == "为空"
    assert again.as_row()["values"]["codes"] == ["1"]  # type: ignore[index]


def test_a_rule_without_sentences_takes_them_from_its_values() -> None:
    problem = Problem("Q05", "a.xlsx", found="is doubled", required="one row", fix="Delete it.")
    assert str(problem) == "a.xlsx is doubled; one row. Delete it."


def test_equal_problems_are_equal_and_can_be_kept_in_sets() -> None:
    one = Problem("example.empty", "a.tif", codes=["1", "2"], size=np.int64(3))
    two = Problem("example.empty", "a.tif", codes=("1", "2"), size=3)
    assert one == two
    assert len({one, two, two.at(row=1)}) == 2


def test_a_problem_moves_to_another_place_and_keeps_its_values() -> None:
    problem = Problem("example.empty", "a.tif", row=3, severity="info", codes=["1"])
    moved = problem.at("b.tif", field="pop", severity="error")
    assert (moved.thing, moved.severity, moved.values) == ("b.tif, row 3, field 'pop'", "error", problem.values)
    assert problem.at(row=4).file == "a.tif"


def test_problems_pass_between_processes() -> None:
    problem = Problem("example.empty", Phrase("layer", name="depth"), codes=[Phrase("hazard", name="hail")])
    assert pickle.loads(pickle.dumps(problem)) == problem


@pytest.mark.parametrize(
    ("lang", "text"), [("zh", "灾种“洪水灾害（flood）”的输入“depth”"), ("en", "input 'depth' of hazard 'flood'")]
)
def test_a_phrase_speaks_both_languages(lang: str, text: str) -> None:
    phrase = Phrase("input_of_hazard", hazard="flood", name="depth")
    assert phrase.text(lang) == text
    assert phrase == Phrase("input_of_hazard", hazard="flood", name="depth")
