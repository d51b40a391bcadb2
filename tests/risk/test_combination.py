"""Several hazards in one index: worked examples, missing hazards, every method lazily."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, GridMismatchError, Journal, LayerError, UnitsError, hearing
from riskzoning.methods.weights import topsis
from riskzoning.risk import combine_hazards, hazard_chain
from riskzoning.risk.combination import weighted_mean

METHODS = ("weighted_sum", "weighted_product", "maximum", "graded", "union", "sum", "inform", "topsis")
INDEX_METHODS = tuple(method for method in METHODS if method not in ("graded", "sum"))


def test_worked_examples():
    three = {"a": 0.2, "b": 0.1, "c": 0.05}
    assert combine_hazards(three, method="union") == pytest.approx(0.316)
    assert combine_hazards(three, method="sum") == pytest.approx(0.35)
    assert combine_hazards(three, {"a": 0.5, "b": 0.3, "c": 0.2}) == pytest.approx(0.14)
    assert combine_hazards(three) == pytest.approx(0.35 / 3)
    two = {"a": 0.9, "b": 0.4}
    assert combine_hazards(two, {"a": 0.5, "b": 0.5}, method="weighted_product") == pytest.approx(0.6)
    assert combine_hazards(two, {"a": 0.04, "b": 0.96}, method="maximum") == pytest.approx(0.4)
    assert combine_hazards(two, {"a": 0.05, "b": 0.95}, method="maximum") == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("scores", "expected"), [((5, 5), 5.0), ((6.5, 3.2), 5.1), ((0, 10), 7.6), ((1, 9), 6.5), ((4, 4, 8), 5.7)]
)
def test_inform(scores, expected):
    out = combine_hazards({str(i): score / 10 for i, score in enumerate(scores)}, method="inform")
    assert round(float(out) * 10, 1) == expected


def test_inform_of_nothing_and_of_all_stays_within_0_and_1():
    out = combine_hazards(
        {str(i): np.array([0.0, 1.0]) for i in range(3)}, {"0": 0.7, "1": 0.2, "2": 0.1}, method="inform"
    )
    assert out.min() >= 0
    assert out.max() <= 1


def test_topsis_of_equal_cells_is_missing_and_said():
    with pytest.warns(UserWarning, match="same in all cells"):
        out = combine_hazards({"a": np.full(3, 0.5), "b": np.full(3, 0.2)}, method="topsis")
    assert np.isnan(out).all()


def test_rounding_ranks_nothing_by_topsis():
    noise = np.array([0.5, 0.5 + 1e-13, 0.5])
    with hearing(Journal()):
        index = combine_hazards({"a": noise, "b": noise}, method="topsis")
    assert np.isnan(index).all()


def test_floor_of_the_product():
    one = combine_hazards({"a": 0.0, "b": 1.0}, {"a": 0.5, "b": 0.5}, method="weighted_product")
    assert one == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("grades", "weights", "expected"),
    [
        ((3, 3, 3), (0.5, 0.3, 0.2), 3),
        ((2, 3, 1), (0.5, 0.5, 0.0), 3),
        ((5, 5, 1), (0.25, 0.25, 0.5), 4),  # 3 by weights, one up: two hazards are high
        ((4, 4, 4), (0.5, 0.3, 0.2), 5),  # three at least medium-high
        ((5, 4, 4), (0.5, 0.3, 0.2), 5),
        ((5, 5, 5), (0.5, 0.3, 0.2), 5),
        ((5, 1, 1), (0.2, 0.4, 0.4), 2),
        ((0, 2, np.nan), (0.5, 0.3, 0.2), 2),
        ((0, 0, np.nan), (0.5, 0.3, 0.2), 0),
    ],
)
def test_graded(grades, weights, expected):
    names = ("flood", "geology", "drought")
    out = combine_hazards(dict(zip(names, grades)), dict(zip(names, weights)), method="graded")
    assert out == expected
    assert np.asarray(out).dtype == np.uint8


def test_topsis_is_that_of_the_weights_module():
    matrix = pd.DataFrame({"flood": [0.2, 0.9, 0.4], "geology": [0.5, 0.1, 0.3]})
    weights = {"flood": 0.7, "geology": 0.3}
    expected = topsis(matrix, weights)["closeness"]
    out = combine_hazards(dict(matrix), weights, method="topsis")
    assert out.tolist() == pytest.approx(expected.tolist())


def layers(make_layer, scale=1.0):
    rng = np.random.default_rng(1)
    out = {}
    for name in ("flood", "geology", "drought"):
        values = rng.random((6, 7))
        values = np.ceil(values * 5) if scale == 5 else values
        values[rng.random((6, 7)) < 0.2] = np.nan
        values[0, 0] = np.nan
        out[name] = make_layer(values, quantity="risk_grade" if scale == 5 else "risk_index")
    return out


@pytest.mark.parametrize("method", METHODS)
def test_layers_lazy_and_not(make_layer, method):
    indices = layers(make_layer, 5 if method == "graded" else 1)
    weights = {"flood": 0.5, "geology": 0.3, "drought": 0.2}
    out = combine_hazards(indices, weights, method=method)
    lazy = combine_hazards({name: layer.chunk(y=4, x=3) for name, layer in indices.items()}, weights, method=method)
    as_dataset = combine_hazards(xr.Dataset(indices), weights, method=method)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_allclose(lazy.values, out.values, rtol=1e-12)
    np.testing.assert_array_equal(as_dataset.values, out.values)
    assert out.odc.crs == indices["flood"].odc.crs
    assert out.attrs["method"] == method
    if method == "graded":
        assert out.values[0, 0] == 0
    else:
        assert np.isnan(out.values[0, 0])
        assert np.isfinite(out.values).sum() == np.any([np.isfinite(layer) for layer in indices.values()], axis=0).sum()


@pytest.mark.parametrize("method", INDEX_METHODS)
def test_float32_stays(make_layer, method):
    indices = {name: layer.astype("f4") for name, layer in layers(make_layer).items()}
    assert combine_hazards(indices, method=method).dtype == (np.float64 if method == "topsis" else np.float32)


@pytest.mark.parametrize("method", INDEX_METHODS)
def test_a_missing_hazard_leaves_its_weight_to_the_others(method):
    full = combine_hazards({"a": [0.4, 0.2], "b": [0.8, 0.1]}, {"a": 0.25, "b": 0.75}, method=method)
    gap = combine_hazards(
        {"a": [0.4, 0.2], "b": [0.8, 0.1], "c": [np.nan, np.nan]}, {"a": 0.125, "b": 0.375, "c": 0.5}, method=method
    )
    if method != "topsis":
        assert gap == pytest.approx(full)
    assert np.isfinite(gap).all()


values = st.floats(0, 1)


@settings(max_examples=80, deadline=None)
@given(st.lists(values, min_size=2, max_size=5), st.sampled_from([m for m in INDEX_METHODS if m != "topsis"]), values)
def test_within_0_and_1_and_monotone(indices, method, more):
    named = {str(i): value for i, value in enumerate(indices)}
    out = float(combine_hazards(named, method=method))
    assert -1e-12 <= out <= 1 + 1e-12
    raised = {**named, "0": max(named["0"], more)}
    assert float(combine_hazards(raised, method=method)) >= out - 1e-12
    turned = dict(reversed(named.items()))
    assert float(combine_hazards(turned, method=method)) == pytest.approx(out, abs=1e-12)


def test_weights_of_hazards_that_are_not_there_are_shared():
    with pytest.warns(UserWarning, match="drought, which are not there"):
        out = combine_hazards({"flood": 0.6, "geology": 0.2}, {"flood": 0.6, "geology": 0.2, "drought": 0.2})
    assert out == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("indices", "weights", "method", "error", "text"),
    [
        ({"a": 0.5, "b": 0.5}, {"a": 1.0}, "weighted_sum", ConfigError, "none for b"),
        ({"a": 0.5, "b": 0.5}, {"a": 0.7, "b": 0.7}, "weighted_sum", ConfigError, "sum to 1.4"),
        ({"a": 0.5}, {"a": 0.0, "b": 1.0}, "weighted_sum", ConfigError, "are 0 for a"),
        ({"a": 0.5}, None, "mean", ConfigError, "one of weighted_sum"),
        ({"a": 50.0}, None, "weighted_sum", LayerError, "values from 50"),
        ({"a": 2.5}, None, "graded", LayerError, "no whole numbers"),
        ({"a": 6.0}, None, "graded", LayerError, "grades from 0 to 5"),
        ({}, None, "weighted_sum", LayerError, "no layer"),
    ],
)
def test_wrong_input(indices, weights, method, error, text):
    with pytest.raises(error, match=text) as caught:
        combine_hazards(indices, weights, method=method)
    assert caught.value.problems[0].fix


def test_foreign_grid(make_layer):
    here = make_layer(np.zeros((2, 2)), quantity="risk_index")
    there = make_layer(np.zeros((2, 2)), quantity="risk_index", resolution=200)
    with pytest.raises(GridMismatchError, match="geology"):
        combine_hazards({"flood": here, "geology": there})


def test_sum_keeps_the_quantity(make_layer):
    eal = make_layer(np.ones((2, 2)), quantity="expected_annual_loss")
    out = combine_hazards({"flood": eal, "geology": eal}, method="sum")
    assert out.values.tolist() == [[2, 2], [2, 2]]
    assert out.attrs["quantity"] == "expected_annual_loss"
    assert out.attrs["units"] == "yuan/a"
    assert "twice" in out.attrs["note"]


@pytest.mark.parametrize(
    ("hazards", "pairs"),
    [
        (("earthquake", "geology", "flood"), ["earthquake -> geology"]),
        (("meteorology", "flood", "drought"), ["meteorology -> flood", "meteorology -> drought"]),
        (("drought", "forest_fire"), ["drought -> forest_fire"]),
        (("earthquake", "flood"), None),
        (("geology", "flood", "storm_surge"), None),
    ],
)
def test_a_cascade_in_a_sum_of_losses_is_flagged(make_layer, hazards, pairs):
    eal = make_layer(np.full((2, 2), 1e6), quantity="expected_annual_loss")
    journal = Journal()
    with hearing(journal):
        out = combine_hazards(dict.fromkeys(hazards, eal), method="sum")
    assert out.attrs.get("cascades") == pairs
    assert out.values.tolist() == [[1e6 * len(hazards)] * 2] * 2
    assert [(one.rule, one.found.count("→")) for one in journal.warnings] == (
        [] if pairs is None else [("risk.cascade", len(pairs))]
    )


@pytest.mark.parametrize("method", ["weighted_sum", "union", "maximum"])
def test_only_sums_of_losses_are_flagged_for_cascades(method):
    journal = Journal()
    with hearing(journal):
        combine_hazards({"earthquake": 0.2, "geology": 0.3}, method=method)
    assert not journal.warnings


def test_persons_and_money_are_never_added(make_layer):
    money = make_layer(np.ones((2, 2)), quantity="expected_annual_loss")
    people = make_layer(np.ones((2, 2)), quantity="deaths")
    with pytest.raises(UnitsError, match="persons and money"):
        combine_hazards({"flood": money, "geology": people}, method="sum")


def test_weights_with_another_sum_on_demand():
    with pytest.warns(UserWarning, match="sum to 2"):
        out = combine_hazards({"a": 0.2, "b": 0.4}, {"a": 1.0, "b": 1.0}, renormalise=True)
    assert out == pytest.approx(0.3)


def test_no_hazard_weighs_enough_for_the_maximum():
    names = [str(i) for i in range(25)]
    with pytest.warns(UserWarning, match="over all"):
        assert combine_hazards(dict.fromkeys(names, 0.3), method="maximum") == pytest.approx(0.3)


def test_hazard_chain(make_layer):
    out = hazard_chain({"earthquake": 0.5, "geology": 0.4})
    assert out["geology"] == pytest.approx(0.46)
    assert out["earthquake"] == 0.5
    assert hazard_chain({"earthquake": 1.0, "geology": 0.95})["geology"] == 1
    assert np.isnan(hazard_chain({"earthquake": 0.5, "geology": np.nan})["geology"])
    assert hazard_chain({"earthquake": np.nan, "geology": 0.4})["geology"] == pytest.approx(0.4)
    assert hazard_chain({"a": 0.5, "b": 0.1}, strengths={("a", "b"): 1.0}, rho=0.5)["b"] == pytest.approx(0.35)
    layer = make_layer(np.full((2, 2), 0.4), quantity="risk_index")
    assert hazard_chain({"drought": layer, "forest_fire": layer})["forest_fire"].attrs["quantity"] == "risk_index"


def test_the_weight_of_a_missing_value_is_shared():
    mean = weighted_mean([np.array([0.2, np.nan, np.nan]), np.array([0.4, 0.4, np.nan])], np.array([0.5, 0.5]))
    np.testing.assert_allclose(mean, [0.3, 0.4, np.nan])


parts = st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.05, 1)), min_size=2, max_size=6)


@settings(max_examples=80, deadline=None)
@given(parts, st.sampled_from(["weighted_sum", "weighted_product", "maximum", "inform"]))
def test_a_combination_lies_between_its_inputs(pairs, method):
    total = sum(weight for _, weight in pairs)
    named = {str(i): value for i, (value, _) in enumerate(pairs)}
    weights = {str(i): weight / total for i, (_, weight) in enumerate(pairs)}
    with hearing(Journal()):
        out = float(combine_hazards(named, weights, method=method))
    assert min(named.values()) - 1e-9 <= out <= max(named.values()) + 1e-9


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=6), st.integers(0, 4))
def test_a_higher_grade_of_one_hazard_never_lowers_that_of_all(grades, more):
    named = {str(i): grade for i, grade in enumerate(grades)}
    out = int(combine_hazards(named, method="graded"))
    assert min(grades) <= out <= min(max(grades) + 1, 5)
    raised = {**named, "0": min(named["0"] + more, 5)}
    assert int(combine_hazards(raised, method="graded")) >= out


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_a_chain_raises_and_never_lowers(values, rho, phi):
    named = {str(i): value for i, value in enumerate(values)}
    out = hazard_chain(named, strengths={("0", "1"): phi}, rho=rho)
    assert all(named[name] <= float(out[name]) <= 1 for name in named)
    assert float(out["1"]) <= min(1, named["1"] + rho * phi) + 1e-12


@settings(max_examples=30, deadline=None)
@given(
    st.lists(values, min_size=2, max_size=4),
    st.lists(st.integers(1, 9), min_size=5, max_size=5),
    st.sampled_from([m for m in METHODS if m not in ("graded", "topsis")]),
)
def test_a_hazard_without_value_is_as_if_it_were_not_there(indices, parts, method):
    names = [str(at) for at in range(len(indices))]
    parts = np.array(parts[: len(names) + 1], dtype=float)
    weights = dict(zip([*names, "gone"], parts / parts.sum()))
    there = dict(zip(names, parts[:-1] / parts[:-1].sum()))
    # A weight below the least of the maximum would be another hazard.
    if method == "maximum" and min(weights.values()) < 0.05 + 1e-9:
        return
    named = {name: np.array([value]) for name, value in zip(names, indices)}
    with hearing(Journal()):
        gap = combine_hazards({**named, "gone": np.array([np.nan])}, weights, method=method)
        assert gap == pytest.approx(combine_hazards(named, there, method=method), abs=1e-12)
