"""Cells of points, lines and areas: amounts add up, wherever the objects lie and whatever they are made of."""

from __future__ import annotations

from pathlib import Path

import dask.array
import geopandas as gpd
import numpy as np
import shapely

from riskzoning.exposure.placing import Placed, placed
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.pipeline.workspace.frames import keep_frames, read_frames

GRID = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)
LAYER = layer_on(GRID, [[1.0, 2, 3, np.nan], [1.0, 2, 0, 4]], quantity="grade")


def frame(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4547")


def test_points_lines_and_areas_in_one_pass() -> None:
    where = placed(
        frame(shapely.box(50, 0, 150, 100), shapely.Point(350, 50), shapely.LineString([(0, 150), (400, 150)])), GRID
    )
    assert where.kinds.tolist() == [2, 0, 1]
    assert where.whole.tolist() == [10_000, 1, 400]
    by_class = where.by_class(LAYER)
    assert by_class[0].tolist() == [5000, 5000, 0, 0]
    assert by_class[1].tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(by_class[2], [100, 100, 100, 0])


def test_cells_that_were_kept_give_the_same(tmp_path: Path) -> None:
    where = placed(frame(shapely.box(50, 0, 150, 100), shapely.LineString([(0, 150), (400, 150)])), GRID)
    kept = Placed.of(read_frames(tmp_path, keep_frames(tmp_path, where.frames)))
    assert kept.whole.tolist() == where.whole.tolist()
    assert kept.by_class(LAYER).tolist() == where.by_class(LAYER).tolist()


def test_what_lies_beyond_the_grid_counts_in_the_whole_only() -> None:
    where = placed(frame(shapely.Point(-1, 50), shapely.LineString([(-100, 50), (100, 50)])), GRID)
    assert where.whole.tolist() == [1, 200]
    assert where.by_class(LAYER)[:, 0].tolist() == [0, 100]


def test_a_collection_is_its_parts_of_the_highest_dimension() -> None:
    mixed = shapely.GeometryCollection(
        [shapely.Point(10, 10), shapely.box(0, 0, 100, 50), shapely.box(100, 0, 200, 50)]
    )
    where = placed(frame(mixed), GRID)
    assert (where.kinds.tolist(), where.whole.tolist()) == ([2], [10_000])


def test_of_a_lazy_layer_only_the_blocks_of_the_objects_are_read() -> None:
    read: list[tuple[int, int]] = []

    def block(values: np.ndarray, block_info: dict) -> np.ndarray:
        if block_info and None in block_info:
            read.append(tuple(block_info[None]["chunk-location"]))
        return values

    lazy = dask.array.from_array(LAYER.to_numpy(), chunks=(1, 1)).map_blocks(block, dtype=float, meta=np.zeros((0, 0)))
    where = placed(frame(shapely.Point(150, 150)), GRID)
    assert where.by_class(LAYER.copy(data=lazy)).tolist() == [[0, 1]]
    assert set(read) == {(0, 1)}


def test_areas_in_degrees_are_measured_in_square_metres() -> None:
    grid = analysis_grid((113, 35, 113.1, 35.1), crs="EPSG:4490", resolution=0.01)
    layer = layer_on(grid, np.ones(grid.shape), quantity="grade")
    shape = gpd.GeoDataFrame(geometry=[shapely.box(113, 35, 113.05, 35.05)], crs="EPSG:4490")
    where = placed(shape, grid)
    np.testing.assert_allclose(where.by_class(layer)[0, 0] / 1e6, 4.56 * 5.55, rtol=5e-3)
    np.testing.assert_allclose(where.by_class(layer)[0, 0], where.whole[0])
