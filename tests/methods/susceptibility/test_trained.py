"""One door for six models: what they share, what they give, and what they refuse or tell."""

import json

import numpy as np
import pytest

from riskzoning.errors import GridMismatchError, Journal, LayerError, hearing
from riskzoning.layers import grid_of, layer_on
from riskzoning.methods.susceptibility import METHODS, Model, Options, Rules, fit

OPTIONS = Options(block_m=1000, buffer_m=100, trees=10)


def fitted(city, method="information_value", **changes):
    given = {**city, **changes}
    journal = Journal()
    with hearing(journal):
        model = fit(
            method, given["factors"], given["events"], given["within"], rules=given.get("rules"), options=OPTIONS
        )
    notes = [*journal.warnings, *journal.steps, *journal.dropped]
    return model, {problem.rule: {"severity": problem.severity, **dict(problem.values)} for problem in notes}


def refused(city, **changes):
    with pytest.raises(LayerError) as caught:
        fitted(city, **changes)
    return [problem.rule for problem in caught.value.problems]


@pytest.mark.parametrize("method", METHODS)
def test_every_model_ranks_the_ground_alike_lazily_and_from_its_state(city, method):
    model, told = fitted(city, method)
    assert not told
    plain = model.predict(city["factors"])
    assert plain.dtype == np.float64
    steep, flat = (plain.values[city["factors"]["slope"].values == code].mean() for code in (4, 1))
    assert steep > flat
    lazy = {name: layer.chunk(y=17, x=23) for name, layer in city["factors"].items()}
    masks = {name: city[name].chunk(y=30, x=11) for name in ("events", "within")}
    again, _ = fitted({**masks, "factors": lazy}, method)
    later = again.predict(lazy)
    assert later.chunks is not None
    np.testing.assert_array_equal(later, plain)
    kept = Model.from_state(method, model.names, json.loads(json.dumps(model.state())), model.rules)
    np.testing.assert_array_equal(kept.predict(city["factors"]), plain)


@pytest.mark.parametrize("method", METHODS)
def test_a_cell_without_any_class_has_no_score_and_one_with_a_gap_has(city, method):
    factors = {name: layer.copy(deep=True) for name, layer in city["factors"].items()}
    for layer in factors.values():
        layer[0, 5] = 0
    factors["rock"][0, 6] = 0
    scores = fitted(city, method)[0].predict(factors)
    assert np.isnan(scores[0, 5])
    assert np.isfinite(scores[0, 6])
    table = {name: {"kind": "class", "required": name == "rock"} for name in factors}
    needy = Model.from_state(method, *_parts(fitted(city, method)[0]), Rules(table, 1, 0.7, 20)).predict(factors)
    assert np.isnan(needy[0, 6])


def _parts(model):
    return model.names, model.state()


def test_rates_and_contributions_say_what_the_model_rests_on(city):
    model, _ = fitted(city)
    assert model.rates.groupby("factor", sort=False).size().to_dict() == {"slope": 4, "rock": 3, "noise": 5}
    assert model.rates.groupby("factor")["event_area"].sum().nunique() == 1
    assert model.contributions["share"].sum() == pytest.approx(1)
    assert model.contributions["share"].idxmax() == "slope"
    assert (model.contributions["low"] < 0).all()
    forest, _ = fitted(city, "random_forest")
    assert forest.contributions["share"].idxmax() == "slope"
    assert forest.rates["value"].isna().all()
    assert set(model.facts) == {"events", "cells", "skipped", "dropped"}


def test_weights_count_and_must_name_every_factor(city):
    even, _ = fitted(city)
    options = Options(weights={"slope": 1.0, "rock": 0.0, "noise": 0.0})
    alone = fit("information_value", city["factors"], city["events"], city["within"], options=options)
    slope = even.rates[even.rates["factor"] == "slope"].set_index("class")["value"]
    np.testing.assert_allclose(
        alone.predict(city["factors"]), slope[city["factors"]["slope"].values.ravel()].to_numpy().reshape(60, 80)
    )
    for weights in ({"slope": 1.0}, {"slope": -1.0, "rock": 1, "noise": 1}):
        with pytest.raises(LayerError):
            fit("frequency_ratio", city["factors"], city["events"], options=Options(weights=weights))


def test_of_twins_sums_keep_one_and_regression_is_warned(city):
    twins = {**city["factors"], "again": city["factors"]["slope"]}
    model, told = fitted(city, factors=twins)
    assert model.names == ("slope", "rock", "noise")
    assert model.facts["dropped"] == [["again", "slope", 1.0]]
    assert told["dropped.susceptibility_factor"]["kept"] == "slope"
    line, told = fitted(city, "logistic_regression", factors=twins)
    assert line.names == tuple(twins)
    assert told["susceptibility.inflated"]["severity"] == "warning"


def test_events_elsewhere_and_gaps_are_told(city):
    events = city["events"].copy(deep=True)
    events[:3, :5] = 1
    rock = city["factors"]["rock"].where(city["factors"]["rock"] != 2).assign_attrs(city["factors"]["rock"].attrs)
    model, told = fitted(city, events=events, factors={**city["factors"], "rock": rock})
    assert told["susceptibility.events_outside"]["outside"] == 15 + int((city["events"][3:, :5]).sum())
    assert 0.2 < told["susceptibility.gaps"]["share"] < 0.5
    assert np.isfinite(model.predict(city["factors"])).all()


def layer_of(city, values, quantity):
    return layer_on(grid_of(city["events"]), values, quantity=quantity)


def test_a_factor_that_cannot_be_learnt_from_is_left_out_and_told(city):
    shape = city["events"].shape
    odd = {
        "constant": layer_of(city, np.ones(shape, dtype="u1"), "mask"),
        "empty": layer_of(city, np.full(shape, np.nan), "slope"),
        "fine": layer_of(city, np.arange(shape[0] * shape[1]).reshape(shape) % 100 + 1, "lithology"),
    }
    model, told = fitted(city, factors={**city["factors"], **odd})
    assert model.names == ("slope", "rock", "noise")
    assert model.facts["skipped"] == ["constant", "empty", "fine"]
    assert told["susceptibility.factor_few_events"]["classes"] == 100
    rules = refused(city, factors=odd)
    assert rules == [
        "susceptibility.factor_constant",
        "susceptibility.factor_without_events",
        "susceptibility.factor_few_events",
    ]
    table = {"slope": {"kind": "class"}, "constant": {"kind": "class", "required": True}}
    given = {"slope": city["factors"]["slope"], "constant": odd["constant"]}
    assert refused(city, factors=given, rules=Rules(table, 1, 0.7, 20)) == ["susceptibility.factor_constant"]


def test_classes_without_events_and_events_in_one_class_are_told(city):
    events = city["events"].where(city["factors"]["slope"] > 2, 0).assign_attrs(city["events"].attrs)
    model, told = fitted(city, events=events)
    assert told["susceptibility.empty_classes"]["count"] == 2
    (of_slope,) = told["susceptibility.empty_classes"]["classes"]
    assert str(of_slope) == "slope (1, 2)"
    assert np.isfinite(model.rates["value"]).all()
    # A class without events never counts for more than one that has some.
    slope = model.rates[model.rates["factor"] == "slope"].set_index("class")["value"]
    assert slope[[1, 2]].max() < slope[[3, 4]].min()
    events = city["events"].where(city["factors"]["slope"] == 4, 0).assign_attrs(city["events"].attrs)
    model, told = fitted(city, events=events)
    assert told["susceptibility.one_class"]["name"] == 4
    assert np.isfinite(model.rates[["value", "w_plus", "w_minus", "contrast"]]).all().all()


def test_what_is_no_basis_is_refused(city, make_layer):
    nothing = (city["events"] * 0).assign_attrs(city["events"].attrs)
    every = (nothing + 1).assign_attrs(city["events"].attrs)
    assert refused(city, events=nothing) == ["susceptibility.no_event"]
    assert refused(city, within=nothing) == ["susceptibility.no_event"]
    assert refused(city, events=every) == ["susceptibility.events"]
    assert refused(city, factors={}) == ["susceptibility.no_factor"]
    assert refused(city, rules=Rules({"slope": {"kind": "class"}}, 1, 0.7, 20)) == ["susceptibility.rules"]
    assert refused(city, method="guess") == ["susceptibility.method"]
    with pytest.raises(GridMismatchError):
        fitted(city, factors={"slope": make_layer(np.ones((3, 3), dtype="u1"), "mask")})
    model, _ = fitted(city)
    with pytest.raises(LayerError) as caught:
        model.predict({"slope": city["factors"]["slope"]})
    assert dict(caught.value.problems[0].values)["names"] == ("rock", "noise")
