"""What a fit says: levels, periods, quality, band, record."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.methods.extremes import fit, from_record

Y = np.array([279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177])


def table(rows: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({name: rng.gumbel(80, 20, 30) for name in "abcde"[:rows]}, index=range(1991, 2021))


def test_a_number_an_array_and_the_shapes_of_many() -> None:
    fitted = fit(Y)
    assert isinstance(fitted.return_level(100), float)
    assert fitted.return_period(np.array([[300.0, 400.0]])).shape == (1, 2)
    many = fit(table())
    assert many.return_period(100.0).index.tolist() == ["a", "b"]
    assert many.return_period(pd.Series({"b": 100.0, "a": 120.0}))["b"] == many.return_period(100.0)["b"]
    layer = xr.DataArray(table().to_numpy(), dims=("year", "x"), coords={"x": [10, 20]})
    cells = fit(layer)
    levels = cells.return_level([10, 50])
    np.testing.assert_allclose(cells.return_period(levels), [[10, 10], [50, 50]])
    assert cells.return_period(levels[0]).dims == ("x",)
    with pytest.raises(LayerError) as refused:
        cells.return_period(np.zeros(3))
    assert refused.value.problems[0].rule == "extremes.x_shape"


def test_periods_beyond_the_ends() -> None:
    bounded = fit(Y, "gev", method="ml")
    assert bounded.return_period(1e6) == np.inf
    assert bounded.return_period(0.0) == pytest.approx(1)
    assert np.isnan(bounded.return_period(np.nan))
    assert bounded.exceedance(bounded.return_level(4)) == pytest.approx(0.25)


@pytest.mark.parametrize("wrong", [1, 0.5, -10, np.nan, [10, 1]])
def test_a_return_period_of_a_year_or_less_is_refused(wrong: Any) -> None:
    with pytest.raises(LayerError) as refused:
        fit(Y).return_level(wrong)
    assert refused.value.problems[0].rule == "extremes.return_period"


@pytest.mark.parametrize("kind", ["parametric", "resample"])
def test_the_band_holds_the_level_and_narrows_with_the_years(kind: str) -> None:
    band = fit(Y).confidence_band([10, 100], draws=300, seed=7, kind=kind)
    assert np.all((band.lower < band.level) & (band.level < band.upper))
    assert np.all(band.upper - band.lower > 0)
    again = fit(Y).confidence_band([10, 100], draws=300, seed=7, kind=kind)
    np.testing.assert_array_equal(band.upper, again.upper)
    longer = fit(np.tile(Y, 6) + np.linspace(0, 0.1, 120)).confidence_band([10, 100], draws=300, seed=7, kind=kind)
    assert np.all(longer.upper - longer.lower < band.upper - band.lower)
    wide = fit(Y).confidence_band(100, confidence=0.99, draws=300, seed=7, kind=kind)
    assert wide.upper > band.upper[1]
    assert isinstance(wide.upper, float)


def test_the_band_covers_as_it_says() -> None:
    """Of 200 series from a known Gumbel distribution about 90 % have a band that holds the true level."""
    rng = np.random.default_rng(11)
    data = pd.DataFrame(rng.gumbel(100, 20, size=(40, 200)), index=range(1981, 2021))
    truth = 100 - 20 * np.log(-np.log1p(-1 / 20))
    with pytest.warns(UserWarning, match="trend in"):
        fitted = fit(data, "gumbel")
    band = fitted.confidence_band(20, draws=200, seed=1)
    assert 0.82 < ((band.lower < truth) & (truth < band.upper)).mean() < 0.96


def test_the_band_of_a_mixed_fit() -> None:
    mixed = fit(np.r_[np.zeros(3), Y, np.zeros(3)], zeros="mixed")
    for kind in ("parametric", "resample"):
        band = mixed.confidence_band([1.1, 50], draws=200, kind=kind)
        assert band.lower[0] == band.upper[0] == 0
        assert band.lower[1] < band.level[1] < band.upper[1]


def test_plotting_positions_of_the_fit() -> None:
    assert fit(Y).plotting_positions()["value"].tolist() == sorted(Y, reverse=True)
    assert fit(-Y, mode="min").plotting_positions()["value"].tolist() == sorted(-Y)
    with pytest.raises(LayerError) as refused:
        fit(table()).plotting_positions()
    assert refused.value.problems[0].rule == "extremes.one_series"


@pytest.mark.parametrize("distribution", ["pearson3", "gev", "gumbel"])
def test_a_stored_fit_says_the_same(distribution: Any) -> None:
    fitted = fit(pd.Series(Y, index=range(2001, 2021)), distribution)
    record = json.loads(json.dumps(fitted.record()))
    again = from_record(record)
    assert again.return_level([10, 100]) == pytest.approx(fitted.return_level([10, 100]), rel=1e-12)
    assert (again.period, record["period"]) == ((2001, 2020), [2001, 2020])
    cold = fit(-Y, distribution, mode="min")
    assert from_record(cold.record()).return_level(10) == cold.return_level(10)


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"distribution": "weibull"}, "extremes.choice"),
        ({"distribution": "gumbel", "parameters": {"loc": 1}}, "extremes.record"),
        ({"distribution": "gumbel", "parameters": {"loc": 1, "scale": -1}}, "extremes.record"),
    ],
)
def test_a_record_that_is_none(record: Any, rule: str) -> None:
    with pytest.raises(LayerError) as refused:
        from_record(record)
    assert refused.value.problems[0].rule == rule


def test_options_of_the_band() -> None:
    with pytest.raises(LayerError) as refused:
        fit(Y).confidence_band(10, confidence=1.5, draws=0, kind="x")
    assert len(refused.value.problems) == 3
