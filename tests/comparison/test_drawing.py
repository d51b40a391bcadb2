"""The map of change shows by how many grades a unit went up or down, and nothing where a grade is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest

from riskzoning.comparison import Comparison, change_map, compare, drawing
from riskzoning.samples import toy_result


def test_units_have_the_class_of_their_change(monkeypatch: pytest.MonkeyPatch) -> None:
    both = compare(toy_result(), toy_result(seed=2))
    drawn: dict[str, Any] = {}
    monkeypatch.setattr(drawing, "zoning_map", lambda units, **options: drawn.update(options, units=units))
    change_map(both, "zh")
    units: gpd.GeoDataFrame = drawn["units"]
    key, level = "multi_risk_grade", both.after.units["level"] == "township"
    by = (both.after.units[key] - both.before.units[key])[level].clip(-2, 2)
    assert units["change"].tolist() == (by + 3).tolist()
    assert drawn["title"] == "示例市综合风险等级变化图（乡镇级）"
    assert list(drawn["legend"].classes) == ["下降两级及以上", "下降一级", "不变", "上升一级", "上升两级及以上"]


def test_without_shapes_there_is_no_map() -> None:
    both = compare(toy_result(), toy_result(seed=2))
    after = both.after
    flat = type(after)(**{**{name: getattr(after, name) for name in after.__dataclass_fields__}, "shapes": None})
    assert change_map(Comparison(both.before, flat, both.changes), "zh") is None


def test_the_map_of_change_names_the_edition_of_the_boundaries(monkeypatch: pytest.MonkeyPatch) -> None:
    later = toy_result(seed=2)
    later = replace(later, record={**later.record, "study": {**later.record["study"], "admin": {"source": "2023"}}})
    drawn: dict[str, Any] = {}
    monkeypatch.setattr(drawing, "zoning_map", lambda _units, **options: drawn.update(options))
    change_map(compare(toy_result(), later), "zh")
    assert drawn["sheet"].notes.boundaries == "2023"
