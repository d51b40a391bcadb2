"""Replaced tables of standards have the shape of the shipped ones."""

from __future__ import annotations

from typing import Any

import pytest

from riskzoning import standards
from riskzoning.pipeline.check.replaced import replaced_table_problems


@pytest.mark.parametrize("name", standards.table_names())
def test_every_shipped_table_passes_as_its_own_replacement(name: str) -> None:
    with standards.session({name: {"data": standards.shipped_table(name).data}}):
        assert list(replaced_table_problems(name)) == []


@pytest.mark.parametrize(
    ("data", "rule", "part"),
    [
        ({"hazards": ["flood"]}, "standards.keys", "lacks the keys matrix, a, random_index"),
        ([1, 2], "standards.shape", "is a list"),
        ({"hazards": "x", "matrix": [], "a": 0.5, "random_index": "saaty-1980"}, "standards.shape", "is 'x'"),
        ({"hazards": [], "matrix": [], "a": "half", "random_index": "saaty-1980"}, "standards.shape", "is 'half'"),
        ({"hazards": [], "matrix": None, "a": 1, "random_index": "saaty-1980"}, "standards.shape", "is nothing"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_named(data: Any, rule: str, part: str) -> None:
    with standards.session({"weights/hazards": {"data": data}}):
        problems = list(replaced_table_problems("weights/hazards"))
    assert [(problem.rule, problem.found) for problem in problems] == [(rule, part)]
    assert "数表“weights/hazards”" in problems[0].text("zh")
