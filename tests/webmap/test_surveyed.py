"""What the page is told of objects and surveys: columns of equal length, kinds in both languages, gaps as null."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from riskzoning.samples import toy_result
from riskzoning.webmap import page_data
from riskzoning.webmap.surveyed import form_names, objects_data, surveyed_units
from tests.full_result import full_result


def test_every_object_has_its_place_kind_grades_and_units() -> None:
    result = full_result()
    data = objects_data(result)
    layer = result.zones["objects"]
    for column in ("kind", "name", "people", "size", "x", "y", "highest"):
        assert len(data[column]) == len(layer) == 42
    assert all(len(digits) == 42 for digits in data["grades"].values())
    assert list(data["grades"]) == ["flood", "earthquake", "multi"]
    assert [int(grade) for grade in data["grades"]["flood"]] == layer["flood_grade"].tolist()
    towns = [data["units"]["codes"][at] for at in data["units"]["of"][1]]
    assert towns == layer["town9"].tolist()
    assert sorted(shape["type"] for shape in data["shapes"].values()) == ["LineString", "Polygon"]
    assert {data["kinds"][kind]["en"] for kind in data["kind"]} >= {"School", "Tailings pond", "Road"}


def test_of_too_many_objects_those_of_the_highest_grades_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.webmap.surveyed.MOST_OBJECTS", 5)
    data = objects_data(full_result())
    assert (len(data["name"]), data["all"]) == (5, 42)
    assert set(data["highest"]) == {"5"}


def test_without_surveys_there_is_nothing() -> None:
    result = toy_result()
    assert objects_data(result) == {}
    assert surveyed_units(result, "county", ["990101"]) == {}
    assert form_names(result) == {}


def test_units_have_rows_in_their_order_and_gaps_are_null() -> None:
    result = full_result()
    dangers = result.tables["hidden_dangers"].assign(overdue=np.nan)
    result = dataclasses.replace(result, tables={**result.tables, "hidden_dangers": dangers})
    known = surveyed_units(result, "county", ["990102", "999999", "990101"])
    assert known["dangers"][1] is None
    assert known["dangers"][0] == {
        "grade": 3, "dangers": 12, "major": 2, "people": 340, "unresolved": 0.75, "overdue": None,
    }  # fmt: skip
    assert known["capacity"][2] == {"both": {"grade": 1, "index": 0.15}}
    assert [item["form"] for item in known["quality"][0]] == ["shelter", "cap_township", "dgr_point"]
    json.dumps(page_data(result), allow_nan=False)


def test_the_whole_area_has_the_scores_without_a_code() -> None:
    assert surveyed_units(full_result(), "city", ["990100"])["quality"][0][0]["score"] == 92.5


def test_tables_of_other_columns_are_passed_over() -> None:
    tables = {name: pd.DataFrame({"x": [1]}) for name in ("capacity", "hidden_dangers", "survey_quality")}
    result = dataclasses.replace(toy_result(), tables=tables)
    assert surveyed_units(result, "county", ["990101"]) == {}
    assert form_names(result) == {}


def test_forms_in_both_languages() -> None:
    names = form_names(full_result())
    assert names["shelter"] == {"zh": "应急避难场所", "en": "Emergency shelters"}
    table = pd.DataFrame({"form": ["own_form"], "code": [""], "score": [1.0], "rows": [1], "errors": [0]})
    own = dataclasses.replace(toy_result(), tables={"survey_quality": table})
    assert form_names(own)["own_form"] == {"zh": "own_form", "en": "own_form"}
