"""Errors of pydantic become rules with values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from riskzoning.config import StudyConfig
from riskzoning.config.reading import StudyText
from riskzoning.config.schema import known_keys, near, schema_problem, sections_of, unknown_key
from riskzoning.inputs import Section, Whole, given

TEXT = StudyText(Path("study.yaml"), {}, {("a",): 3})


class Inner(Section):
    depth: Whole = 1


class Outer(Section):
    a: Annotated[int, Field(ge=2, le=5)] = 3
    b: tuple[int, int] = (1, 2)
    c: Inner | None = None
    d: Annotated[list[int], Field(max_length=1)] = []
    e: bool = True
    f: float = 1.0
    g: Annotated[str, Field(min_length=1, max_length=3)] = "x"


def problem_of(values: dict[str, Any]) -> Any:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(values)
    row = caught.value.errors()[0]
    return schema_problem(row, row["loc"], TEXT, Outer)


@pytest.mark.parametrize(
    ("values", "rule", "found", "required"),
    [
        ({"a": 1}, "study.value", "is 1", "a number of 2 or more"),
        ({"a": 9}, "study.value", "is 9", "a number of 5 or less"),
        ({"a": "x"}, "study.value", "is 'x'", "a whole number"),
        ({"a": None, "b": [1]}, "study.too_short", "has too few items", "2 values or more"),
        ({"c": 5}, "study.value", "is 5", "a mapping with keys such as depth"),
        ({"c": {"depth": True}}, "study.truth", "is True", "a number, not true or false"),
        ({"d": [1, 2]}, "study.value", "is a list", "at most 1 item"),
        ({"e": "perhaps"}, "study.value", "is 'perhaps'", "true or false"),
        ({"f": {}}, "study.value", "is an empty mapping", "a number"),
        ({"g": ""}, "study.value", "is ''", "some text"),
        ({"g": "four"}, "study.value", "is 'four'", "a text of at most 3 characters"),
        ({"dd": 1}, "study.unknown_key", "is an unknown key", "one of a, b, c, d, e, f, g"),
    ],
)
def test_types_of_errors(values: dict[str, Any], rule: str, found: str, required: str) -> None:
    problem = problem_of(values)
    assert (problem.rule, problem.found, problem.required) == (rule, found, required)


def test_the_line_and_the_name_that_was_meant() -> None:
    problem = unknown_key(TEXT, ("a", "resolutoin"), StudyConfig)
    assert (problem.row, problem.field) == (3, "a.resolutoin")
    assert "did you mean resolution" in unknown_key(TEXT, ("grid", "resolutoin"), StudyConfig).fix
    assert str(near("flod", ["flood"])) == " (did you mean flood?)"
    assert str(near("zzz", ["flood"])) == ""


def test_keys_of_a_section_do_not_name_those_that_the_loader_sets() -> None:
    assert "base" not in known_keys((), StudyConfig)
    assert known_keys(("inputs", "dem"), StudyConfig)[:2] == ["path", "quantity"]
    assert known_keys(("planning",), StudyConfig) == ["plans", "grade", "target_loss_share"]


def test_long_values_are_cut() -> None:
    assert len(str(given("x" * 500))) == 80
    assert [str(given(value)) for value in (None, [], [1], {})] == [
        "empty",
        "an empty list",
        "a list",
        "an empty mapping",
    ]


def test_a_key_at_a_wrong_place_is_sent_to_its_section() -> None:
    assert unknown_key(TEXT, ("resolution",), StudyConfig).fix == "Correct it (it stands under grid), or remove it."
    assert "did you mean dpi?" in unknown_key(TEXT, ("outputs", "maps", "dpis"), StudyConfig).fix
    assert sections_of("return_period", StudyConfig) == ["inputs", "validation.events"]
    assert sections_of("nothing_like_it", StudyConfig) == []
