"""Points, lines, polygons: whether a layer has what is read from it."""

from __future__ import annotations

from riskzoning.pipeline.check.features import geometry_problems

from ..conftest import units


def test_kinds_of_features() -> None:
    assert geometry_problems(units(), "polygons", "a") == []
    assert geometry_problems(units(), "footprints", "a") == []
    assert geometry_problems(units().assign(geometry=units().boundary), "lines", "a") == []
    (problem,) = geometry_problems(units(), "points", "a")
    assert problem.rule == "vector.type"
    assert problem.text("zh") == "a的要素类型为 Polygon；要求：点图层。请检查文件路径和图层名。"
    assert geometry_problems(units().iloc[:0], "points", "a") == []
