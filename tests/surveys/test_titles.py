"""Titles of forms in both languages."""

from __future__ import annotations

from riskzoning.surveys.titles import form_title


def test_a_form_has_its_title_and_an_unknown_one_its_key() -> None:
    assert (form_title("shelter", "zh"), form_title("shelter", "en")) == ("应急避难场所", "Emergency shelters")
    assert form_title("own_form", "en") == "own_form"
