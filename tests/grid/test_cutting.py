"""Lines cut at cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, hearing
from riskzoning.grid import analysis_grid, line_length
from riskzoning.grid.cutting import cell_pieces

GRID = analysis_grid((500000, 3900000, 500400, 3900300), crs="EPSG:4547", resolution=100)
COORDINATES = st.tuples(st.floats(499900, 500500), st.floats(3899900, 3900400))


@given(st.lists(COORDINATES, min_size=2, max_size=6, unique=True))
def test_pieces_add_up_to_the_lengths_by_cell(points: list[tuple[float, float]]) -> None:
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString(points)], crs="EPSG:4547")
    _, row, column, length = cell_pieces(lines, GRID)
    assert length.sum() == pytest.approx(lines.length.sum(), abs=1e-6)
    with hearing(Journal()):
        # Lines beside the grid are told.
        layer = line_length(lines, GRID)
    sums = np.zeros(GRID.shape)
    inside = row >= 0
    np.add.at(sums, (row[inside], column[inside]), length[inside] / 1000)
    np.testing.assert_allclose(sums, layer.values, atol=1e-9)


def test_lines_keep_their_position_and_none_is_none() -> None:
    lines = gpd.GeoDataFrame(
        geometry=[
            shapely.LineString([(500010, 3900050), (500020, 3900050)]),
            shapely.MultiLineString([[(500110, 3900050), (500120, 3900050)], [(500210, 3900150), (500230, 3900150)]]),
        ],
        crs="EPSG:4547",
    )
    line, row, column, length = cell_pieces(lines, GRID)
    assert line.tolist() == [0, 1, 1]
    assert list(zip(row.tolist(), column.tolist(), length.round(6).tolist(), strict=True)) == [
        (2, 0, 10.0),
        (2, 1, 10.0),
        (1, 2, 20.0),
    ]
    assert cell_pieces(lines.iloc[:0], GRID)[3].size == 0
