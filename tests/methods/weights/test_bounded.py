"""Indices with fixed bounds: worked examples, a year as the sum of its events, refusals; published sets of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import ConfigError, Journal, LayerError, RiskZoningError, hearing
from riskzoning.methods.classification import grade_values
from riskzoning.methods.weights import bounded_index, event_bounds, yearly_index
from riskzoning.methods.weights.normalisation import check_weights

REFERENCE = Path(__file__).parents[2] / "reference"
EXAMPLES = pd.read_csv(REFERENCE / "event_indices.csv", comment="#")
SETS = pd.read_csv(REFERENCE / "weight_sets.csv", comment="#")


@pytest.mark.parametrize("row", EXAMPLES.itertuples(index=False), ids=lambda row: f"{row.kind} {row.index}")
def test_worked_examples(row):
    factors = {name: float(value) for name, value in (part.split("=") for part in row.factors.split())}
    rule = event_bounds(row.kind)
    index = bounded_index(pd.DataFrame([factors]), rule["factors"], rule["weights"])
    assert float(index.iloc[0]) == pytest.approx(
        float(EXAMPLES.loc[EXAMPLES.factors == row.factors, "index"].iloc[0]), abs=1e-6
    )
    if np.isfinite(row[3]):
        # Left-closed: an index on a break belongs to the higher class.
        closed = standards.table("weights/event_bounds").info["closed"]
        assert grade_values(index, [*rule["breaks"], np.inf], closed=closed)[0] == row[3]


def test_every_rule_of_the_table_is_one():
    kinds = [name for name in standards.table("weights/event_bounds").data if name != "classes"]
    for kind in kinds:
        rule = event_bounds(kind)
        low, high = (pd.DataFrame([{name: pair[at] for name, pair in rule["factors"].items()}]) for at in (0, 1))
        assert bounded_index(low, rule["factors"], rule["weights"]).tolist() == pytest.approx([0])
        assert bounded_index(high, rule["factors"], rule["weights"]).tolist() == pytest.approx([1])


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 20), st.floats(0, 5), st.floats(-50, 50))
def test_more_is_never_less_and_others_do_not_count(days, more, other):
    bounds, shares = {"days": (1, 10), "drop": (6, 19.4)}, {"drop": 0.5, "days": 0.5}
    events = pd.DataFrame({"days": [days, days + more, 3.0], "drop": [10.0, 10.0, other]})
    index = bounded_index(events, bounds, shares)
    assert index[0] <= index[1]
    assert index[0] == bounded_index(events.iloc[:1], bounds, shares)[0]
    assert bounded_index(events, bounds, shares, clip=True).between(0, 1).all()


def test_a_year_without_events_counts():
    index = pd.Series([0.3, 0.2, 0.4])
    assert yearly_index(index, [2001, 2001, 2003], of=[2001, 2002, 2003]) == 0.3
    assert yearly_index(index[:0], [], of=[2001]) == 0
    with pytest.raises(LayerError) as caught:
        yearly_index(index, [2001, 2001, 2004], of=[2001, 2002, 2003])
    assert caught.value.problems[0].rule == "weights.years"


@pytest.mark.parametrize(("events", "bounds", "shares", "rule"), [
    ({"a": [1.0]}, {"a": (0, 0)}, {"a": 1.0}, "weights.bounds"),
    ({"a": [1.0]}, {"a": (0, 1)}, {"a": 0.9}, "weights.weights"),
    ({"b": [1.0]}, {"a": (0, 1)}, {"a": 1.0}, "weights.factors"),
])  # fmt: skip
def test_wrong_rules(events, bounds, shares, rule):
    with pytest.raises(RiskZoningError) as caught:
        bounded_index(pd.DataFrame(events), bounds, shares)
    assert caught.value.problems[0].rule == rule
    with pytest.raises(RiskZoningError) as caught:
        event_bounds("hail")
    assert caught.value.problems[0].rule == "weights.event_kind"


@pytest.mark.parametrize("row", SETS.itertuples(index=False), ids=lambda row: row.set)
def test_published_sets_of_weights(row):
    weights = [float(part) for part in row.weights.split()]
    assert sum(weights) == pytest.approx(row.sum, abs=1e-9)
    if row.sum == 1:
        assert check_weights(weights).sum() == pytest.approx(1)
        return
    # A group as it is printed is divided out and told; a study's own weights are refused.
    with pytest.raises(ConfigError):
        check_weights(weights)
    with hearing(Journal()) as heard:
        assert check_weights(weights, renormalise=True).sum() == pytest.approx(1)
    assert [problem.rule for problem in heard.warnings] == ["weights.divided"]
