"""Strips along faults: widths, conditions, what is not known."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box

from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.hazards.earthquake import avoidance_strips

LINE = LineString([(500_000, 3_900_000), (510_000, 3_900_000)])


def fault(**facts: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [value] for name, value in facts.items()}, geometry=[LINE], crs="EPSG:4547")


@pytest.mark.parametrize(
    ("intensity", "category", "width"),
    [(8, "乙", 200), (8, "丙", 100), (9, "乙", 400), (9, "丙", 200), (10, "丙", 200), (8, "丁", None), (7, "乙", None)],
)
def test_widths_of_the_standard(intensity: int, category: Any, width: float | None) -> None:
    strips = avoidance_strips(fault(age="Q4", cover_m=0), intensity=intensity, category=category)
    assert strips["width_m"].tolist() == ([] if width is None else [width])
    if width is not None:
        assert strips["status"].tolist() == ["binding"]
        assert strips.geometry[0].bounds[3] - LINE.bounds[3] == pytest.approx(width)


@pytest.mark.parametrize(
    ("facts", "intensity", "status"),
    [
        ({"最晚活动时代": "全新世", "cover_m": 60}, 8, ["binding"]),
        ({"age": "全新世", "cover_m": 60.1}, 8, []),
        ({"age": "Holocene", "cover_m": 90}, 9, ["binding"]),
        ({"age": "晚更新世", "cover_m": 0}, 9, []),
        ({"age": "Q3"}, 9, []),
        ({"age": "Q4"}, 8, ["to_check"]),
        ({"cover_m": 10}, 8, ["to_check"]),
        ({"断层名称": "苏堡断裂", "最晚活动时代": " "}, 8, ["to_check"]),
    ],
)
def test_conditions(facts: dict[str, Any], intensity: int, status: list[str]) -> None:
    with hearing(Journal()) as heard:
        strips = avoidance_strips(fault(**facts), intensity=intensity)
    assert strips["status"].tolist() == status
    assert bool(heard.warnings) == (status == ["to_check"])


def test_category_of_the_highest_protection_needs_its_own_study() -> None:
    strips = avoidance_strips(fault(), intensity=8, category="甲")
    assert strips[["width_m", "status"]].values.tolist() == [[200.0, "own_study"]]


def test_a_strip_ends_where_its_intensity_does() -> None:
    zones = gpd.GeoDataFrame(
        {"intensity": [8.0, 7.0]},
        geometry=[box(490_000, 3_890_000, 505_000, 3_910_000), box(505_000, 3_890_000, 520_000, 3_910_000)],
        crs="EPSG:4547",
    )
    strips = avoidance_strips(fault(age="Q4", cover_m=0), intensity=zones)
    assert strips.total_bounds[2] == pytest.approx(505_000)
    far = avoidance_strips(fault(age="Q4", cover_m=0).to_crs(4490), intensity=zones)
    assert far.crs.to_epsg() == 4490
    assert far.to_crs(4547).area.sum() == pytest.approx(strips.area.sum(), rel=2e-3)


def test_what_is_refused() -> None:
    points = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs="EPSG:4547")
    zones = gpd.GeoDataFrame({"x": [1]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:4547")
    for wrong in (
        {"faults": points}, {"faults": points.iloc[:0]}, {"category": "戊"}, {"intensity": 7.5}, {"intensity": 13},
        {"intensity": zones},
    ):  # fmt: skip
        with pytest.raises(LayerError):
            avoidance_strips(**({"faults": fault(), "intensity": 8} | wrong))  # type: ignore[arg-type]
    with pytest.raises(MissingCRSError):
        avoidance_strips(fault().set_crs(None, allow_override=True), intensity=8)
    with pytest.raises(MissingCRSError):
        avoidance_strips(fault(), intensity=zones.set_crs(None, allow_override=True))


def test_a_fault_without_length_has_no_strip_and_is_told() -> None:
    point = LineString([(500_000, 3_900_000)] * 2)
    faults = gpd.GeoDataFrame({"age": ["Q4"] * 3, "cover_m": [5] * 3}, geometry=[point, LINE, None], crs="EPSG:4547")
    with hearing(Journal()) as heard:
        strips = avoidance_strips(faults, intensity=8)
    assert strips["fault"].tolist() == [1]
    assert [(one.rule, dict(one.values)["rows"]) for one in heard.warnings] == [("earthquake.fault_points", (1, 3))]


def test_faults_without_a_name_or_an_age_are_kept_by_their_row_and_told() -> None:
    lines = [LineString([(0, 0), (9_000, 0)]), LineString([(0, 5_000), (9_000, 5_000)])]
    bare = gpd.GeoDataFrame({"name": ["A", None]}, geometry=lines, index=["f1", "f2"], crs="EPSG:4547")
    for faults in (bare, bare[["geometry"]]):
        with hearing(Journal()) as heard:
            strips = avoidance_strips(faults, intensity=8)
        assert strips["fault"].tolist() == ["f1", "f2"]
        assert strips["status"].tolist() == ["to_check", "to_check"]
        assert len(heard.warnings) == 1
        assert "2" in heard.warnings[0].found
