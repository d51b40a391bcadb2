"""Grades: worked examples, both edges, containers, what happens at the ends."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, Journal, LayerError, RiskZoningWarning, StandardTableError, hearing
from riskzoning.methods.classification import classify, goodness_of_variance_fit, grade_values, to_five
from riskzoning.methods.classification.grades import check_breaks

Y = [1, 2, 3, 10, 11, 12, 30, 31, 32, 100]


@pytest.mark.parametrize(
    ("scheme", "options", "breaks", "counts"),
    [
        ("natural_breaks", {"k": 4}, [3, 12, 32, 100], [3, 3, 3, 1]),
        ("quantiles", {"k": 4}, [4.75, 11.5, 30.75, 100], [3, 2, 2, 3]),
        ("equal_interval", {"k": 4}, [25.75, 50.5, 75.25, 100], [6, 3, 0, 1]),
        (
            "std_mean",
            {"multiples": (-1.5, -0.5, 0.5, 1.5)},
            [-21.18919, 8.40360, 37.99640, 67.58919, 100],
            [0, 3, 6, 0, 1],
        ),
        ("fixed", {"breaks": [3, 12, 32, 100]}, [3, 12, 32, 100], [3, 3, 3, 1]),
    ],
)
def test_worked_examples(scheme, options, breaks, counts):
    grades = classify(Y, scheme, **options)
    assert grades.breaks == pytest.approx(breaks, abs=1e-5)
    assert grades.counts.tolist() == counts
    assert np.bincount(grades.codes, minlength=grades.k + 1)[1:].tolist() == counts
    assert grades.codes.dtype == np.uint8


def test_fit_of_the_worked_example():
    assert classify(Y, "natural_breaks", k=4).fit == pytest.approx(0.999239, abs=1e-6)
    assert goodness_of_variance_fit(Y, [3, 12, 32, 100]) == pytest.approx(0.999239, abs=1e-6)
    assert goodness_of_variance_fit(Y, [3, 12, 32, np.inf]) == pytest.approx(0.999239, abs=1e-6)
    assert goodness_of_variance_fit([5, 5], [5]) == 1
    assert np.isnan(goodness_of_variance_fit([np.nan], [5]))


NUMBERS = st.lists(st.integers(-500, 500), min_size=8, max_size=40, unique=True)


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")
@pytest.mark.parametrize("scheme", ["quantiles", "equal_interval", "std_mean", "percentiles", "natural_breaks"])
@given(NUMBERS, st.sampled_from([0.25, 3.0, 1024.0]), st.integers(-1000, 1000))
def test_another_unit_or_origin_changes_no_class(scheme, values, factor, shift):
    """Classes of y and of a y + b (a above 0) are the same for every scheme that takes its limits from the data."""
    values = np.array(values, dtype=float)
    # A value that reads like a code for missing data is taken as one, and left out.
    assume(not np.isin(factor * values + shift, [-999.0, -9999.0]).any())
    options = {} if scheme in ("percentiles", "std_mean") else {"k": 4}
    plain, turned = (classify(one, scheme, **options) for one in (values, factor * values + shift))
    if scheme == "natural_breaks":
        # Partitions that cost the same may be exchanged by a rounding; what they explain may not.
        assert turned.fit == pytest.approx(plain.fit, abs=1e-9)
        return
    # A value that lies on a limit by more digits than numbers have belongs to either side.
    near = np.abs(values[:, None] - np.asarray(plain.breaks)[None, :-1]).min(axis=1) < 1e-9 * np.ptp(values)
    assert turned.codes[~near].tolist() == plain.codes[~near].tolist()
    assert np.asarray(turned.breaks) == pytest.approx(factor * np.asarray(plain.breaks) + shift, rel=1e-9, abs=1e-6)


def test_poor_fit_is_said():
    with pytest.warns(UserWarning, match="explain 0.7"):
        classify(np.linspace(0, 1, 101), "natural_breaks", k=2)


@pytest.mark.parametrize(("closed", "expected"), [("right", [1, 1, 2, 2, 3]), ("left", [1, 2, 2, 3, 3])])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4"])
def test_both_edges(closed, expected, dtype):
    values = np.array([9, 10, 11, 25, 26], dtype=dtype)
    assert grade_values(values, [10, 25, 50], closed=closed).tolist() == expected
    assert classify(values, "fixed", breaks=[10, 25, 50], closed=closed).codes.tolist() == expected


@pytest.mark.parametrize("closed", ["right", "left"])
def test_bounds_between_two_float32_values(closed):
    below, above = np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1))
    for share in (0.1, 0.5, 0.9):
        bound = float(below) + share * (float(above) - float(below))
        assert grade_values(np.array([below, above]), [bound, 1.0], closed=closed).tolist() == [1, 2]


@pytest.mark.parametrize("bound", [0.1, 0.15, 0.3, 0.7, 1.1, 25.4])
def test_a_decimal_kept_as_float32_equals_the_bound_of_the_same_decimal(bound):
    for dtype in ("f4", "f8"):
        value = np.array([bound], dtype=dtype)
        assert grade_values(value, [bound, 100.0]).tolist() == [1]
        assert grade_values(value, [bound, 100.0], closed="left").tolist() == [2]
        for away, code in ((-np.inf, 1), (np.inf, 2)):
            beside = np.nextafter(value, np.array(away, dtype=dtype))
            assert grade_values(beside, [bound, 100.0]).tolist() == [code]
            assert grade_values(beside, [bound, 100.0], closed="left").tolist() == [code]


def test_ends():
    values = [-np.inf, -5, 0, 100, 101, np.inf, np.nan]
    assert grade_values(values, [0, 100]).tolist() == [0, 1, 1, 2, 2, 0, 0]
    assert grade_values(values, [0, 100, np.inf]).tolist() == [0, 1, 1, 2, 3, 0, 0]
    assert grade_values(values, []).tolist() == [0] * 7


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.floats(-1e6, 1e6, width=32), st.just(float("nan"))), max_size=40),
    breaks=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8, unique=True),
    closed=st.sampled_from(["right", "left"]),
)
def test_codes_are_those_of_searchsorted(values, breaks, closed):
    bounds = np.sort(breaks)
    side = "left" if closed == "right" else "right"
    for dtype in (np.float32, np.float64):
        array = np.array(values, dtype=dtype)
        # A short decimal means the float32 that is written the same.
        meant = [float(dtype(b)) if float(str(dtype(b))) == b else b for b in bounds]
        expected = np.minimum(np.searchsorted(meant, array.astype(float), side=side) + 1, len(bounds))
        assert grade_values(array, bounds, closed=closed).tolist() == np.where(np.isnan(array), 0, expected).tolist()


def test_containers_keep_their_kind(make_layer):
    values = np.array([[0.1, 0.2, np.nan], [0.9, 0.8, 0.15]], dtype="f4")
    expected = [[1, 1, 0], [2, 2, 1]]
    layer = make_layer(values, quantity="risk_index")
    lazy = layer.chunk(y=1)
    table = pd.Series(values.ravel(), index=list("abcdef"), name="risk")
    assert classify(values, "natural_breaks", k=2).codes.tolist() == expected
    codes = classify(table, "natural_breaks", k=2).codes
    assert isinstance(codes, pd.Series)
    assert codes.index.tolist() == list("abcdef")
    for container in (layer, lazy):
        grades = classify(container, "natural_breaks", k=2)
        assert isinstance(grades.codes, xr.DataArray)
        assert grades.codes.values.tolist() == expected
        assert grades.codes.attrs["quantity"] == "risk_grade"
        assert grades.codes.attrs["class_order"] == "ascending"
        assert grades.codes.attrs["scheme"] == "natural_breaks"
        assert grades.codes.attrs["breaks"] == pytest.approx([0.2, 0.9])
        assert grades.codes.odc.crs == layer.odc.crs
        assert grades.codes.dtype == np.uint8
        assert grades.counts.tolist() == [3, 2]
    assert isinstance(classify(lazy, "natural_breaks", k=2).codes.data, da.Array)
    assert layer.attrs["quantity"] == "risk_index"


def test_plain_dataarray_needs_no_grid():
    values = xr.DataArray([1.0, 5.0], dims="unit", coords={"unit": ["a", "b"]})
    codes = classify(values, "fixed", breaks=[2, 6]).codes
    assert codes.values.tolist() == [1, 2]
    assert codes.coords["unit"].values.tolist() == ["a", "b"]
    assert codes.attrs["quantity"] == "grade"


def test_fixed_breaks_on_a_lazy_layer_read_nothing(make_layer):
    def fail(block):
        raise AssertionError("computed")

    layer = make_layer(np.zeros((2, 3)), quantity="hazard_index").chunk(y=1)
    lazy = layer.copy(data=layer.data.map_blocks(fail, dtype=float, meta=np.empty((0, 0))))
    grades = classify(lazy, "fixed", breaks=[0.5, 1])
    assert isinstance(grades.codes.data, da.Array)
    assert grades.codes.attrs["quantity"] == "hazard_grade"
    with pytest.raises(AssertionError, match="computed"):
        np.asarray(grades.counts)
    assert np.asarray(classify(layer, "fixed", breaks=[0.5, 1]).counts).tolist() == [6, 0]


@pytest.mark.parametrize("scheme", ["natural_breaks", "quantiles", "equal_interval", "std_mean"])
@pytest.mark.parametrize("exclude_zero", [False, True])
def test_lazy_equals_numpy(scheme, exclude_zero):
    rng = np.random.default_rng(1)
    values = np.where(rng.random((90, 70)) < 0.3, 0, rng.gamma(2, size=(90, 70))).astype("f4")
    values[3, 4] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = classify(values, scheme, exclude_zero=exclude_zero)
        two = classify(da.from_array(values, chunks=(40, 33)), scheme, exclude_zero=exclude_zero)
    assert one.breaks == pytest.approx(two.breaks, rel=1e-12)
    assert one.counts.tolist() == two.counts.tolist()
    assert np.array_equal(one.codes, two.codes.compute())
    assert one.minimum == two.minimum == 0


@settings(max_examples=80, deadline=None)
@given(
    values=st.lists(st.integers(0, 200), min_size=3, max_size=40),
    scheme=st.sampled_from(["natural_breaks", "quantiles", "equal_interval", "std_mean"]),
    slope=st.sampled_from([0.5, 2.0, 1024.0]),
    offset=st.sampled_from([0.0, -64.0, 4096.0]),
)
def test_codes_do_not_change_with_unit_and_origin(values, scheme, slope, offset):
    array = np.array(values, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = classify(array, scheme, k=4)
        two = classify(slope * array + offset, scheme, k=4)
    # A value that lies on a computed bound may fall to either side by rounding.
    clear = np.abs(array[:, None] - one.breaks[:-1]).min(axis=1, initial=np.inf) > 1e-9
    if scheme == "natural_breaks":
        clear[:] = True
    assert one.codes[clear].tolist() == two.codes[clear].tolist()


def test_legend_is_high_to_low():
    legend = classify(Y, "natural_breaks", k=4).legend()
    assert legend["grade"].tolist() == [4, 3, 2, 1]
    assert legend["lower"].tolist() == [32, 12, 3, 1]
    assert legend["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "breaks", [None, [], [3, 2, 1], [1, np.nan, 3], [np.nan], ["a"], [[1, 2]], [-np.inf, 1], [1, np.inf, np.inf]]
)
def test_wrong_breaks(breaks):
    with pytest.raises(ConfigError, match="class breaks") as caught:
        classify(Y, "fixed", breaks=breaks)
    problem = caught.value.problems[0]
    assert problem.found
    assert problem.required
    assert problem.fix


def test_equal_breaks_leave_a_class_empty():
    with pytest.warns(UserWarning, match="stays empty"):
        assert grade_values([1, 2], [1, 1, 2]).tolist() == [1, 3]


def test_wrong_options_are_named():
    with pytest.raises(ConfigError) as caught:
        classify(Y, "jenks", breaks=[1])
    assert [problem.rule for problem in caught.value.problems] == ["classify.scheme", "classify.breaks_given"]
    assert "natural_breaks" in str(caught.value)
    with pytest.raises(ConfigError, match="'right' or 'left'"):
        classify(Y, "fixed", breaks=[1], closed="both")
    with pytest.raises(ConfigError, match="multiples"):
        classify(Y, "std_mean", multiples=(1, 0))
    with pytest.raises(ConfigError, match="k"):
        classify(Y, "quantiles", k=0)


def test_breaks_given_are_not_changed():
    bounds = np.array([1.0, 2.0, np.inf])
    goodness_of_variance_fit([0.5, 1.5, 5], bounds)
    grade_values([1.0], bounds)
    assert bounds.tolist() == [1, 2, np.inf]


def test_to_five(make_layer):
    grades = np.array([0, 1, 2, 3, 4], dtype="u1")
    for scheme in ("hazard_4", "flood_4", "geology_4", "forest_fire_4"):
        assert to_five(grades, scheme).tolist() == [0, 1, 2, 4, 5]
    assert to_five(np.array([0, 5]), "risk_5").tolist() == [0, 5]
    assert to_five(pd.Series([1.0, np.nan]), "hazard_4").tolist() == [1, 0]
    layer = make_layer(grades.reshape(1, 5), quantity="hazard_grade")
    assert to_five(layer.chunk(x=2), "hazard_4").values.tolist() == [[0, 1, 2, 4, 5]]
    with pytest.raises(ConfigError, match="0 to 4"):
        to_five(np.array([5]), "hazard_4")
    with pytest.raises(StandardTableError, match="hazard_4"):
        to_five(grades, "hazard_7")


@pytest.mark.parametrize(
    ("breaks", "rule"),
    [
        (None, "classify.breaks_shape"),
        ([], "classify.breaks_shape"),
        (np.arange(256), "classify.breaks_shape"),
        ([[1, 2]], "classify.breaks_shape"),
        (["a"], "classify.breaks_numbers"),
        ([1, np.nan], "classify.breaks_numbers"),
        ([np.inf, 2], "classify.breaks_numbers"),
        ([2, 1], "classify.breaks"),
    ],
)
def test_breaks_that_are_none(breaks: object, rule: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_breaks(breaks)  # type: ignore[arg-type]
    assert caught.value.problems[0].rule == rule


def test_breaks_are_numbers_and_equal_ones_are_told() -> None:
    assert check_breaks([10, 25, float("inf")]).tolist() == [10.0, 25.0, np.inf]
    with pytest.warns(RiskZoningWarning) as caught:
        check_breaks([1, 1, 2])
    assert caught[0].message.problem.rule == "classify.breaks_equal"  # type: ignore[union-attr]


def test_an_option_that_no_scheme_knows_is_refused() -> None:
    with pytest.raises(LayerError, match="classes"):
        classify([1.0, 2.0], "quantiles", classes=3)  # type: ignore[call-arg]


def test_fill_values_that_a_layer_declares_are_no_class(make_layer: Callable[..., Any]) -> None:
    layer = make_layer(np.array([[10.0, 20, -9999, 30]])).assign_attrs(_FillValue=-9999.0)
    grades = classify(layer, "equal_interval", k=2)
    assert grades.breaks.tolist() == [20, 30]
    assert grades.codes.values.tolist() == [[1, 1, 0, 2]]


def test_fill_values_get_no_grade_in_any_container() -> None:
    values = np.array([1.0, 2.0, 3.0, -9999.0, 50.0, 60.0])
    for container in (values, values.tolist(), pd.Series(values), xr.DataArray(values), values.astype("i4")):
        with hearing(Journal()) as journal:
            grades = classify(container, "fixed", breaks=[10, 100])
        assert np.asarray(grades.codes).tolist() == [1, 1, 1, 0, 2, 2]
        assert [problem.rule for problem in journal.warnings] == ["layer.nodata"]
    assert classify(da.from_array(values), "fixed", breaks=[10, 100]).codes.compute().tolist() == [1, 1, 1, 0, 2, 2]
    assert type(classify(pd.Series(values[:3]), "fixed", breaks=[10]).codes) is pd.Series
