"""Polygons, lines and points on the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import LineString, MultiLineString, Point, box

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.grid import analysis_grid, line_length, point_counts, rasterise
from riskzoning.grid.vectors import in_crs

MakeGrid = Callable[..., GeoBox]


def frame(geometry: list[Any], crs: str | None = "EPSG:4547", **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def test_cells_take_the_polygon_that_holds_their_centre(make_grid: MakeGrid) -> None:
    ground = frame([box(500000, 3900000, 500240, 3900200), box(500240, 3900000, 500500, 3900140)], code=["I1", "IV"])
    out = rasterise(ground, make_grid(2, 5), column="code", quantity="site_class", classes={"I1": 2, "IV": 5})
    np.testing.assert_array_equal(out.values, [[2, 2, 0, 0, 0], [2, 2, 5, 5, 5]])
    assert out.dtype == "uint8"
    assert out.attrs["quantity"] == "site_class"


def test_a_mask_needs_no_column_and_the_later_row_wins(make_grid: MakeGrid) -> None:
    overlapping = [box(500000, 3900000, 500300, 3900100), box(500200, 3900000, 500500, 3900100)]
    np.testing.assert_array_equal(rasterise(frame(overlapping), make_grid(1, 5), quantity="mask").values, 1)
    out = rasterise(frame(overlapping, code=[3, 4]), make_grid(1, 5), column="code", quantity="lithology")
    np.testing.assert_array_equal(out.values, [[3, 3, 4, 4, 4]])


def test_touched_takes_every_cell_that_a_line_meets(make_grid: MakeGrid) -> None:
    line = frame([LineString([(500010, 3900090), (500310, 3900095)])])
    np.testing.assert_array_equal(
        rasterise(line, make_grid(1, 5), quantity="mask", touched=True).values, [[1, 1, 1, 1, 0]]
    )


@pytest.mark.parametrize(("code", "dtype"), [(255, "uint8"), (256, "uint16"), (65535, "uint16")])
def test_large_codes_have_room(make_grid: MakeGrid, code: int, dtype: str) -> None:
    out = rasterise(
        frame([box(5e5, 39e5, 6e5, 4e6)], code=[code]), make_grid(2, 2), column="code", quantity="lithology"
    )
    assert out.dtype == dtype
    assert (out.values == code).all()


def test_polygons_in_another_crs_are_moved(make_grid: MakeGrid) -> None:
    there = frame([box(500100, 3900100, 500300, 3900200)], code=[7])
    for crs in ("EPSG:4490", "EPSG:3857"):
        out = rasterise(there.to_crs(crs), make_grid(3, 5), column="code", quantity="lithology")
        np.testing.assert_array_equal(out.values, [[0] * 5, [0, 7, 7, 0, 0], [0] * 5])


def test_categories_numbers_as_text_and_other_fills(make_grid: MakeGrid) -> None:
    cells = [box(500000 + i * 100, 3900000, 500100 + i * 100, 3900100) for i in range(3)]
    texts = frame(cells, code=pd.Categorical(["2", " 3", "2"]))
    np.testing.assert_array_equal(
        rasterise(texts, make_grid(1, 4), column="code", quantity="lithology", fill=9).values, [[2, 3, 2, 9]]
    )
    speed = rasterise(frame(cells, vs=[180.5, 250, 500]), make_grid(1, 4), column="vs", quantity="information_value")
    np.testing.assert_array_equal(speed.values, [[180.5, 250, 500, np.nan]])
    nothing = rasterise(frame([], code=[]), make_grid(1, 4), column="code", quantity="lithology")
    assert (nothing.values == 0).all()


def test_wrong_classes_are_all_listed(make_grid: MakeGrid) -> None:
    cells = [box(500000, 3900000, 500100, 3900100)] * 4
    ground = frame(cells, code=["II", "V", "VI", "V"])
    with pytest.raises(LayerError, match=r"unknown classes V, VI; expected one of II, III") as error:
        rasterise(ground, make_grid(), column="code", quantity="site_class", classes={"II": 3, "III": 4})
    (problem,) = error.value.problems
    assert problem.field == "code"
    for codes in ([1, 2, 3, 70000], [1, 2, 3, -1], [1, 2, 3, 1.5], ["a", 1, 2, 3]):
        with pytest.raises(LayerError, match=r"whole codes 0\.\.65535"):
            rasterise(frame(cells, code=codes), make_grid(), column="code", quantity="lithology")
    with pytest.raises(LayerError, match="no column 'kind'; expected one of code"):
        rasterise(ground, make_grid(), column="kind", quantity="lithology")


def test_rows_without_a_class_are_left_out_and_counted(make_grid: MakeGrid) -> None:
    cells = [box(500000 + i * 100, 3900000, 500100 + i * 100, 3900100) for i in range(4)]
    with pytest.warns(UserWarning, match="2 of 4 rows, which have no value in 'code'"):
        out = rasterise(frame(cells, code=["1", None, " ", "2"]), make_grid(1, 4), column="code", quantity="lithology")
    np.testing.assert_array_equal(out.values, [[1, 0, 0, 2]])


def test_what_cannot_be_burnt(make_grid: MakeGrid) -> None:
    ground = frame([box(500000, 3900000, 500100, 3900100)])
    with pytest.raises(LayerError, match="one value in every cell"):
        rasterise(ground, make_grid(), quantity="population")
    with pytest.raises(MissingCRSError, match="crs: EPSG"):
        rasterise(frame([Point(0, 0)], crs=None), make_grid(), quantity="mask")
    with pytest.raises(LayerError, match="GeoDataFrame"):
        rasterise(pd.DataFrame({"a": [1]}), make_grid(), quantity="mask")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match=r"do not meet the grid.*EPSG:4547.*EPSG:4490"):
        out = rasterise(frame([box(10, 10, 11, 11)], crs="EPSG:4490"), make_grid(), quantity="mask")
    assert (out.values == 0).all()


coordinates = st.tuples(st.floats(499700, 500900), st.floats(3899700, 3900700))


@pytest.mark.filterwarnings("ignore:lines for")
@settings(max_examples=60, deadline=None)
@given(st.lists(coordinates, min_size=2, max_size=6))
def test_lengths_are_those_of_the_clipped_lines(points: list[tuple[float, float]]) -> None:
    grid = analysis_grid((500000, 3900000, 500500, 3900400), crs="EPSG:4547", resolution=100)
    line = LineString(points)
    out = line_length(frame([line]), grid)
    for row in range(4):
        for column in range(5):
            cell = box(500000 + column * 100, 3900300 - row * 100, 500100 + column * 100, 3900400 - row * 100)
            assert (
                out.values[row, column] * 1000 >= shapely.length(shapely.intersection(line, cell.buffer(-1e-6))) - 1e-3
            )
    assert out.values.sum() + out.attrs["outside"] == pytest.approx(line.length / 1000, rel=1e-9, abs=1e-9)


def test_a_line_cell_by_cell(make_grid: MakeGrid) -> None:
    lines = MultiLineString([[(500050, 3900050), (500150, 3900150)], [(500420, 3900010), (500460, 3900040)]])
    out = line_length(frame([lines]), make_grid(2, 5))
    wanted = np.zeros((2, 5))
    wanted[1, 0] = wanted[0, 1] = 0.05 * np.sqrt(2)
    wanted[1, 4] = 0.05
    np.testing.assert_allclose(out.values, wanted, atol=1e-12)
    assert out.attrs["quantity"] == "road_length"
    assert out.attrs["units"] == "km"


def test_lengths_on_a_geographic_grid_are_geodesic() -> None:
    grid = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.25)
    out = line_length(frame([LineString([(113.1, 35.1), (113.9, 35.9)])], crs="EPSG:4490"), grid)
    wanted = pyproj.Geod(a=6378137, rf=298.257222101).inv(113.1, 35.1, 113.9, 35.9)[2] / 1000
    assert out.values.sum() == pytest.approx(wanted)


def test_polygons_have_no_length(make_grid: MakeGrid) -> None:
    with pytest.raises(LayerError, match=r"frame\.boundary"):
        line_length(frame([box(500000, 3900000, 500100, 3900100)]), make_grid())
    empty = line_length(frame([LineString()]), make_grid())
    assert empty.values.sum() == 0


def test_points_are_counted_with_those_outside(make_grid: MakeGrid) -> None:
    points = frame(
        [
            Point(500010, 3900010),
            Point(500500, 3900000),
            Point(500000, 3900200),
            Point(499999, 3900100),
            Point(500020, 3900020),
        ],
        people=[10.0, 20.0, 30.0, 40.0, np.nan],
    )
    out = point_counts(points, make_grid(2, 5))
    np.testing.assert_array_equal(out.values, [[1, 0, 0, 0, 0], [2, 0, 0, 0, 1]])
    assert out.attrs["outside"] == 1
    with pytest.warns(UserWarning, match="1 of 5 rows"):
        out = point_counts(points, make_grid(2, 5), column="people", quantity="population")
    np.testing.assert_array_equal(out.values, [[30, 0, 0, 0, 0], [10, 0, 0, 0, 20]])
    assert out.attrs["outside"] == 40
    assert out.attrs["units"] == "person"


def test_other_geometries_count_at_their_representative_point(make_grid: MakeGrid) -> None:
    out = point_counts(frame([box(500110, 3900010, 500190, 3900090)]), make_grid(1, 3))
    np.testing.assert_array_equal(out.values, [[0, 1, 0]])


def test_in_crs_in_small() -> None:
    points = gpd.GeoSeries.from_xy([114.0], [0.0], crs="EPSG:4490")
    assert (round(float(in_crs(points, "EPSG:4547", "points").geometry.x.iloc[0]))) == 500000
