"""Composite risk degree, its index, equivalent and rising depths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from riskzoning.errors import GridMismatchError, Journal, LayerError, UnitsError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood import (
    composite_risk,
    degree_index,
    equivalent_depth,
    rising_depths,
)
from riskzoning.hazards.flood.degree import flood_severity
from riskzoning.layers import grid_of, layer_on

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


@given(hnp.arrays(float, (5, 3), elements=st.floats(0, 6)), st.floats(0.1, 5))
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
        ({"form": "weighted", "weights": {5: 1.0}}, "expected 5, 10, 20, 50, 100"),
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
    with hearing(Journal()) as journal:
        found = composite_risk(depths, T)
    assert [(problem.rule, dict(problem.values)["count"]) for problem in journal.warnings] == [("flood.gaps", 3)]
    np.testing.assert_array_equal(found.risk_degree, [0, np.nan, np.nan, np.nan, np.nan, 0])
    np.testing.assert_array_equal(found.grade, [1, 0, 0, 0, 0, 1])


def test_containers(make_layer: MakeLayer) -> None:
    values = np.sort(np.random.default_rng(0).random((5, 4, 6)), axis=0)
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
    with hearing(Journal()) as journal:
        found = rising_depths(stack)
    # Most cells fall, which a run refuses: here it is said.
    assert [problem.rule for problem in journal.warnings] == ["layer.monotone"]
    for row, column in np.ndindex(6, 7):
        if (row, column) != (1, 1):
            expected = isotonic_regression(values[:, row, column])
            np.testing.assert_allclose(found[:, row, column], expected, atol=1e-12)
    np.testing.assert_array_equal(found[:, 0, 0], values[:, 0, 0])
    np.testing.assert_array_equal(found[:, 1, 1], values[:, 1, 1])
    lazy = rising_depths(stack.chunk({"return_period": 1, "y": 2, "x": 3}))
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy, found)
    with hearing(Journal()):
        single = rising_depths(stack.astype(np.float32))
    assert single.dtype == np.float32


def test_repaired_falls_are_told_and_a_centimetre_is_rounding(make_layer: MakeLayer) -> None:
    values = np.zeros((3, 2, 5))
    values += np.array([1.0, 2.0, 3.0])[:, None, None]
    values[1, 0, 0] = 0.5
    values[2, 1, 1] = 1.995
    stack = make_layer(values, "flood_depth", return_periods=[10, 20, 50])
    with hearing(Journal()) as journal:
        found = rising_depths(stack)
    (problem,) = journal.warnings
    assert problem.rule == "layer.falls_repaired"
    assert dict(problem.values) == {"fall": 0.5, "units": "m", "share": 0.1}
    np.testing.assert_allclose(found.values[:, 0, 0], [0.75, 0.75, 3.0])
    same = make_layer(np.ones((2, 1, 2)), "flood_depth", return_periods=[10, 20])
    with hearing(Journal()) as journal:
        rising_depths(same)
    assert [problem.rule for problem in journal.warnings] == ["layer.identical"]


SOME = st.floats(0, 12)


@pytest.mark.parametrize(
    ("depths", "periods", "velocity", "severity"),
    [
        ([0, 0, 0], [5, 20, 500], None, 0.0),
        ([0.5], [20], None, 1 / 3),
        ([0, 2], [20, 100], None, 0.5),
        ([4, 4], [10, 100], None, 1.0),
        ([1], [50], None, 0.3973),
        ([0, 4], [20, 300], None, 0.5),
        ([0, 4], [20, 500], None, 0.25),
        ([0, 1], [20, 500], None, 0.2222),
        ([0.4], [20], 2.0, 0.4),
        ([0, 0.4], [20, 100], 2.0, 0.3),
        ([0, 0.4], [20, 500], 2.0, 0.2),
        ([0.4], [20], None, 0.2667),
        ([0.4], [20], 0.5, 0.2667),
    ],
)
def test_worked_examples(
    depths: list[float], periods: list[float], velocity: float | None, severity: float, make_layer: Any
) -> None:
    stack = make_layer(np.array(depths, dtype=float)[:, None, None], "flood_depth", periods)
    fast = None if velocity is None else make_layer(np.full((1, 1), velocity), "flood_velocity")
    assert float(flood_severity(stack, velocity=fast).item()) == pytest.approx(severity, abs=5e-5)
    lazy = flood_severity(stack.chunk(), velocity=fast)
    assert float(lazy.compute().item()) == pytest.approx(severity, abs=5e-5)


@given(st.lists(SOME, min_size=3, max_size=3), SOME, st.integers(0, 2))
def test_more_water_is_never_less_severe(depths: list[float], more: float, place: int) -> None:
    deeper = list(depths)
    deeper[place] += more
    low, high = (float(flood_severity([[v] for v in values], [10, 80, 400])[0]) for values in (depths, deeper))
    assert 0 <= low <= high <= 1


def test_a_missing_period_makes_the_cell_no_data_and_no_velocity_is_depth_alone(make_layer: Any) -> None:
    stack = make_layer(np.array([[[1.0, np.nan]], [[2.0, 2.0]]]), "flood_depth", [10, 100])
    fast = make_layer(np.array([[np.nan, 1.0]]), "flood_velocity")
    with hearing(Journal()) as journal:
        alone = flood_severity(stack).values
        assert flood_severity(stack, velocity=fast).values[0, 0] == alone[0, 0]
    assert np.isnan(alone).tolist() == [[False, True]]
    assert {problem.rule for problem in journal.warnings} == {"flood.gaps"}


@pytest.mark.parametrize("work", [rising_depths, composite_risk, flood_severity])
def test_exchanged_layers_are_said(work: Any, make_layer: Callable[..., xr.DataArray]) -> None:
    stack = np.array([[[2.0, 1.5, 2.2]], [[1.0, 0.5, 1.2]]])
    with hearing(Journal()) as heard:
        work(make_layer(stack, quantity="flood_depth", return_periods=[20, 100]))
    assert [problem.rule for problem in heard.warnings] == ["layer.monotone"]


@pytest.mark.parametrize(
    ("factor", "rules"),
    [((1.0, 1.0), ["layer.identical"]), ((20.0, 29.0), ["layer.whole"]), ((np.nan, 1.0), ["flood.gaps"])],
)
def test_what_no_model_leaves_is_said(factor: Any, rules: list[str], make_layer: Callable[..., xr.DataArray]) -> None:
    whole = np.where(np.arange(24).reshape(4, 6) < 3, 0.0, 1.0)
    depths = make_layer(np.stack([whole * one for one in factor]), quantity="flood_depth", return_periods=[20, 100])
    for work in (composite_risk, flood_severity):
        with hearing(Journal()) as heard:
            work(depths)
        assert [problem.rule for problem in heard.warnings] == rules
        with hearing(Journal()) as heard:
            work(depths.values, [20, 100])
        assert [problem.rule for problem in heard.warnings if problem.rule != "flood.gaps"] == []


DEPTHS = hnp.arrays(float, (5, 4), elements=st.floats(0, 6))


@settings(max_examples=30, deadline=None)
@given(DEPTHS, st.permutations(range(5)), st.integers(0, 4), st.integers(1, 3))
def test_no_order_of_periods_counts_and_gaps_and_dry_cells_stay_alone(
    depths: np.ndarray[Any, Any], order: list[int], period: int, cell: int
) -> None:
    depths[:, 0] = 0.0
    whole = composite_risk(depths, T)
    turned = composite_risk(depths[order], np.array(T)[order])
    np.testing.assert_allclose(turned.risk_degree, whole.risk_degree, rtol=1e-12)
    np.testing.assert_array_equal(turned.grade, whole.grade)
    assert (whole.risk_degree.values[0], whole.grade.values[0]) == (0, 1)
    gap = depths.copy()
    gap[period, cell] = np.nan
    with hearing(Journal()):
        less = composite_risk(gap, T)
    assert np.flatnonzero(np.isnan(less.risk_degree)).tolist() == [cell]
    assert np.flatnonzero(less.grade == 0).tolist() == [cell]
    others = np.arange(4) != cell
    np.testing.assert_array_equal(less.risk_degree[others], whole.risk_degree[others])


@settings(max_examples=30, deadline=None)
@given(DEPTHS)
def test_depths_rise_with_the_period_and_those_that_rise_stay(depths: np.ndarray[Any, Any]) -> None:
    grid = analysis_grid((0, 0, 40, 10), crs="EPSG:4547", resolution=10)
    with hearing(Journal()):
        made, again = (
            rising_depths(layer_on(grid, values[:, None], quantity="flood_depth", return_periods=T))
            for values in (depths, np.sort(depths, axis=0))
        )
    assert (np.diff(made.values, axis=0) >= -1e-12).all()
    np.testing.assert_allclose(made.sum("return_period").values[0], depths.sum(axis=0), atol=1e-9)
    np.testing.assert_array_equal(again.values[:, 0], np.sort(depths, axis=0))


@settings(max_examples=15, deadline=None)
@given(
    hnp.arrays(float, (3, 1, 6), elements=SOME),
    hnp.arrays(float, (1, 6), elements=st.floats(0, 5)),
    hnp.arrays(float, (1, 6), elements=st.floats(0, 5)),
)
def test_faster_water_is_never_less_severe_and_dry_ground_never_severe(
    depths: np.ndarray[Any, Any], velocity: np.ndarray[Any, Any], more: np.ndarray[Any, Any]
) -> None:
    depths[:, 0, 0] = 0.0
    grid = analysis_grid((0, 0, 6000, 1000), crs="EPSG:4547", resolution=1000)
    layer = layer_on(grid, depths, quantity="flood_depth", return_periods=[10, 80, 400])
    fast = [layer_on(grid, v, quantity="flood_velocity") for v in (velocity, velocity + more)]
    with hearing(Journal()):
        still = flood_severity(layer).values
        slow, quick = (flood_severity(layer, velocity=v).values for v in fast)
    assert np.all((still <= slow) & (slow <= quick) & (quick <= 1))
    assert still[0, 0] == slow[0, 0] == quick[0, 0] == 0
    # Below a metre a second the depth alone counts.
    np.testing.assert_array_equal(slow[velocity <= 1], still[velocity <= 1])
