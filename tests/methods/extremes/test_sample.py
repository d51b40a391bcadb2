"""Daily values to yearly extremes; L-moments of a series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.methods.extremes import l_moment_ratio, l_moments, yearly_extremes


def days(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last)


def test_published_l_moments() -> None:
    told = l_moments([2, 3, 4, 2.4, 5.5, 1.2, np.nan, 5.4, 2.2, 7.1, 1.3, 1.5])
    assert tuple(told) == pytest.approx((3.23636364, 1.14181818, 0.27388535, 0.02335456), abs=5e-9)
    with pytest.raises(LayerError):
        l_moments([1, 2, 3])


def test_published_ratio_of_the_fifth_order_and_those_below() -> None:
    series = [2, 3, 4, 2.4, 5.5, 1.2, np.nan, 5.4, 2.2, 7.1, 1.3, 1.5]
    assert l_moment_ratio(series, 5) == pytest.approx(-0.04246285, abs=5e-9)
    assert [l_moment_ratio(series, order) for order in (3, 4)] == pytest.approx(l_moments(series)[2:], rel=1e-12)
    # Of every fifth part of a sample of five: the differences of the ordered values by hand.
    five = np.array([1.0, 2.0, 4.0, 7.0, 20.0])
    l5, l2 = (five * [1, -4, 6, -4, 1]).sum() / 5, (five * [-2, -1, 0, 1, 2]).sum() / 10
    assert l_moment_ratio(five, 5) == pytest.approx(l5 / l2, rel=1e-12)
    assert np.isnan(l_moment_ratio([3.0] * 6, 4))
    for values, order in (([1, 2, 3, 4], 5), ([1, 2, 3], 2)):
        with pytest.raises(LayerError):
            l_moment_ratio(values, order)


def test_only_complete_years_have_an_extreme() -> None:
    index = days("2019-12-31", "2022-12-31")
    rain = pd.Series(np.arange(len(index), dtype=float), index=index, name="rain")
    rain.loc["2021-03-01":"2021-03-25"] = np.nan
    with hearing(Journal()) as heard:
        extremes = yearly_extremes(rain)
    assert extremes.index.tolist() == [2019, 2020, 2021, 2022]
    assert extremes.isna().tolist() == [True, False, True, False]
    assert extremes[2020] == 366
    assert [dict(problem.values)["years"] for problem in heard.steps] == [(2019, 2021)]
    assert yearly_extremes(rain, min_share=0.9).isna().tolist() == [True, False, False, False]
    # Rows that are not there are missing days, too.
    assert yearly_extremes(rain.dropna()).isna().tolist() == [True, False, True, False]


def test_a_cold_season_is_one() -> None:
    index = days("2020-07-01", "2022-06-30")
    snow = pd.DataFrame({"a": 0.0, "b": 1.0}, index=index)
    snow.loc["2021-01-15", "a"] = 12
    snow.loc["2021-12-15", "a"] = 7
    assert yearly_extremes(snow, season="cold")["a"].to_dict() == {2020: 12, 2021: 7}
    assert yearly_extremes(snow, mode="sum", season="cold")["b"].to_dict() == {2020: 365, 2021: 365}
    assert yearly_extremes(-snow, mode="min", season="cold")["a"].to_dict() == {2020: -12, 2021: -7}


def test_a_year_between_without_rows_is_missing() -> None:
    index = days("2018-01-01", "2018-12-31").append(days("2020-01-01", "2020-12-31"))
    assert yearly_extremes(pd.Series(1.0, index=index)).isna().to_dict() == {2018: False, 2019: True, 2020: False}


def test_what_are_no_days() -> None:
    with pytest.raises(LayerError) as refused:
        yearly_extremes(pd.Series([1.0, 2.0]), mode="mean", season="warm", min_share=2)  # type: ignore[arg-type]
    assert len(refused.value.problems) == 4
    twice = pd.Series(1.0, index=days("2020-01-01", "2020-01-03").append(days("2020-01-02", "2020-01-04")))
    with pytest.raises(LayerError) as refused:
        yearly_extremes(twice)
    assert dict(refused.value.problems[0].values)["days"] == ("2020-01-02", "2020-01-03")
