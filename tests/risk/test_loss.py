"""Expected annual loss and exceedance: worked examples, laws, what is warned about."""

from __future__ import annotations

import warnings
from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.risk import (
    exceedance_curve,
    exceedance_probability,
    expected_annual_loss,
    loss_bounds,
    loss_segments,
    loss_weights,
)
from riskzoning.vulnerability import loss_ratio

# A first segment that makes more than half is warned about; that has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.*most frequent segment")
EXAMPLES = pd.read_csv(Path(__file__).parent / "reference" / "expected_annual_loss.csv", comment="#", index_col="case")


def example(name):
    row = EXAMPLES.loc[name]
    return row, *([float(text) for text in row[key].split()] for key in ("losses", "return_periods"))


@pytest.mark.parametrize("name", EXAMPLES.index)
def test_worked_examples(name):
    row, losses, periods = example(name)
    assert expected_annual_loss(losses, periods, tail=False) == pytest.approx(row["trapezoid"], rel=1e-5)
    assert expected_annual_loss(losses, periods) == pytest.approx(row["with_tail"], rel=1e-5)
    assert expected_annual_loss(losses, periods, method="log-linear") == pytest.approx(row["log_linear"], rel=1e-5)


def test_range_of_e9():
    row, losses, periods = example("E9")
    wanted = (row["lower"], row["upper"], row["middle"])
    assert loss_bounds(losses, periods) == pytest.approx(wanted)
    assert loss_bounds([900, 100, 400], [100, 5, 20]) == pytest.approx(wanted)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(2, 1000), st.floats(0, 1e6), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from(["trapezoid", "log-linear"]),
    st.none() | st.floats(1.5, 2000),
)
def test_an_estimate_lies_between_the_bounds_of_its_own_tail(losses, tail, method, protection):
    values, periods = list(losses.values()), list(losses)
    with hearing(Journal()):
        lower, upper, middle = loss_bounds(values, periods, tail=tail, protection=protection)
        estimate = expected_annual_loss(values, periods, method=method, tail=tail, protection=protection)
    slack = 1e-9 * (1 + max(values))
    assert lower - slack <= estimate <= upper + slack
    assert middle == pytest.approx((lower + upper) / 2)


def test_the_published_upper_bound_can_lie_below_the_estimate():
    """Losses that do not rise: 100 in every period down to 1 in 5 years are 20 a year, and the published bound 19."""
    with hearing(Journal()):
        _, published, _ = loss_bounds([100, 100, 100], [5, 20, 100])
        bounds = loss_bounds([100, 100, 100], [5, 20, 100], tail=True)
        estimate = expected_annual_loss([100, 100, 100], [5, 20, 100])
    assert published == pytest.approx(19)
    assert estimate == pytest.approx(20)
    assert bounds == pytest.approx((20, 20, 20))


def test_bounds_of_e9_with_the_tail_of_the_estimate():
    row, losses, periods = example("E9")
    assert loss_bounds(losses, periods, tail=True) == pytest.approx((40, 105, row["with_tail"]))
    assert loss_bounds(losses, periods, tail=False) == pytest.approx((31, 96, row["trapezoid"]))
    # Nothing is lost up to 50 years: .01 of 400 to 900, and the tail.
    assert loss_bounds(losses, periods, tail=True, protection=50) == pytest.approx((4 + 9, 9 + 9, 15.5))


def test_losses_of_e10_come_from_the_commercial_curve():
    _, losses, _ = example("E10")
    assert 1e6 * loss_ratio([0.0, 0.25, 0.75, 1.25], "flood/jrc-asia/commercial") == pytest.approx(losses)


def test_segments_add_up_to_the_whole():
    for name in EXAMPLES.index:
        _, losses, periods = example(name)
        for options in ({}, {"method": "log-linear"}, {"tail": False}, {"protection": 12.0}):
            table = loss_segments(losses, periods, **options)
            whole = expected_annual_loss(losses, periods, **options)
            assert table["loss"].sum() == pytest.approx(whole)
            assert table["share"].sum() == pytest.approx(1)
    assert loss_segments([0, 0], [5, 10])["share"].isna().all()


def test_a_first_segment_that_makes_most_of_it_is_warned_about():
    with hearing(Journal()) as heard:
        expected_annual_loss([100, 400, 900], [5, 20, 100])
    (problem,) = heard.warnings
    assert problem.rule == "risk.first_segment"
    assert dict(problem.values)["share"] == pytest.approx(37.5 / 72.5)
    with hearing(Journal()) as heard:
        expected_annual_loss([0, 20, 60, 150, 250], [5, 10, 20, 50, 100])
        expected_annual_loss([100], [5])
    assert not heard.warnings


def test_protection_by_cell_is_that_of_each_cell_alone(make_layer):
    values = np.array([[[10.0, 20, 30]], [[20, 30, 60]], [[60, 90, 90]], [[100, 99, 98]]])
    stack = make_layer(values, quantity="loss", return_periods=[5, 10, 20, 50])
    years = [[np.nan, 12.0, 200.0]]
    for method in ("trapezoid", "log-linear"):
        alone = [
            float(expected_annual_loss(values[:, 0, i], [5, 10, 20, 50], method=method, protection=years_of))
            for i, years_of in enumerate((None, 12.0, 200.0))
        ]
        for losses in (stack, stack.chunk(x=1)):
            for by_cell in (np.array(years), make_layer(np.array(years), quantity="protection_period")):
                out = expected_annual_loss(losses, method=method, protection=by_cell)
                np.testing.assert_allclose(out.values[0], alone)
        assert out.attrs["protection"] == "by cell"


def test_persons_stay_persons_and_nothing_becomes_yuan(make_layer):
    stack = make_layer(np.array([[[1.0]], [[5.0]]]), quantity="deaths", return_periods=[50, 475])
    out = expected_annual_loss(stack)
    assert (out.attrs["units"], out.attrs["quantity"]) == ("person/a", "expected_annual_deaths")
    residents = make_layer(np.array([[[1.0]], [[5.0]]]), quantity="population", return_periods=[50, 475])
    assert expected_annual_loss(residents).attrs["units"] == "person/a"
    bare = xr.DataArray([[1.0, 2], [3, 4]], dims=("return_period", "unit"), coords={"return_period": [10, 20]})
    assert "units" not in expected_annual_loss(bare).attrs
    assert expected_annual_loss(bare.assign_attrs(units="万元")).attrs["units"] == "万元/a"
    table = pd.DataFrame({"a": [1.0, 3], "b": [2.0, 4]}, index=[10, 20])
    table.attrs["units"] = "person"
    yearly = expected_annual_loss(table)
    assert yearly.to_dict() == pytest.approx({"a": 0.05 * 2 + 0.05 * 3, "b": 0.05 * 3 + 0.05 * 4})
    assert yearly.attrs == {"units": "person/a"}


def test_earthquake_levels():
    rates = np.array([0.0198850, 0.00210721, 0.00040405, 0.0001])
    losses = [0.002, 0.03, 0.10, 0.25]
    assert expected_annual_loss(losses, 1 / rates, tail=False) == pytest.approx(4.483588e-4, rel=1e-6)
    assert expected_annual_loss(losses, 1 / rates) == pytest.approx(4.733588e-4, rel=1e-6)


losses_by_period = st.lists(
    st.tuples(st.integers(1, 5000), st.floats(0, 1e6)), min_size=1, max_size=8, unique_by=lambda pair: pair[0]
)


@settings(max_examples=80, deadline=None)
@given(pairs=losses_by_period, method=st.sampled_from(["trapezoid", "log-linear"]), tail=st.booleans(), data=st.data())
def test_laws(pairs, method, tail, data):
    periods, losses = (np.array(column, dtype=float) for column in zip(*pairs))

    def eal(x, order=slice(None)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(expected_annual_loss(x[order], periods[order], method=method, tail=tail))

    value = eal(losses)
    assert value >= 0
    assert eal(losses, np.array(data.draw(st.permutations(range(len(periods)))))) == pytest.approx(value, rel=1e-9)
    assert eal(3 * losses) == pytest.approx(3 * value, rel=1e-9)
    more = losses.copy()
    more[data.draw(st.integers(0, len(losses) - 1))] += 1
    assert eal(more) >= value - 1e-9 * max(1, value)
    with_tail = float(loss_weights(periods, method=method).sum())
    assert with_tail == pytest.approx(1 / periods.min())


def test_one_period():
    assert expected_annual_loss([50], [100]) == pytest.approx(0.5)
    assert expected_annual_loss([50], [100], tail=False) == 0


def test_a_table_says_which_loss_is_whose():
    losses = pd.Series([250.0, 150, 60, 20, 0], index=[100, 50, 20, 10, 5])
    assert expected_annual_loss(losses) == pytest.approx(10.65)
    assert expected_annual_loss(losses, [5, 10, 20, 50, 100]) == pytest.approx(10.65)
    assert expected_annual_loss(losses.reset_index(drop=True), [100, 50, 20, 10, 5]) == pytest.approx(10.65)
    by_town = pd.DataFrame({"410702001": losses, "410702002": 2 * losses})
    assert expected_annual_loss(by_town).tolist() == pytest.approx([10.65, 21.3])


def test_masked_losses_are_missing():
    losses = np.ma.masked_array([[1.0, 1.0], [2.0, 2.0]], mask=[[False, True], [False, False]])
    np.testing.assert_allclose(expected_annual_loss(losses, [10, 100]), [0.155, np.nan])


@pytest.mark.parametrize("method", ["trapezoid", "log-linear"])
def test_protection(method):
    periods, losses = [5, 10, 20, 50], [10, 20, 60, 100]
    none = expected_annual_loss(losses, periods, method=method)
    assert expected_annual_loss(losses, periods, method=method, protection=1) == pytest.approx(none)
    upto_10 = expected_annual_loss(losses[1:], periods[1:], method=method)
    assert expected_annual_loss(losses, periods, method=method, protection=10) == pytest.approx(upto_10)
    between = 60 - 40 * 0.5 if method == "trapezoid" else 60 - 40 * np.log(1.5) / np.log(2)
    p = 0.075 if method == "trapezoid" else None
    if p:
        inserted = expected_annual_loss([between, 60, 100], [1 / p, 20, 50])
        assert expected_annual_loss(losses, periods, protection=1 / p) == pytest.approx(inserted)
    assert expected_annual_loss(losses, periods, method=method, protection=200) == pytest.approx(100 / 200)


def test_layers_lazy_and_not(make_layer):
    values = np.array([[[0, 1.0], [np.nan, 5]], [[2, 3], [4, 6]], [[8, 9], [np.nan, 7]]], dtype="f4")
    stack = make_layer(values, quantity="loss", return_periods=[10, 50, 100])
    for layer in (stack, stack.chunk(x=1), stack.chunk(return_period=1)):
        out = expected_annual_loss(layer, [10, 50, 100])
        assert out.dims == ("y", "x")
        assert out.attrs["units"] == "yuan/a"
        assert out.attrs["quantity"] == "expected_annual_loss"
        assert (out.attrs["method"], out.attrs["tail"]) == ("trapezoid", "constant")
        assert out.odc.crs == stack.odc.crs
        assert out.dtype == np.float32
        plain = expected_annual_loss(values, [10, 50, 100])
        np.testing.assert_array_equal(out.values, plain)
        np.testing.assert_array_equal(expected_annual_loss(layer).values, plain)
    assert np.isnan(out.values[1, 0])
    assert isinstance(expected_annual_loss(stack.chunk(x=1)).data, da.Array)
    turned = expected_annual_loss(stack.isel(return_period=[2, 0, 1]))
    np.testing.assert_allclose(turned.values, out.values, rtol=1e-6)


def test_other_quantities_keep_their_unit(make_layer):
    depth = make_layer(np.ones((2, 2, 2)), quantity="flood_depth", return_periods=[10, 20])
    with pytest.warns(UserWarning, match="identical"):
        out = expected_annual_loss(depth)
    assert out.attrs["units"] == "m/a"
    assert out.values == pytest.approx(np.full((2, 2), 0.1))
    unnamed = xr.DataArray([[1.0, 2], [3, 4]], dims=("scenario", "unit"))
    assert expected_annual_loss(unnamed, [10, 20]).dims == ("unit",)
    assert expected_annual_loss(unnamed, [10, 20], tail=False).attrs["tail"] == "none"


def test_what_is_warned_about():
    with pytest.warns(UserWarning, match="fall as the return period rises between T 10 and 20"):
        expected_annual_loss([5, 4, 9], [10, 20, 50])
    same = np.ones((2, 3, 3))
    with pytest.warns(UserWarning, match="identical for T 10 and 20"):
        assert np.isfinite(expected_annual_loss(same, [20, 10])).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected_annual_loss([0, 0, 5], [5, 10, 20])


@pytest.mark.parametrize(
    ("losses", "periods", "options", "error", "text"),
    [
        ([1, 2], [10, 10], {}, ConfigError, "each once"),
        ([1, 2], [0, 10], {}, ConfigError, "above 0"),
        ([1, 2], [np.nan, 10], {}, ConfigError, "above 0"),
        ([1, 2], [10, 20], {"method": "simpson"}, ConfigError, "trapezoid or log-linear"),
        ([1, 2], [10, 20], {"protection": 0}, ConfigError, "protection"),
        ([1, 2, 3], [10, 20], {}, LayerError, "one loss per return period"),
        ([1, 2], None, {}, LayerError, "one loss per return period"),
        (5.0, [10], {}, LayerError, "one loss per return period"),
        ([-9999, 2], [10, 20], {}, LayerError, "nodata"),
    ],
)
def test_wrong_input(losses, periods, options, error, text):
    with pytest.raises(error, match=text) as caught:
        expected_annual_loss(losses, periods, **options)
    assert caught.value.problems[0].fix


def test_periods_that_are_not_those_of_the_layer(make_layer):
    stack = make_layer(np.ones((2, 2, 2)), quantity="loss", return_periods=[10, 20])
    with pytest.raises(LayerError, match="periods"):
        expected_annual_loss(stack, [10, 50])


def test_input_stays():
    losses = np.array([3.0, 1, 2])
    with pytest.warns(UserWarning, match="fall"):
        expected_annual_loss(losses, [10, 20, 5])
    assert losses.tolist() == [3, 1, 2]


def test_exceedance_curve():
    curve = exceedance_curve([10, 50, 20, 20], [0.1, 0.01, 0.02, 0.02])
    assert curve["return_period"].tolist() == pytest.approx([1 / 0.15, 20, 100])
    assert curve["loss"].tolist() == [10, 20, 50]
    assert curve.attrs["expected_annual_loss"] == pytest.approx(1 + 0.5 + 0.8)


def test_exceedance_curve_at_given_periods():
    at = exceedance_curve([10, 50, 20], [0.1, 0.01, 0.04], return_periods=[20, 44.72135955, 100, 5, 1000])
    assert at["return_period"].tolist() == pytest.approx([20, 44.72135955, 100, 5, 1000])
    assert at["loss"].tolist() == pytest.approx([20, 35, 50, 0, np.nan], nan_ok=True)
    assert "not extrapolated" in at.attrs["note"]


def test_frequencies_by_label_or_one_for_all():
    losses = pd.Series([10.0, 50, 20], index=["a", "b", "c"])
    rates = pd.Series({"c": 0.04, "b": 0.01, "a": 0.1})
    expected = exceedance_curve([10, 50, 20], [0.1, 0.01, 0.04])
    pd.testing.assert_frame_equal(exceedance_curve(losses, rates), expected)
    pd.testing.assert_frame_equal(exceedance_curve(losses, rates.reindex(list("abc")).to_numpy()), expected)
    assert exceedance_curve([10, 50, 20], 1 / 1000)["return_period"].tolist() == pytest.approx([1000 / 3, 500, 1000])


def test_exceedance_curve_of_odd_events():
    with pytest.warns(UserWarning, match="1 event"):
        curve = exceedance_curve([np.nan, 5, 7], [0.1, 0.5, 0.0])
    assert curve["loss"].tolist() == [5]
    assert exceedance_curve([5], [0.0]).empty
    for losses, rates in (([1, 2], [0.1]), ([1], [-0.1]), ([1], [np.nan]), ([], [])):
        with pytest.raises(LayerError, match="frequency"):
            exceedance_curve(losses, rates)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0.001, 1)), min_size=1, max_size=20))
def test_exceedance_curve_is_monotone(events):
    losses, rates = zip(*events)
    curve = exceedance_curve(losses, rates)
    assert curve["return_period"].is_monotonic_increasing
    assert curve["loss"].is_monotonic_increasing
    assert curve["return_period"].iloc[0] == pytest.approx(1 / sum(rates))
    pd.testing.assert_frame_equal(curve, exceedance_curve(losses[::-1], rates[::-1]))


def test_exceedance_probability():
    assert exceedance_probability(1 / 474.6, 50) == pytest.approx(0.1, abs=1e-4)


RISING = st.lists(st.integers(2, 2000), min_size=2, max_size=6, unique=True)


@settings(max_examples=30, deadline=None)
@given(RISING, st.sampled_from(["trapezoid", "log-linear"]), st.booleans(), st.data())
def test_losses_of_two_receptors_together_are_the_sum_of_each(periods, method, tail, data):
    """Linear in D: the loss of a sum is the sum of the losses, and gaps stay in their own cell."""
    amounts = st.lists(st.floats(0, 1e6), min_size=len(periods), max_size=len(periods))
    one, two = (np.array(data.draw(amounts)) for _ in range(2))
    with hearing(Journal()):
        parts = [expected_annual_loss(x, periods, method=method, tail=tail) for x in (one, two, one + 3 * two)]
        assert parts[2] == pytest.approx(parts[0] + 3 * parts[1], rel=1e-9, abs=1e-9)
        gap = two.copy()
        gap[data.draw(st.integers(0, len(periods) - 1))] = np.nan
        cells = expected_annual_loss(np.column_stack([one, gap]), periods, method=method, tail=tail)
    np.testing.assert_allclose(cells, [parts[0], np.nan])


@settings(max_examples=30, deadline=None)
@given(RISING, st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_equal_and_falling_losses_are_told_and_never_break_it(periods, steps):
    periods = sorted(periods)
    losses = np.array(steps[: len(periods)], dtype=float)
    with hearing(Journal()) as heard:
        value = expected_annual_loss(losses, periods)
    assert np.isfinite(value)
    rules = {problem.rule for problem in heard.warnings}
    assert ("risk.losses_fall" in rules) == bool((np.diff(losses) < 0).any())
    assert ("risk.losses_equal" in rules) == bool(((np.diff(losses) == 0) & (losses[1:] > 0)).any())


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-4, 2), st.floats(0.1, 60), st.floats(0, 60))
def test_the_chance_of_a_rate_grows_with_the_years(rate, years, more):
    once, longer = exceedance_probability(rate, years), exceedance_probability(rate, years + more)
    assert 0 < once <= longer <= 1
    # To be spared in both spans is to be spared in each.
    rest = exceedance_probability(rate, more)
    assert 1 - longer == pytest.approx((1 - once) * (1 - rest), abs=1e-12)


@pytest.mark.parametrize("method", ["trapezoid", "log-linear"])
def test_periods_in_any_order_give_the_same_segments_and_the_same_loss_behind_levees(make_layer, method):
    periods, losses = [5, 10, 20, 50, 100], np.array([1.0, 20, 60, 150, 250])
    mixed = [3, 0, 4, 2, 1]
    other = [periods[i] for i in mixed]
    pd.testing.assert_frame_equal(
        loss_segments(losses[mixed], other, method=method), loss_segments(losses, periods, method=method)
    )
    cells = make_layer(np.multiply.outer(losses, np.ones((1, 3))), "loss", return_periods=periods)
    levees = np.array([[2.0, 15.0, 70.0]])
    wanted = [expected_annual_loss(losses, periods, method=method, protection=years) for years in levees[0].tolist()]
    made = expected_annual_loss(cells.isel(return_period=mixed), method=method, protection=levees)
    np.testing.assert_allclose(made.values[0], wanted)
