"""The layer convention: gates that xarray does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, UnitsError
from riskzoning.layers import check_layer, check_same_grid, describe, grid_difference, grid_of, layer_on

Make = Callable[..., Any]


def test_describe_restores_what_arithmetic_loses(make_layer: Make) -> None:
    depth = make_layer([[1.0, 2.0]], "flood_depth")
    lost = xr.where(depth > 1.5, 1, 0)
    found = describe(lost, quantity="mask", like=depth)
    assert found.attrs["units"] == "1"
    assert grid_of(found) == grid_of(depth)
    assert lost.attrs == {} or "quantity" not in lost.attrs


def test_layers_that_differ_by_a_hair_are_the_same_grid_and_by_a_cell_are_not(make_grid: Make) -> None:
    near = make_grid(left=500000)
    a = layer_on(near, 1.0, quantity="slope")
    b = layer_on(make_grid(left=500000 + 1e-5), 1.0, quantity="slope")
    c = layer_on(make_grid(left=500100), 1.0, quantity="slope")
    assert check_same_grid(a=a, b=b) == near
    with pytest.raises(GridMismatchError, match="layer 'c' has its upper left corner"):
        check_same_grid(a=a, c=c)


def test_equal_numbers_in_another_crs_are_another_grid(make_grid: Make) -> None:
    a = layer_on(make_grid(), 1.0, quantity="slope")
    b = layer_on(make_grid(crs="EPSG:4549"), 1.0, quantity="slope")
    with pytest.raises(GridMismatchError, match="has CRS EPSG:4549"):
        check_same_grid(a=a, b=b)


def test_other_shape_is_named(make_grid: Make) -> None:
    sizes = ((4, 6), (5, 7))
    a, b = (layer_on(make_grid(rows=rows, columns=columns), 1.0, quantity="slope") for rows, columns in sizes)
    with pytest.raises(GridMismatchError, match="'b' has 5 rows and 7 columns, not 4 and 6"):
        check_same_grid(a=a, b=b)


def test_layer_without_crs_is_refused_by_name() -> None:
    bare = xr.DataArray(np.zeros((2, 2)), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5]})
    with pytest.raises(MissingCRSError, match="layer 'dem' has no coordinate reference system"):
        check_layer(bare, name="dem")


def test_wrong_units_are_told_with_the_right_ones(make_layer: Make) -> None:
    depth = make_layer([[100.0]], "flood_depth")
    depth.attrs["units"] = "cm"
    with pytest.raises(UnitsError, match="layer 'depth' has units 'cm'; expected 'm', the unit of flood_depth"):
        check_layer(depth, name="depth", quantity="flood_depth")


@pytest.mark.parametrize("periods", [[100.0, 10.0], [10.0, 10.0], [0.0, 10.0], [np.nan, 10.0]])
def test_return_periods_must_rise(make_layer: Make, periods: list[float]) -> None:
    stack = make_layer(np.ones((2, 1, 1)), "flood_depth", return_periods=periods)
    with pytest.raises(LayerError, match="return periods"):
        check_layer(stack, name="depth")


def test_wrong_dims_are_refused(make_layer: Make) -> None:
    with pytest.raises(LayerError, match=r"has the dims x, y"):
        check_layer(make_layer([[1.0]]).transpose("x", "y"), name="a")


def test_grids_are_compared_as_layers_are(make_grid: Make) -> None:
    grid = make_grid()
    layer = layer_on(grid, 1.0, quantity="slope")
    assert check_same_grid(grid=grid, slope=layer) == check_same_grid(layer, grid) == grid
    with pytest.raises(GridMismatchError) as caught:
        check_same_grid(target=make_grid(rows=9), slope=layer)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.required) == ("layer.same_grid", "the cells of grid 'target'")
    with pytest.raises(GridMismatchError, match="grid 'b' has"):
        check_same_grid(a=layer, b=make_grid(rows=9))


def test_corners_that_differ_late_are_printed_until_they_differ(make_grid: Make) -> None:
    from affine import Affine
    from odc.geo.geobox import GeoBox

    a, b = (GeoBox((4, 3600), Affine(cell, 0, 113, 0, -cell, 36), "EPSG:4490") for cell in (1 / 3600, 0.00027777778))
    difference = dict(grid_difference(a, b).values)  # type: ignore[union-attr]
    assert difference["place"] != difference["wanted"]


def placed(y: Any, x: Any) -> xr.DataArray:
    layer = xr.DataArray(np.ones((len(y), len(x))), dims=("y", "x"), coords={"y": y, "x": x})
    return layer.odc.assign_crs("EPSG:4490")


def test_coordinates_kept_as_float32_tell_the_whole_grid() -> None:
    centres = (np.arange(1200) + 0.5) / 1200
    grid = grid_of(placed((36 - centres).astype("f4"), (113 + centres).astype("f4")))
    assert tuple(grid.boundingbox.bbox) == pytest.approx((113, 35, 114, 36), abs=1e-9)


def test_a_gap_in_the_rows_is_no_regular_grid() -> None:
    with pytest.raises(LayerError) as caught:
        grid_of(placed([35.995, 35.985, 35.955], [113.005, 113.015]))
    assert caught.value.problems[0].rule == "layer.axis_uneven"
