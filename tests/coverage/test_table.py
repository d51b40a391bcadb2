"""The coverage table: which cells belong to which unit, and with what exact share."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from riskzoning.coverage.table import build_table, load_table, prepared_shapes, save_table, table_key
from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid


def test_table_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    table = build_table(geobox, np.array([box(0, 0, 250, 100)]), "fraction")
    assert (table.areas.tolist(), table.fractions.tolist(), table.runs.tolist()) == ([2.5], [0.5], [[0, 2, 0]])


def test_table_covered_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert (build_table(geobox, np.array([box(0, 0, 150, 100)]), "fraction").covered.tolist()) == [1.5]


def test_table_overlaps_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert build_table(geobox, np.array([box(0, 0, 150, 100), box(100, 0, 300, 100)]), "fraction").overlaps()


def test_prepared_shapes_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert (len(prepared_shapes(gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:4547"), geobox))) == 1


def test_build_table_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert (build_table(geobox, np.array([box(0, 0, 150, 100)]), "fraction").fractions.tolist()) == [0.5]


def test_table_key_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert (len(table_key(geobox, np.array([box(0, 0, 1, 1)]), "fraction", pd.Index(["a"])))) == 64


def test_save_table_in_small() -> None:
    geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    table = build_table(geobox, np.array([box(0, 0, 150, 100)]), "fraction")
    with tempfile.TemporaryDirectory() as folder:
        save_table(Path(folder) / "a.npz", table, {"rule": "fraction"})
        stored, facts = load_table(Path(folder) / "a.npz")
    assert (stored.areas.tolist() == table.areas.tolist(), facts) == (True, {"rule": "fraction"})


def test_load_table_in_small() -> None:
    with pytest.raises(LayerError) as caught:
        load_table("no-such.npz")
    assert caught.value.problems[0].rule == "coverage.file"
