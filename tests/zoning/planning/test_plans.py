"""Plans: classes by word, ground that several claim, rules, pieces of units."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import Journal, Phrase, hearing
from riskzoning.zoning.planning.plans import (
    class_of,
    overlaps_of_lines,
    pieces,
    plan_of,
    rule_problems,
    ruling,
    space_shapes,
)

CRS = "EPSG:4547"


def polygons(*rows: tuple[str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"类型": [name for name, _ in rows]}, geometry=[shapely.box(*bounds) for _, bounds in rows], crs=CRS
    )


def made(frame: gpd.GeoDataFrame, name: str = "plan", **more: Any) -> tuple[Any, list[str]]:
    with hearing(Journal()) as heard:
        plan = plan_of(name, frame, metric=CRS, **{"column": "类型", **more})
    return plan, [problem.rule for problem in heard.warnings]


def test_classes_by_key_and_word() -> None:
    assert class_of("城镇开发边界") == class_of(" urban_boundary ") == "urban_boundary"
    assert class_of("农产品主产区") == "farming_area"
    assert class_of("月球基地") is None


def test_every_class_has_a_space_and_every_space_its_rules() -> None:
    table = standards.table("zoning/planning").data
    for facts in table["classes"].values():
        assert facts["space"] in table["order"]
    for space in table["order"]:
        assert sorted(table["rules"][space]) == [1, 2, 3, 4, 5]
        conflicts = [table["rules"][space][grade]["conflict"] for grade in range(1, 6)]
        assert conflicts == sorted(conflicts)
        assert {rule["intensity"] for rule in table["rules"][space].values()} <= set(table["intensities"])
    words = [word for facts in table["classes"].values() for word in facts["words"]]
    assert len(words) == len(set(words))


def test_a_plan_without_a_column_is_of_one_class() -> None:
    frame = polygons(("x", (0, 0, 2000, 1000)))
    assert made(frame, "red_line", column=None)[0].frame["class"].tolist() == ["red_line"]
    assert made(frame, "我的规划", column=None, kind="城镇开发边界")[0].frame["space"].tolist() == ["urban"]


def test_ground_that_polygons_of_a_class_claim_twice_counts_once() -> None:
    plan, rules = made(polygons(("工业用地", (0, 0, 2000, 1000)), ("工业用地", (1000, 0, 3000, 1000))))
    assert rules == ["planning.overlap"]
    assert plan.frame.area.sum() == pytest.approx(3e6)


def test_ground_of_two_classes_goes_to_the_stricter_space() -> None:
    plan, rules = made(polygons(("城镇开发边界", (0, 0, 2000, 1000)), ("生态保护红线", (1000, 0, 3000, 1000))))
    assert rules == ["planning.overlap"]
    held = dict(zip(plan.frame["class"], plan.frame.area, strict=True))
    assert held == {"red_line": pytest.approx(2e6), "urban_boundary": pytest.approx(1e6)}


def test_polygons_that_only_touch_are_no_overlap() -> None:
    _, rules = made(polygons(("林地", (0, 0, 1000, 1000)), ("耕地", (1000, 0, 2000, 1000))))
    assert rules == []


def test_a_class_without_a_rule_is_told_and_kept() -> None:
    plan, rules = made(polygons(("月球基地", (0, 0, 1000, 1000)), ("林地", (1000, 0, 2000, 1000))))
    assert rules == ["planning.class"]
    assert plan.frame.area.sum() == pytest.approx(2e6)
    said = ruling(plan, np.array(["月球基地"]), np.array([""]), np.array([5]), "zh")
    assert said["conflict"].isna().all()
    assert made(polygons(("月球基地", (0, 0, 1, 1))), spaces={"月球基地": "urban"})[1] == []


def test_polygons_without_a_class_are_told_and_kept() -> None:
    frame = polygons(("永久基本农田", (0, 0, 2000, 1000)), ("", (2000, 0, 3000, 1000)), (" ", (3000, 0, 4000, 1000)))
    frame.loc[2, "类型"] = None
    plan, told = made(frame)
    assert told == ["planning.no_class"]
    areas = plan.frame.set_index("class").geometry.area / 1e6
    assert areas.to_dict() == {"farmland": 2.0, "not_stated": 2.0}


def test_lines_that_overlap_are_told() -> None:
    first, _ = made(polygons(("永久基本农田", (0, 0, 2000, 1000))), "farmland")
    second, _ = made(polygons(("城镇开发边界", (1500, 0, 3000, 1000))), "urban")
    with hearing(Journal()) as heard:
        table = overlaps_of_lines([first, second])
    assert table["area_km2"].tolist() == [pytest.approx(0.5)]
    assert [problem.rule for problem in heard.warnings] == ["planning.lines_overlap"]
    assert overlaps_of_lines([first]).empty


def test_spaces_hold_no_ground_twice() -> None:
    first, _ = made(polygons(("永久基本农田", (0, 0, 2000, 1000))), "farmland")
    second, _ = made(polygons(("重点开发区域", (1000, 0, 3000, 1000))), "main")
    spaces = space_shapes([second, first])
    assert spaces["agricultural"].area == pytest.approx(2e6)
    assert spaces["urban"].area == pytest.approx(1e6)


def test_rules_by_space_and_grade_and_of_ones_own() -> None:
    plan, _ = made(polygons(("城镇开发边界", (0, 0, 1000, 1000))))
    kinds, spaces = np.array(["urban_boundary"] * 3), np.array(["urban"] * 3)
    said = ruling(plan, kinds, spaces, np.array([5, 4, 0]), "en")
    assert said["conflict"].tolist()[:2] == [3, 2]
    assert said["conflict"].isna().tolist() == [False, False, True]
    assert "retrofit" in said["text"][0]
    rules = pd.DataFrame({"class": ["城镇开发边界"], "risk_grade": [4], "conflict": [3], "text": ["停建"]})
    own, _ = made(polygons(("城镇开发边界", (0, 0, 1000, 1000))), rules=rules)
    assert ruling(own, kinds[:1], spaces[:1], np.array([4]), "zh")[["conflict", "text"]].values.tolist() == [
        [3, "停建"]
    ]


def test_a_table_of_rules_that_cannot_be_used() -> None:
    thing = Phrase("input", name="rules")
    good = pd.DataFrame({"class": ["a"], "risk_grade": [1], "conflict": [0], "text": ["x"]})
    assert rule_problems(good, thing) == []
    assert [p.rule for p in rule_problems(good.drop(columns="text"), thing)] == ["planning.rules_columns"]
    wrong = [p.rule for p in rule_problems(good.assign(risk_grade=7, conflict=1.5), thing)]
    assert wrong == ["planning.rules_values", "planning.rules_values"]


def test_pieces_of_units() -> None:
    plan, _ = made(polygons(("林地", (500, 0, 1500, 1000))))
    boxes = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000), shapely.box(5000, 0, 6000, 1000)]
    units = gpd.GeoDataFrame(geometry=boxes, index=["a", "b", "c"], crs=CRS)
    parts = pieces(plan, units)
    assert parts["region"].tolist() == ["a", "b"]
    assert parts.area.tolist() == [5e5, 5e5]


BOXES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 20), st.integers(1, 25), st.integers(1, 20)), min_size=1, max_size=5
)


@settings(max_examples=25, deadline=None)
@given(BOXES)
def test_what_a_plan_holds_of_the_units_and_the_rest_are_the_units(boxes: list[tuple[int, int, int, int]]) -> None:
    kinds = ("城镇开发边界", "永久基本农田", "林地", "生态保护红线", "林地")
    bounds = [(100.0 * x, 100.0 * y, 100.0 * (x + w), 100.0 * (y + h)) for x, y, w, h in boxes]
    rows = list(zip(kinds, bounds, strict=False))
    plan, _ = made(polygons(*rows))
    units = gpd.GeoDataFrame(
        geometry=[shapely.box(1000 * at, 0, 1000 * at + 1000, 2000) for at in range(3)], index=list("abc"), crs=CRS
    )
    parts = pieces(plan, units)
    claimed = shapely.union_all([shapely.box(*one) for one in bounds])
    held = parts.area.groupby(parts["region"]).sum().reindex(units.index, fill_value=0.0)
    # Ground that several claim counts once, so that no unit holds more than it is.
    np.testing.assert_allclose(held, units.intersection(claimed).area, atol=1e-6)
    rest = units.difference(claimed).area
    np.testing.assert_allclose(held + rest, units.area, rtol=1e-9)
