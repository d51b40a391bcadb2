"""Patterns of texts as data of a form."""

from __future__ import annotations

import pytest

from riskzoning.errors import Phrase, Problem, SurveyError
from riskzoning.surveys.forms import form, parsed
from riskzoning.surveys.patterns import read_pattern


def own(pattern: object, kind: str = "text") -> dict[str, object]:
    return {"key": "id", "fields": [{"name": "id", "type": "id"}, {"name": "a", "type": kind, "pattern": pattern}]}


def test_a_pattern_is_an_expression_or_says_more() -> None:
    problems: list[Problem] = []
    plain = read_pattern({"name": "a", "type": "id", "pattern": "[A-Z]+"}, Phrase("nothing"), problems)
    said = {"text": "(?P<id>.+)-x", "en": "the ID and -x"}
    more = read_pattern({"name": "a", "type": "id", "pattern": said}, Phrase("nothing"), problems)
    assert plain is not None
    assert more is not None
    assert problems == []
    assert (plain.parts, plain.written("zh")) == ((), "[A-Z]+")
    assert (more.parts, more.written("en"), more.written("zh")) == (("id",), "the ID and -x", "(?P<id>.+)-x")
    assert read_pattern({"name": "a", "type": "id"}, Phrase("nothing"), problems) is None


@pytest.mark.parametrize(
    ("pattern", "kind", "rule"),
    [
        ("[A-", "text", "survey.form_pattern"),
        ("(?P<county>.+)", "text", "survey.form_pattern_parts"),
        ("[0-9]+", "number", "survey.form_pattern_keys"),
        ({"regex": ".+"}, "text", "survey.form_pattern_keys"),
        (3, "text", "survey.form_pattern_keys"),
        ({"text": ".+", "words": "history/level"}, "text", "survey.form_pattern_words"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told(pattern: object, kind: str, rule: str) -> None:
    with pytest.raises(SurveyError) as error:
        parsed("own", own(pattern, kind))
    assert [problem.rule for problem in error.value.problems] == [rule]


def test_events_are_named_by_county_day_hazard_and_number() -> None:
    pattern = form("his_event").by_name["event_id"].pattern
    assert pattern is not None
    assert pattern.parts == ("adcode6", "start", "hazard")
    assert pattern.expression.fullmatch("41072419870801WIND_HAIL01")
    assert pattern.expression.fullmatch("410724198708011530WIND_HAIL001")
    assert not pattern.expression.fullmatch("41072419870801WIND_HAIL1")
