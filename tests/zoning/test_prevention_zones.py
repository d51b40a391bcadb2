"""Prevention zones: of units, of cells with own ground, their names, people and measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point, box

from riskzoning.zoning.own_ground import OwnGround
from riskzoning.zoning.partition import class_polygons, faces_within
from riskzoning.zoning.prevention import prevention_grades
from riskzoning.zoning.prevention_zones import (
    COLUMNS,
    Basis,
    Counted,
    Rivers,
    numbered,
    zone_table,
    zones_from_cells,
    zones_from_units,
)
from riskzoning.zoning.risk_regions import Units

Lattice = Callable[..., Units]


def of_units(units: Units) -> gpd.GeoDataFrame:
    faces, zones, _ = zones_from_units(units, prevention_grades(units.frame["grade"]))
    people = units.frame["population"].to_numpy(dtype=np.float64)
    counted = Counted(people, pd.DataFrame({"urban": units.areas * 0.2, "agricultural": units.areas * 0.8}))
    return numbered([zone_table("multi", zones, faces, units, counted, [Basis()] * len(zones.shapes), "zh")])


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
    at = [one.key for one in basis].index("danger_points")
    assert zones.code[at] == 12
    assert np.isclose(zones.shapes[at].area, spot.geometry.area, rtol=1e-9)
    assert len(zones.shapes) == 2


def test_own_ground_never_lowers_a_grade(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    spot = OwnGround("river_reaches", Point(506_000, 3_911_000).buffer(900), 2)
    faces = cells(units, grades, np.full((80, 100), 5, np.uint8))
    zones, basis = zones_from_cells(faces, np.full(20, 2), [spot], least_km2=1.0)
    assert zones.code.tolist() == [12]
    assert basis == [Basis()]


def test_ground_along_a_river_is_one_zone_of_many_parts_in_each_county(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    values = np.zeros((80, 100), np.uint8)
    for row in range(2, 78, 6):
        values[row : row + 3, 10:14] = 3  # fragments down a river that crosses both counties
    values[30:34, 80:84] = 3  # far from it
    faces = cells(units, grades, values)
    near = np.where(shapely.get_x(shapely.centroid(faces.shapes)) < 510_000, 0, -1)
    river = Rivers(near.astype(np.int64), (("卫河", {"zh": "{name}沿岸", "en": "along {name}"}),))
    county = units.factor("above")[0]
    zones, basis = zones_from_cells(faces, np.full(20, 2), [], least_km2=0.3, rivers=river, county=county)
    graded = np.flatnonzero(zones.code > 0)
    assert len(graded) == 3
    assert sorted(basis[at].feature for at in graded) == ["", "卫河", "卫河"]
    assert sorted(len(shapely.get_parts(zones.shapes[at])) > 1 for at in graded) == [False, True, True]
    assert np.isclose(sum(faces.area[zones.of_face == at].sum() for at in graded), 13 * 12 / 16 + 1, rtol=1e-9)
    apart, _ = zones_from_cells(faces, np.full(20, 2), [], least_km2=0.3)
    assert (apart.code > 0).sum() == 14
    counted = Counted(np.ones(len(faces.shapes)), pd.DataFrame())
    names = zone_table("flood", zones, faces, units, counted, basis, "zh")["name"].tolist()
    assert {"北县卫河沿岸洪水灾害次重点防治区", "南县卫河沿岸洪水灾害次重点防治区"} < set(names)


def test_a_whole_feature_is_one_zone_of_its_highest_grade(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    basin = box(503_000, 3_907_000, 508_000, 3_912_000)
    ground = OwnGround(
        "detention_areas", basin, 2, True, ("良相坡",), np.array([basin]), {"zh": "{name}", "en": "{name}"}
    )
    values = np.ones((80, 100), np.uint8)
    values[20:40, 20:40] = 5
    layer = grades(values)
    polygons = class_polygons(layer, np.ones(layer.shape, bool), tolerance=0.0)
    faces = faces_within(polygons, units.frame, units.areas, np.array([basin], dtype=object))
    zones, basis = zones_from_cells(faces, np.full(20, 2), [ground], least_km2=1.0)
    own = [at for at, one in enumerate(basis) if one.key == "detention_areas"]
    assert len(own) == 1
    assert basis[own[0]].feature == "良相坡"
    assert zones.code[own[0]] == 12
    assert np.isclose(zones.shapes[own[0]].area, basin.area, rtol=1e-9)


def test_ground_to_be_checked_is_drawn_and_raises_nothing(lattice: Lattice, grades: Any) -> None:
    units = lattice()
    strip = box(503_000, 3_907_000, 518_000, 3_907_400)
    ground = OwnGround(
        "fault_strips_to_check", strip, 0, False, ("",), np.array([strip]), None, {"zh": "待", "en": "c"}
    )
    layer = grades(np.full((80, 100), 3, np.uint8))
    polygons = class_polygons(layer, np.ones(layer.shape, bool), tolerance=0.0)
    faces = faces_within(polygons, units.frame, units.areas, np.array([strip], dtype=object))
    zones, basis = zones_from_cells(faces, np.full(20, 2), [ground], least_km2=1.0)
    assert set(zones.code.tolist()) == {8}
    assert [one.key for one in basis].count("fault_strips_to_check") == 1


def test_zones_of_one_unit_are_told_apart_by_where_they_lie_and_by_villages(lattice: Lattice, grades: Any) -> None:
    villages = gpd.GeoDataFrame(
        {"name": ["李庄", "王庄"]}, geometry=[Point(500_500, 3_919_400), Point(501_500, 3_919_400)], crs="EPSG:4547"
    )
    units = lattice(villages=villages)
    values = np.zeros((80, 100), np.uint8)
    # All in the first unit: two in the north-west, one in the south-east.
    values[1:4, 1:4] = values[1:4, 5:7] = values[16:19, 16:19] = 5
    faces = cells(units, grades, values)
    zones, basis = zones_from_cells(faces, np.full(20, 2), [], least_km2=0.1)
    table = zone_table("geology", zones, faces, units, Counted(faces.area, pd.DataFrame()), basis, "zh")
    assert table["name"].tolist() == [
        "北县镇0西北部低山地质灾害重点防治区（李庄附近）",
        "北县镇0西北部低山地质灾害重点防治区（王庄附近）",
        "北县镇0东南部低山地质灾害重点防治区",
    ]
