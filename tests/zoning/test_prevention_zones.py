"""Prevention zones: of units, of cells with own ground, their names, people and measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point

from riskzoning.zoning.partition import class_polygons, faces_within
from riskzoning.zoning.prevention import prevention_grades
from riskzoning.zoning.prevention_zones import (
    COLUMNS,
    Counted,
    OwnGround,
    numbered,
    own_ground,
    own_rules,
    zone_table,
    zones_from_cells,
    zones_from_units,
)
from riskzoning.zoning.risk_regions import Units
from tests.zoning.conftest import CRS

Lattice = Callable[..., Units]


def of_units(units: Units) -> gpd.GeoDataFrame:
    faces, zones, _ = zones_from_units(units, prevention_grades(units.frame["grade"]))
    people = units.frame["population"].to_numpy(dtype=np.float64)
    counted = Counted(people, pd.DataFrame({"urban": units.areas * 0.2, "agricultural": units.areas * 0.8}))
    return numbered([zone_table("multi", zones, faces, units, counted, [""] * len(zones.shapes), "zh")])


def test_comprehensive_zones_are_the_city(lattice: Lattice) -> None:
    units = lattice()
    table = of_units(units)
    assert tuple(table.columns) == (*COLUMNS, "geometry")
    whole = shapely.coverage_union_all(units.frame.geometry.to_numpy())
    assert shapely.coverage_is_valid(table.geometry.to_numpy())
    assert shapely.equals(shapely.coverage_union_all(table.geometry.to_numpy()), whole)
    assert np.isclose(table["area_km2"].sum(), units.areas.sum(), rtol=1e-12)
    assert np.isclose(table["population"].sum(), units.frame["population"].sum(), rtol=1e-12)
    assert table["code"].is_unique
    assert table["name"].is_unique
    assert set(table["land_function"]) == {"agricultural"}
    by_grade = table.groupby("grade")["area_km2"].sum()
    wanted = prevention_grades(units.frame["grade"])["grade"].value_counts() * 25
    assert by_grade.to_dict() == wanted[wanted.index > 0].to_dict()
    assert table["grade"].is_monotonic_decreasing


def test_rows_in_another_order_give_the_same_zones(lattice: Lattice) -> None:
    units = lattice(5, 6, 4)
    order = np.random.default_rng(1).permutation(30)
    turned = Units(
        units.frame.iloc[order], units.parts.iloc[order], units.city, units.metric, units.bounds,
        level_word=units.level_word, landform_words=units.landform_words,
    )  # fmt: skip
    kept = ["code", "name", "grade"]
    first, second = of_units(units), of_units(turned)
    assert first[kept].to_dict() == second[kept].to_dict()
    assert np.allclose(first["area_km2"], second["area_km2"], rtol=1e-12)


def cells(units: Units, grades: Any, values: np.ndarray[Any, Any]) -> Any:
    layer = grades(values)
    polygons = class_polygons(layer, np.ones(layer.shape, bool), tolerance=0.0)
    return faces_within(polygons, units.frame, units.areas)


def test_a_hazard_acts_on_part_of_the_city(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    values = np.zeros((80, 100), np.uint8)
    values[:40, :40] = 5
    faces = cells(units, grades, values)
    need = np.full(20, 2)
    zones, basis = zones_from_cells(faces, need, [], least_km2=1.0)
    counted = Counted(faces.area * 10, pd.DataFrame())
    table = zone_table("flood", zones, faces, units, counted, basis, "zh")
    assert table["grade"].tolist() == [3]
    assert np.isclose(table["area_km2"].sum(), 100)
    assert np.isclose(table["population"].sum(), 1000)
    assert table["name"].tolist() == ["北县镇6等4个乡镇低山洪水灾害重点防治区"]
    assert table["name_en"].tolist() == ["Key prevention zone 北县 镇6 and 3 more (low mountains; flood)"]


def test_need_of_the_unit_decides_between_cells_of_one_risk(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    faces = cells(units, grades, np.full((80, 100), 3, np.uint8))
    need = np.where(np.arange(20) < 10, 1, 3)
    zones, _ = zones_from_cells(faces, need, [], least_km2=1.0)
    assert sorted(zones.code.tolist()) == [4, 8]


def test_own_ground_keeps_its_border_however_small(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    spot = OwnGround("danger_points", Point(506_000, 3_911_000).buffer(300), 3)
    layer = grades(np.full((80, 100), 1, np.uint8))
    polygons = class_polygons(layer, np.ones(layer.shape, bool), tolerance=0.0)
    faces = faces_within(polygons, units.frame, units.areas, np.array([spot.geometry], dtype=object))
    zones, basis = zones_from_cells(faces, np.full(20, 2), [spot], least_km2=5.0)
    at = basis.index("danger_points")
    assert zones.code[at] == 12
    assert np.isclose(zones.shapes[at].area, spot.geometry.area, rtol=1e-9)
    assert len(zones.shapes) == 2


def test_own_ground_never_lowers_a_grade(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    spot = OwnGround("river_reaches", Point(506_000, 3_911_000).buffer(900), 2)
    faces = cells(units, grades, np.full((80, 100), 5, np.uint8))
    zones, basis = zones_from_cells(faces, np.full(20, 2), [spot], least_km2=1.0)
    assert zones.code.tolist() == [12]
    assert basis == [""]


def test_own_ground_from_features() -> None:
    points = gpd.GeoDataFrame(
        {"规模等级": ["大型", "小型", None]}, geometry=[Point(0, 0), Point(9000, 0), Point(0, 9000)], crs=CRS
    )
    rule = own_rules("geology")[0]
    ground = own_ground(rule, points, CRS, CRS)
    assert ground is not None
    assert ground.grade == 3
    assert np.isclose(ground.geometry.area, np.pi * 300**2, rtol=0.05)
    assert own_ground(rule, points.assign(规模等级="小型"), CRS, CRS) is None
    assert own_ground(rule, points.drop(columns="规模等级"), CRS, CRS) is None
    strip = own_ground(
        own_rules("earthquake")[0], gpd.GeoDataFrame(geometry=[LineString([(0, 0), (5000, 0)])], crs=CRS), CRS, CRS
    )
    assert strip is not None
    assert strip.grade == 2
    assert 2e6 <= strip.geometry.area <= 2.2e6
    assert own_rules("hail") == []
