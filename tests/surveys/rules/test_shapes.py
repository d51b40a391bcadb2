"""Layers of lines and areas: what is wrong with a geometry, and with two of them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from riskzoning.errors import Journal, hearing
from riskzoning.surveys.accepting import accepted
from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.reading import survey_tables
from riskzoning.surveys.records import gathered
from tests.surveys.conftest import TODAY, make_units, records_of, rules_of

CONTEXT = Context(units=make_units(), today=TODAY)


def areas(shapes: list[shapely.Geometry | None]) -> gpd.GeoDataFrame:
    rows = {"蓄滞洪区编码": [f"X{at}" for at in range(len(shapes))], "蓄滞洪区名称": "某区", "县级代码": "410702"}
    rows |= {"面积(km2)": 5.0, "蓄洪容积(万m3)": 90.0, "区内人口(人)": 3, "调查日期": "2021-05-11"}
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4490")


def squares(count: int) -> list[shapely.Geometry | None]:
    return [box(113.82 + 0.01 * at, 35.02, 113.83 + 0.01 * at, 35.03) for at in range(count)]


def test_areas_side_by_side_have_no_fault() -> None:
    assert rules_of("detention_area", areas(squares(5)), CONTEXT) == []


def test_what_is_wrong_with_a_geometry() -> None:
    shapes = squares(6)
    shapes[0] = None
    shapes[1] = Polygon([(113.83, 35.02), (113.84, 35.03), (113.84, 35.02), (113.83, 35.03)])
    shapes[2] = MultiPolygon([shapes[2], box(113.9, 35.1, 113.900001, 35.100001)])
    shapes[3] = box(114.15, 35.1, 114.16, 35.11)
    shapes[5] = shapely.affinity.translate(shapes[4], 0.005)
    assert rules_of("detention_area", areas(shapes), CONTEXT) == [
        (0, "geometry", "Q06.empty"),
        (1, "geometry", "Q06.invalid"),
        (2, "geometry", "Q06.sliver"),
        (3, "geometry", "Q05.shape"),
        (5, "geometry", "Q06.overlap"),
    ]


def test_the_overlap_names_its_partner() -> None:
    shapes = squares(3)
    shapes[2] = shapely.affinity.translate(shapes[1], 0.0000001)
    checked = check_records(records_of("detention_area", areas(shapes)), CONTEXT)
    (row,) = checked.table("en").query("rule == 'Q06'").to_dict("records")
    assert (row["row"], row["also_at"].rsplit(";", 1)[1]) == (4, "3")
    assert "row 3" in row["found"]


def test_a_common_border_or_less_than_a_square_metre_is_no_overlap() -> None:
    shapes = squares(2)
    shapes[1] = shapely.affinity.translate(shapes[1], -1e-10)
    assert rules_of("detention_area", areas(shapes), CONTEXT) == []


def test_lines_that_cross_are_right_and_lines_that_are_there_twice_are_not() -> None:
    rows = {"堤防编码": ["a", "b", "c"], "堤防名称": "某堤", "县级代码": "410702", "长度(km)": 3.0}
    rows |= {"规划防洪标准(年)": 50, "调查日期": "2021-05-11"}
    cross = LineString([(113.85, 35.05), (113.87, 35.07)]), LineString([(113.85, 35.07), (113.87, 35.05)])
    frame = gpd.GeoDataFrame(rows, geometry=[*cross, cross[0].reverse()], crs="EPSG:4490")
    assert rules_of("levee", frame, CONTEXT) == [(2, "geometry", "Q06.twice")]


@pytest.mark.parametrize(
    ("crs", "rule", "severity"),
    [("EPSG:4326", "Q06.crs", "warning"), ("EPSG:4547", "Q06.crs", "warning"), (None, "Q06.no_crs", "error")],
)
def test_the_crs_of_a_layer(tmp_path: Path, crs: str | None, rule: str, severity: str) -> None:
    frame = areas(squares(3))
    frame = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
    frame.to_file(tmp_path / "areas.gpkg", layer="蓄滞洪区")
    with hearing(Journal()):
        records = gathered(list(survey_tables(tmp_path / "areas.gpkg")))
    checked = check_records(records, CONTEXT)
    told = [(item.rule, item.severity) for item in checked.findings.items if item.severity != "info"]
    assert told == [(rule, severity)]
    layer = accepted(checked).frame
    assert isinstance(layer, gpd.GeoDataFrame)
    assert layer.crs.to_epsg() == 4490
    assert layer.geometry.iloc[0].bounds == pytest.approx(squares(1)[0].bounds, abs=1e-7)


def test_a_point_without_place_takes_no_column_from_the_others(tmp_path: Path) -> None:
    rows = {"消防站编码": ["a", "b", "c"], "消防站名称": ["甲", "乙", "丙"], "类别": "一级站", "县级代码": "410702"}
    rows |= {"乡镇代码": "410702001", "人数(人)": 30, "消防车(台)": 3, "调查日期": "2021-05-11"}
    points = [shapely.Point(113.85, 35.05), None, shapely.Point(113.86, 35.05)]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs="EPSG:4490")
    assert [item[:2] for item in rules_of("fire_station", frame, CONTEXT)] == [(1, "lat"), (1, "lon")]
