"""Plans over grades: areas and people add up, conflicts as polygons."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.zoning.partition import class_polygons
from riskzoning.zoning.planning.overlay import Ground, areas_table, conflict_polygons, conflict_table
from riskzoning.zoning.planning.plans import Plan, pieces, plan_of

CRS = "EPSG:4547"


@pytest.fixture
def ground() -> Ground:
    grid = analysis_grid((0, 0, 4000, 2000), crs=CRS, resolution=100)
    grade = np.full((20, 40), 2, np.uint8)
    grade[:, 20:30] = 5
    grade[0, :] = 0
    people = np.full((20, 40), 3.0)
    return Ground(layer_on(grid, grade, quantity="risk_grade"), layer_on(grid, people, quantity="population"))


def plan() -> tuple[Plan, gpd.GeoDataFrame]:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(1050, 0, 3000, 2000)], crs=CRS)
    made = plan_of("urban_boundary", frame, metric=CRS)
    boxes = [shapely.box(0, 0, 2000, 2000), shapely.box(2000, 0, 4000, 2000)]
    units = gpd.GeoDataFrame(geometry=boxes, index=["a", "b"], crs=CRS)
    return made, pieces(made, units)


def test_areas_and_people_add_up(ground: Ground) -> None:
    made, parts = plan()
    table = conflict_table(made, parts, ground, "zh")
    assert table["area_km2"].sum() == pytest.approx(3.9, rel=1e-12)
    assert table["population"].sum() == pytest.approx(390 * 3, rel=1e-12)
    by_grade = table.groupby("risk_grade")["area_km2"].sum()
    assert by_grade.to_dict() == pytest.approx({0: 0.195, 2: 0.95 * 1.9, 5: 1.9})
    high = table[table["risk_grade"] == 5]
    assert high["region"].tolist() == ["b"]
    assert high["conflict"].tolist() == [3]
    assert table[table["risk_grade"] == 0]["conflict"].isna().all()


def test_the_rest_of_a_unit_stands_beside_the_plan() -> None:
    made, parts = plan()
    table = areas_table(made, parts, pd.Series({"a": 4.0, "b": 4.0}), CRS)
    assert table.groupby("region")["area_km2"].sum().to_dict() == pytest.approx({"a": 4.0, "b": 4.0}, rel=1e-12)
    assert table[table["class"] == ""]["area_km2"].tolist() == pytest.approx([2.1, 2.0])
    assert table.groupby("region")["share"].sum().tolist() == pytest.approx([1, 1])


def test_without_persons_none_are_told(ground: Ground) -> None:
    made, parts = plan()
    assert conflict_table(made, parts, Ground(ground.grade), "zh")["population"].isna().all()


def test_a_plan_beside_the_units_has_no_rows(ground: Ground) -> None:
    made, parts = plan()
    assert conflict_table(made, parts[:0], ground, "zh").empty
    grades = class_polygons(ground.grade, np.ones((20, 40), bool), tolerance=0.0)
    assert conflict_polygons(made, parts[:0], grades, least_km2=0.0, lang="zh", metric=CRS).empty


def test_conflicts_as_polygons(ground: Ground) -> None:
    made, parts = plan()
    grades = class_polygons(ground.grade, np.ones((20, 40), bool), tolerance=0.0)
    layer = conflict_polygons(made, parts, grades, least_km2=0.0, lang="zh", metric=CRS)
    assert layer["conflict"].tolist() == [3]
    assert layer["region"].tolist() == ["b"]
    assert layer["area_km2"].tolist() == pytest.approx([1.9])
    assert layer.area.tolist() == pytest.approx([1.9e6])


def test_a_grade_says_which_hazard_it_comes_from(ground: Ground) -> None:
    made, parts = plan()
    number = ground.grade.copy(data=np.where(np.arange(40) < 22, 1, 2) * np.ones((20, 1), np.uint8))
    told = Ground(ground.grade, ground.population, number, ("flood", "geology"))
    table = conflict_table(made, parts, told, "zh")
    plain = conflict_table(made, parts, ground, "zh")
    pd.testing.assert_frame_equal(table.drop(columns="hazard"), plain.drop(columns="hazard"))
    assert set(plain["hazard"]) == {""}
    assert table[table["risk_grade"] == 5]["hazard"].tolist() == ["geology"]
    assert table[table["risk_grade"] == 2]["hazard"].tolist() == ["flood"]
    assert table[table["risk_grade"] == 0]["hazard"].tolist() == ["", ""]
