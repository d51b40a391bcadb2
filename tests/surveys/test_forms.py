"""Forms as data: all that ship can be read, a study's own form replaces one, wrong ones are told whole."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.errors import SurveyError
from riskzoning.surveys.forms import form, form_names, parsed


@pytest.mark.parametrize("name", form_names())
def test_every_form_is_whole(name: str) -> None:
    of = form(name)
    assert of.key in of.by_name
    assert len(of.by_name) == len(of.fields), "a field is there twice"
    assert len({field.name[:10] for field in of.fields}) == len(of.fields), (
        "cut by a shapefile, names would be the same"
    )
    assert all(field.zh and field.en for field in of.fields)
    assert {"zh", "en"} <= set(of.titles)


def test_the_plan_has_its_forms() -> None:
    wanted = {"exp_population", "exp_building", "his_annual", "his_event", "dgr_point", "cap_township", "cap_household"}
    assert wanted <= set(form_names())


def test_a_study_replaces_a_form() -> None:
    own = {"key": "id", "fields": [{"name": "id", "type": "id", "required": True}]}
    with standards.session({"survey_forms/shelter": own}):
        assert [field.name for field in form("shelter").fields] == ["id"]
    assert len(form("shelter").fields) > 1


def test_unknown_form_is_told_with_near_names() -> None:
    with pytest.raises(SurveyError, match="shelter"):
        form("shelters")


def test_all_faults_of_a_form_are_told() -> None:
    data = {
        "key": "code",
        "fields": [{"name": "a"}, {"name": "b", "type": "colour"}, {"name": "c", "type": "choice"}],
        "rules": [{"id": "Q08", "kind": "at_most", "of": "c", "than": ["d"]}],
    }
    with pytest.raises(SurveyError) as error:
        parsed("own", data)
    rules = [problem.rule for problem in error.value.problems]
    assert rules == ["survey.form_field", *["survey.form_field_keys"] * 2, "survey.form_key", "survey.form_rule"]


@pytest.mark.parametrize("data", [None, [], {"fields": []}, {"key": "a", "fields": 3}])
def test_what_is_no_form(data: object) -> None:
    with pytest.raises(SurveyError) as error:
        parsed("own", data)
    assert error.value.problems[0].rule == "survey.form_shape"
