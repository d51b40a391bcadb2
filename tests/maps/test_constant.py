"""The legend of a hazard says which of its parts are one mean everywhere."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from riskzoning.maps.constant import constant_notes, legend_notes
from riskzoning.names import Index
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

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
    assert constant_notes(measured(), Index(hazard, "hazard"), lang) == expected


def test_risks_and_runs_without_the_table_say_nothing() -> None:
    assert constant_notes(measured(), Index("meteorology", "risk"), "en") == []
    result = toy_result()
    bare = dataclasses.replace(result, tables={name: t for name, t in result.tables.items() if name != "validation"})
    assert constant_notes(bare, Index("meteorology", "hazard"), "en") == []


def test_the_legend_has_the_notes_of_composites_as_well() -> None:
    assert len(legend_notes(toy_result(), Index("multi", "risk"), "en")) == 1
    assert legend_notes(measured(), Index("forest_fire", "hazard"), "en") == ["one mean everywhere: weather"]
