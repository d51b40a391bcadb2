"""Worked examples of the composite risk degree and of height above drainage, and laws that must hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError
from shapely.geometry import LineString

from riskzoning import standards
from riskzoning.errors import ConfigError, GridMismatchError, LayerError, UnitsError
from riskzoning.hazards import HAZARDS, flood
from riskzoning.hazards.flood import (
    Params,
    assess,
    calibrate,
    composite_risk,
    degree_index,
    drainage_index,
    equivalent_depth,
    height_above_nearest_drainage,
    prepare,
    rising_depths,
)
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]
T = [5, 10, 20, 50, 100]


@pytest.mark.parametrize(
    ("depths", "without", "with_tail", "grade"),
    [
        ([1, 1, 1, 1, 1], 0.19, 0.20, 2),
        ([0, 0, 0.2, 0.6, 1.2], 0.026, 0.038, 1),
        ([0.5, 1, 1.5, 2, 3], 0.215, 0.245, 2),
    ],
)
def test_integral_form(depths: list[float], without: float, with_tail: float, grade: int) -> None:
    found = composite_risk(depths, T)
    assert float(found.risk_degree) == pytest.approx(with_tail, abs=1e-12)
    assert float(composite_risk(depths, T, tail=False).risk_degree) == pytest.approx(without, abs=1e-12)
    assert int(found.grade) == grade
    assert found.risk_degree.attrs["units"] == "m"


def test_one_return_period_gives_depth_times_rate() -> None:
    assert float(composite_risk([3.0], [20]).risk_degree) == pytest.approx(0.15)
    assert int(composite_risk([3.0], [20]).grade) == 2


@pytest.mark.parametrize("axis_order", [[0, 1, 2, 3, 4], [4, 2, 0, 1, 3]])
def test_the_order_of_the_periods_is_irrelevant(axis_order: list[int]) -> None:
    depths = np.array([0.5, 1, 1.5, 2, 3])[axis_order]
    assert float(composite_risk(depths, np.array(T)[axis_order]).risk_degree) == pytest.approx(0.245, abs=1e-12)


@given(hnp.arrays(float, (5, 3), elements=st.floats(0, 10)), st.floats(0.1, 5))
def test_degree_is_linear_and_rises_with_any_depth(depths: np.ndarray[Any, Any], factor: float) -> None:
    degree = composite_risk(depths, T).risk_degree.values
    np.testing.assert_allclose(composite_risk(factor * depths, T).risk_degree, factor * degree, rtol=1e-9, atol=1e-12)
    more = depths.copy()
    more[2] += factor
    assert np.all(composite_risk(more, T).risk_degree.values >= degree)
    assert np.all((degree >= 0) & (degree <= depths.max(axis=0) / 5 + 1e-9))


def test_weighted_form_by_order_and_by_period() -> None:
    depths = [0.5, 1, 1.5, 2, 3]
    weights = [0.1, 0.2, 0.2, 0.2, 0.3]
    expected = 0.05 + 0.2 + 0.3 + 0.4 + 0.9
    found = composite_risk(depths, T, form="weighted", weights=weights)
    assert float(found.risk_degree) == pytest.approx(expected)
    assert int(found.grade) == 4
    by_period = dict(zip(T[::-1], weights[::-1]))
    turned = composite_risk(depths, T, form="weighted", weights=by_period)
    assert float(turned.risk_degree) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "weighted"}, "weight for each return period"),
        ({"form": "weighted", "weights": [0.5, 0.5]}, "5 numbers of 0 or more"),
        ({"form": "weighted", "weights": [0.5, 0.5, 0.5, 0.5, 0.5]}, "sum 2.5"),
        ({"form": "weighted", "weights": [0.5, 0.5, 0.5, -0.5, 0.0]}, "of 0 or more"),
        ({"form": "weighted", "weights": {5: 1.0}}, "the periods 5, 10, 20, 50, 100"),
        ({"form": "sum"}, "'integral' or 'weighted'"),
        ({"weights": [0.2] * 5}, "only with form='weighted'"),
        ({"breaks": (0.5, 0.15)}, "ascending limits"),
        ({"breaks": (0.0, 0.15)}, "ascending limits"),
        ({"return_periods": [5, 10]}, "one for each of 5 depths"),
        ({"return_periods": [5, 10, 10, 50, 100]}, "each once"),
        ({"return_periods": [0, 10, 20, 50, 100]}, "above 0"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, Any], message: str) -> None:
    periods = options.pop("return_periods", T)
    with pytest.raises(LayerError, match=message) as caught:
        composite_risk(np.ones((5, 2, 2)), periods, **options)
    problem = caught.value.problems[0]
    assert all((problem.file, problem.found, problem.required, problem.fix))


def test_classes_are_left_closed() -> None:
    # 0.75 m in every year with T = 5 is 0.15 but for rounding
    depths = np.array([0.75, 2.5, 5.0, 0.7499999, 2.4999999, 4.9999999])
    found = composite_risk(np.tile(depths, (5, 1)), T)
    assert found.grade.values.tolist() == [2, 3, 4, 1, 2, 3]
    assert found.grade.dtype == np.uint8
    assert composite_risk(np.full((5, 1), 0.75), T, breaks=(0.1, 0.2)).grade.values.tolist() == [2]


def test_no_data_stays_no_data_and_dry_stays_dry() -> None:
    depths = np.zeros((5, 6))
    depths[0, 1], depths[4, 2], depths[2, 3], depths[1, 4] = np.nan, np.nan, -9999.0, np.inf
    found = composite_risk(depths, T)
    np.testing.assert_array_equal(found.risk_degree, [0, np.nan, np.nan, np.nan, np.nan, 0])
    np.testing.assert_array_equal(found.grade, [1, 0, 0, 0, 0, 1])


def test_containers(make_layer: MakeLayer) -> None:
    values = np.random.default_rng(0).random((5, 4, 6))
    expected = composite_risk(values, T)
    assert expected.risk_degree.dims == ("y", "x")
    stack = make_layer(values, "flood_depth", return_periods=T)
    found = composite_risk(stack, T)
    assert grid_of(found.risk_degree) == grid_of(stack)
    assert found.grade.attrs["quantity"] == "hazard_grade"
    np.testing.assert_array_equal(found.risk_degree, expected.risk_degree)
    np.testing.assert_array_equal(composite_risk(stack).risk_degree, expected.risk_degree)
    np.testing.assert_array_equal(composite_risk(stack, T[::-1]).risk_degree, expected.risk_degree)
    layers = [stack.isel(return_period=i, drop=True) for i in range(5)]
    np.testing.assert_array_equal(composite_risk(layers, T).risk_degree, expected.risk_degree)
    lazy = composite_risk(da.from_array(values, chunks=(1, 2, 3)), T)
    assert lazy.risk_degree.chunks is not None
    np.testing.assert_array_equal(lazy.grade, expected.grade)
    with pytest.raises(LayerError, match="those of the stack"):
        composite_risk(stack, [2, 10, 20, 50, 100])
    with pytest.raises(LayerError, match="a dimension return_period"):
        composite_risk(layers[0], [5])
    with pytest.raises(LayerError, match="is missing"):
        composite_risk(values)
    with pytest.raises(UnitsError, match="'cm'"):
        composite_risk(stack.assign_attrs(units="cm"))
    with pytest.raises(GridMismatchError):
        composite_risk([layers[0], make_layer(values[1], "flood_depth", left=0)], [5, 10])


@given(hnp.arrays(float, 50, elements=st.floats(0, 3)))
def test_index_meets_the_classes(degrees: np.ndarray[Any, Any]) -> None:
    limits = np.array([0.15, 0.5, 1.0])
    degrees = np.sort(
        np.concatenate([degrees, limits, np.nextafter(limits, 0), np.nextafter(limits, 9), limits - 1e-7])
    )
    grade = composite_risk(degrees[None], [1]).grade.values
    index = degree_index(degrees)
    np.testing.assert_array_equal(np.searchsorted([0.25, 0.5, 0.75], index, side="right") + 1, grade)
    assert np.all(np.diff(index) >= 0)
    assert np.all((index >= 0) & (index <= 1))


def test_index_of_other_breaks_and_of_missing() -> None:
    np.testing.assert_allclose(
        degree_index(np.array([0, 1, 3, 4.5, np.nan]), breaks=(1, 3), full_at=1.5), [0, 1 / 3, 2 / 3, 1, np.nan]
    )
    assert degree_index(0.075) == pytest.approx(0.125)
    with pytest.raises(LayerError, match="above 1"):
        degree_index(0.1, full_at=1.0)


def test_equivalent_depth(make_layer: MakeLayer) -> None:
    depth = make_layer(np.full((2, 1, 4), 2.0), "flood_depth", return_periods=[5, 100])
    velocity = make_layer(np.array([[0.0, 1.5, np.nan, 9.0]]), "flood_velocity")
    duration = make_layer(np.full((2, 1, 4), 48.0), "flood_duration", return_periods=[5, 100])
    found = equivalent_depth(depth, velocity=velocity)
    np.testing.assert_allclose(found, [[[2.0, 2.4, 2.0, 3.0]]] * 2)
    both = equivalent_depth(depth, velocity=velocity, duration=duration)
    np.testing.assert_allclose(both, found * 1.125)
    assert both.dims == depth.dims
    assert both.attrs["quantity"] == "flood_depth"
    assert equivalent_depth(depth).identical(depth)
    with pytest.raises(UnitsError, match="km/h"):
        equivalent_depth(depth, velocity=velocity.assign_attrs(units="km/h"))
    with pytest.raises(LayerError, match="the return periods 5, 50"):
        equivalent_depth(depth, duration=duration.assign_coords(return_period=[5.0, 50.0]))


def test_rising_depths_is_the_isotonic_fit(make_layer: MakeLayer) -> None:
    from sklearn.isotonic import isotonic_regression

    values = np.random.default_rng(1).random((5, 6, 7)).round(1)
    values[:, 0, 0] = [0, 0.1, 0.1, 0.5, 2.0]
    values[1, 1, 1] = np.nan
    stack = make_layer(values, "flood_depth", return_periods=T)
    found = rising_depths(stack)
    for row, column in np.ndindex(6, 7):
        if (row, column) != (1, 1):
            expected = isotonic_regression(values[:, row, column])
            np.testing.assert_allclose(found[:, row, column], expected, atol=1e-12)
    np.testing.assert_array_equal(found[:, 0, 0], values[:, 0, 0])
    np.testing.assert_array_equal(found[:, 1, 1], values[:, 1, 1])
    lazy = rising_depths(stack.chunk({"return_period": 1, "y": 2, "x": 3}))
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy, found)
    single = rising_depths(stack.astype(np.float32))
    assert single.dtype == np.float32


def dem_of(make_layer: MakeLayer, values: Any, **options: Any) -> xr.DataArray:
    return make_layer(np.asarray(values, dtype=float), "elevation", **options)


def valley(rows: int = 9, columns: int = 11) -> np.ndarray[Any, Any]:
    """A river in the middle column that falls southwards; elevation is the number of steps to it plus its own fall."""
    y, x = np.mgrid[0:rows, 0:columns]
    return 2.0 * np.abs(x - columns // 2) + 0.01 * (rows - y)


def test_hand_of_a_slope_that_ends_in_drains_is_the_elevation(make_layer: MakeLayer) -> None:
    # rank 0 is the river; every cell drains straight down to it
    rank = np.abs(np.arange(7) - 3.0) * np.ones((5, 1))
    drains = dem_of(make_layer, rank).copy(data=(rank == 0).astype(np.uint8))
    found = height_above_nearest_drainage(dem_of(make_layer, rank), min_upstream_area_km2=9e9, drainage=drains)
    np.testing.assert_array_equal(found, rank)


def test_hand_of_a_plateau_above_its_drains_is_1(make_layer: MakeLayer) -> None:
    plateau = np.ones((6, 8))
    plateau[:, 4] = 0.0
    drains = dem_of(make_layer, plateau).copy(data=(plateau == 0).astype(np.uint8))
    found = height_above_nearest_drainage(dem_of(make_layer, plateau), min_upstream_area_km2=9e9, drainage=drains)
    inner = np.zeros_like(plateau, dtype=bool)
    inner[1:-1, 1:-1] = True
    np.testing.assert_array_equal(found.values[inner], plateau[inner])


def test_hand_by_upstream_area_is_0_on_drains_and_rises_off_them(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    found = height_above_nearest_drainage(dem, min_upstream_area_km2=0.06)
    assert float(found.min()) == 0.0
    np.testing.assert_array_equal(found[2:, 5], 0.0)
    assert np.all(np.diff(found.values[2:4, 5:9], axis=1) > 1.9)
    assert found.attrs["units"] == "m"
    assert grid_of(found) == grid_of(dem)


@pytest.mark.parametrize("constant", [1000.0, -77.3, 1e-3])
def test_hand_does_not_know_the_datum(make_layer: MakeLayer, constant: float) -> None:
    rough = valley(20, 20) + np.random.default_rng(5).normal(0, 1.5, (20, 20))
    found = [
        height_above_nearest_drainage(dem_of(make_layer, rough + shift), min_upstream_area_km2=0.1)
        for shift in (0, constant)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert float(found[0].min()) >= 0


def test_hand_bridges_a_hole_and_keeps_the_outside_missing(make_layer: MakeLayer) -> None:
    values = valley(12, 13)
    values[5:7, 6] = np.nan
    values[:, 0] = np.nan
    whole = height_above_nearest_drainage(dem_of(make_layer, valley(12, 13)), min_upstream_area_km2=0.05)
    found = height_above_nearest_drainage(dem_of(make_layer, values), min_upstream_area_km2=0.05)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_array_equal(found[8:, 6:], whole[8:, 6:])
    nothing = dem_of(make_layer, np.full((4, 5), np.nan))
    assert np.isnan(height_above_nearest_drainage(nothing, min_upstream_area_km2=1)).all()


def test_hand_is_lazy_for_a_lazy_dem_and_knows_geographic_areas(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    expected = height_above_nearest_drainage(dem, min_upstream_area_km2=0.05)
    found = height_above_nearest_drainage(dem.chunk({"y": 4, "x": 5}), min_upstream_area_km2=0.05)
    assert found.chunks is not None
    np.testing.assert_array_equal(found, expected)
    # 0.01 degree near 35 N: about 0.91 x 1.11 km a cell, so 5 km2 are some 5 cells
    degrees = dem_of(make_layer, valley(), crs="EPSG:4490", resolution=0.01, left=114, bottom=35)
    np.testing.assert_array_equal(height_above_nearest_drainage(degrees, min_upstream_area_km2=5), expected)


def test_hand_refuses_what_it_cannot_use(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    with pytest.raises(LayerError, match="above 0 km2"):
        height_above_nearest_drainage(dem, min_upstream_area_km2=0)
    with pytest.raises(UnitsError, match="'ft'"):
        height_above_nearest_drainage(dem.assign_attrs(units="ft"), min_upstream_area_km2=1)
    with pytest.raises(GridMismatchError):
        height_above_nearest_drainage(
            dem, min_upstream_area_km2=1, drainage=make_layer(np.ones((9, 11)), "mask", left=0)
        )


def test_drainage_index_falls_with_height() -> None:
    np.testing.assert_allclose(
        drainage_index(np.array([0, 1, 2, 3, 5, 15, 99, np.nan])), [1, 0.75, 0.625, 0.5, 0.25, 0, 0, np.nan]
    )
    assert np.all(np.diff(drainage_index(np.linspace(0, 20, 99))) <= 0)


def test_assess_grades_index_and_degree_alike(hazard_grid: Any, example_inputs: Any) -> None:
    found = assess(example_inputs("flood", hazard_grid))
    index, grade = found["hazard_index"].values, found["hazard_grade"].values
    valid = grade > 0
    np.testing.assert_array_equal(np.searchsorted([0.25, 0.5, 0.75], index[valid], side="right") + 1, grade[valid])
    assert set(np.unique(grade)) >= {0, 1, 2}
    assert found["hazard_grade"].attrs["scheme"] == "flood_4"
    assert found["intensity"].dims == ("return_period", "y", "x")


def test_assess_repairs_falling_depths_unless_told_not_to(make_layer: MakeLayer) -> None:
    stack = make_layer(np.array([1.0, 3.0, 2.0]).reshape(3, 1, 1), "flood_depth", return_periods=[5, 10, 20])
    assert assess({"depth": stack})["intensity"].values.ravel().tolist() == [1.0, 2.5, 2.5]
    assert assess({"depth": stack}, {"rising": False})["intensity"].values.ravel().tolist() == [1.0, 3.0, 2.0]


def test_assess_takes_form_weights_and_breaks(make_layer: MakeLayer) -> None:
    stack = make_layer(np.array([1.0, 2.0]).reshape(2, 1, 1), "flood_depth", return_periods=[5, 100])
    found = assess({"depth": stack}, {"form": "weighted", "weights": {5: 0.75, 100: 0.25}, "breaks": (1.0, 1.25, 2.0)})
    assert found["risk_degree"].item() == pytest.approx(1.25)
    assert found["hazard_grade"].item() == 3
    assert found["hazard_index"].item() == 0.5
    with pytest.raises(ConfigError, match="ascending"):
        assess({"depth": stack}, {"breaks": (1.0, 0.5, 2.0)})
    frozen = calibrate({}, {"breaks": (0.01, 0.02, 0.03)})
    assert assess({"depth": stack}, calibration=frozen)["hazard_grade"].item() == 4


@pytest.mark.parametrize(
    "params",
    [
        {"form": "weighted"},
        {"weights": {5: 0.5, 10: 0.5}},
        {"form": "weighted", "weights": {5: 0.5, 10: 0.6}},
        {"form": "weighted", "weights": [1.5, -0.5]},
    ],
)
def test_form_and_weights_belong_together(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="weights"):
        Params(**params)


def test_terrain_in_place_of_depths_is_said(make_layer: MakeLayer) -> None:
    height = make_layer(np.array([[0.0, 5.0]]), "height_above_drainage")
    assert "stands in" in calibrate({"height_above_drainage": height})["warnings"][0]["found"]
    depth = make_layer(np.ones((1, 1, 2)), "flood_depth", return_periods=[10])
    assert "warnings" not in calibrate({"height_above_drainage": height, "depth": depth})


def test_hand_of_a_single_cell_is_0(make_layer: MakeLayer) -> None:
    assert (
        height_above_nearest_drainage(make_layer(np.array([[5.0]]), "elevation"), min_upstream_area_km2=1).item() == 0
    )


def test_without_depths_the_terrain_decides(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley(30, 31))
    found = assess({"elevation": dem}, {"min_upstream_area_km2": 0.3})
    assert found["intensity"].attrs["quantity"] == "height_above_drainage"
    assert "risk_degree" not in found
    assert found["hazard_index"][20, 15].item() == 1.0
    assert found["hazard_grade"][20, 15].item() == 4
    assert found["hazard_grade"][20, 1].item() == 1
    assert found["hazard_grade"].attrs["scheme"] == "flood_4"


def test_prepare_keeps_what_is_there_and_computes_only_when_needed(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    depth = make_layer(np.ones((1, 9, 11)), "flood_depth", return_periods=[5])
    params, grid = flood.Params(), grid_of(dem)
    assert "height_above_drainage" not in prepare({"depth": depth, "elevation": dem}, params, grid)
    ready = prepare({"elevation": dem}, params, grid)
    assert prepare(ready, params, grid)["height_above_drainage"] is ready["height_above_drainage"]


def test_a_wider_dem_and_rivers_are_brought_onto_the_grid(make_layer: MakeLayer, make_grid: Any) -> None:
    dem = dem_of(make_layer, valley(30, 31), left=499_000, bottom=3_899_000)
    grid = make_grid(rows=10, columns=10)
    river = gpd.GeoDataFrame(geometry=[LineString([(500_550, 3_899_000), (500_550, 3_902_000)])], crs="EPSG:4547")
    inputs = {"elevation": dem, "rivers": river.to_crs(4490)}
    found = assess(inputs, {"min_upstream_area_km2": 1000}, grid=grid)
    assert grid_of(found["hazard_index"]) == grid
    assert found["hazard_index"].values[:, 5].min() == 1.0
    assert found["hazard_index"].values[:, 9].max() < 1.0


def test_a_studys_own_table_reaches_lazy_blocks(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((1, 2, 2)), "flood_depth", return_periods=[5]).chunk({"x": 1})
    fast = make_layer(np.ones((2, 2)), "flood_velocity").chunk({"x": 1})
    own = {
        "hazards/flood_equivalent_depth": {"data": {"velocity": [[0, 3.0], [9, 3.0]], "duration": [[0, 1.0], [1, 1.0]]}}
    }
    with standards.session(own) as opened:
        found = assess({"depth": stack, "velocity": fast})
    np.testing.assert_allclose(found["risk_degree"].compute(), 0.6)
    assert set(opened.used) - {"quantities", "units"} <= set(HAZARDS["flood"].tables)


@pytest.mark.city
def test_class_shares_of_the_city(city_data: Path) -> None:
    periods = [5, 10, 20, 50, 100, 200]
    depths = []
    for years in periods:
        with rasterio.open(city_data / "flood" / f"depth_T{years:03d}.tif") as file:
            band = file.read(1)
            depths.append(np.where(band == file.nodata, np.nan, band))
    found = composite_risk(np.stack(depths), periods)
    counts = np.bincount(found.grade.values.ravel(), minlength=5)
    shares = 100 * counts[1:] / counts[1:].sum()
    assert shares == pytest.approx([95.31, 3.80, 0.83, 0.06], abs=0.006)
    wet = found.grade.values[found.risk_degree.values > 0]
    assert wet.size / counts[1:].sum() == pytest.approx(0.254, abs=0.0006)
    wet_shares = 100 * np.bincount(wet, minlength=5)[1:] / wet.size
    assert wet_shares == pytest.approx([81.54, 14.95, 3.26, 0.24], abs=0.006)
