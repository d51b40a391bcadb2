"""Recorded disasters: indicators of the plan, losses by year and hazard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, UnitsError, hearing
from riskzoning.history import annual_losses, loss_indicators


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


def test_losses_are_added_up_by_year_and_hazard() -> None:
    rows = pd.DataFrame(
        {
            "年份": [2000, 2000, 2001, 2001, 2002],
            "灾种": ["洪涝", "GEO_SLIDE", "雪灾", "风雹", "蝗灾"],
            "万元": [1.0, 2, 3, 4, 5],
        }
    )
    names = {"hazard": "灾种", "year": "年份", "loss": "万元", "units": "万元"}
    with hearing(Journal()) as heard:
        table = annual_losses(rows, **names)
    assert table.index.tolist() == [2000, 2001, 2002]
    assert table["meteorology"].tolist() == [0, 7e4, 0]
    assert table[["flood", "geology"]].sum().tolist() == [1e4, 2e4]
    assert [problem.rule for problem in heard.steps + heard.dropped] == ["dropped.history"]
    assert annual_losses(rows, **names, first=2001, last=2001).to_dict() == {"meteorology": {2001: 7e4}}


def test_records_that_cannot_be_read_are_refused() -> None:
    rows = pd.DataFrame({"year": [2000], "hazard": ["洪涝"], "loss": [-1.0]})
    with pytest.raises(LayerError) as caught:
        annual_losses(rows)
    assert caught.value.problems[0].rule == "history.amounts"
    with pytest.raises(LayerError):
        annual_losses(rows.drop(columns="loss"))
    with pytest.raises(UnitsError):
        annual_losses(rows.assign(loss=1), units="kg")
