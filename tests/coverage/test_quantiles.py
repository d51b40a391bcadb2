"""Statistics that need the cells themselves: quantiles, majority, minority, variety; by coverage, as exactextract."""

from __future__ import annotations

from random import Random

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from riskzoning.coverage.quantiles import class_table, expand, unit_quantiles, weighted_quantile
from riskzoning.coverage.table import build_table
from riskzoning.coverage.zonal import zonal_statistics
from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on


def test_expand_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    table = build_table(geobox, np.array([box(0, 0, 150, 100)]), "fraction")
    assert ([part.tolist() for part in expand(table, 0, 2)]) == [[1, 1], [0, 1], [0, 0], [1.0, 0.5]]


def test_weighted_quantile_in_small() -> None:
    values, weights = np.array([1.0, 2, 3, 4]), np.array([1, 1, 0.5, 0.25])
    assert (weighted_quantile(values, weights, [0.25, 0.5, 0.9]).round(7).tolist()) == [1.515625, 2.0416667, 3.34]


def test_unit_quantiles_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    table = build_table(geobox, np.array([box(0, 0, 300, 100), box(0, 100, 100, 200)]), "fraction")
    values = np.array([[7.0, 8.0, 9.0], [1.0, 2.0, 6.0]])
    assert (unit_quantiles(table, 2, lambda first, last: values[first:last], [0.5]).ravel().tolist()) == [2.0, 7.0]


def test_class_table_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    table = build_table(geobox, np.array([box(0, 0, 250, 200)]), "fraction")
    values = np.array([[1.0, 1.0, 2.0], [1.0, 2.0, np.nan]])
    classes, share = class_table(table, 2, lambda first, last: values[first:last], name="a")
    assert (classes.tolist(), share.tolist()) == ([1.0, 2.0], [[3.0, 1.5]])


def test_more_classes_than_can_be_counted_are_refused_by_the_name_of_the_layer() -> None:
    geobox = analysis_grid((0, 0, 260, 256), crs="EPSG:4547", resolution=1)
    units = gpd.GeoDataFrame({"geometry": [box(0, 0, 260, 256)]}, crs="EPSG:4547")
    codes = layer_on(
        geobox, np.arange(260 * 256, dtype=np.int32).reshape(256, 260), quantity="event_count", name="parcels"
    )
    with pytest.raises(LayerError, match=r"parcels.*65,?535"):
        zonal_statistics(codes, units, ["majority"])
    fewer = codes.copy(data=codes.data // 2)
    assert zonal_statistics(fewer, units, ["variety"])["variety"].tolist() == [260 * 256 / 2]


CELLS = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 64)), min_size=1, max_size=30)
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.randoms(use_true_random=False))
def test_quantiles_are_those_of_the_definition_in_any_order(cells: list[tuple[int, int]], chance: Random) -> None:
    mixed = chance.sample(cells, len(cells))
    values, weights = (np.array(column, dtype=float) for column in zip(*mixed))
    made = weighted_quantile(values, weights / 64, SHARES)
    ordered = sorted(cells)
    n, total, below, places = len(cells), sum(w for _, w in cells), 0, []
    for k, (_, weight) in enumerate(ordered):
        places.append((k * weight + (n - 1) * below) / 64)
        below += weight
    plain = np.interp(np.array(SHARES) * (n - 1) * total / 64, places, [float(value) for value, _ in ordered])
    np.testing.assert_allclose(made, plain, rtol=1e-12, atol=1e-9)
    # Cells that all lie wholly inside: the quantile of numpy.
    np.testing.assert_allclose(weighted_quantile(values, np.ones(n), SHARES), np.quantile(values, SHARES), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_classes_of_a_unit_are_counted_by_their_ground(seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 4, (4, 6)).astype(np.uint8)
    west, south = random.uniform(0, 300, 2)
    unit = box(west, south, west + random.uniform(20, 290), south + random.uniform(20, 90))
    geobox = analysis_grid((0, 0, 600, 400), crs="EPSG:4547", resolution=100)
    layer = layer_on(geobox, codes, quantity="landcover")
    made = zonal_statistics(
        layer, gpd.GeoDataFrame(geometry=[unit], crs="EPSG:4547"), ["majority", "minority", "variety", "count"]
    ).iloc[0]
    ground = {}
    for row, column in np.ndindex(4, 6):
        share = unit.intersection(box(column * 100, 300 - row * 100, column * 100 + 100, 400 - row * 100)).area / 1e4
        if share > 1e-9:
            ground[int(codes[row, column])] = ground.get(int(codes[row, column]), 0.0) + share
    most, least = max(ground.values()), min(ground.values())
    assert made["majority"] == max(code for code, area in ground.items() if area > most - 1e-9)
    assert made["minority"] == min(code for code, area in ground.items() if area < least + 1e-9)
    assert made["variety"] == len(ground)
    assert made["count"] == pytest.approx(sum(ground.values()), rel=1e-9)
