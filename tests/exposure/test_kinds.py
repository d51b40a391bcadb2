"""Kinds of objects in both languages."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.exposure.kinds import kind_names


def test_kinds_are_found_by_either_name_and_others_stay() -> None:
    assert kind_names("学校") == kind_names("School") == {"zh": "学校", "en": "School"}
    assert kind_names("mills") == {"zh": "mills", "en": "mills"}


def test_every_kind_that_a_form_gives_has_both_names() -> None:
    data = standards.table("exposure/objects").data
    named = {names["zh"] for names in data["kinds"]}
    for form, about in data["forms"].items():
        if "called" in about:
            assert kind_names(about["called"]["zh"]) == about["called"], form
        if "kind" in about:
            fields = standards.table(f"survey_forms/{form}").data["fields"]
            choices = next(field for field in fields if field["name"] == about["kind"])["choices"]
            kinds = {about.get("kinds", {}).get(choice, choice) for choice in choices}
            assert kinds <= named, (form, kinds - named)
