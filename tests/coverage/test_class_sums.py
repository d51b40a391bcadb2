"""Ground and counts by class, and means of an index, by unit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box, voronoi_polygons
from shapely.geometry import MultiPoint

from riskzoning.coverage import Coverage
from riskzoning.coverage.class_sums import ClassAccumulator, ClassSums
from riskzoning.grid import analysis_grid

GRID = analysis_grid((0, 0, 400, 300), crs="EPSG:4547", resolution=100)
CODES = np.array([[1, 2, 2, 3], [1, 1, 0, 3], [2, 2, 2, 3]], np.uint8)
INDEX = np.array([[0.1, 0.4, 0.4, 0.9], [0.1, 0.1, np.nan, 0.9], [0.4, 0.4, 0.4, 0.9]], np.float32)
COUNT = np.array([[10.0, 0, 0, 5], [0, 1, 7, np.nan], [0, 0, 2, 0]])


def summed(units: gpd.GeoDataFrame, rows: int = 3) -> tuple[Coverage, ClassSums]:
    coverage = Coverage.from_units(GRID, units)
    sums = ClassAccumulator(coverage, {"risk": 3})
    for first in range(0, 3, rows):
        last = first + rows
        sums.update(first, {"risk": (CODES[first:last], INDEX[first:last], COUNT[first:last])})
    return coverage, sums.result()["risk"]


def test_ground_and_counts_lie_in_classes_and_those_without_one_in_class_0() -> None:
    units = gpd.GeoDataFrame(index=["a", "b"], geometry=[box(0, 0, 250, 300), box(250, 0, 400, 300)], crs="EPSG:4547")
    _, sums = summed(units)
    np.testing.assert_allclose(sums.ground, [[0.5, 3, 4, 0], [0.5, 0, 1, 3]])
    np.testing.assert_allclose(sums.held, [[3.5, 11, 1, 0], [3.5, 0, 1, 5]])
    assert sums.mean[0] == pytest.approx((3 * 0.1 + 4 * 0.4) / 7)
    # What lies where there is no index weighs nothing.
    assert sums.weighted == pytest.approx([(11 * 0.1 + 0.4) / 12, (0.4 + 5 * 0.9) / 6])


def test_without_a_count_there_is_no_weighted_mean() -> None:
    units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 400, 300)], crs="EPSG:4547")
    sums = ClassAccumulator(Coverage.from_units(GRID, units), {"risk": 3})
    sums.update(0, {"risk": (CODES, INDEX, None)})
    made = sums.result()["risk"]
    assert np.isnan(made.weighted).all()
    assert made.held.sum() == 0
    assert made.ground.sum() == pytest.approx(12)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_bands_give_the_bits_of_the_whole(rows: int) -> None:
    units = gpd.GeoDataFrame(index=["a", "b"], geometry=[box(3, 7, 251, 290), box(251, 0, 400, 300)], crs="EPSG:4547")
    whole, parts = summed(units)[1], summed(units, rows)[1]
    for name in ("ground", "held", "mean", "weighted"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@given(st.lists(st.tuples(st.floats(1, 399), st.floats(1, 299)), min_size=4, max_size=9, unique=True))
def test_sums_over_children_are_those_of_the_parent_for_any_partition(seeds: list[tuple[float, float]]) -> None:
    city = box(0, 0, 400, 300)
    cells = [part.intersection(city) for part in voronoi_polygons(MultiPoint(seeds), extend_to=city).geoms]
    parts = [part for part in cells if part.area > 1e-3]
    index = pd.Index([f"T{place}" for place in range(len(parts))] + ["C"], name="code")
    columns = {"level": ["town"] * len(parts) + ["city"], "parent": ["C"] * len(parts) + [""]}
    units = gpd.GeoDataFrame(columns, index=index, geometry=[*parts, city], crs="EPSG:4547")
    _, sums = summed(units)
    for table in (sums.ground, sums.held):
        np.testing.assert_allclose(table[:-1].sum(axis=0), table[-1], rtol=1e-9, atol=1e-9)
    assert sums.ground[-1].sum() == pytest.approx(12, rel=1e-9)
