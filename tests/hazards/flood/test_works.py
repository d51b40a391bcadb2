"""Flood works in bad condition keep a part of their design period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.flood import effective_protection


def test_words_of_surveys() -> None:
    states = ["一类坝", "二类坝", "三类坝", "四类闸", "病险水库", 1, 0, True, "是", "否", "未达标", "达标", 1.0]
    table = pd.DataFrame({"rp": [100] * len(states), "state": states})
    got = effective_protection(table, period="rp", condition="state")["effective_rp"].tolist()
    assert got == [100, 80, 50, 30, 50, 100, 50, 100, 100, 50, 50, 100, 100]
    assert "effective_rp" not in table


def test_unknown_conditions_are_told_and_keep_the_design_period() -> None:
    table = pd.DataFrame({"rp": [20, 50, None], "state": ["好", None, "三类"]})
    with hearing(Journal()) as journal:
        got = effective_protection(table, period="rp", condition="state", name="years")["years"]
    np.testing.assert_array_equal(got, [20, 50, np.nan])
    (problem,) = journal.warnings
    assert (problem.rule, dict(problem.values)["count"]) == ("flood.condition", 2)
    with pytest.raises(LayerError) as caught:
        effective_protection(table, period="design", condition="state")
    assert caught.value.problems[0].rule == "input.columns"
