"""The layer convention: gates that xarray does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr

from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, UnitsError
from riskzoning.layers import LayerFacts, check_layer, check_same_grid, describe, fact_problems, grid_of, layer_on, scan

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
    a, b = (layer_on(make_grid(rows=rows), 1.0, quantity="slope") for rows in (4, 5))
    with pytest.raises(GridMismatchError, match="5 rows and 5 columns, not 4 and 5"):
        check_same_grid(a=a, b=b)


def test_layer_without_crs_is_refused_by_name() -> None:
    bare = xr.DataArray(np.zeros((2, 2)), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5]})
    with pytest.raises(MissingCRSError, match="layer 'dem' has no coordinate reference system"):
        check_layer(bare, name="dem")


def test_wrong_units_are_told_with_the_right_ones(make_layer: Make) -> None:
    depth = make_layer([[100.0]], "flood_depth")
    depth.attrs["units"] = "cm"
    with pytest.raises(UnitsError, match="layer 'depth' has units 'cm'; quantity 'flood_depth' needs 'm'"):
        check_layer(depth, name="depth", quantity="flood_depth")


@pytest.mark.parametrize("periods", [[100.0, 10.0], [10.0, 10.0], [0.0, 10.0], [np.nan, 10.0]])
def test_return_periods_must_rise(make_layer: Make, periods: list[float]) -> None:
    stack = make_layer(np.ones((2, 1, 1)), "flood_depth", return_periods=periods)
    with pytest.raises(LayerError, match="return periods"):
        check_layer(stack, name="depth")


def test_wrong_dims_are_refused(make_layer: Make) -> None:
    with pytest.raises(LayerError, match=r"has dims \('x', 'y'\)"):
        check_layer(make_layer([[1.0]]).transpose("x", "y"), name="a")


def test_scan_of_lazy_bands_equals_numpy(make_layer: Make) -> None:
    values = np.random.default_rng(1).normal(size=(3, 50, 7)).cumsum(axis=0)
    values[:, 3, 4] = np.nan
    values[1, 0, 0] = np.inf
    eager = make_layer(values, "relief", return_periods=[5, 10, 20])
    lazy = eager.copy(data=da.from_array(values, chunks=(1, 7, 7)))
    found = scan(lazy, rows=13)
    assert replace(found, total=0.0) == replace(scan(eager, rows=512), total=0.0)
    good = values[np.isfinite(values)]
    assert (found.minimum, found.maximum) == (good.min(), good.max())
    assert found.total == pytest.approx(good.sum(), rel=1e-12)
    assert (found.valid, found.cells) == (good.size, values.size)


def test_facts_find_falling_and_identical_periods(make_layer: Make) -> None:
    stack = make_layer([[[1.0, 0.0]], [[1.0, 0.0]], [[0.5, 3.0]]], "flood_depth", return_periods=[5, 10, 20])
    facts = scan(stack)
    assert facts.fall == 0.5
    assert facts.identical == ((5.0, 10.0),)
    problems = fact_problems(facts, thing="depth", quantity="flood_depth", monotone=True)
    assert {(p.rule, p.severity) for p in problems} == {("layer.monotone", "error"), ("layer.identical", "warning")}


@pytest.mark.parametrize(
    ("quantity", "maximum", "hint"),
    [("flood_depth", 250.0, "centimetres"), ("pga", 196.0, "gal"), ("temperature", 300.0, "kelvin")],
)
def test_implausible_values_name_the_likely_unit(quantity: str, maximum: float, hint: str) -> None:
    facts = LayerFacts(cells=4, valid=4, minimum=0.0, maximum=maximum, total=1.0, whole=False)
    (problem,) = fact_problems(facts, thing="a.tif", quantity=quantity)
    assert hint in problem.required


def test_empty_layer_is_an_error() -> None:
    facts = LayerFacts(cells=4, valid=0, minimum=np.nan, maximum=np.nan, total=0.0, whole=False)
    (problem,) = fact_problems(facts, thing="a.tif", quantity="elevation")
    assert problem.rule == "layer.empty"
