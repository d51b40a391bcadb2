"""What a composite says of itself: relative or not, and which hazards it is made of."""

from __future__ import annotations

import dataclasses

import pytest

from riskzoning.maps.composite import composite_notes
from riskzoning.names import Index
from riskzoning.samples import toy_result

MULTI_RISK = Index("multi", "risk")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", ["仅含洪水灾害、地震灾害（未含地质灾害、干旱灾害、气象灾害、森林火灾）"]),
        (
            "en",
            ["of Flood, Earthquake only (without Geological hazards, Drought, Meteorological hazards, Forest fire)"],
        ),
    ],
)
def test_a_composite_of_some_hazards_names_them(lang: str, expected: list[str]) -> None:
    assert composite_notes(toy_result(), MULTI_RISK, lang) == expected
    assert composite_notes(toy_result(), Index("flood", "risk"), lang) == []


def test_hazards_that_do_not_exist_here_are_not_missing() -> None:
    result = toy_result()
    study = {**result.record["study"], "not_applicable": ["geology", "drought", "meteorology", "forest_fire"]}
    assert composite_notes(dataclasses.replace(result, record={"study": study}), MULTI_RISK, "en") == []


def test_breaks_of_the_city_itself_are_relative() -> None:
    result = toy_result()
    breaks = result.tables["breaks"].assign(rule="natural_breaks")
    relative = dataclasses.replace(result, tables={**result.tables, "breaks": breaks})
    assert composite_notes(relative, MULTI_RISK, "zh")[0] == "区域内相对等级"
    assert composite_notes(dataclasses.replace(result, tables={}), MULTI_RISK, "en") == [
        "relative within the study area"
    ]
