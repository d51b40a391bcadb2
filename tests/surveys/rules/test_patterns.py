"""Texts that are made of other fields of their row."""

from __future__ import annotations

import pytest

from tests.surveys.conftest import events, rules_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("410702201407201530FLOOD001", []),
        ("41070220140720RAIN01", []),
        ("41077120140720FLOOD01", []),
        ("E2014", ["Q02.pattern"]),
        ("41070220140720FLOOD1", ["Q02.pattern"]),
        ("41070220140720flood01", ["Q02.pattern"]),
        # Wide digits are read as digits, as in every code.
        ("４１０７０２20140720FLOOD01", []),
        ("41070220141320FLOOD01", ["Q02.pattern"]),
        ("41070220140720WAR01", ["Q02.pattern"]),
        ("41070320140720FLOOD01", ["Q03.part"]),
        ("41070220140721FLOOD01", ["Q02.part"]),
        ("41070220140720LIGHTNING01", ["Q02.part"]),
        ("41070320140721DROUGHT01", ["Q02.part", "Q02.part", "Q03.part"]),
    ],
)
def test_an_event_is_named_as_its_row(text: str, told: list[str]) -> None:
    rows = events().astype(object)
    rows.loc[4, "灾害事件编码"] = text
    assert rules_of("his_event", rows) == [(4, "event_id", rule) for rule in told]


def test_a_row_without_the_other_field_is_not_told_twice() -> None:
    rows = events().astype(object)
    rows.loc[2, "开始日期"] = None
    rows.loc[3, "灾害事件编码"] = None
    assert rules_of("his_event", rows) == [(2, "start", "Q01.empty"), (3, "event_id", "Q01.empty")]
