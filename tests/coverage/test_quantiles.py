"""Statistics that need the cells themselves: quantiles, majority, minority, variety; by coverage, as exactextract."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
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
