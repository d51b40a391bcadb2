"""Natural breaks: worked examples, the peers, all containers, large and odd data."""

from __future__ import annotations

import warnings

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.methods.classification import goodness_of_variance_fit, natural, natural_breaks
from riskzoning.methods.classification.fisher import best_partition, deviations
from riskzoning.methods.classification.natural import SORTED_LIMIT
from riskzoning.methods.classification.passes import Passes

Y = [1, 2, 3, 10, 11, 12, 30, 31, 32, 100]


def test_worked_example():
    assert natural_breaks(Y, 4).tolist() == [3, 12, 32, 100]


def test_equals_jenkspy():
    jenkspy = pytest.importorskip("jenkspy")
    rng = np.random.default_rng(7)
    for values in (rng.random(500), rng.lognormal(0, 2, 500), rng.integers(0, 50, 400).astype(float)):
        for k in (2, 3, 5, 8):
            ours, theirs = natural_breaks(values, k), jenkspy.jenks_breaks(values, k)[1:]
            assert goodness_of_variance_fit(values, ours) >= goodness_of_variance_fit(values, theirs) - 1e-12
            assert ours == pytest.approx(theirs)


def test_equals_mapclassify_on_small_input():
    mapclassify = pytest.importorskip("mapclassify")
    values = np.random.default_rng(3).normal(size=300)
    assert natural_breaks(values, 5) == pytest.approx(mapclassify.FisherJenks(values, 5).bins)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.integers(0, 1000), min_size=1, max_size=60),
    k=st.integers(1, 6),
    slope=st.sampled_from([0.001, 0.1, 3.0, 1234.5]),
    offset=st.sampled_from([0.0, -7.0, 1e4]),
    seed=st.integers(0, 5),
)
def test_order_scale_and_origin_do_not_matter(values, k, slope, offset, seed):
    array = np.array(values, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        breaks = natural_breaks(array, k)
        shuffled = np.random.default_rng(seed).permutation(array)
        assert natural_breaks(shuffled, k).tolist() == breaks.tolist()
        moved = natural_breaks(slope * array + offset, k)
    codes = np.searchsorted(breaks, array)
    assert np.searchsorted(moved, slope * array + offset).tolist() == codes.tolist()
    assert breaks[-1] == array.max()
    assert np.isin(breaks, array).all()


def containers(values):
    table = pd.Series(values)
    layer = xr.DataArray(values.reshape(2, -1), dims=("y", "x"))
    return [
        list(values),
        values,
        values.reshape(2, -1).T,
        table,
        layer,
        layer.chunk(x=3),
        da.from_array(values, chunks=4),
    ]


def test_every_container_gives_the_same():
    values = np.array([*Y, np.nan, np.inf], dtype=float)
    for container in containers(values):
        assert natural_breaks(container, 4).tolist() == [3, 12, 32, 100]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float16", "float32", "bool"])
def test_number_types(dtype):
    values = np.array([0, 1, 1, 0, 1], dtype=dtype)
    assert natural_breaks(values, 2).tolist() == [0, 1]


def test_masked_and_nullable_values_are_missing():
    assert natural_breaks(np.ma.masked_equal([1, 2, -9999], -9999), 2).tolist() == [1, 2]
    assert natural_breaks(pd.Series([1, 2, pd.NA], dtype="Int64"), 2).tolist() == [1, 2]
    assert natural_breaks([1.0, 2.0, None], 2).tolist() == [1, 2]


def test_bounds_are_float32_values_that_occur():
    values = np.random.default_rng(0).random(1000).astype("f4")
    breaks = natural_breaks(values, 4)
    assert breaks.dtype == np.float64
    assert np.isin(breaks.astype("f4"), values).all()
    assert np.array_equal(breaks, breaks.astype("f4"))


@pytest.mark.parametrize(("values", "expected"), [([4, 4, 4], [4]), ([1, 1, 5, np.nan], [1, 5])])
def test_fewer_different_values_give_fewer_classes_and_say_so(values, expected):
    with pytest.warns(UserWarning, match=f"{len(expected)} instead of 5 classes"):
        assert natural_breaks(values, 5).tolist() == expected


@pytest.mark.parametrize("values", [[], [np.nan, np.inf, -np.inf], da.full(10, np.nan, chunks=5)])
def test_no_value_gives_no_class_and_says_so(values):
    with pytest.warns(UserWarning, match="no finite number"):
        assert natural_breaks(values, 3).size == 0


@pytest.mark.parametrize("k", [0, -1, 256, 2.5, "5", True, None])
def test_wrong_number_of_classes(k):
    with pytest.raises(ConfigError, match="whole number from 1 to 255") as caught:
        natural_breaks(Y, k)
    assert caught.value.problems[0].fix


@pytest.mark.parametrize("values", [["a", "b"], np.array([1 + 2j]), pd.Series(["高", "低"])])
def test_values_that_are_no_numbers(values):
    with pytest.raises(LayerError, match="real numbers"):
        natural_breaks(values, 2)


def excess(values: np.ndarray, breaks: np.ndarray, k: int) -> float:
    """Unexplained variance above the exact optimum, as a share."""
    items, counts = np.unique(values.astype(float), return_counts=True)
    weights = counts.astype(float)
    best = deviations(items, weights, best_partition(items, weights, k)).sum()
    mine = np.concatenate([[0], np.searchsorted(items, breaks, side="right")])
    return float(deviations(items, weights, mine).sum() / best - 1)


SHAPES = {
    "uniform": lambda rng, n: rng.random(n),
    "bimodal": lambda rng, n: np.where(rng.random(n) < 0.5, rng.normal(0.3, 0.05, n), rng.normal(0.7, 0.1, n)),
    "lognormal sigma 2": lambda rng, n: rng.lognormal(0, 2, n),
    "pareto": lambda rng, n: 1 + rng.pareto(1, n),
    "pareto without mean": lambda rng, n: 1 + rng.pareto(0.5, n),
    "two-sided tails": lambda rng, n: rng.standard_cauchy(n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.9, 0, rng.lognormal(0, 2, n)),
    "one clump and one far value": lambda rng, n: np.append(rng.random(n - 1), 1e6),
    "whole numbers": lambda rng, n: rng.integers(0, 40, n) ** 3.0,
}


@pytest.mark.parametrize("name", SHAPES)
def test_many_values_reach_the_optimum(name):
    n = 2 * SORTED_LIMIT
    values = SHAPES[name](np.random.default_rng(5), n).astype("f4")
    for k in (5, 9):
        breaks = natural_breaks(values, k)
        assert len(breaks) == k
        assert breaks[-1] == values.max()
        assert np.isin(breaks, values).all()
        assert excess(values, breaks, k) < 1e-6


def test_many_values_without_bins_small_enough_would_miss(monkeypatch):
    """The refinement is what reaches the optimum of heavy tails: without it the test above fails."""
    from riskzoning.methods.classification import bins

    monkeypatch.setattr(bins, "_ROUNDS", 1)
    monkeypatch.setattr(bins, "_MOST", 2.0)
    values = SHAPES["one clump and one far value"](np.random.default_rng(5), 2 * SORTED_LIMIT)
    with pytest.warns(UserWarning, match="2 instead of 5"):
        assert excess(values, natural_breaks(values, 5), 5) > 1e-3


def test_many_equal_values():
    values = np.zeros(2 * SORTED_LIMIT, dtype="f4")
    with pytest.warns(UserWarning, match="1 instead of 5"):
        assert natural_breaks(values, 5).tolist() == [0]
    values[:3] = (1e-30, 2.0, 7.0)
    with pytest.warns(UserWarning, match="4 instead of 5"):
        assert natural_breaks(values, 5).tolist() == pytest.approx([0, 1e-30, 2, 7])


def test_blocks_do_not_matter():
    values = np.random.default_rng(2).lognormal(0, 1, (600, 500)).astype("f4")
    values[::7, ::3] = np.nan
    expected = natural_breaks(values, 5).tolist()
    for chunks in ((600, 500), (100, 77), (7, 500)):
        assert natural_breaks(da.from_array(values, chunks=chunks), 5).tolist() == expected
    assert natural_breaks(values.T, 5).tolist() == expected
    assert natural_breaks(np.asfortranarray(values)[::-1], 5).tolist() == expected


def test_input_stays_as_it_was():
    values = np.array([*Y, np.nan])
    before = values.copy()
    natural_breaks(values, 3)
    np.testing.assert_array_equal(values, before)


@pytest.mark.city
def test_real_relief_reaches_the_optimum(city_data):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(city_data / "dem_3s.tif") as source:
        elevation = source.read(1, masked=True).astype("f4").filled(np.nan)
    assert elevation.size > SORTED_LIMIT
    breaks = natural_breaks(elevation, 5)
    valid = elevation[np.isfinite(elevation)]
    assert breaks[-1] == valid.max()
    assert excess(valid, breaks, 5) < 1e-6


@pytest.mark.parametrize("factor", [1e300, 1e-310, 1e150])
def test_many_values_of_absurd_size_end_in_the_breaks_of_ordinary_ones(factor):
    values = np.random.default_rng(4).random(140_000)
    values[:2] = 0.0, 1.5
    ordinary = natural_breaks(values, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = natural_breaks(values * factor, 4)
    assert found / factor == pytest.approx(ordinary, rel=1e-3)


def test_the_classes_come_with_their_counts() -> None:
    classes = natural.natural_partition(Passes([1.0, 2.0, 9.0]), 2)
    assert (classes.counts.tolist(), classes.largest.tolist(), classes.smallest.tolist()) == ([2, 1], [2, 9], [1, 9])


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)), max_size=60), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_breaks_alone_are_those_of_the_classes(values: list[float], k: int) -> None:
    with hearing(Journal()):
        alone = natural_breaks(np.asarray(values, dtype=np.float64), k)
    assert np.array_equal(alone, natural.natural_partition(Passes(np.asarray(values, dtype=np.float64)), k).largest)


@pytest.mark.parametrize(
    ("low", "high", "fits"), [(-1e-9, 1e30, True), (0.0, 1e200, False), (0.0, 1e-310, False), (5.0, 5.0, True)]
)
def test_ranges_whose_squares_are_ordinary_numbers(low: float, high: float, fits: bool) -> None:
    assert natural.binnable(low, high) is fits


def test_only_finite_values_count() -> None:
    passes = Passes([3.0, np.nan, 1.0, np.inf])
    assert natural.finite_values(passes).tolist() == [3.0, 1.0]
    assert natural.value_range(passes) == (2, 1.0, 3.0)
    assert natural.value_range(Passes([np.nan])) == (0, np.inf, -np.inf)


@pytest.mark.parametrize("k", [0, 256, 2.0, True, "5", None])
def test_a_number_of_classes_is_whole_and_small(k: object) -> None:
    assert natural.check_classes(np.int64(5)) == 5
    with pytest.raises(ConfigError) as caught:
        natural.check_classes(k)
    assert caught.value.problems[0].rule == "classify.k"


@pytest.mark.parametrize(("count", "rules"), [(5, []), (3, ["classify.fewer"]), (0, ["classify.no_value"])])
def test_fewer_classes_than_wanted_are_told(count: int, rules: list[str]) -> None:
    with hearing(Journal()) as journal:
        natural.note_fewer(count, 5)
    assert [problem.rule for problem in journal.warnings] == rules


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.integers(1, 6))
def test_as_many_bounds_as_classes_the_last_of_them_the_largest_value(values, k):
    array = np.array(values, dtype=float)
    with hearing(Journal()) as heard:
        breaks, finer = natural_breaks(array, k), natural_breaks(array, k + 1)
        fit, better = (goodness_of_variance_fit(array, bounds) for bounds in (breaks, finer))
    assert len(breaks) == min(k, len(set(values)))
    assert (np.diff(breaks) > 0).all()
    assert breaks[-1] == array.max()
    assert set(breaks) <= set(array)
    assert 0 <= fit <= better + 1e-12 <= 1 + 2e-12
    assert bool(heard.warnings) == (k + 1 > len(set(values)))
