"""Standardised indices: worked examples, the numbers of xclim, and what must hold whatever the series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, ndtri

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import drought

REFERENCE = Path(__file__).parents[2] / "reference"
EXAMPLE = [20, 35, 50, 65, 80, 40, 0, 25, 90, 30.0]


def januaries(values: list[float]) -> pd.Series:
    return pd.Series(values, pd.date_range("2001-01-01", periods=len(values), freq="12MS"))


def months(values: np.ndarray[Any, Any], first: str = "1991-01-01") -> pd.Series:
    return pd.Series(values, pd.date_range(first, periods=len(values), freq="MS"))


def rain(years: int = 30, seed: int = 1) -> pd.Series:
    return months(np.random.default_rng(seed).gamma(0.9, 50.0, 12 * years))


def test_gamma_of_the_worked_example() -> None:
    with hearing(Journal()):
        fitted = drought.fit_standard(januaries(EXAMPLE), 1)
        upper = drought.spi(januaries(EXAMPLE), 1, zero_rule="upper")
        centre = drought.spi(januaries(EXAMPLE), 1)
    assert fitted.parameters[0].tolist() == pytest.approx([4.347286, 0.0, 11.118048], abs=1e-6)
    assert fitted.zeros[0] / fitted.counts[0] == 0.1
    assert upper.iloc[[0, 2, 8, 6]].tolist() == pytest.approx([-0.9616, 0.3380, 1.6488, -1.2816], abs=5e-5)
    assert centre.iloc[[0, 2, 8, 6]].tolist() == pytest.approx([-0.9616, 0.3380, 1.6488, -1.6449], abs=5e-5)


def test_weibull_counts_one_value_more() -> None:
    with hearing(Journal()):
        value = drought.spi(januaries(EXAMPLE), 1, zero_rule="weibull").iloc[6]
    assert value == pytest.approx(float(ndtri(1 / 11)), abs=1e-12)


@pytest.mark.parametrize(("index", "distribution", "window", "expected"), [
    (row[0], row[1], int(row[2]), [float(value) for value in row[3:]])
    for row in pd.read_csv(REFERENCE / "spi_canesm2.csv", comment="#").values.tolist()
])  # fmt: skip
def test_published_values_of_xclim(index: str, distribution: Any, window: int, expected: list[float]) -> None:
    table = pd.read_csv(REFERENCE / "canesm2_monthly.csv", comment="#")
    values = table["precipitation" if index == "spi" else "balance"]
    series = pd.Series(values.to_numpy(), pd.to_datetime(table["month"]))
    old, new = series[:"1980"], series["1998":]
    # Means over the window there, sums here: gamma with its offset of 1 mm a day stands at the same place.
    offset = 1.0 * window if index == "spei" and distribution == "gamma" else 0.0
    sums = drought.rolling_sum(old, window)
    fitted = drought.fit_standard(
        sums, window, distribution=distribution, calibration=(1950, 1980), offset=offset, summed=True
    )
    if index == "spi":
        made = drought.spi(new, window, fitted=fitted)
    else:
        made = drought.spei(new, window, distribution="gamma", fitted=fitted, offset=12 / 365.25)
    assert made.iloc[-11:-1:2].tolist() == pytest.approx(expected, abs=0.02)


def test_rolling_sum_of_the_worked_example() -> None:
    values = [3, 4, 6, 2, 1, 3, 5, 8, 5]
    np.testing.assert_array_equal(drought.rolling_sum(values, 3), [np.nan, np.nan, 13, 12, 9, 6, 9, 16, 18])
    np.testing.assert_array_equal(drought.rolling_sum(values, 4), [np.nan] * 3 + [15, 13, 12, 11, 17, 21])
    gap = drought.rolling_sum([1, np.nan, 1, 1, 1], 2)
    np.testing.assert_array_equal(gap, [np.nan, np.nan, np.nan, 2, 2])
    assert drought.rolling_sum([1, np.nan, 1, 1], 4, min_share=0.75)[-1] == 4.0


def test_weighted_rain_forgets() -> None:
    series = np.zeros(100)
    series[20] = 10.0
    weighted = drought.weighted_precipitation(series)
    assert weighted[60:].tolist()[:3] == pytest.approx([10 * 0.85**n for n in (40, 41, 42)])
    assert weighted[80] > 0
    assert weighted[81] == 0
    assert drought.weighted_precipitation(np.ones(61))[-1] == pytest.approx(6.66634, abs=1e-5)


def test_equal_to_xclim_on_wet_months() -> None:
    stats = pytest.importorskip("xclim.indices.stats")
    indices = pytest.importorskip("xclim.indices")
    time = pd.date_range("1991-01-01", "2020-12-01", freq="MS")
    layer = xr.DataArray(rain().to_numpy(), dims="time", coords={"time": time}, attrs={"units": "mm/d"})
    options = {"freq": "MS", "window": 3, "dist": "gamma", "method": "APP", "fitkwargs": {"floc": 0}}
    theirs = indices.standardized_precipitation_index(
        layer, params=stats.standardized_index_fit_params(layer, **options)
    )
    ours = drought.spi(layer.assign_attrs(units="mm"), 3)
    np.testing.assert_allclose(ours[2:], np.clip(theirs[2:], -3.09, 3.09), atol=1e-9)


def test_months_without_rain_are_missing_and_said() -> None:
    values = rain()
    values[values.index.month == 1] = 0.0
    with hearing(Journal()) as journal:
        index = drought.spi(values, 1)
    assert [problem.rule for problem in journal.warnings] == ["drought.unfitted"]
    assert index[index.index.month == 1].isna().all()
    assert index[index.index.month != 1].notna().all()


def test_series_in_every_container_agree() -> None:
    values = rain()
    series = drought.spi(values, 3)
    plain = drought.spi(values.to_numpy(), 3, dates=values.index)
    layer = xr.DataArray(
        np.stack([values, values * 2]), dims=("station", "time"), coords={"time": values.index, "station": ["a", "b"]}
    )
    made = drought.spi(layer, 3)
    np.testing.assert_array_equal(plain, series)
    np.testing.assert_allclose(made.sel(station="a"), series)
    np.testing.assert_allclose(made.sel(station="b"), series, atol=1e-9)
    assert made.dims == layer.dims


def test_gaps_of_the_dates_are_missing_values() -> None:
    values = rain()
    gap = drought.spi(values.drop(values.index[100:102]), 3)
    assert gap.iloc[100:102].isna().all()  # the sums after the two missing months
    assert gap.iloc[102:].notna().all()


def test_the_calibration_stays_when_years_are_added() -> None:
    values = rain(32)
    short, long = drought.spi(values[:360], 3), drought.spi(values, 3)
    np.testing.assert_array_equal(short, long[:360])


def test_units_are_converted_and_refused() -> None:
    values = rain()
    layer = xr.DataArray(values.to_numpy(), dims="time", coords={"time": values.index}, attrs={"units": "mm"})
    expected = drought.spi(layer, 3)
    inches = (layer / 25.4).assign_attrs(units="inch")
    np.testing.assert_allclose(drought.spi(inches, 3), expected)
    with pytest.raises(LayerError) as caught:
        drought.spi(layer.assign_attrs(units="degC"), 3)
    assert caught.value.problems[0].rule == "stations.units"


def refused(*args: Any, **kwargs: Any) -> str:
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        drought.spi(*args, **kwargs)
    problem = caught.value.problems[0]
    assert all((problem.found, problem.required, problem.fix))
    return str(problem.rule)


def test_bad_series_are_refused_by_name() -> None:
    values = rain()
    assert refused(months(np.full(360, 12.0)), 1) == "drought.constant"
    assert refused(months(np.zeros(360)), 1) == "drought.constant"
    assert refused(values[:60], 3) == "drought.years"
    assert refused(values, 3, calibration=(1950, 1980)) == "drought.years"
    assert refused(months(np.full(360, np.nan)), 1) == "drought.years"
    assert refused(values.to_numpy(), 3) == "drought.dates"
    assert refused(values.to_numpy(), 3, dates=values.index[:-1]) == "drought.lengths"
    assert refused(values, 0) == "drought.window"
    assert refused(values, 2.5) == "drought.window"
    assert refused(-values, 3) == "stations.range"
    assert refused(values.iloc[::-1], 3) == "drought.order"
    weekly = pd.Series(np.ones(1600), pd.date_range("1991-01-01", periods=1600, freq="7D"))
    assert refused(weekly, 3) == "drought.step"
    daily = pd.Series(1.0, pd.date_range("1991-01-01", "2005-12-31"))
    twice = pd.concat([daily, daily.iloc[:1]]).sort_index()
    assert refused(twice, 30) == "elements.steps"


def test_dates_of_other_spellings() -> None:
    values = rain()
    expected = drought.spi(values, 3)
    texts = [f"{day.day}/{day.month}/{day.year}" for day in values.index]
    with hearing(Journal()):
        np.testing.assert_array_equal(drought.spi(values.to_numpy(), 3, dates=texts), expected)


def test_another_period_is_said() -> None:
    with hearing(Journal()) as journal:
        drought.spi(months(rain().to_numpy(), "1951-01-01"), 3)
    assert [problem.rule for problem in journal.warnings] == ["drought.calibration"]


def test_moments_and_likelihood_of_the_log_logistic_are_near() -> None:
    rng = np.random.default_rng(4)
    balance = months(np.exp(rng.logistic(4.0, 0.2, 1200)) - 60.0, "1901-01-01")
    one, two = (drought.spei(balance, 1, distribution=name, calibration=(1901, 2000)) for name in ("fisk", "fisk_pwm"))
    assert np.nanmean(np.abs(one - two)) < 0.1


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_balances_of_either_skew_are_standardised(side: float) -> None:
    balance = months(-20.0 + side * np.random.default_rng(3).gumbel(0.0, 25.0, 1200), "1901-01-01")
    made = drought.spei(balance, 1, calibration=(1901, 2000))
    assert abs(made.mean()) < 0.05
    assert made.std() == pytest.approx(1.0, abs=0.05)
    assert (made < -1).mean() == pytest.approx(0.159, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0.1, 20.0))
def test_laws_of_the_index(seed: int, window: int, factor: float) -> None:
    """Rising with the sum of its month, unchanged by the unit, within the clip, near the normal law."""
    values = rain(seed=seed)
    with hearing(Journal()):
        index, scaled = drought.spi(values, window), drought.spi(values * factor, window)
    np.testing.assert_allclose(index, scaled, atol=1e-7)
    sums = drought.rolling_sum(values, window)
    for month in range(1, 13):
        part = sums.index.month == month
        order = np.argsort(sums[part].to_numpy())
        ranked = index[part].to_numpy()[order]
        assert (np.diff(ranked[np.isfinite(ranked)]) >= -1e-12).all()
    known = index.dropna()
    assert known.abs().max() <= 3.09
    assert abs(known.mean()) < 0.15
    assert int(index.isna().sum()) == window - 1


@given(st.floats(0.1, 30.0), st.floats(0.1, 100.0), st.floats(0.0, 500.0))
def test_gamma_law_is_that_of_scipy(shape: float, scale: float, value: float) -> None:
    fitted = drought.Standard(
        np.full((12, 3), [shape, 0.0, scale]), np.zeros(12), np.full(12, 30.0), "gamma", 1, (1991, 2020)
    )
    made = float(drought.spi(months(np.array([value, value])), 1, fitted=fitted).iloc[0])
    expected = float(np.clip(ndtri(gammainc(shape, value / scale)), -3.09, 3.09)) if value > 1e-9 else -3.09
    assert made == pytest.approx(expected, abs=1e-9)


@pytest.mark.filterwarnings("ignore:argument .precipitation. has no value:riskzoning.errors.RiskZoningWarning")
def test_a_window_that_is_none_is_called_by_its_name() -> None:
    with pytest.raises(LayerError, match="argument 'window' is 0"):
        drought.spi(januaries(EXAMPLE), 0)


MONTHS = st.lists(st.one_of(st.floats(0, 300), st.just(np.nan)), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(MONTHS, st.integers(1, 14))
def test_a_rolling_sum_is_that_of_its_window_and_missing_with_any_part(values: list[float], window: int) -> None:
    made = drought.rolling_sum(values, window)
    plain = [np.sum(values[at - window + 1 : at + 1]) if at >= window - 1 else np.nan for at in range(len(values))]
    np.testing.assert_allclose(made, plain, rtol=1e-9, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.6))
def test_rules_for_zeros_part_at_zeros_alone_and_no_rule_is_wetter_than_upper(seed: int, dry: float) -> None:
    values = rain(seed=seed)
    values[np.random.default_rng(seed).random(values.size) < dry] = 0.0
    with hearing(Journal()):
        upper, centre, weibull = (drought.spi(values, 1, zero_rule=rule) for rule in ("upper", "centre", "weibull"))
    wet = (values > 0).to_numpy()
    np.testing.assert_array_equal(upper[wet], centre[wet])
    assert (centre[~wet].dropna() <= upper[~wet].dropna()).all()
    assert (weibull[~wet].dropna() <= upper[~wet].dropna()).all()
    share = 1 - values.groupby(values.index.month).apply(lambda part: (part > 0).mean())
    expected = np.clip(ndtri(share.reindex(values.index.month).to_numpy()[~wet]), -3.09, 3.09)
    np.testing.assert_allclose(upper[~wet][upper[~wet].notna()], expected[upper[~wet].notna()], atol=1e-9)
    assert not np.isinf(upper).any()


def test_a_balance_below_zero_is_refused_for_gamma_with_the_offset_that_it_needs() -> None:
    months = pd.date_range("1981-01-01", "2020-12-01", freq="MS")
    balance = pd.Series(np.random.default_rng(3).normal(-60.0, 25.0, len(months)), months)
    with pytest.raises(LayerError) as caught:
        drought.spei(balance, 3, distribution="gamma", calibration=(1991, 2020))
    (problem,) = caught.value.problems
    assert problem.rule == "drought.offset"
    assert dict(problem.values)["share"] > 0.5
    # With what it asks for it has the ranks of the other distribution.
    raised = drought.spei(
        balance, 3, distribution="gamma", calibration=(1991, 2020), offset=dict(problem.values)["needed"]
    )
    other = drought.spei(balance, 3, calibration=(1991, 2020))
    assert raised.corr(other) > 0.99
    assert (raised <= -3.09).mean() < 0.02
