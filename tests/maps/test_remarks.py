"""The legend says which parts of a hazard are one mean everywhere, and what a composite is made of."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from riskzoning.maps.remarks import legend_notes
from riskzoning.names import Index
from riskzoning.results import Breaks, IndexBreaks, StudyResult
from riskzoning.samples import toy_result

MULTI_RISK = Index("multi", "risk")
ROWS = [
    ("meteorology", "rainstorm.surface_drawn", 1.0),
    ("meteorology", "gale.surface_drawn", 0.0),
    ("meteorology", "cold_wave.surface_drawn", 0.0),
    ("meteorology", "cold_wave.leave_one_out_bias", 0.0),
    ("forest_fire", "surface_drawn", 0.0),
    ("flood", "auc", 0.0),
]


def measured() -> StudyResult:
    result = toy_result()
    table = pd.DataFrame(ROWS, columns=["hazard", "measure", "value"])
    return dataclasses.replace(result, tables={**result.tables, "validation": table})


@pytest.mark.parametrize(
    ("hazard", "lang", "expected"),
    [
        ("meteorology", "zh", ["全区取同一均值：大风、寒潮"]),
        ("meteorology", "en", ["one mean everywhere: gale, cold wave"]),
        ("forest_fire", "zh", ["全区取同一均值：气象条件"]),
        ("forest_fire", "en", ["one mean everywhere: weather"]),
        ("flood", "en", []),
    ],
)
def test_what_is_the_same_everywhere_is_named(hazard: str, lang: str, expected: list[str]) -> None:
    assert legend_notes(measured(), Index(hazard, "hazard"), lang) == expected


def test_risks_and_runs_without_the_table_say_nothing() -> None:
    assert legend_notes(measured(), Index("meteorology", "risk"), "en") == []
    result = toy_result()
    bare = dataclasses.replace(result, tables={name: t for name, t in result.tables.items() if name != "validation"})
    assert legend_notes(bare, Index("meteorology", "hazard"), "en") == []


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
    assert legend_notes(toy_result(), MULTI_RISK, lang) == expected
    assert legend_notes(toy_result(), Index("flood", "risk"), lang) == []


def test_hazards_that_do_not_exist_here_are_not_missing() -> None:
    result = toy_result()
    absent = ("geology", "drought", "meteorology", "forest_fire")
    without = dataclasses.replace(result, not_applicable=absent)
    lines = {lang: legend_notes(without, MULTI_RISK, lang) for lang in ("zh", "en")}
    assert lines == {
        "zh": ["本区不存在：地质灾害、干旱灾害、气象灾害、森林火灾"],
        "en": ["do not exist here: Geological hazards, Drought, Meteorological hazards, Forest fire"],
    }
    assert legend_notes(without, Index("flood", "risk"), "en") == []


def test_absent_and_missing_hazards_are_told_apart() -> None:
    lines = legend_notes(dataclasses.replace(toy_result(), not_applicable=("geology",)), MULTI_RISK, "zh")
    assert lines == ["仅含洪水灾害、地震灾害（未含干旱灾害、气象灾害、森林火灾）", "本区不存在：地质灾害"]


def test_breaks_of_the_city_itself_are_relative() -> None:
    result = toy_result()
    cut = Breaks("natural_breaks", (0.3, 0.9))
    relative = dataclasses.replace(result, breaks={MULTI_RISK: IndexBreaks(cut, cut)})
    assert legend_notes(relative, MULTI_RISK, "zh")[0] == "区域内相对等级"
    assert legend_notes(dataclasses.replace(result, breaks={}, tables={}), MULTI_RISK, "en") == [
        "relative within the study area"
    ]
