"""Indicators and targets of the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.history import loss_indicators, plan_targets


def test_the_ratio_of_sums_is_not_the_mean_of_ratios() -> None:
    annual = pd.DataFrame({"year": [1, 2, 3], "loss": [2.0, 0, 4], "gdp": [100.0, 200, 100]})
    values = loss_indicators(annual)
    assert values["loss_gdp"] == pytest.approx(1.5)
    assert values["loss_gdp_mean_of_years"] == pytest.approx(2.0)
    assert np.isnan(values["deaths_per_million"])


def test_deaths_and_people_affected() -> None:
    annual = pd.DataFrame(
        {"year": [1, 2], "population": [6e6, 6e6], "dead_missing": [12, 0], "affected": [470_000, 470_000]}
    )
    values = loss_indicators(annual)
    assert values["deaths_per_million"] == pytest.approx(1.0)
    assert values["affected_per_100000"] == pytest.approx(7833.33, rel=1e-5)
    one = pd.DataFrame({"year": [2021], "population": [6_251_929], "affected": [470_000]})
    assert loss_indicators(one)["affected_per_100000"] == pytest.approx(7517.7, abs=0.05)


def test_missing_years_are_not_zeros() -> None:
    with hearing(Journal()) as heard:
        loss_indicators(pd.DataFrame({"year": [2001, 2004], "loss": [1.0, 1], "gdp": [10.0, 10]}))
    (problem,) = heard.warnings
    assert (problem.rule, dict(problem.values)["years"]) == ("history.gaps", (2002, 2003))
    for wrong in ({"year": []}, {"year": [1, 1]}):
        with pytest.raises(LayerError):
            loss_indicators(pd.DataFrame(wrong))


def test_the_target_is_missed_at_its_limit() -> None:
    """Losses of 2, 0 and 4 at products of 100, 200 and 100: 1.5 % of the sums, 2 % as the mean of the years."""
    annual = pd.DataFrame({"year": [1, 2, 3], "loss": [2.0, 0, 4], "gdp": [100.0, 200, 100]})
    row = plan_targets(annual).set_index("indicator").loc["loss_gdp"]
    assert (row["value"], row["mean_of_years"], row["met"]) == (pytest.approx(1.5), pytest.approx(2.0), False)
    at_limit = pd.DataFrame({"year": [1], "loss": [1.3], "gdp": [100.0]})
    assert not plan_targets(at_limit).loc[0, "met"]
    assert plan_targets(at_limit.assign(loss=1.29)).loc[0, "met"]
    assert loss_indicators(at_limit)["loss_gdp_met"] == 0
    assert loss_indicators(at_limit.assign(loss=1.29))["loss_gdp_met"] == 1


def test_one_storm_is_half_of_a_year() -> None:
    """470 000 people of 6 251 929: half of what the plan allows in a year."""
    year = pd.DataFrame({"year": [2021], "population": [6_251_929], "affected": [470_000], "dead_missing": [0]})
    rows = plan_targets(year).set_index("indicator")
    assert rows.loc["affected_per_100000", "value"] == pytest.approx(7517.7, abs=0.05)
    assert rows.loc["affected_per_100000", "value"] / rows.loc["affected_per_100000", "target"] == pytest.approx(
        0.501, abs=5e-4
    )
    assert rows.loc["loss_gdp", "met"] is None


def test_published_ratios_of_the_country() -> None:
    """2014: 3373.8 of 636 139 (10^8 yuan) and 240 of 1367.8 million people: .53 % and 17.55 %."""
    year = pd.DataFrame({"year": [2014], "loss": [3373.8], "gdp": [636_139.0], "population": [1.3678e9]})
    values = loss_indicators(year.assign(affected=2.4e8, dead_missing=1))
    assert values["loss_gdp"] == pytest.approx(0.53, abs=0.005)
    assert values["affected_per_100000"] == pytest.approx(17_550, rel=1e-3)


def test_a_year_with_half_of_its_values_counts_for_neither() -> None:
    annual = pd.DataFrame({"year": [1, 2], "loss": [1.0, np.nan], "gdp": [100.0, 900.0]})
    assert loss_indicators(annual)["loss_gdp"] == pytest.approx(1.0)
    assert plan_targets(annual).loc[0, "years"] == 1


YEARS = st.lists(st.tuples(st.integers(0, 50), st.integers(100, 10_000)), min_size=1, max_size=12)


@given(YEARS, st.integers(2, 10_000))
def test_money_may_have_any_unit_and_the_ratio_lies_between_its_years(rows: list[tuple[int, int]], factor: int) -> None:
    annual = pd.DataFrame(rows, columns=["loss", "gdp"]).assign(year=range(len(rows))).astype(float)
    value = loss_indicators(annual)["loss_gdp"]
    again = loss_indicators(annual.assign(loss=annual["loss"] * factor, gdp=annual["gdp"] * factor).iloc[::-1])
    assert again["loss_gdp"] == pytest.approx(value)
    yearly = 100 * annual["loss"] / annual["gdp"]
    assert yearly.min() - 1e-9 <= value <= yearly.max() + 1e-9


def test_the_trend_of_the_years_stands_beside_the_target() -> None:
    annual = pd.DataFrame({"year": range(2001, 2013), "loss": np.arange(12.0), "gdp": 100.0})
    row = plan_targets(annual).loc[0]
    assert (row["trend"], row["slope"]) == ("rising", pytest.approx(1.0))
    assert row["trend_text"].startswith("rises")
