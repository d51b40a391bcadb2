"""Skill on held-out ground: the AUC of the worked examples, curves, intervals, classes, other events."""

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.methods.susceptibility import METHODS, Options, compare, evaluate, fit, prediction_rate
from riskzoning.methods.susceptibility.evaluation import rate_curve, share_at, weighted_auc
from riskzoning.methods.validation import roc_auc, success_rate

OPTIONS = Options(block_m=1000, buffer_m=100, trees=10, folds=4, repeats=2)


@pytest.fixture(scope="module")
def skills(city):
    return compare(city["factors"], city["events"], city["within"], options=OPTIONS)


@pytest.mark.parametrize(
    ("scores", "labels", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2], [1, 1, 0, 1, 0, 1, 0, 0], 0.8125),
        ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75),
    ],
)
def test_auc_of_the_worked_examples(scores, labels, expected):
    value = weighted_auc(np.array(scores), np.array(labels, dtype=bool), np.ones(len(scores)))
    assert value == pytest.approx(expected) == pytest.approx(roc_auc(scores, labels))


def test_a_cell_that_stands_for_several_counts_as_several():
    rng = np.random.default_rng(1)
    scores, event, times = rng.integers(0, 9, 80) / 9, rng.random(80) < 0.3, rng.integers(1, 4, 80)
    several = np.repeat(np.arange(80), times)
    assert weighted_auc(scores, event, times) == pytest.approx(roc_auc(scores[several], event[several]))
    curve, plain = rate_curve(scores, event, times), success_rate(scores[several], event[several])
    np.testing.assert_allclose(curve, plain)
    assert curve.attrs["area"] == pytest.approx(plain.attrs["area"])
    assert np.isnan(weighted_auc(scores, np.zeros(80, dtype=bool), times))


def test_all_models_are_held_against_the_same_folds(skills):
    assert list(skills) == list(METHODS)
    events = [skill.folds["events"].tolist() for skill in skills.values()]
    assert all(one == events[0] for one in events)
    assert sum(events[0]) == 2 * 65
    table = pd.DataFrame({name: skill.row() for name, skill in skills.items()}).T
    assert (table["low"] <= table["auc"]).all()
    assert (table["auc"] <= table["high"]).all()
    assert (table["auc"] > 0.7).all()
    assert (table["events_in_10"] < table["events_in_20"]).all()
    assert table["in_sample"]["random_forest"] > table["auc"]["random_forest"]
    assert table["brier"].notna().tolist() == [False] * 4 + [True] * 2


def test_curves_classes_and_reliability_hold_together(skills):
    skill = skills["logistic_regression"]
    assert skill.auc == pytest.approx(skill.folds["auc"].mean())
    for curve in (skill.success, skill.prediction):
        assert curve["event_share"].is_monotonic_increasing
        assert curve[["area_share", "event_share"]].iloc[-1].tolist() == pytest.approx([1, 1])
    assert skill.success.attrs["auc"] == pytest.approx(skill.in_sample)
    np.testing.assert_allclose(skill.classes["area_share"], 0.2, atol=0.01)
    assert skill.classes["event_area"].sum() == pytest.approx(65)
    assert (np.diff(skill.curve["density"]) >= 0).all()
    said = (skill.reliability["cells"] * skill.reliability["probability"]).sum()
    assert said == pytest.approx(65, rel=0.35)
    assert skill.brier < skill.base_rate
    assert skills["frequency_ratio"].reliability.empty
    assert share_at(skill.prediction, 1.0) == pytest.approx(1)


def test_what_a_factor_is_worth_is_what_is_lost_without_it(city):
    skill = evaluate(
        "information_value", city["factors"], city["events"], city["within"], options=OPTIONS, importance=True
    )
    assert skill.importance.index[0] == "slope"
    assert skill.importance["drop"]["slope"] > 0.1 > abs(skill.importance["drop"]["noise"])


def test_skill_is_the_same_again_and_in_blocks_and_differs_with_the_seed(city):
    lazy = {name: layer.chunk(y=13, x=29) for name, layer in city["factors"].items()}
    masks = [city[name].chunk(y=30, x=40) for name in ("events", "within")]
    one = evaluate("random_forest", city["factors"], city["events"], city["within"], options=OPTIONS)
    two = evaluate("random_forest", lazy, *masks, options=OPTIONS)
    pd.testing.assert_frame_equal(one.folds, two.folds)
    assert one.row() == pytest.approx(two.row())
    other = Options(**{**vars(OPTIONS), "seed": 1})
    three = evaluate("random_forest", city["factors"], city["events"], city["within"], options=other)
    assert three.auc != one.auc


def test_without_slopes_to_learn_from_nothing_is_predicted(city):
    rng = np.random.default_rng(9)
    noise = {"noise": city["factors"]["noise"].copy(data=rng.integers(1, 4, city["events"].shape).astype("u1"))}
    skill = evaluate("weights_of_evidence", noise, city["events"], city["within"], options=OPTIONS)
    assert 0.35 < skill.auc < 0.6
    assert skill.low < 0.5


def test_events_in_one_block_cannot_be_held_out(city):
    events = (city["events"] * 0).assign_attrs(city["events"].attrs)
    events[11:14, 22:25] = 1
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        evaluate("information_value", {"slope": city["factors"]["slope"]}, events, options=OPTIONS)
    assert caught.value.problems[0].rule == "validation.blocks"


def test_a_fitted_model_is_held_against_newer_events(city):
    older, newer = (city["events"].copy(deep=True) for _ in range(2))
    older[:, ::2], newer[:, 1::2] = 0, 0
    model = fit("information_value", city["factors"], older, city["within"])
    curve = prediction_rate(model, city["factors"], newer, city["within"])
    assert curve.attrs["events"] == int((newer * city["within"]).sum())
    assert curve.attrs["auc"] > 0.7
    scores = model.predict(city["factors"]).where(city["within"] > 0)
    assert curve.attrs["auc"] == pytest.approx(roc_auc(scores, newer))
    with pytest.raises(LayerError) as caught:
        prediction_rate(model, city["factors"], (newer * 0).assign_attrs(newer.attrs))
    assert caught.value.problems[0].rule == "susceptibility.no_event"
