"""Shelters and stores by the classes of their standards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.capacity import crowded_shelters, shelter_supply, store_area, store_classes
from riskzoning.errors import SurveyError

SHELTERS = pd.DataFrame(
    {
        "shelter_id": ["1", "2", "3"],
        "name": ["x", "y", "z"],
        "type": ["紧急避难场所", "短期避难场所", "长期避难场所"],
        "town9": ["a", "a", "b"],
        "area_m2": [1000.0, 1000, 1000],
        "capacity": [1000, 600, 300],
    }
)


def test_every_unit_has_a_row() -> None:
    table = shelter_supply(SHELTERS, {"a": 4000, "b": 0, "c": 100})
    assert table["places"].to_dict() == {"a": 1600, "b": 300, "c": 0}
    assert table.loc["a", "places_per_resident"] == 0.4
    assert np.isnan(table.loc["b", "places_per_resident"])
    assert np.isnan(table.loc["c", "m2_per_place"])
    assert table.loc["a", ["emergency_shelter", "short_term_shelter", "long_term_shelter"]].tolist() == [1, 1, 0]


def test_a_shelter_holds_what_its_class_allows() -> None:
    crowded = crowded_shelters(SHELTERS)
    assert crowded["shelter_id"].tolist() == ["2"]
    assert crowded["places_too_many"].tolist() == [100]
    with pytest.raises(SurveyError):
        crowded_shelters(SHELTERS.drop(columns="capacity"))


def test_classes_of_stores() -> None:
    areas = [999.0, 1000, 2999, 3000, 5500, 11_950, 17_150, 30_000]
    frame = pd.DataFrame({"store_id": range(8), "name": "x", "level": "县级", "area_m2": areas, "serves": 6000})
    assert store_classes(frame)["class"].tolist() == [0, 6, 6, 5, 4, 3, 2, 1]
    assert store_classes(frame)["short_m2"].tolist() == [101, 100, 0, 0, 0, 0, 0, 0]


def test_area_a_person_of_the_draft() -> None:
    """Square metres a person: .0316 in the largest class, .040 in the fourth, .075 in the fifth, .171 in the sixth."""
    people = np.array([720_000, 200_000, 60_000, 7000])
    assert store_area(people) / people == pytest.approx([0.0316, 0.040, 0.075, 0.171], abs=6e-4)


@given(st.floats(0, 2e6), st.floats(0, 1e6))
def test_more_people_need_no_less_room(people: float, more: float) -> None:
    assert store_area(people + more) >= store_area(people) - 1e-9
    assert store_area(0) == 0
