"""Classes of factors without an event: told once, with their number and by names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from riskzoning.errors import Journal, Phrase, Problem, hearing
from riskzoning.methods.susceptibility.empty import tell_empty
from riskzoning.methods.susceptibility.model import Rules

FACTORS: dict[str, Any] = {
    "slope": {"kind": "breaks", "breaks": [8, 15, 25]},
    "aspect": {"kind": "sectors"},
    "lithology": {"kind": "class"},
    "elevation": {"kind": "data"},
}
RULES = Rules(FACTORS, 1, 0.7, 20, Phrase("hazard", name="geology"))


def rows(events: dict[int, int], area: int = 10) -> tuple[pd.DataFrame, dict[int, int]]:
    """Counts of the classes of a factor in one block."""
    facts = {"class": list(events), "event_area": list(events.values()), "area": area, "block": 0}
    return pd.DataFrame(facts), {}


def told(**tables: Any) -> list[Problem]:
    with hearing(Journal()) as journal:
        tell_empty(tables, {"elevation": [120.0, 480.5]}, RULES, tables, "shrink")
    return list(journal.warnings)


def test_all_empty_classes_are_one_message_that_names_them() -> None:
    (problem,) = told(
        slope=rows({1: 0, 2: 3, 3: 0, 4: 5}),
        aspect=rows({1: 2, 5: 1, 9: 0}),
        lithology=rows({30: 1, 31: 4, 77: 0}),
        elevation=rows({1: 1, 2: 0, 3: 2}),
    )
    assert problem.severity == "warning"
    assert problem.text("zh").startswith(
        "灾种“地质灾害（geology）”有 5 个因子级别没有一处事件：坡度（slope）：<8、15–25、坡向（aspect）：平地、"
        "工程岩组（lithology）：77、高程（elevation）：120–480.5；"
    )
    assert "slope (<8, 15–25), aspect (flat)" in problem.text("en")


def test_one_empty_class_is_no_classes() -> None:
    (problem,) = told(slope=rows({1: 0, 2: 3, 3: 1, 4: 5}))
    assert "has 1 class of factors without an event: slope (<8)" in problem.text("en")


@pytest.mark.parametrize(
    "table",
    [
        rows({1: 1, 2: 3}),  # none is empty
        rows({1: 0, 2: 3}),  # all events in one class: another message
        rows({1: 1, 2: 3, 3: 0}, area=0),  # classes without ground
    ],
)
def test_nothing_is_told_where_nothing_is_empty(table: Any) -> None:
    assert told(slope=table) == []
