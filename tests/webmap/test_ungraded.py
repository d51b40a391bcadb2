"""The card of a unit without a grade says why it has none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import page_data
from riskzoning.webmap.ungraded import reasons_of, ungraded_units


def lacking() -> StudyResult:
    result = toy_result()
    units = {level: frame.copy() for level, frame in result.units.items()}
    town = units["township"].index.sort_values()[1]
    units["township"].loc[town, ["flood_risk_index", "flood_risk_grade"]] = [np.nan, 0]
    about = {"name": "x", "receptor": "", "indicator": "risk_grade", "valid_share": 0.0, "text": ""}
    rows = [{**about, "code": town, "level": "township", "hazard": "flood", "reason": "no_hazard_data"}]
    rows += [
        {**about, "code": code, "level": "county", "hazard": "multi", "reason": "few_units"}
        for code in units["county"].index
    ]
    return dataclasses.replace(result, units=units, tables={**result.tables, "no_grade": pd.DataFrame(rows)})


def test_units_are_told_by_their_places_and_all_of_a_level_at_once() -> None:
    data = page_data(lacking())
    assert data["levels"]["township"]["no_grade"] == {"flood_risk_grade": {"no_hazard_data": [1]}}
    assert data["levels"]["county"]["no_grade"] == {"multi_risk_grade": {"few_units": True}}
    assert "no_grade" not in data["levels"]["city"]
    assert set(data["reasons"]) == {"no_hazard_data", "few_units"}


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    for texts in reasons_of(lacking()).values():
        assert "{" not in texts["zh"] + texts["en"]
        assert texts["zh"] != texts["en"]


def test_a_result_with_all_grades_has_nothing_to_tell() -> None:
    assert reasons_of(toy_result()) == {}
    assert ungraded_units(toy_result(), "county", ["410702"]) == {}


@pytest.mark.chromium
def test_the_card_says_it_in_the_language_of_the_page(opened: Callable[..., Any]) -> None:
    result = lacking()
    town = result.units["township"].index.sort_values()[1]
    browser = opened(result, f"#level=township&hazard=flood&unit={town}")
    why = browser.find_element("class name", "rz-why")
    assert why.text == "无等级的原因：该灾种在本单元范围内没有有效数据，不等于没有危险"
    browser.find_element("id", "rz-lang").click()
    why = browser.find_element("class name", "rz-why")
    assert why.text.startswith("No grade: the data of this hazard")
    chosen = browser.find_element("id", "rz-hazard")
    chosen.send_keys("Earth")
    assert not browser.find_elements("class name", "rz-why")
