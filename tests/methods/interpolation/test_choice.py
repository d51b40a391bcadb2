"""The mean of the stations is a candidate: what does not beat it is not drawn."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from riskzoning.layers import layer_on
from riskzoning.methods.interpolation import best_method, interpolate, leave_one_out, station_effect


def stations(values, seed=0):
    values = np.asarray(values, dtype=float)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 50_000, (2, values.size))
    return gpd.GeoDataFrame({"v": values}, geometry=gpd.points_from_xy(x, y, crs="EPSG:4547"))


@pytest.mark.parametrize("count", [3, 8, 13])
def test_the_plain_mean_has_the_skill_of_the_formula(count):
    known = stations(np.random.default_rng(count).normal(5, 2, count))
    error = leave_one_out(known, "v", method="mean")
    assert error.r2 == pytest.approx(1 - (count / (count - 1)) ** 2)
    assert error.bias == pytest.approx(0)
    if count == 13:
        assert round(error.r2, 3) == -0.174


def test_a_trend_is_drawn_and_luck_is_not():
    candidates = {"idw": None, "regression_residual": None}
    trend = stations(np.zeros(13))
    trend["v"] = trend.geometry.x / 10_000
    choice = best_method(trend, "v", candidates=candidates)
    assert choice.method == "regression_residual"
    assert set(choice.errors) == {"mean", "idw", "regression_residual"}
    luck = [stations(np.random.default_rng(seed).normal(size=13), seed) for seed in range(40)]
    drawn = [best_method(known, "v", candidates=candidates) for known in luck]
    assert np.mean([choice.method == "mean" for choice in drawn]) > 0.4
    for choice in drawn:
        assert choice.errors[choice.method].rmse == min(error.rmse for error in choice.errors.values())


def test_equal_stations_and_too_few_of_them_leave_the_mean():
    assert best_method(stations([3.0] * 8), "v", candidates={"idw": None}).method == "mean"
    two = best_method(stations([1.0, 5.0]), "v", candidates={"idw": None, "regression_residual": None})
    assert (two.method, list(two.errors)) == ("mean", ["mean"])
    one = best_method(stations([1.0]), "v", candidates={"idw": None})
    assert (one.method, one.errors) == ("mean", {})


@pytest.mark.filterwarnings("ignore:stations are far away:riskzoning.errors.RiskZoningWarning")
def test_the_mean_is_drawn_everywhere_lazily_too(make_grid):
    grid = make_grid(4, 5)
    known = stations([1.0, 2.0, 6.0])
    out = interpolate(known, "v", grid, method="mean")
    np.testing.assert_array_equal(out, 3.0)
    assert out.attrs["method"] == "mean"
    lazy = interpolate(known, "v", grid, method="mean", lazy=True)
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy, 3.0)


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")
def test_stations_of_one_height_but_for_rounding_have_no_slope_with_it(make_grid):
    grid = make_grid(20, 20, resolution=1000)
    left, bottom, *_ = grid.boundingbox
    rng = np.random.default_rng(0)
    x, y = left + rng.uniform(0, 20_000, 8), bottom + rng.uniform(0, 20_000, 8)
    known = gpd.GeoDataFrame({"v": rng.normal(size=8)}, geometry=gpd.points_from_xy(x, y, crs=grid.crs))
    noise = 100 + 1e-9 * rng.random(tuple(grid.shape))
    flat = layer_on(grid, noise, quantity="elevation", name="elevation")
    out = interpolate(known, "v", grid, method="regression_residual", covariates={"elevation": flat}, clip=None)
    plain = interpolate(known, "v", grid, method="regression_residual", clip=None)
    np.testing.assert_allclose(out, plain, atol=1e-6)


def table(values, names=None):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=range(2001, 2001 + len(values)), columns=names or [f"s{i}" for i in range(values.shape[1])]
    )


def rates(rate, years=30, seed=0):
    return table(np.random.default_rng(seed).poisson(rate, (years, len(rate))))


def test_chi_squared_of_sums_by_hand():
    # 10, 20 and 30 events in 10 years each: expected 20, chi2 = 100/20 + 0 + 100/20 = 10 with 2 degrees of freedom.
    counts = table(np.tile([1, 2, 3], (10, 1)))
    assert station_effect(counts, counts=counts).p_counts == pytest.approx(np.exp(-5))
    # Half the years are missing at the last one: 10, 20, 15 of 45 in 25 years, expected 18, 18, 9.
    counts.iloc[5:, 2] = np.nan
    expected = stats.chi2.sf(64 / 18 + 4 / 18 + 36 / 9, 2)
    assert station_effect(counts, counts=counts).p_counts == pytest.approx(expected)


def test_f_of_annual_values_is_the_analysis_of_variance_of_stations_and_years():
    values = np.array([[3.0, 5.0, 4.0], [7.0, 8.0, 9.0], [1.0, 4.0, 2.0], [6.0, 9.0, 6.0]])
    # By hand: S_year 62.667, S_station 10.667, total 76.667 about the mean 5.333, rest 3.333 with 6 degrees of freedom.
    grand = values.mean()
    station = 4 * ((values.mean(axis=0) - grand) ** 2).sum()
    year = 3 * ((values.mean(axis=1) - grand) ** 2).sum()
    rest = ((values - grand) ** 2).sum() - station - year
    effect = station_effect(table(values))
    assert effect.p_annual == pytest.approx(stats.f.sf((station / 2) / (rest / 6), 2, 6))
    sampling = rest / 6 / 4
    between = values.mean(axis=0).var(ddof=1) - sampling
    np.testing.assert_allclose(effect.shares, between / (between + sampling))
    np.testing.assert_allclose(effect.values, grand + between / (between + sampling) * (values.mean(axis=0) - grand))


def test_missing_years_leave_a_fit_by_least_squares():
    values = rates([2.0, 3.0, 6.0], years=8, seed=4).astype(float)
    values.iloc[[0, 3], 1] = np.nan
    values.iloc[5, 2] = np.nan
    table_of = values.melt(ignore_index=False, var_name="station").dropna()
    year, station = (pd.get_dummies(of).to_numpy(float) for of in (table_of.index, table_of["station"]))
    long = table_of["value"]

    def rest(*parts):
        design = np.column_stack(parts)
        fit = design @ np.linalg.lstsq(design, long.to_numpy(), rcond=None)[0]
        return float(((long.to_numpy() - fit) ** 2).sum())

    freedom = len(long) - 8 - 3 + 1
    f = ((rest(year) - rest(year, station)) / 2) / (rest(year, station) / freedom)
    assert station_effect(values).p_annual == pytest.approx(stats.f.sf(f, 2, freedom))


def test_a_year_that_is_high_everywhere_is_no_difference_between_stations():
    year = np.random.default_rng(1).gamma(2, 10, (20, 1))
    alike = table(year + np.random.default_rng(2).normal(0, 1, (20, 8)))
    hill = alike.assign(s0=alike["s0"] + 2)
    assert not station_effect(alike).differ
    assert station_effect(hill).differ
    assert station_effect(hill).shares.min() > 0.7


def test_alike_stations_seldom_differ_and_unlike_ones_do():
    seeds = range(200)
    by_chance = [station_effect(rates([2.0] * 12, seed=s), counts=rates([2.0] * 12, seed=s)).differ for s in seeds]
    assert np.mean(by_chance) < 0.12
    unlike = rates([1.0, 1.0, 1.0, 4.0])
    effect = station_effect(unlike, counts=unlike)
    assert effect.differ
    assert max(effect.p_annual, effect.p_counts) < 0.001


def test_one_value_for_all_where_they_do_not_differ():
    alike = rates([2.0] * 5, seed=3)
    effect = station_effect(alike, counts=alike)
    assert not effect.differ
    np.testing.assert_allclose(effect.values, alike.to_numpy().mean())


def test_what_cannot_be_tested_does_not_differ():
    one_year = table([[1.0, 5.0, 9.0]])
    effect = station_effect(one_year)
    assert (effect.differ, effect.p_annual, effect.p_counts) == (False, None, None)
    alone = station_effect(table([[1.0], [3.0]]))
    assert (alone.differ, alone.values.tolist()) == (False, [2.0])
    never = table(np.zeros((5, 3)))
    assert station_effect(never, counts=never).p_counts == 1
    assert station_effect(never, counts=never).values.tolist() == [0, 0, 0]
    assert not station_effect(table(np.full((5, 3), np.nan))).differ
    unknown = rates([1.0, 9.0, 5.0]).astype(float).assign(s2=np.nan)
    assert station_effect(unknown).values.index.tolist() == ["s0", "s1"]


def test_rounding_is_no_difference():
    noise = table(5.0 + 1e-13 * np.arange(12).reshape(4, 3))
    effect = station_effect(noise)
    assert not effect.differ
    certain = table(np.tile([1.0, 2.0, 3.0], (3, 1)))
    assert station_effect(certain).p_annual == 0
    np.testing.assert_allclose(station_effect(certain).values, [1, 2, 3])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(2, 12))
def test_shrunk_means_stay_between_the_station_and_the_common_mean(seed, stations, years):
    values = rates(np.linspace(1, 6, stations), years=years, seed=seed)
    effect = station_effect(values, counts=values)
    means = values.mean()
    assert effect.shares.between(0, 1).all()
    assert ((effect.values - effect.mean) * (means - effect.mean) >= -1e-12).all()
    assert ((effect.values - effect.mean).abs() <= (means - effect.mean).abs() + 1e-12).all()
    scaled = station_effect(values * 1000)
    assert scaled.p_annual == pytest.approx(station_effect(values).p_annual, rel=1e-6)
