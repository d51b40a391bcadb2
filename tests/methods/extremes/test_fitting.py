"""Fits of yearly extremes: published series, laws, what cannot be fitted."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.methods.extremes import fit

REFERENCE = Path(__file__).parents[2] / "reference"
X = (2, 3, 4, 2.4, 5.5, 1.2, 5.4, 2.2, 7.1, 1.3, 1.5)
Y = (279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177)
SERIES = {"x": X, "y": Y}
EVERY = [
    (name, method)
    for name in ("pearson3", "gev", "gumbel")
    for method in ("lmoments", "lmoments_exact", "ml", "curve", "moments")
    if (name, method) != ("gev", "moments")
]


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the series of yearly extremes has ")
        warnings.filterwarnings("ignore", "the (series of )?yearly extremes (rises|falls|show)")
        yield


@pytest.mark.parametrize("row", rows("extremes_levels.csv"), ids=lambda row: "-".join(list(row.values())[:4]))
def test_levels_of_published_series(row: dict[str, str]) -> None:
    fitted = fit(SERIES[row["series"]], row["distribution"], method=row["method"])  # type: ignore[arg-type]
    level = fitted.return_level(float(row["return_period"]))
    assert level == pytest.approx(float(row["level"]), abs=float(row["absolute_error"]))


@pytest.mark.parametrize("row", rows("extremes_parameters.csv"), ids=lambda row: "-".join(list(row.values())[:4]))
def test_parameters_of_published_series(row: dict[str, str]) -> None:
    fitted = fit(SERIES[row["series"]], row["distribution"], method=row["method"])  # type: ignore[arg-type]
    assert fitted.parameters[row["parameter"]] == pytest.approx(float(row["value"]), rel=float(row["relative_error"]))


def test_cv_and_likelihood_of_the_published_series() -> None:
    fitted = fit(X)
    assert fitted.cv == pytest.approx(0.67962, abs=5e-6)
    assert fitted.goodness().negative_log_likelihood == pytest.approx(20.8203581, abs=1e-6)


# ---------------------------------------------------------------- laws

VALUES = st.lists(st.floats(1, 500, allow_subnormal=False), min_size=8, max_size=40, unique=True)


def skewed(values: list[float]) -> None:
    """Series whose values lie apart, so that rounding is no shape."""
    ordered = np.sort(values)
    assume(np.diff(ordered).min() > 1e-3 * np.ptp(ordered))


@settings(deadline=None, max_examples=40)
@given(VALUES, st.sampled_from([pair for pair in EVERY if pair[1] != "ml"]))
def test_rarer_is_more_and_the_way_back_is_the_same(values: list[float], pair: tuple[Any, Any]) -> None:
    skewed(values)
    fitted = fit(values, pair[0], method=pair[1])
    periods = np.array([1.1, 1.5, 2, 5, 10, 50, 100, 1000])
    levels = fitted.return_level(periods)
    assert np.all(np.diff(levels) >= 0)
    # Where the curve nears its end, a level has no digits left for the period.
    apart = fitted.return_level(1.001 * periods) - levels > 1e-6 * np.abs(levels)
    np.testing.assert_allclose(fitted.return_period(levels)[apart], periods[apart], rtol=1e-6)


@settings(deadline=None, max_examples=40)
@given(VALUES, st.floats(0.01, 100), st.randoms(), st.sampled_from([pair for pair in EVERY if pair[1] != "ml"]))
def test_the_unit_scales_and_the_order_does_not_matter(
    values: list[float], factor: float, random: Any, pair: tuple[Any, Any]
) -> None:
    skewed(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    one, other = (fit(data, pair[0], method=pair[1]) for data in (values, [factor * v for v in shuffled]))
    np.testing.assert_allclose(other.return_level([2, 100]), factor * one.return_level([2, 100]), rtol=1e-6)


@pytest.mark.parametrize("name", ["pearson3", "gev", "gumbel"])
def test_greatest_likelihood_keeps_the_laws_and_is_the_greatest(name: Any) -> None:
    fitted = fit(Y, name, method="ml")
    turned = fit(0.1 * np.array(Y[::-1]), name, method="ml")
    assert 10 * turned.return_level(100) == pytest.approx(fitted.return_level(100), rel=1e-6)
    best = fitted.goodness().negative_log_likelihood
    others = [fit(Y, name, method=method).goodness() for method in ("lmoments", "curve")]
    assert all(best <= other.negative_log_likelihood + 1e-9 for other in others)


def test_missing_years_are_left_out_and_counted() -> None:
    gaps = [*Y[:10], np.nan, np.inf, *Y[10:]]
    fitted = fit(gaps)
    assert (fitted.count, fitted.missing) == (20, 2)
    assert fitted.return_level(100) == pytest.approx(fit(Y).return_level(100))
    with hearing(Journal()) as heard:
        fit(gaps)
    assert [problem.rule for problem in heard.steps] == ["extremes.below_wished", "extremes.gaps"]


def test_many_series_are_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    data = rng.gumbel(80, 20, size=(4, 30))
    data[1, 3:6] = np.nan
    years = np.arange(1991, 2021)
    alone = [fit(row, "gev").return_level([10, 50]) for row in data]
    array = fit(data, "gev")
    assert array.return_level([10, 50]).shape == (2, 4)
    np.testing.assert_allclose(array.return_level([10, 50]).T, alone, rtol=1e-10)
    assert array.return_level(10).shape == (4,)
    np.testing.assert_allclose(fit(data.T, "gev", dim=0).return_level([10, 50]).T, alone, rtol=1e-10)
    table = fit(pd.DataFrame(data.T, index=years, columns=list("abcd")), "gev")
    assert table.return_level([10, 50]).index.tolist() == [10, 50]
    np.testing.assert_allclose(table.return_level([10, 50])["b"], alone[1], rtol=1e-10)
    assert table.period == (1991, 2020)
    layer = xr.DataArray(data.reshape(2, 2, 30), dims=("y", "x", "year"), coords={"year": years}, attrs={"units": "mm"})
    levels = fit(layer.transpose("year", "y", "x"), "gev").return_level([10, 50])
    assert (levels.dims, levels.attrs) == (("return_period", "y", "x"), {"units": "mm"})
    np.testing.assert_allclose(levels.values.reshape(2, 4).T, alone, rtol=1e-10)
    lazy = fit(layer.copy(data=da.from_array(layer.values)), "gev")
    np.testing.assert_array_equal(lazy.return_level(10), levels[0])


@pytest.mark.parametrize("method", ["lmoments", "curve", "moments"])
def test_a_grid_of_cells_is_fast_enough_to_be_one_call(method: Any) -> None:
    cells = np.random.default_rng(1).gamma(4, 20, size=(30, 20, 30))
    assert np.isfinite(fit(cells, method=method).return_level(100)).all()


def test_minima_are_maxima_turned() -> None:
    cold = -np.array(Y) / 10
    fitted, turned = fit(cold, mode="min"), fit(np.array(Y) / 10)
    assert fitted.return_level([10, 100]) == pytest.approx(-turned.return_level([10, 100]))
    assert fitted.return_period(fitted.return_level(50)) == pytest.approx(50)
    assert fitted.return_level(100) < fitted.return_level(10)


def test_years_without_an_event_are_a_share_of_their_own() -> None:
    snow = [0, 0, *Y, 0, 0, 0]
    with pytest.warns(UserWarning, match="is 0 in 20% of the years"):
        fit(snow)
    mixed = fit(snow, zeros="mixed")
    assert mixed.zeros == pytest.approx(0.2)
    # A level that 1 of 100 years reaches is reached by 1 of 80 of those with snow.
    assert mixed.return_level(100) == pytest.approx(fit(Y).return_level(80))
    assert mixed.return_level(1.2) == 0
    assert mixed.return_period(0) == 1
    assert mixed.return_period(mixed.return_level(30)) == pytest.approx(30)
    with pytest.raises(LayerError) as refused:
        fit([*snow, -1], zeros="mixed")
    assert refused.value.problems[0].rule == "extremes.negative"


def test_curve_fitting_keeps_the_ratio() -> None:
    fitted = fit(Y, method="curve", cs_cv=3.5)
    assert fitted.parameters["skew"] / fitted.cv == pytest.approx(3.5)
    free = fit(Y, method="curve")
    assert free.goodness().rmse <= min(fitted.goodness().rmse, fit(Y).goodness().rmse)


def test_a_line_through_all_points_is_found_again() -> None:
    """Values that lie on a Pearson III curve at their plotting positions give its parameters."""
    from scipy.stats import pearson3

    chance = np.arange(1, 41) / 41
    values = 100 * (1 + 0.5 * pearson3.ppf(1 - chance, 1.75))
    for fitted in (fit(values, method="curve"), fit(values, method="curve", cs_cv=3.5)):
        assert (fitted.parameters["skew"], fitted.cv) == pytest.approx((1.75, 0.5), rel=1e-5)


# ---------------------------------------------------------------- what cannot be fitted

BAD = {
    "extremes.none": [np.nan] * 20,
    "extremes.short": [1.0, 2.0, 3.0],
    "extremes.constant": [5.0] * 20,
    "extremes.few_values": [1.0, 2.0, 3.0] * 7,
    "extremes.fill": [*Y, -9999],
    "extremes.text": [*Y, "missing"],
    "extremes.series_shape": 5.0,
}


@pytest.mark.parametrize("rule", BAD)
def test_a_message_and_no_number(rule: str) -> None:
    with pytest.raises(LayerError) as refused:
        fit(BAD[rule])  # type: ignore[arg-type]
    (problem,) = refused.value.problems
    assert problem.rule == rule
    assert all(problem.as_row(lang)["fix"] for lang in ("zh", "en"))


def test_almost_constant_is_constant() -> None:
    with pytest.raises(LayerError, match="in every year"):
        fit(5 + 1e-12 * np.arange(20))


def test_of_many_series_the_bad_ones_are_named() -> None:
    table = pd.DataFrame({"good": np.array(Y, dtype=float), "flat": 1.0, "none": np.nan})
    with hearing(Journal()) as heard:
        levels = fit(table).return_level(10)
    assert levels.notna().to_dict() == {"good": True, "flat": False, "none": False}
    assert [dict(problem.values)["names"] for problem in heard.dropped] == [("none",), ("flat",)]
    with pytest.raises(LayerError) as refused:
        fit(table[["flat", "none"]])
    assert {problem.rule for problem in refused.value.problems} == {"extremes.none", "extremes.constant"}


def test_options_that_do_not_fit_are_told_together() -> None:
    with pytest.raises(LayerError) as refused:
        fit(Y, "weibull", method="x", mode="mean", zeros="no", cs_cv=3)  # type: ignore[arg-type]
    assert [problem.rule for problem in refused.value.problems] == ["extremes.choice"] * 4 + ["extremes.ratio"]
    for wrong in (
        {"distribution": "gev", "method": "moments"},
        {"mode": "min", "zeros": "mixed"},
        {"method": "curve", "cs_cv": -1},
    ):
        with pytest.raises(LayerError):
            fit(Y, **wrong)  # type: ignore[arg-type]


def test_short_series_and_trends_are_said() -> None:
    with pytest.warns(UserWarning, match="has 8 years"):
        fit(X[:8])
    with pytest.raises(LayerError, match="15 or more"):
        fit(X, min_years=15)
    with pytest.warns(UserWarning, match="a year"):
        fit(np.arange(20.0) + np.array([0, 1] * 10))
    table = pd.DataFrame({"a": np.arange(20.0), "b": Y})
    with pytest.warns(UserWarning, match=r"trend in 1 series \(a\)"):
        fit(table)


def test_likelihood_without_a_maximum_is_said() -> None:
    """Two heaps: the likelihood of Pearson III grows without end at a skew of 2."""
    values = np.r_[1 + 1e-6 * np.arange(15), 1000.0 + np.arange(3)]
    with pytest.raises(LayerError) as refused:
        fit(values, method="ml")
    assert refused.value.problems[0].rule == "extremes.no_fit"


@settings(deadline=None, max_examples=30)
@given(
    VALUES,
    st.lists(st.integers(0, 40), min_size=1, max_size=5),
    st.sampled_from([pair for pair in EVERY if pair[1] != "ml"]),
)
def test_missing_years_anywhere_change_nothing_but_their_count(
    values: list[float], places: list[int], pair: tuple[Any, Any]
) -> None:
    skewed(values)
    gaps = list(values)
    for place in places:
        gaps.insert(min(place, len(gaps)), np.nan)
    one, other = (fit(data, pair[0], method=pair[1]) for data in (values, gaps))
    assert (other.count, other.missing) == (len(values), len(places))
    np.testing.assert_allclose(other.return_level([2, 100]), one.return_level([2, 100]), rtol=1e-9)
