"""Return periods of recorded losses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from riskzoning.errors import Journal, hearing
from riskzoning.history import return_periods


def curve(values: list[float] | np.ndarray, **options) -> pd.DataFrame:
    with hearing(Journal()):
        return return_periods(pd.Series(values, index=range(1980, 1980 + len(values))), **options)


def fitted(table: pd.DataFrame, method: str) -> pd.Series:
    return table[table["method"] == method].set_index("return_period")["value"]


def test_the_record_is_ranked() -> None:
    table = curve([3.0, 9, 1, 6])
    seen = table[table["method"] == "observed"]
    assert seen["year"].tolist() == [1981, 1983, 1980, 1982]
    assert seen["return_period"].tolist() == pytest.approx([5, 5 / 2, 5 / 3, 5 / 4])


def test_nothing_is_said_beyond_the_record_and_nothing_fitted_to_a_short_one() -> None:
    with hearing(Journal()) as heard:
        table = return_periods(pd.Series(np.arange(14.0), index=range(14)))
    assert [problem.rule for problem in heard.warnings] == ["history.short_record"]
    assert set(table["method"]) == {"observed", "empirical"}
    empirical = fitted(table, "empirical")
    assert empirical[10] > empirical[5] > empirical[2]
    assert empirical[[20, 50, 100]].isna().all()
    assert "lognormal" in set(curve(np.arange(1.0, 16))["method"])


def test_a_missing_year_is_no_quiet_year() -> None:
    series = pd.Series([5.0, np.nan, 1, 2], index=range(4))
    with hearing(Journal()):
        assert return_periods(series)["years"].unique().tolist() == [3]
        quiet = return_periods(series.fillna(0))
    assert quiet["years"].unique().tolist() == [4]


def test_distributions_find_their_own_numbers_again() -> None:
    generator = np.random.default_rng(7)
    table = curve(generator.lognormal(3, 0.8, 4000), periods=[2, 10, 100])
    assert fitted(table, "lognormal").to_numpy() == pytest.approx(
        stats.lognorm(0.8, scale=np.exp(3)).ppf([0.5, 0.9, 0.99]), rel=0.06
    )
    heavy = stats.genpareto(0.2, scale=10).rvs(4000, random_state=3)
    at = stats.genpareto(0.2, scale=10).ppf([0.9, 0.99])
    assert fitted(curve(heavy, periods=[10, 100]), "gpd").to_numpy() == pytest.approx(at, rel=0.08)


def test_years_without_loss_have_their_share() -> None:
    """Two thirds of the years are free of losses: what comes every second year is nothing."""
    values = np.where(np.arange(60) % 3 == 0, 100.0 + np.arange(60), 0.0)
    told = fitted(curve(values), "lognormal")
    assert told[2] == 0
    assert told[5] > 100


def test_a_wrong_distribution_is_doubtful_and_a_right_one_good() -> None:
    two_worlds = np.concatenate([np.full(30, 1.0) + np.arange(30) / 1e3, np.full(30, 1e6) + np.arange(30)])
    table = curve(two_worlds).dropna(subset=["fit"]).set_index("method")
    assert set(table.loc["lognormal", "fit"]) == {"doubtful"}
    right = curve(np.random.default_rng(5).lognormal(0, 1, 40)).dropna(subset=["fit"]).set_index("method")
    assert set(right.loc["lognormal", "fit"]) == {"good"}
    assert (right["p_value"] > 0.05).all()


def test_equal_years_and_empty_records_are_no_distribution() -> None:
    with hearing(Journal()) as heard:
        table = return_periods(pd.Series(5.0, index=range(20)))
        assert return_periods(pd.Series([], dtype=float))["value"].isna().all()
    assert set(table["method"]) == {"observed", "empirical"}
    assert [problem.rule for problem in heard.steps] == ["history.few_losses"] * 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.5, 1e6), min_size=16, max_size=40, unique=True), st.sampled_from([1e-4, 12.0, 1e4]))
def test_units_and_order_do_not_matter_and_curves_rise(values: list[float], factor: float) -> None:
    table = curve(values)
    scaled, turned = curve([value * factor for value in values]), curve(values[::-1])
    for method in ("lognormal", "gpd", "empirical"):
        told = fitted(table, method)
        assert np.allclose(fitted(scaled, method), told * factor, rtol=1e-6, equal_nan=True)
        assert np.allclose(fitted(turned, method), told, equal_nan=True)
        assert (told.dropna().diff().dropna() >= -1e-9 * told.max()).all()
