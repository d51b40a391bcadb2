"""The coverage table: which cells belong to which unit, and with what exact share."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
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


@pytest.mark.parametrize(
    ("origin", "cell"), [(113.0, 0.01), (-71.3, 1e-4), (38_500_000.0, 0.25), (0.1, 0.1), (1e6, 30)]
)
@pytest.mark.parametrize("rule", ["fraction", "touched", "centre"])
def test_a_unit_whose_edge_is_a_border_of_cells_has_no_cell_beyond(origin: float, cell: float, rule: str) -> None:
    grid = GeoBox((7, 9), Affine(cell, 0, origin, 0, -cell, 36.0), "EPSG:4547")
    # The same borders as a neighbouring program would print them, with the last digits of another sum.
    for left, right in ((0, 3), (2, 7), (6, 9)):
        x = [origin + left * cell * (1 + 1e-15), sum([cell] * right, origin)]
        unit = box(min(x), 36.0 - 5 * cell, max(x), 36.0 - 3 * cell)
        table = build_table(grid, np.array([unit]), rule)
        assert table.fractions.tolist() == []
        assert table.runs.tolist() == [[left, right, 0]] * 2
        assert table.covered.tolist() == table.areas.tolist() == [2.0 * (right - left)]


def test_slivers_that_are_no_rounding_stay() -> None:
    grid = GeoBox((1, 2), Affine(100, 0, 500_000, 0, -100, 3_900_100), "EPSG:4547")
    table = build_table(grid, np.array([box(500_000, 3_900_000, 500_100.001, 3_900_100)]), "fraction")
    assert table.fractions == pytest.approx([1e-5], rel=1e-4)
    small = build_table(grid, np.array([box(500_099.9999, 3_900_050, 500_100.0001, 3_900_050.001)]), "fraction")
    assert small.fractions == pytest.approx([1e-11, 1e-11], rel=1e-2)
