"""The risk index and its relatives: worked examples, laws, containers, refusals."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, GridMismatchError, Journal, LayerError, hearing
from riskzoning.risk import capacity_discount, mean_receptor_index, risk_index, scale_half

FORMS = ("product", "weighted_sum", "weighted_product")
ALL_FORMS = (*FORMS, "geometric", "gated", "half_scaled")
WITHOUT_ZEROS = ("weighted_sum", "half_scaled")


@pytest.mark.parametrize(
    ("form", "weights", "expected"),
    [
        ("product", None, 0.24),
        ("product", (1 / 3, 1 / 3, 1 / 3), 0.621447),
        ("weighted_product", None, 0.621447),
        ("weighted_sum", (0.5, 0.3, 0.2), 0.68),
        ("weighted_product", (0.5, 0.3, 0.2), 0.668012),
        ("weighted_product", {"vulnerability": 0.2, "hazard": 0.5, "exposure": 0.3}, 0.668012),
        ("geometric", None, 0.621447),
        ("gated", None, 0.519615),
        ("half_scaled", None, (0.9 * 0.8 * 0.75) ** (1 / 3)),
    ],
)
def test_worked_examples(form, weights, expected):
    assert risk_index(0.8, 0.6, 0.5, form=form, weights=weights) == pytest.approx(expected, abs=1e-6)


unit = st.floats(0, 1)


@settings(max_examples=100, deadline=None)
@given(h=unit, e=unit, v=unit, more=unit, form=st.sampled_from(ALL_FORMS))
def test_monotone_and_within_0_and_1(h, e, v, more, form):
    value = float(risk_index(h, e, v, form=form))
    assert 0 <= value <= 1
    assert float(risk_index(max(h, more), e, v, form=form)) >= value - 1e-12
    assert float(risk_index(h, max(e, more), v, form=form)) >= value - 1e-12
    assert float(risk_index(h, e, max(v, more), form=form)) >= value - 1e-12
    if form not in WITHOUT_ZEROS:
        assert float(risk_index(0, e, v, form=form)) == 0
        assert float(risk_index(h, 0, v, form=form)) == 0


def test_the_gated_form_halves_at_most_and_takes_an_unknown_vulnerability_as_full():
    assert risk_index(0.8, 0.6, None, form="gated") == pytest.approx(0.692820, abs=1e-6)
    assert risk_index(0.8, 0.6, np.nan, form="gated") == pytest.approx(0.692820, abs=1e-6)
    assert risk_index(0.8, 0.6, 0.0, form="gated") == pytest.approx(0.346410, abs=1e-6)
    assert risk_index(0.0, 0.6, 0.5, form="gated") == 0
    assert risk_index(0.8, 0.0, np.nan, form="gated") == 0
    assert np.isnan(risk_index(np.nan, 0.6, 0.5, form="gated"))
    assert np.isnan(risk_index(0.8, np.inf, 0.5, form="gated"))
    assert risk_index(0.8, None, None, form="gated") == pytest.approx(0.8)


def test_gated_layers_are_the_same_lazily(make_layer):
    values = np.array([[0.2, np.nan], [0.7, 0.0]], dtype="f4")
    h, e = make_layer(values, quantity="hazard_index"), make_layer(values[::-1], quantity="exposure_index")
    v = make_layer(np.array([[np.nan, 1], [0.5, 1]], dtype="f4"), quantity="vulnerability_index")
    out, lazy = risk_index(h, e, v, form="gated"), risk_index(h.chunk(x=1), e.chunk(y=1), v, form="gated")
    assert out.dtype == np.float32
    assert (out.attrs["form"], "weights" in out.attrs) == ("gated", False)
    np.testing.assert_array_equal(lazy.values, out.values)


@pytest.mark.parametrize("form", ["geometric", "gated"])
def test_forms_without_weights_refuse_them(form):
    with pytest.raises(ConfigError) as caught:
        risk_index(0.8, 0.6, 0.5, form=form, weights=(0.5, 0.3, 0.2))
    assert caught.value.problems[0].rule == "risk.weightless"


@pytest.mark.parametrize(("h", "e", "v"), [(np.nan, 0.5, 0.5), (0.5, np.nan, 0.5), (0.5, 0.5, np.inf)])
@pytest.mark.parametrize("weights", [(0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_missing_stays_missing_also_with_weight_0(h, e, v, weights, form):
    assert np.isnan(risk_index(h, e, v, form=form, weights=weights))


@pytest.mark.parametrize("form", FORMS)
def test_layers(make_layer, form):
    values = np.array([[0.2, np.nan], [0.7, np.inf]], dtype="f4")
    h = make_layer(values, quantity="hazard_index")
    e = make_layer(np.full((2, 2), 0.5, dtype="f4"), quantity="exposure_index")
    v = make_layer(np.array([[1, 1], [np.nan, 1]], dtype="f4"), quantity="vulnerability_index")
    out = risk_index(h, e, v, form=form)
    lazy = risk_index(h.chunk(x=1), e, v.chunk(y=1), form=form)
    assert out.attrs["quantity"] == "risk_index"
    assert out.attrs["form"] == form
    assert out.dtype == np.float32
    assert out.odc.crs == h.odc.crs
    assert np.isnan(out.values).tolist() == [[False, True], [True, True]]
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, out.values)
    assert h.attrs["quantity"] == "hazard_index"


def test_a_stack_meets_single_layers(make_layer):
    stack = make_layer(np.full((3, 2, 2), 0.5), quantity="hazard_index", return_periods=[10, 20, 50])
    flat = make_layer(np.full((2, 2), 0.5), quantity="exposure_index")
    assert risk_index(stack, flat, flat).dims == ("return_period", "y", "x")


def test_columns_of_a_table():
    codes = ["410702", "410703"]
    h, e = pd.Series([0.2, 0.4], index=codes), pd.Series([0.5, np.nan], index=codes)
    out = risk_index(h, e, 1.0)
    assert out["410702"] == pytest.approx(0.1)
    assert np.isnan(out["410703"])
    with pytest.raises(LayerError, match="index of its own"):
        risk_index(h, e[::-1], 1.0)


def test_without_vulnerability():
    assert risk_index(0.8, 0.6, None) == pytest.approx(0.48)
    assert risk_index(0.64, 0.25, None, form="weighted_product") == pytest.approx(0.4)


def test_foreign_grid_is_named(make_layer):
    h = make_layer(np.zeros((2, 2)), quantity="hazard_index")
    e = make_layer(np.zeros((2, 2)), quantity="exposure_index", left=600000)
    with pytest.raises(GridMismatchError, match="exposure"):
        risk_index(h, e, e)
    with pytest.raises(LayerError, match="one shape"):
        risk_index(np.zeros(2), np.zeros(3), 1.0)
    with pytest.raises(GridMismatchError, match="dims and labels"):
        risk_index(xr.DataArray([1.0], dims="a"), xr.DataArray([1.0], dims="b"), 1.0)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((80, 0.5, 0.5), {}, LayerError, "input 'hazard' has values from 80"),
        ((-9999.0, 0.5, 2.0), {}, LayerError, "vulnerability"),
        ((0.5, 0.5, 0.5), {"form": "sum"}, ConfigError, "weighted_product"),
        ((0.5, 0.5, 0.5), {"form": "weighted_sum", "weights": (0.5, 0.5, 0.5)}, ConfigError, "sum to 1.5"),
        ((0.5, 0.5, 0.5), {"form": "weighted_sum", "weights": {"hazard": 1.0}}, ConfigError, "none for exposure"),
        ((0.5, 0.5, 0.5), {"weights": (1, 1)}, ConfigError, "3 numbers"),
    ],
)
def test_wrong_input(arguments, options, error, text):
    with pytest.raises(error, match=text) as caught:
        risk_index(*arguments, **options)
    assert caught.value.problems[0].fix


def test_weights_with_another_sum_on_demand():
    with pytest.warns(UserWarning, match="sum to 2"):
        out = risk_index(0.8, 0.6, 0.5, form="weighted_sum", weights=(1, 0.6, 0.4), renormalise=True)
    assert out == pytest.approx(0.68)


def test_scale_half(make_layer):
    values = np.array([[0.0, 5], [10, np.nan]], dtype="f4")
    layer = make_layer(values, quantity="population")
    out = scale_half(layer)
    assert out.values.tolist() == [[0.5, 0.75], [1, pytest.approx(np.nan, nan_ok=True)]]
    assert out.attrs["quantity"] == "exposure_index"
    assert out.attrs["norm_ref"] == [0, 10]
    assert out.dtype == np.float32
    lazy = scale_half(layer.chunk(x=1), reference=(0, 10))
    np.testing.assert_array_equal(lazy.values, out.values)
    frozen = scale_half(np.array([-5.0, 30]), reference=(0, 10))
    assert frozen.tolist() == [0.5, 1]
    assert scale_half(make_layer(values / 10, quantity="hazard_index")).attrs["quantity"] == "hazard_index"
    assert scale_half([0, 10]).tolist() == [0.5, 1]


def test_scale_half_of_rounding_is_a_half():
    with hearing(Journal()) as heard:
        np.testing.assert_allclose(scale_half([7.0, 7.0 + 1e-12]), 0.5)
    assert [problem.rule for problem in heard.warnings] == ["risk.constant"]


def test_scale_half_needs_a_reference_for_lazy_layers(make_layer):
    lazy = make_layer(np.zeros((2, 2)), quantity="hazard_index").chunk(x=1)
    with pytest.raises(ConfigError, match=r"layers\.scan"):
        scale_half(lazy)
    with pytest.raises(ConfigError, match="not below"):
        scale_half([1.0], reference=(2, 1))
    with pytest.warns(UserWarning, match="constant"):
        assert scale_half([3.0, 3.0]).tolist() == [0.5, 0.5]


def test_product_on_the_half_scale_is_not_wiped_by_a_zero():
    h, e, v = (scale_half(np.array([0.0, x, 1.0]), reference=(0, 1)) for x in (0.8, 0.6, 0.5))
    out = risk_index(h, e, v, form="weighted_product")
    assert out[0] == pytest.approx(0.5)
    assert np.all(np.diff(out) > 0)


def test_mean_receptor(make_layer):
    assert mean_receptor_index({"population": 0.6, "economy": 0.4, "buildings": 0.2}) == pytest.approx(0.46)
    assert mean_receptor_index({"population": 0.6, "economy": 0.4}) == pytest.approx(0.525)
    assert mean_receptor_index({"population": 0.6, "economy": 0.4, "crops": 0.9}) == pytest.approx(0.525)
    own = {"population": 0.5, "crops": 0.5}
    assert mean_receptor_index({"population": 0.6, "crops": 0.2}, own) == pytest.approx(0.4)
    gap = {
        "population": np.array([0.6, np.nan]),
        "economy": np.array([0.4, np.nan]),
        "buildings": np.array([np.nan] * 2),
    }
    assert mean_receptor_index(gap) == pytest.approx([0.525, np.nan], nan_ok=True)
    layers = {
        "population": make_layer([[0.6]], quantity="risk_index"),
        "economy": make_layer([[0.4]], quantity="risk_index"),
    }
    assert mean_receptor_index(xr.Dataset(layers)).values == pytest.approx(0.525)
    with pytest.raises(ConfigError, match="crops"):
        mean_receptor_index({"crops": 0.2})
    with pytest.raises(ConfigError, match="sum to"):
        mean_receptor_index({"population": 0.2}, {"population": 0.5})


@pytest.mark.parametrize(("form", "expected"), [("linear", 0.3), ("ratio", 0.5 / 1.4), ("partial", 0.44)])
def test_capacity_discount(form, expected):
    assert capacity_discount(0.5, 0.4, form=form) == pytest.approx(expected)
    assert capacity_discount(0.5, 0, form=form) == 0.5
    assert np.isnan(capacity_discount(np.nan, 0.4, form=form))


def test_capacity_discount_options():
    assert capacity_discount(0.5, 0.4, beta=0.5) == pytest.approx(0.4)
    with pytest.raises(ConfigError, match="linear, ratio, partial"):
        capacity_discount(0.5, 0.4, form="log")


@settings(max_examples=30, deadline=None)
@given(st.lists(unit, min_size=3, max_size=3), st.sets(st.integers(0, 2), max_size=2))
def test_a_missing_receptor_leaves_its_weight_to_the_others(values, missing):
    names = ("population", "economy", "buildings")
    there = {name: value for at, (name, value) in enumerate(zip(names, values)) if at not in missing}
    gaps = {name: there.get(name, np.nan) for name in names}
    mean = float(mean_receptor_index(there))
    assert float(mean_receptor_index(gaps)) == pytest.approx(mean)
    assert min(there.values()) - 1e-12 <= mean <= max(there.values()) + 1e-12
    assert float(mean_receptor_index({**there, "roads": 1.0})) == pytest.approx(mean)


@settings(max_examples=30, deadline=None)
@given(h=unit, e=unit, v=unit)
def test_the_gated_form_lies_between_half_and_the_whole_of_hazard_and_exposure(h, e, v):
    value = float(risk_index(h, e, v, form="gated"))
    whole = float(risk_index(h, e, None, form="gated"))
    assert whole == pytest.approx(np.sqrt(h * e))
    assert 0.5 * whole - 1e-12 <= value <= whole + 1e-12
    # What is exposed to the lowest class of hazard never gets above the middle grade.
    assert float(risk_index(min(h, 0.25), e, v, form="gated")) <= 0.5
