"""The mean of the stations is a candidate: what does not beat it is not drawn."""

import geopandas as gpd
import numpy as np
import pytest

from riskzoning.layers import layer_on
from riskzoning.methods.interpolation import best_method, interpolate, leave_one_out


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
