"""The composite index: the worked example, both regions, classes at their limits, what is missing."""

from __future__ import annotations

import copy
import time as clock
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import drought


def weather(years: int = 12, seed: int = 5, warm: float = 14.0) -> tuple[pd.Series, pd.Series]:
    days = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    rng = np.random.default_rng(seed)
    wave = -np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 15) / 365.25)
    rain = np.where(rng.random(days.size) < 0.22 + 0.1 * wave, rng.gamma(0.6, 12.0, days.size), 0.0)
    return pd.Series(rain, days), pd.Series(warm + 13 * wave + rng.normal(0, 3, days.size), days)


def index(*args: Any, **kwargs: Any) -> Any:
    with hearing(Journal()):
        return drought.mci(*args, **kwargs)


@pytest.mark.parametrize(("region", "expected"), [("north", -1.212), ("south", -1.416)])
def test_worked_example(region: Any, expected: float) -> None:
    made = drought.mci_of_parts(-1.2, -0.6, -0.9, -0.4, season=1.2, region=region)
    assert made == pytest.approx(expected, abs=5e-4)
    assert drought.drought_class(made) == 2


def test_classes_are_closed_on_the_dry_side() -> None:
    values = np.array([-0.4999, -0.5, -0.9999, -1.0, -1.5, -1.9999, -2.0, np.nan])
    np.testing.assert_array_equal(drought.drought_class(values), [0, 1, 1, 2, 3, 3, 4, np.nan])
    moisture = drought.drought_class(np.array([-0.39, -0.40, -0.65, -0.80, -0.95]), kind="moisture")
    assert moisture.tolist() == [0, 1, 2, 3, 4]


def test_moisture_is_missing_where_nothing_evaporates() -> None:
    made = drought.relative_moisture(np.array([10.0, 0.0, np.nan]), np.array([0.0, 50.0, 50.0]))
    np.testing.assert_array_equal(made, [np.nan, -1.0, np.nan])


def test_a_month_of_frost_is_wet_by_a_number_that_can_be() -> None:
    days = pd.date_range("1991-01-01", "2010-12-31")
    rain, _ = weather()
    rain = pd.Series(np.resize(rain.to_numpy(), days.size), days)
    # Winters a little above freezing: 30 days of 0.2 degC evaporate 0.02 mm, and 5 mm are 250 times that.
    warm = pd.Series(14.0 - 13.8 * np.cos(2 * np.pi * (days.dayofyear - 15) / 365.25), days)
    bounded = index(rain, warm)
    table = copy.deepcopy(standards.table("hazards/drought_indices").data)
    table["mci"]["moisture_most"] = None
    with standards.session({"hazards/drought_indices": table}):
        free = index(rain, warm)
    assert free.max() > 50 > 10 > bounded.max()
    np.testing.assert_array_equal(bounded.isna(), free.isna())
    dry = free <= 0
    np.testing.assert_array_equal(bounded[dry], free[dry])
    with hearing(Journal()):  # an index of 200 is told as one that cannot be
        np.testing.assert_array_equal(drought.drought_class(bounded), drought.drought_class(free))


@given(st.floats(10, 1e6), *[st.floats(-3.09, 3.09)] * 3, st.floats(0.4, 2), st.sampled_from(["north", "south"]))
def test_no_class_hangs_on_moisture_beyond_its_bound(
    moisture: float, w: float, three: float, five: float, season: float, region: Any
) -> None:
    most = standards.table("hazards/drought_indices").data["mci"]["moisture_most"]
    for value in (moisture, most):
        made = drought.mci_of_parts(w, value, three, five, season=season, region=region)
        with hearing(Journal()):  # far beyond what an index can be
            assert drought.drought_class(made) == 0


def test_a_dry_spring_is_drought() -> None:
    rain, warm = weather()
    dry = rain.copy()
    dry["2008-02-01":"2008-07-31"] = 0.0
    before, after = index(rain, warm, season="none"), index(dry, warm, season="none")
    assert after["2008-06-15"] < -1.5
    assert after["2008-06-15"] < before["2008-06-15"]
    assert (after["2008-07-01":"2008-07-31"] <= before["2008-07-01":"2008-07-31"]).all()


def test_missing_is_never_no_drought() -> None:
    rain, warm = weather()
    rain["2006-05-10"] = np.nan
    made = index(rain, warm)
    assert made["2006-05-10":"2006-10-06"].isna().all()
    assert made["2006-10-07":"2006-12-31"].notna().all()
    # A winter of frost: nothing evaporates, the index is not defined, whatever the season factor.
    cold = index(*weather(warm=2.0))
    assert cold["2006-01-20"] != cold["2006-01-20"]


def test_season_factors_are_those_of_the_table_or_ones_own() -> None:
    rain, warm = weather()
    ones = index(rain, warm, season="none")
    public, own = index(rain, warm, season="public"), index(rain, warm, season=[2.0] * 12)
    assert (public[public.index.month == 2].dropna() == 0).all()
    np.testing.assert_allclose(own, 2 * ones)
    june = ones.index.month == 6
    np.testing.assert_allclose(public[june], 1.2 * ones[june])


@pytest.mark.parametrize("season", ["wheat", [1.0] * 11, [-1.0] * 12, [np.nan] * 12])
def test_wrong_season_factors_are_refused(season: Any) -> None:
    with pytest.raises(LayerError) as caught:
        index(*weather(), season=season)
    assert caught.value.problems[0].rule in ("drought.method", "drought.season")


def test_series_must_go_together() -> None:
    rain, warm = weather()
    for pair, rule in (
        ((rain, warm[:-1]), "drought.pair"),
        ((rain[:1500], warm[:1500]), "drought.years"),
        ((rain, warm + 300.0), "stations.range"),
        ((rain.resample("MS").sum(), warm.resample("MS").mean()), "drought.daily"),
    ):
        with pytest.raises(LayerError) as caught:
            index(*pair)
        assert caught.value.problems[0].rule == rule


def test_stations_are_apart_from_each_other() -> None:
    (rain, warm), (rain2, warm2) = weather(), weather(seed=6)
    time = rain.index
    both = [
        xr.DataArray(np.stack(pair), dims=("station", "time"), coords={"time": time, "station": ["a", "b"]})
        for pair in ((rain, rain2), (warm, warm2))
    ]
    made = index(*both)
    np.testing.assert_allclose(made.sel(station="b"), index(rain2, warm2))


def test_thirteen_stations_of_thirty_years_are_fast() -> None:
    days = pd.date_range("1991-01-01", "2020-12-31")
    rng = np.random.default_rng(0)
    rain = np.where(rng.random((13, days.size)) < 0.25, rng.gamma(0.6, 12.0, (13, days.size)), 0.0)
    coords = {"time": days}
    start = clock.perf_counter()
    index(
        xr.DataArray(rain, dims=("station", "time"), coords=coords),
        xr.DataArray(15 + rng.normal(0, 8, rain.shape), dims=("station", "time"), coords=coords),
    )
    assert clock.perf_counter() - start < 20


@given(*[st.floats(-3, 3)] * 4, st.floats(0, 2), st.sampled_from(["north", "south"]))
def test_the_composite_is_linear_and_rises_with_every_part(
    w: float, m: float, three: float, five: float, season: float, region: Any
) -> None:
    made = drought.mci_of_parts(w, m, three, five, season=season, region=region)
    assert drought.mci_of_parts(2 * w, 2 * m, 2 * three, 2 * five, season=season, region=region) == pytest.approx(
        2 * made
    )
    for part in range(4):
        more = [value + (0.5 if i == part else 0.0) for i, value in enumerate((w, m, three, five))]
        assert drought.mci_of_parts(*more, season=season, region=region) >= made - 1e-12


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.floats(-4, 3), st.sampled_from([-0.5, -1.0, -1.5, -2.0, np.nan])), min_size=1))
def test_classes_of_any_index_are_those_of_the_table(values: list[float]) -> None:
    limits = (-0.5, -1.0, -1.5, -2.0)
    plain = [np.nan if np.isnan(value) else sum(value <= limit for limit in limits) for value in values]
    np.testing.assert_array_equal(drought.drought_class(np.array(values)), plain)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4), st.integers(0, 3), st.sampled_from(["north", "south"]))
def test_a_part_that_is_missing_leaves_no_index(parts: list[float], at: int, region: Any) -> None:
    parts[at] = np.nan
    assert np.isnan(drought.mci_of_parts(*parts, season=1.0, region=region))
    # Not even where the season does not count: missing is never no drought.
    assert np.isnan(drought.mci_of_parts(*parts, season=0.0, region=region))


def test_a_temperature_that_never_changes_is_told() -> None:
    rain, warm = weather()
    with hearing(Journal()) as heard:
        drought.mci(rain, warm * 0 + 15.0, calibration=(2001, 2012))
    told = {problem.rule: dict(problem.values) for problem in heard.warnings}
    assert told["drought.constant_temperature"] == {"count": 1, "total": 1, "value": 15.0}
    with hearing(Journal()) as heard:
        drought.mci(rain, warm, calibration=(2001, 2012))
    assert "drought.constant_temperature" not in {problem.rule for problem in heard.warnings}


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        ([-2.0, 50.0], "index", True),
        ([-99.9, 0.0], "index", True),
        ([-3.1, 7.4], "index", False),  # rain on frozen ground makes an index that wet
        ([-1.5], "moisture", True),  # less than no rain
        ([-1.0, 4.0], "moisture", False),
    ],
)
def test_an_index_that_cannot_be_is_told(values: list[float], kind: Any, *, told: bool) -> None:
    with hearing(Journal()) as heard:
        drought.drought_class(np.array(values), kind=kind)
    assert [problem.rule for problem in heard.warnings] == ["argument.range_pure"] * told
