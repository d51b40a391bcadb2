"""Polygons of a class layer inside borders: a partition to the last digit, in degrees as in metres."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.ndimage import zoom

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.samples import toy_city
from riskzoning.zoning.partition import Faces, class_polygons, faces_of_units, faces_within, snapped, zones_of


def noisy(seed: int, shape: tuple[int, int], coarse: int = 4) -> np.ndarray[Any, Any]:
    rough = np.random.default_rng(seed).random((shape[0] // coarse + 2, shape[1] // coarse + 2))
    return (np.digitize(zoom(rough, coarse, order=1)[: shape[0], : shape[1]], [0.3, 0.5, 0.7]) + 1).astype(np.uint8)


def toy(seed: int, tolerance: float, crs: str = "EPSG:4490") -> tuple[gpd.GeoDataFrame, Faces]:
    city = toy_city()
    units = city.units[city.units["level"] == "township"].to_crs(crs)
    layer = city.layers["landcover"].copy(data=noisy(seed, city.grid.shape))
    polygons = class_polygons(layer, np.ones(city.grid.shape, bool), tolerance=tolerance)
    areas = units.to_crs("EPSG:4547").area.to_numpy() / 1e6
    return units, faces_within(polygons, units, areas)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1000), tolerance=st.sampled_from([0.0, 60.0, 150.0]), least=st.sampled_from([0.0, 0.1, 0.6]))
def test_faces_and_zones_partition_the_units(seed: int, tolerance: float, least: float) -> None:
    units, faces = toy(seed, tolerance)
    whole = shapely.coverage_union_all(units.geometry.to_numpy())
    zones = zones_of(faces, faces.grade, least=least)
    for shapes in (faces.shapes, zones.shapes):
        assert shapely.coverage_is_valid(shapes)
        assert abs(shapely.area(shapes).sum() - whole.area) <= 1e-12 * whole.area
        union = shapely.coverage_union_all(shapes)
        assert shapely.area(shapely.symmetric_difference(union, whole)) <= 1e-12 * whole.area
    held = np.bincount(faces.unit, faces.area)
    assert np.allclose(held, units.to_crs("EPSG:4547").area / 1e6, rtol=1e-12)
    assert set(shapely.get_type_id(zones.shapes)) == {3}
    sizes = np.bincount(zones.of_face, faces.area)
    assert (sizes >= least).all()
    assert np.isclose(sizes.sum(), faces.area.sum(), rtol=1e-12)


def test_without_simplification_areas_are_those_of_the_cells() -> None:
    city = toy_city()
    values = noisy(3, city.grid.shape)
    polygons = class_polygons(city.layers["landcover"].copy(data=values), np.ones(values.shape, bool), tolerance=0.0)
    box = gpd.GeoDataFrame(geometry=[shapely.box(*city.grid.boundingbox.bbox)], crs="EPSG:4547")
    faces = faces_within(polygons, box, np.array([values.size * 0.01]))
    assert np.allclose(np.bincount(faces.grade, faces.area)[1:], np.bincount(values.ravel())[1:] * 0.01)


def test_ground_without_data_is_a_class_of_its_own() -> None:
    city = toy_city()
    values = np.full(city.grid.shape, 2, np.uint8)
    values[10:30, 10:30] = 0
    polygons = class_polygons(city.layers["landcover"].copy(data=values), np.ones(values.shape, bool), tolerance=0.0)
    units = city.units[city.units["level"] == "city"]
    faces = faces_within(polygons, units, units.area.to_numpy() / 1e6)
    zones = zones_of(faces, faces.grade)
    assert sorted(zones.code.tolist()) == [0, 2]
    assert np.isclose(np.bincount(faces.grade, faces.area)[0], 4.0)
    # Too small to be read it goes with what is around it.
    assert zones_of(faces, faces.grade, least=5.0).code.tolist() == [2]


def test_cells_outside_take_no_part_and_leave_no_strip() -> None:
    city = toy_city()
    units = city.units[city.units["level"] == "city"]
    mask = np.zeros(city.grid.shape, bool)
    mask[4:-4, 5:-5] = True  # cells at the border of the city have no value
    values = np.where(mask, noisy(1, mask.shape), 0).astype(np.uint8)
    polygons = class_polygons(city.layers["landcover"].copy(data=values), mask, tolerance=50.0)
    faces = faces_within(polygons, units, units.area.to_numpy() / 1e6)
    assert (faces.grade > 0).all()


def test_a_small_face_goes_to_the_longest_border_inside_its_unit() -> None:
    below = shapely.Polygon([(0, 0), (10, 0), (10, 4), (2, 4), (0, 4)])
    above = shapely.Polygon([(2, 4), (10, 4), (10, 9), (0, 9), (0, 5), (2, 5)])
    shapes = np.array([below, shapely.box(0, 4, 2, 5), above], dtype=object)
    faces = Faces(shapes, np.zeros(3, np.int64), np.array([1, 2, 4]), shapely.area(shapes), "EPSG:4547")
    # The small one (2) shares 2 with class 1 and 3 with class 4.
    assert zones_of(faces, faces.grade, least=3.0).code.tolist() == [1, 4]
    kept = zones_of(faces, faces.grade, least=3.0, within=np.array([0, 0, 1]))
    assert kept.code.tolist() == [1, 4]
    assert kept.of_face.tolist() == [0, 0, 1]
    assert zones_of(faces, faces.grade, least=3.0, within=np.array([0, 2, 1])).code.tolist() == [1, 2, 4]


def test_zones_that_touch_at_a_corner_are_two() -> None:
    boxes = np.array([shapely.box(c, r, c + 1, r + 1) for r in range(2) for c in range(2)], dtype=object)
    faces = Faces(boxes, np.arange(4), np.array([1, 2, 2, 1]), np.ones(4), "EPSG:4547")
    assert len(zones_of(faces, faces.grade).shapes) == 4


def test_units_cut_by_further_ground() -> None:
    units = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)], crs="EPSG:4547"
    )
    more = np.array([shapely.box(500, 200, 1500, 400)], dtype=object)
    faces = faces_of_units(units, np.array([2, 3]), np.array([1.0, 1.0]), "EPSG:4547", more)
    assert sorted(np.round(faces.area, 9)) == [0.1, 0.1, 0.9, 0.9]
    assert faces.grade[faces.unit == 1].tolist() == [3, 3]
    whole = faces_of_units(units, np.array([2, 3]), np.array([1.0, 1.0]), "EPSG:4547", None)
    assert whole.area.tolist() == [1, 1]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", "EPSG:3857"])
def test_borders_in_any_projection(crs: str) -> None:
    units, faces = toy(2, 100.0, crs)
    whole = shapely.coverage_union_all(units.geometry.to_numpy())
    assert abs(shapely.area(faces.shapes).sum() - whole.area) <= 1e-12 * whole.area
    assert faces.crs == crs


def strips(offset: float, width: float, beyond: float) -> tuple[gpd.GeoDataFrame, Faces]:
    """Two units of 4 km side by side; a class 2 from ``beyond`` east of their border to ``offset`` west of it."""
    border = 4000.0
    units = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 0, border, 4000), shapely.box(border, 0, 8000, 4000)], crs="EPSG:4547"
    )
    cuts = [0.0, border - offset, border, border + beyond, 8000.0]
    shapes = np.array([shapely.box(a, 0, b, width) for a, b in itertools.pairwise(cuts)], dtype=object)
    return units, Faces(shapes, np.array([0, 0, 1, 1]), np.array([1, 2, 2, 1]), shapely.area(shapes) / 1e6, "EPSG:4547")


@pytest.mark.parametrize(
    ("offset", "beyond", "grades"),
    [
        (200, 2000, [1, 1, 2, 1]),  # a class that just reaches over the border ends at it
        (400, 2000, [1, 2, 2, 1]),  # too wide
        (200, 200, [1, 2, 2, 1]),  # what lies along a border on both sides is no accident
    ],
)
def test_a_class_that_just_reaches_over_a_border_ends_at_it(offset: float, beyond: float, grades: list[int]) -> None:
    units, faces = strips(offset, 4000, beyond)
    made, moved = snapped(faces, units, "EPSG:4547", 300)
    assert made.grade.tolist() == grades
    assert moved.tolist() == [a != b for a, b in zip(grades, faces.grade, strict=True)]
    assert made.shapes is faces.shapes
    same, nothing = snapped(faces, units, "EPSG:4547", 0)
    assert same is faces
    assert not nothing.any()


def test_snapping_twice_is_snapping_once() -> None:
    units, faces = toy(3, 60.0)
    once, moved = snapped(faces, units, "EPSG:4547", 150)
    assert moved.any()
    assert np.array_equal(snapped(once, units, "EPSG:4547", 150)[0].unit, faces.unit)
    # A class never comes to a unit that had none of it.
    for unit in range(len(units)):
        own = faces.unit == unit
        assert set(once.grade[own]) <= set(faces.grade[own])


@pytest.mark.city
def test_zones_in_real_boundaries_are_the_city_exactly(city_data: Path) -> None:
    units = gpd.read_file(city_data / "admin.gpkg", layer="township")
    bounds = units.to_crs("EPSG:4547").total_bounds
    grid = analysis_grid(tuple(bounds), crs="EPSG:4547", resolution=400)
    layer = layer_on(grid, noisy(7, grid.shape, 6), quantity="risk_grade")
    polygons = class_polygons(layer, np.ones(grid.shape, bool), tolerance=250.0)
    areas = units.to_crs("EPSG:4547").area.to_numpy() / 1e6
    faces, _ = snapped(faces_within(polygons, units, areas), units, "EPSG:4547", 300)
    zones = zones_of(faces, faces.grade, least=1.0)
    whole = shapely.union_all(units.geometry.to_numpy())
    assert shapely.coverage_is_valid(zones.shapes)
    union = shapely.coverage_union_all(zones.shapes)
    assert shapely.area(shapely.symmetric_difference(union, whole)) <= 1e-12 * whole.area
    assert np.isclose(shapely.area(zones.shapes).sum(), whole.area, rtol=1e-12)
    assert np.isclose(faces.area.sum(), areas.sum(), rtol=1e-12)
    held = np.bincount(zones.of_face, faces.area)
    assert (held >= 1.0 - 1e-9).all(), "nothing below the legible size stays where it has a neighbour"
