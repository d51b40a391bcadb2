"""Segments of return periods and the sampling error of losses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.loss_errors import bootstrap_error, given_segments, rolled_up


def sample(count: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["old", "new"], count)
    rows = {
        "code": "a",
        "area": rng.uniform(50, 150, count),
        "value": rng.uniform(1e5, 3e5, count),
        "earthquake": kinds,
    }
    return pd.DataFrame(rows)


RATES = pd.DataFrame({"old": [0.002], "new": [0.001]}, index=["a"])


def test_the_error_of_a_sum_is_that_of_theory() -> None:
    rows, rates = sample(200), pd.DataFrame({"old": [0.002], "new": [0.002]}, index=["a"])
    error = bootstrap_error(rows, "earthquake", rates, seed=3, replicates=4000)
    wanted = 0.002 * rows["value"].std(ddof=0) * np.sqrt(200)
    assert error["a"] == pytest.approx(wanted, rel=0.05)


def test_the_same_seed_gives_the_same_error_and_a_larger_sample_a_smaller_relative_one() -> None:
    few, many = sample(20), sample(2000)
    one, again = (bootstrap_error(few, "earthquake", RATES, seed=3) for _ in range(2))
    pd.testing.assert_series_equal(one, again)
    assert bootstrap_error(few, "earthquake", RATES, seed=4)["a"] != one["a"]
    large = bootstrap_error(many, "earthquake", RATES, seed=3)
    assert large["a"] / many["value"].sum() < 0.3 * one["a"] / few["value"].sum()


def test_equal_buildings_have_no_error_and_a_single_one_none_that_is_known() -> None:
    same = sample(10).assign(area=100.0, value=1e5, earthquake="old")
    assert bootstrap_error(same, "earthquake", RATES, seed=1)["a"] == pytest.approx(0, abs=1e-9)
    with hearing(Journal()) as heard:
        assert np.isnan(bootstrap_error(same.iloc[:1], "earthquake", RATES, seed=1)["a"])
    assert [problem.rule for problem in heard.steps] == ["loss.no_error"]


def test_variances_add_up_over_independent_townships() -> None:
    units = pd.DataFrame({"parent": ["", "city", "town", "town"]}, index=["city", "town", "a", "b"])
    errors = rolled_up(pd.Series({"a": 3.0, "b": 4.0}), units)  # type: ignore[arg-type]
    assert errors.to_dict() == {"city": 5.0, "town": 5.0, "a": 3.0, "b": 4.0}
    unknown = rolled_up(pd.Series({"a": 3.0, "b": np.nan}), units)  # type: ignore[arg-type]
    assert np.isnan(unknown["b"])
    assert unknown["town"] == 3.0


def test_levels_between_return_periods_count_to_the_segment_in_which_they_lie() -> None:
    periods = {50.0: 1, 100.0: 1, 475.0: 1, 900.0: 1, 1500.0: 1, 2475.0: 1}
    losses: Any = SimpleNamespace(given=(50.0, 475.0, 2475.0), by_period=periods)
    assert given_segments(losses) == [0, 0, 1, 1, 1, 2]
