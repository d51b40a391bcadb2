"""The value that a run returns."""

from __future__ import annotations

import dataclasses
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


def test_a_result_draws_itself_and_says_what_it_is() -> None:
    from riskzoning.errors import ConfigError
    from riskzoning.samples import toy_result

    result = toy_result()
    texts = [text.get_text() for text in result.plot("flood", level="county").texts]
    assert texts[0].startswith("示例市洪水灾害")
    assert "县" in texts[0]
    for wrong in ({"hazard": "hail"}, {"level": "village"}, {"what": "loss"}):
        with pytest.raises(ConfigError):
            result.plot(**{"hazard": "flood", **wrong})
    frame = dataclasses.replace(result, name={"zh": "<b>市</b>"})
    shown = frame._repr_html_()
    assert "&lt;b&gt;市&lt;/b&gt;" in shown
    assert "6 乡镇级" in shown
    assert len(shown) < 2000
