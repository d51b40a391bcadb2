"""Spells: published examples, laws, and the rules for missing days and years."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.methods.events import annual_values, completeness, in_spell, over_events, runs, season_year, spells

HOT = [29, 31, 31, 31, 29, 31, 31, 31, 31, 31]
HOTTER = [28, *HOT[1:]]


def daily(values, start="2001-01-01"):
    time = pd.date_range(start, periods=len(values))
    return xr.DataArray(np.asarray(values, dtype=float), coords={"time": time}, dims="time")


@pytest.mark.parametrize(
    ("threshold", "window", "op", "expected"),
    [(30, 3, ">", 2), (30, 4, ">", 1), (29, 3, ">", 2), (29, 3, ">=", 1), (10, 3, ">", 1), (40, 5, ">", 0)],
)
def test_number_of_hot_spells(threshold, window, op, expected):
    assert len(spells(HOT, threshold, op=op, min_length=window)) == expected


@pytest.mark.parametrize(
    ("threshold", "window", "op", "longest", "total"),
    [(30, 3, ">", 5, 8), (10, 3, ">", 10, 10), (29, 3, ">", 5, 8), (29, 3, ">=", 9, 9), (30, 5, ">", 5, 5)],
)
def test_longest_and_total_days_of_hot_spells(threshold, window, op, longest, total):
    found = spells(HOTTER, threshold, op=op, min_length=window)
    assert found["length"].max() == longest
    assert found["length"].sum() == total
    assert in_spell(HOTTER, threshold, op=op, min_length=window).sum() == total


def test_cold_days_in_spells_by_month():
    values = np.zeros(365)
    values[10:20], values[40:43], values[80:100] = -15, -50, -30
    days = in_spell(daily(values, "2010-07-01"), -10, op="<", min_length=5)
    assert days.resample(time="MS").sum().values.tolist() == [10, 0, 12, 8, *[0] * 8]


def test_windy_days_by_month():
    values = np.zeros(365)
    values[10:20], values[40:50], values[80:90] = 10.8, 12, 15
    days = in_spell(daily(values, "2010-07-01"), 12)
    assert days.resample(time="MS").sum().values.tolist() == [0, 10, 10, *[0] * 9]


def test_a_spell_over_the_end_of_a_month_is_one():
    values = np.full(40, 25.0)
    values[5:35] = 33.0
    found = spells(daily(values, "2010-01-01"), 30, min_length=3)
    assert found["length"].tolist() == [30]
    assert found.loc[0, "start"] == pd.Timestamp("2010-01-06")
    assert found.loc[0, "end"] == pd.Timestamp("2010-02-04")


def test_columns_of_the_table():
    found = spells([0.0, 60.0, 20.0, 0.0, 3.0], 0.1)
    assert list(found.columns) == ["start", "end", "length", "extreme", "sum"]
    assert found.values.tolist() == [[1, 2, 2, 60.0, 80.0], [4, 4, 1, 3.0, 3.0]]
    cold = spells([5.0, -3.0, -7.0], 0, op="<")
    assert cold["extreme"].tolist() == [-7.0]


def test_a_missing_day_ends_an_event():
    assert spells([1, 1, np.nan, 1, 1], 1)["length"].tolist() == [2, 2]
    assert spells([1, 1, np.nan, 1, 1], 1, max_gap=3)["length"].tolist() == [2, 2]
    series = daily([1, 1, 9, 1, 1]).drop_isel(time=2)
    for gap in (0, 3):
        found = spells(series, 1, max_gap=gap)
        assert found["length"].tolist() == [2, 2]
        assert found["end"].dt.day.tolist() == [2, 5]


def test_a_gap_may_be_bridged():
    found = spells([5, 0, 5, 0, 0, 5], 1, max_gap=1)
    assert found[["start", "end", "length", "sum"]].values.tolist() == [[0, 2, 3, 10], [5, 5, 1, 5]]
    assert len(spells([5, 0, 5, 0, 0, 5], 1, max_gap=2)) == 1


def test_stations_are_named_in_the_table():
    data = xr.DataArray(
        [[0.0, 60], [70, 80]],
        coords={"station": ["57083", "53986"], "time": pd.date_range("2001-01-01", periods=2)},
        dims=("station", "time"),
    )
    found = spells(data, 50)
    assert found["station"].tolist() == ["57083", "53986"]
    assert found["sum"].tolist() == [60, 150]
    pd.testing.assert_frame_equal(spells(data.transpose("time", "station"), 50), found)
    assert in_spell(data.T, 50).dims == ("time", "station")
    assert spells(data, 500).empty
    assert "station" in spells(data, 500).columns


def test_series_and_masks():
    series = pd.Series(HOT, index=pd.date_range("2001-06-01", periods=10))
    assert spells(series, 30, op=">", min_length=3)["start"].dt.day.tolist() == [2, 6]
    assert isinstance(in_spell(series, 30), pd.Series)
    assert spells(np.array([True, False, True]), 1)["length"].tolist() == [1, 1]


values_with_gaps = st.lists(st.one_of(st.floats(-5, 5), st.just(np.nan)), min_size=1, max_size=40)


@given(values_with_gaps, st.floats(-5, 5))
def test_spells_equal_run_length_coding_and_nan_never_joins(values, threshold):
    with np.errstate(invalid="ignore"):
        mask = np.asarray(values) >= threshold
    found = spells(values, threshold, min_length=1)
    pd.testing.assert_frame_equal(found[["start", "end", "length"]], runs(mask), check_dtype=False)
    for start, end in zip(found["start"], found["end"]):
        assert np.isfinite(values[start : end + 1]).all()


@given(values_with_gaps, st.floats(-5, 5), st.floats(0, 3), st.integers(1, 4))
def test_a_higher_threshold_never_adds_days(values, threshold, more, length):
    low = in_spell(values, threshold, min_length=length)
    high = in_spell(values, threshold + more, min_length=length)
    assert not np.any(high & ~low)


@given(values_with_gaps, st.integers(0, 5))
def test_shifting_the_series_shifts_the_events(values, days):
    found = spells(values, 0)
    shifted = spells([np.nan] * days + values, 0)
    np.testing.assert_array_equal(shifted["start"], found["start"] + days)
    np.testing.assert_array_equal(shifted["sum"], found["sum"])


@given(values_with_gaps, st.integers(0, 3))
def test_bridged_events_hold_no_missing_day_and_no_longer_gap(values, gap):
    found = spells(values, 0, max_gap=gap)
    array = np.asarray(values)
    for start, end in zip(found["start"], found["end"]):
        inside = array[start : end + 1]
        assert np.isfinite(inside).all()
        quiet = runs(inside < 0)
        assert quiet["length"].max() <= gap if len(quiet) else True


def test_an_event_over_the_end_of_the_year_belongs_to_its_start():
    rain = daily(np.zeros(365 + 365))
    rain[363:367] = 60.0
    found = annual_values(spells(rain, 50), completeness(rain), ["sum", "length"])
    assert found["events"].tolist() == [1, 0]
    assert found["sum"].tolist() == [240, 0]


def test_cold_seasons_run_from_july():
    assert season_year(["2010-12-31", "2011-01-01", "2011-06-30", "2011-07-01"], start_month=7).tolist() == [
        2010,
        2010,
        2010,
        2011,
    ]
    cold = daily(np.ones(730), "2010-07-01")
    cold[184:200] = -5
    found = annual_values(spells(cold, 0, op="<"), completeness(cold, start_month=7), start_month=7)
    assert found[["year", "events"]].values.tolist() == [[2010, 1], [2011, 0]]


def test_an_incomplete_year_has_no_value():
    rain = daily(np.zeros(365 * 2), "2001-01-01")
    rain[10] = 60.0
    rain[400:500] = np.nan
    coverage = completeness(rain)
    assert coverage["complete"].tolist() == [True, False]
    assert coverage["days"].tolist() == [365, 265]
    found = annual_values(spells(rain, 50), coverage)
    assert found["events"].iloc[0] == 1
    assert np.isnan(found["events"].iloc[1])


@pytest.mark.parametrize("options", [{"op": "=="}, {"min_length": 0}, {"max_gap": -1}, {"min_length": 1.5}])
def test_wrong_options(options):
    with pytest.raises(LayerError, match="op one of"):
        spells([1.0], 0, **options)


def test_wrong_series():
    with pytest.raises(LayerError, match="not ascending"):
        spells(daily([1, 2, 3])[::-1], 0)
    with pytest.raises(LayerError, match="2 dimensions"):
        spells(np.zeros((2, 2)), 0)
    with pytest.raises(LayerError, match="a dim time"):
        spells(xr.DataArray(np.zeros((2, 2)), dims=("a", "b")), 0)
    with pytest.raises(LayerError, match="dates"):
        completeness(xr.DataArray([1.0], dims="time"))
    with pytest.raises(LayerError, match="positions"):
        annual_values(spells([1.0, 2.0], 0), completeness(daily([1.0])))


@pytest.mark.parametrize("statistic", ["sum", "max", "min", "mean", "count"])
def test_statistics_over_events_equal_those_day_by_day(statistic):
    rng = np.random.default_rng(2)
    values = np.where(rng.random((3, 200)) < 0.2, np.nan, rng.normal(5, 3, (3, 200)))
    values[1, 40:60] = np.nan
    rows, first = rng.integers(0, 3, 60), rng.integers(0, 180, 60)
    last = first + rng.integers(0, 20, 60)
    rows[0], first[0], last[0] = 1, 42, 50
    made = over_events(values, rows, first, last, statistic)
    one = {"sum": np.nansum, "max": np.nanmax, "min": np.nanmin, "mean": np.nanmean, "count": len}[statistic]
    for value, row, start, end in zip(made, rows, first, last):
        days = values[row, start : end + 1]
        assert value == one(days) if np.isfinite(days).any() else np.isnan(value)
    assert np.isnan(made[0])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 7]), st.integers(0, 60))
def test_every_event_counts_in_the_year_of_its_start_alone(seed, month, missing):
    random = np.random.default_rng(seed)
    values = np.where(random.random(730) < 0.5, random.uniform(50, 90, 730), 0.0)
    values[random.choice(730, missing, replace=False)] = np.nan
    rain = daily(values, f"2001-{month:02d}-01")
    table, coverage = spells(rain, 50), completeness(rain, start_month=month)
    found = annual_values(table, coverage, ["sum", "length"], start_month=month).set_index("year")
    started = season_year(table["start"], start_month=month)
    for year, days in zip(coverage["year"], coverage["days"]):
        if days < 0.95 * 365:
            assert found.loc[year, ["events", "sum", "length"]].isna().all()
        else:
            mine = table[np.asarray(started) == year]
            assert found.loc[year, "events"] == len(mine)
            for name in ("sum", "length"):
                assert found.loc[year, name] == pytest.approx(mine[name].sum())
