"""Scores: the published weighted information value, folding of certainty factors, look-up."""

from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import GridMismatchError, LayerError, RiskZoningWarning
from riskzoning.methods.susceptibility import combine_certainty, score, score_classes, total_score
from riskzoning.methods.susceptibility.factors import class_layer

# Acta Geographica Sinica 2016, 71(9):1544, Table 1: weight and the values of two cells, A and C.
DALI = {
    "elevation": (0.1534, 0.372, -0.128),
    "slope": (0.1534, 0.209, 0.188),
    "ndvi": (0.0717, 0.032, 0.155),
    "lithology": (0.2435, 0.255, -0.087),
    "earthquakes": (0.0539, 0.271, -0.055),
    "rain": (0.0887, 1.018, -0.192),
    "fault": (0.1078, 0.294, -0.139),
    "river": (0.0597, 0.598, 0.260),
    "road": (0.0170, 0.636, 0.237),
    "town": (0.0509, 1.450, -0.330),
}


def test_published_weighted_and_plain_totals(make_layer):
    codes = make_layer(np.array([[1, 2]], dtype="uint8"), "lithology")
    classes = dict.fromkeys(DALI, codes)
    values = {name: {1: a, 2: c} for name, (_, a, c) in DALI.items()}
    weights = {name: weight for name, (weight, _, _) in DALI.items()}
    weighted = total_score(classes, values, weights=weights)
    np.testing.assert_allclose(weighted.values, [[0.410427, -0.033092]], atol=1e-6)
    np.testing.assert_allclose(total_score(classes, values).values, [[5.135, -0.091]], atol=1e-9)
    assert weighted.attrs["quantity"] == "information_value"
    lazy = total_score({name: layer.chunk(x=1) for name, layer in classes.items()}, values, weights=weights)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, weighted.values)


# Cells of the table by their raw values, and the totals: A and C as printed, B by adding up its ten values.
CELLS = {
    "elevation": (2000, 2400, 3500),
    "slope": (20, 10, 35),
    "NDVI": (0.40, 0.50, 0.73),
    "lithology": (4, 1, 5),
    "earthquakes": (0.007, 0.003, 0.001),
    "rain": (1120, 1020, 900),
    "fault": (0.5, 3, 20),
    "river": (100, 700, 6000),
    "road": (100, 700, 6000),
    "town": (50, 400, 2000),
}


def test_the_published_table_from_raw_values_to_totals(make_layer):
    table = pd.read_csv(Path(__file__).parents[2] / "reference" / "susceptibility_dali.csv", comment="#")
    layers, values, weights = {}, {}, {}
    for name, rows in table.groupby("factor"):
        raw = make_layer(np.array([CELLS[name]], dtype=float), "susceptibility_score")
        if name == "lithology":
            layers[name] = (raw + 1).astype("uint8")
        else:
            layers[name] = class_layer(raw, {"kind": "breaks", "breaks": rows["from"].dropna().tolist()})
        values[name], weights[name] = dict(zip(rows["class"], rows["value"], strict=True)), rows["weight"].iloc[0]
    assert sum(weights.values()) == pytest.approx(1)
    weighted, plain = total_score(layers, values, weights=weights).values[0], total_score(layers, values).values[0]
    np.testing.assert_allclose(weighted, [0.410427, -0.033092, -0.9658443], atol=1e-6)
    np.testing.assert_allclose(plain, [5.135, -0.091, -9.279], atol=1e-9)


def test_missing_factors_are_made_up_for_and_required_ones_are_not(make_layer):
    slope = make_layer(np.array([[1, 1, 0]], dtype="uint8"), "mask")
    rock = make_layer(np.array([[1, 0, 1]], dtype="uint8"), "lithology")
    values = {"slope": {1: 0.4}, "rock": {1: 0.2}}
    found = total_score({"slope": slope, "rock": rock}, values, required=("slope",)).values
    np.testing.assert_allclose(found, [[0.6, 0.8, np.nan]])
    found = total_score({"slope": slope, "rock": rock}, values, weights={"slope": 0.75, "rock": 0.25}).values
    np.testing.assert_allclose(found, [[0.35, 0.4, 0.2]])


def test_wrong_weights_and_missing_tables(make_layer):
    layer = make_layer(np.array([[1]], dtype="uint8"), "mask")
    with pytest.raises(LayerError, match=r"sum to 0\.9"):
        total_score({"a": layer}, {"a": {1: 1.0}}, weights={"a": 0.9})
    with pytest.raises(LayerError, match="no values or no weight for a"):
        total_score({"a": layer}, {})
    with pytest.raises(GridMismatchError):
        total_score(
            {"a": layer, "b": make_layer(np.ones((1, 2), dtype="uint8"), "mask")}, {"a": {1: 1.0}, "b": {1: 1.0}}
        )


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32"])
def test_look_up_of_any_code_type(dtype):
    codes = np.array([[1, 3, 0], [2, 7, 1]]).astype(dtype)
    found = score(codes, {1: 0.5, 3: -1.0, 7: 2.0})
    np.testing.assert_array_equal(found, [[0.5, -1.0, np.nan], [np.nan, 2.0, 0.5]])
    np.testing.assert_array_equal(score(da.from_array(codes, chunks=2), {1: 0.5, 3: -1.0, 7: 2.0}).compute(), found)


def test_look_up_of_negative_large_and_missing_codes():
    found = score(np.array([-1, 5, 70000, -9]), {-1: 1.0, 70000: 2.0})
    np.testing.assert_array_equal(found, [1.0, np.nan, 2.0, np.nan])
    found = score(np.array([-1, 1], dtype="int16"), {1: 2.0})
    np.testing.assert_array_equal(found, [np.nan, 2.0])
    np.testing.assert_array_equal(score(np.array([np.nan, 1.0]), {1: 2.0}), [np.nan, 2.0])
    assert np.isnan(score(np.array([1, 2]), {})).all()


def test_folding_of_certainty_factors():
    assert combine_certainty(0.292413, -0.601487) == pytest.approx(-0.4368, abs=1e-6)
    assert combine_certainty(0.3, 0.5) == pytest.approx(0.65)
    assert combine_certainty(-0.3, -0.5) == pytest.approx(-0.65)
    assert combine_certainty(0.3) == 0.3
    assert combine_certainty(0.3, 0.5, -0.2) == pytest.approx((0.65 - 0.2) / 0.8)
    assert np.isnan(combine_certainty(0.3, np.nan))


def test_a_certain_yes_with_a_certain_no_is_zero_and_warned_of():
    with pytest.warns(RiskZoningWarning, match="undefined"):
        assert combine_certainty(1.0, -1.0) == 0


def test_folding_of_layers(make_layer):
    a, b = make_layer(np.array([[0.3, -0.3]]), "mask"), make_layer(np.array([[0.5, -0.5]]), "mask")
    np.testing.assert_allclose(combine_certainty(a, b).values, [[0.65, -0.65]])
    lazy = combine_certainty(a.chunk(x=1), b.chunk(x=1))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_allclose(lazy.values, [[0.65, -0.65]])


@given(st.lists(st.floats(-0.99, 0.99), min_size=2, max_size=6))
def test_folding_stays_within_bounds_and_does_not_depend_on_order(factors):
    found = combine_certainty(*factors)
    assert -1 <= found <= 1
    assert combine_certainty(*factors[::-1]) == pytest.approx(found, abs=1e-6)


def test_plain_arrays_are_scored_like_layers(make_layer):
    codes = {"slope": np.array([[1, 2, 0]], dtype="uint8"), "rock": np.array([[1, 0, 0]], dtype="uint8")}
    tables = {"slope": {1: -0.4, 2: 0.3}, "rock": {1: 0.2}}
    layers = {name: make_layer(values, quantity="lithology") for name, values in codes.items()}
    expected = total_score(layers, tables).values
    assert np.array_equal(total_score(codes, tables), expected, equal_nan=True)
    with pytest.raises(LayerError, match="shapes"):
        total_score({**codes, "rock": np.ones((2, 2))}, tables)


def test_a_class_that_never_had_an_event_is_not_missing():
    codes = {"slope": np.array([[1, 2]]), "rock": np.array([[1, 1]])}
    total = total_score(codes, {"slope": {1: -np.inf, 2: 0.5}, "rock": {1: 0.2}})
    assert total.tolist() == [[-np.inf, 0.7]]


def test_classes_of_certainty_are_closed_at_the_left(make_layer):
    values = np.array([-1, -0.5, -0.01, 0, 0.29, 0.3, 0.59, 0.6, np.nan])
    expected = [1, 2, 2, 3, 3, 4, 4, 5, 0]
    assert score_classes(values, "certainty").tolist() == expected
    assert score_classes(-0.5, "certainty") == 2
    lazy = make_layer(values[None], "elevation").chunk(x=4)
    assert score_classes(lazy, "certainty").values.tolist() == [expected]
    assert score_classes(np.array([0.19, 0.2, 0.8]), "probability").tolist() == [1, 2, 5]
    assert score_classes(np.array([0.1, 0.6]), "probability", breaks=[0.5]).tolist() == [1, 2]
    with pytest.raises(LayerError):
        score_classes(values, "odds")
