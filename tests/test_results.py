"""The value that a run returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xarray as xr

from riskzoning.names import Index, indices_of
from riskzoning.results import Breaks, StudyResult, level_order


def test_levels_are_ordered_from_coarse_to_fine(make_grid: Callable[..., Any]) -> None:
    units: Any = {"township": None, "city": None, "county": None}
    result = StudyResult("410700", {"zh": "市"}, make_grid(), layers=xr.Dataset(), units=units, folder=Path("."))
    assert result.levels == ("city", "county", "township")


def test_indices_come_by_hazard_and_all_hazards_together_last(make_grid: Callable[..., Any]) -> None:
    indices = indices_of([Index("flood", "hazard"), Index("urban", "hazard")], ["roads"])
    result = StudyResult(
        "410700", {}, make_grid(), layers=xr.Dataset(), units={}, folder=Path("."), hazards=("urban", "flood"),
        indices=indices,
    )  # fmt: skip
    grouped = result.indices_by_hazard()
    assert list(grouped) == ["urban", "flood", "multi"]
    assert [index.key for index in grouped["urban"]] == [
        "urban_hazard_index",
        "urban_risk_index",
        "urban_roads_risk_index",
    ]
    assert sum(map(len, grouped.values())) == len(indices)


@pytest.mark.parametrize(
    ("rule", "given", "by_share"),
    [("fixed", True, False), ("ladder", True, False), ("natural_breaks", False, False), ("class_share", False, True)],
)
def test_breaks_know_whether_they_are_given(rule: str, given: bool, by_share: bool) -> None:
    breaks = Breaks(rule, (0.5, 1.0))
    assert (breaks.given, breaks.by_share) == (given, by_share)


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        ([("V", "village", "P"), ("P", "parish", "I"), ("I", "island", "")], ("island", "parish", "village")),
        ([("P", "parish", "I"), ("V", "village", "I"), ("W", "village", "P"), ("I", "island", "")],
         ("island", "parish", "village")),
        ([("1", "township", "x"), ("2", "city", "")], ("city", "township")),
        ([("1", "city", "9"), ("9", "county", "")], ("county", "city")),
        ([("1", "ward", ""), ("2", "street", "")], ("ward", "street")),
    ],
)  # fmt: skip
def test_the_order_of_levels_follows_from_who_stands_under_whom(
    rows: list[tuple[str, str, str]], order: tuple[str, ...]
) -> None:
    frame = pd.DataFrame(rows, columns=["code", "level", "parent"]).set_index("code")
    assert level_order(frame) == order
    assert level_order(frame.drop(columns="parent"))


def test_a_result_has_the_levels_and_names_of_its_study(make_grid: Callable[..., Any]) -> None:
    names = {"region": {"zh": "大区", "en": "Region"}, "district": {"zh": "区", "en": "District"}}
    units: Any = {"district": None, "region": None}
    result = StudyResult(
        "X", {}, make_grid(), layers=xr.Dataset(), units=units, folder=Path("."), level_names=names
    )  # fmt: skip
    assert result.levels == ("region", "district")
    assert (result.level_name("district", "zh"), result.level_name("grid", "en")) == ("区", "grid")
