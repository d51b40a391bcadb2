"""Hazards together for units: money on the scale of the finest, TOPSIS as the module of weights has it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.methods.weights import topsis
from riskzoning.risk import closeness_of_units, loss_rank_index


def test_the_scale_of_money_is_that_of_the_finest_units():
    losses = pd.Series({"a": 8.0, "b": 1.0, "c": 0.0, "whole": 9.0, "gap": np.nan})
    areas = pd.Series({"a": 1.0, "b": 1.0, "c": 1.0, "whole": 3.0, "gap": 1.0})
    index = loss_rank_index(losses, areas, ["a", "b", "c"])
    np.testing.assert_allclose(index, [1.0, 0.5, 0.0, 0.375 ** (1 / 3), np.nan])
    assert loss_rank_index(losses[:4] * 0, areas[:4], ["a"]).tolist() == [0, 0, 0, 0]


def test_the_scores_of_the_national_risk_index_have_this_order():
    # EAL 1, 8, 27, 64, 125 have the cube roots 1 to 5, which the index scales from 0 instead of from the least.
    losses = pd.Series([1.0, 8.0, 27.0, 64.0, 125.0], index=list("abcde"))
    index = loss_rank_index(losses, pd.Series(1.0, index=losses.index), list("abcde"))
    scores = 100 * (index - index.min()) / (index.max() - index.min())
    np.testing.assert_allclose(scores, [0, 25, 50, 75, 100])


def test_loss_in_another_unit_of_money_ranks_alike():
    losses, areas = pd.Series({"a": 3.0, "b": 7.0}), pd.Series({"a": 2.0, "b": 1.0})
    pd.testing.assert_series_equal(
        loss_rank_index(losses, areas, ["a", "b"]), loss_rank_index(losses * 1e4, areas, ["a", "b"])
    )


def test_the_finest_units_have_the_closeness_of_topsis():
    table = pd.DataFrame({"flood": [0.2, 0.9, 0.4], "geology": [0.5, 0.1, 0.3]}, index=list("abc"))
    weights = {"flood": 0.7, "geology": 0.3}
    whole = pd.concat([table, table.mean().to_frame("whole").T])
    made = closeness_of_units(whole, weights, list("abc"))
    np.testing.assert_allclose(made[list("abc")], topsis(table, weights)["closeness"])
    assert 0 < made["whole"] < 1


def test_a_missing_criterion_is_left_out_and_equal_units_have_none():
    table = pd.DataFrame({"flood": [0.2, 0.9, np.nan], "geology": [0.5, np.nan, np.nan]}, index=list("abc"))
    made = closeness_of_units(table, {"flood": 0.5, "geology": 0.5}, list("abc"))
    assert made.tolist() == pytest.approx([0.0, 1.0, np.nan], nan_ok=True)
    with hearing(Journal()) as heard:
        same = closeness_of_units(pd.DataFrame({"flood": [0.5, 0.5]}, index=list("ab")), {"flood": 1.0}, list("ab"))
    assert same.isna().all()
    assert [problem.rule for problem in heard.warnings] == ["risk.topsis_equal"]


def test_more_of_a_hazard_never_brings_a_unit_further_from_the_worst():
    table = pd.DataFrame({"flood": [0.0, 1.0, 0.4], "geology": [0.0, 1.0, 0.7]}, index=list("abc"))
    weights = {"flood": 0.6, "geology": 0.4}
    before = closeness_of_units(table, weights, ["a", "b"])["c"]
    table.loc["c", "flood"] = 0.6
    assert closeness_of_units(table, weights, ["a", "b"])["c"] > before
