"""Events at stations: processes of rainstorms, cold seasons, entropy weights, annual index."""

import copy

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.meteorology.processes import (
    EventScale,
    EventTables,
    event_scale,
    event_tables,
    return_levels,
    station_values,
)
from riskzoning.methods.extremes import fit

FEW_EVENTS = pytest.mark.filterwarnings("ignore:.*(in all .+ event|shows no):riskzoning.errors.RiskZoningWarning")


def stations(values, start="2001-01-01", **more):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    coords = {
        "station": [f"s{i}" for i in range(values.shape[0])],
        "time": pd.date_range(start, periods=values.shape[1]),
    }
    data = {"precipitation": values, **{name: np.atleast_2d(other) for name, other in more.items()}}
    return xr.Dataset({name: (("station", "time"), array) for name, array in data.items()}, coords)


def year(days=365, **values):
    rain = np.zeros(days)
    for day, amount in values.items():
        rain[int(day[1:])] = amount
    return rain


def test_a_rain_process_holds_a_day_of_50_mm():
    rain = year(d10=0.1, d11=60, d12=49.9, d20=49.9, d21=30, d50=50)
    found = event_tables(stations(rain), "rainstorm").events
    assert found["days"].tolist() == [3, 1]
    assert found["total"].tolist() == pytest.approx([110.0, 50.0])
    assert found["daily_max"].tolist() == [60, 50]
    assert event_tables(stations(rain), "rainstorm", day=10).events["days"].tolist() == [2, 1]


@FEW_EVENTS
def test_a_missing_day_ends_a_process_and_the_year_may_be_lost():
    rain = year(d10=30, d12=60)
    rain[11] = np.nan
    tables = event_tables(stations(rain), "rainstorm")
    assert tables.events["total"].tolist() == [60]
    assert tables.coverage["complete"].tolist() == [True]
    rain[100:130] = np.nan
    tables = event_tables(stations(rain), "rainstorm")
    assert station_values(tables, event_scale(tables, "rainstorm"), min_years=1)["value"].isna().all()


@FEW_EVENTS
def test_cold_waves_belong_to_seasons_from_july():
    tmin = np.full(365 * 2, 5.0)
    tmin[190:192] = [-4, -6]
    found = event_tables(stations(np.zeros(730), "2010-07-01", tmin=tmin), "cold_wave")
    # The last day falls by 11 degrees in 48 hours, more than in 24.
    assert found.events[["coldest", "drop", "days"]].values.tolist() == [[-6, 11, 2]]
    assert found.coverage["year"].tolist() == [2010, 2011]
    assert found.events["start"].dt.year.tolist() == [2011]
    value = station_values(found, event_scale(found, "cold_wave"), min_years=1)
    assert value["events"].tolist() == [0.5]


def test_snow_heat_and_gale():
    n = 365
    rain, tmean = year(d5=12, d6=4, d7=20), np.full(n, 5.0)
    tmean[[5, 6]] = -1.0
    tmax = np.full(n, 30.0)
    tmax[[100, 101, 150, 151, 152]] = [36, 37, 35, 36, 38]
    gust = np.full(n, 8.0)
    gust[[30, 60]] = [17.2, 25]
    data = stations(rain, tmean=tmean, tmax=tmax, wind_gust=gust)
    snow = event_tables(data, "snowstorm").events
    assert snow[["total", "daily_max", "days"]].values.tolist() == [[16, 12, 2]]
    heat = event_tables(data, "heat").events
    assert heat[["hottest", "mean", "days"]].values.tolist() == [[38, pytest.approx(109 / 3), 3]]
    assert event_tables(data, "gale").events["strongest"].tolist() == [17.2, 25]


def test_entropy_weights_of_three_processes():
    rain = year(d10=60, d50=40, d51=80, d100=50, d101=1, d102=1)
    tables = event_tables(stations(rain), "rainstorm")
    assert tables.events["total"].tolist() == [60, 120, 52]
    scale = event_scale(tables, "rainstorm")
    x = np.array([[8 / 68, 10 / 30, 0], [1, 1, 0.5], [0, 0, 1]])
    p = x / x.sum(axis=0)
    e = -np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0), axis=0) / np.log(3)
    expected = (1 - e) / (1 - e).sum()
    assert expected.max() < 0.6
    np.testing.assert_allclose(list(scale.weights.values()), expected, rtol=1e-9)
    np.testing.assert_allclose(scale.index(tables.events), x @ expected, rtol=1e-9)
    value = station_values(tables, scale, min_years=1)
    assert value["value"].tolist() == pytest.approx([float((x @ expected).sum())])
    assert value["events"].tolist() == [3]


@FEW_EVENTS
def test_few_or_equal_events_get_equal_weights():
    tables = event_tables(stations(year(d10=60)), "rainstorm")
    scale = event_scale(tables, "rainstorm")
    assert set(scale.weights.values()) == {1 / 3}
    assert scale.index(tables.events).tolist() == [0.0]
    none = event_tables(stations(year()), "rainstorm")
    value = station_values(none, event_scale(none, "rainstorm"), min_years=1)
    assert value["value"].tolist() == [0.0]
    assert value["events"].tolist() == [0.0]


@FEW_EVENTS
def test_half_scaling_counts_every_event():
    tables = event_tables(stations(year(d10=60, d50=60, d100=60)), "rainstorm")
    scale = event_scale(tables, "rainstorm", normalise="half")
    assert scale.index(tables.events).tolist() == [0.5, 0.5, 0.5]


def test_new_extremes_stay_within_a_frozen_scale():
    scale = EventScale({"total": 50.0}, {"total": 100.0}, {"total": 1.0}, {"total": 1})
    assert scale.index(pd.DataFrame({"total": [10.0, 400.0]})).tolist() == [0.0, 1.0]


@FEW_EVENTS
def test_stations_share_one_scale_and_short_series_have_no_value():
    data = stations(np.stack([year(d10=60, d60=90, d99=70), year(d10=300)]))
    tables = event_tables(data, "rainstorm")
    scale = event_scale(tables, "rainstorm")
    assert scale.high["total"] == 300
    assert station_values(tables, scale).isna()["value"].all()
    found = station_values(tables, scale, min_years=1)
    assert found.index.tolist() == ["s0", "s1"]
    assert found["value"].notna().all()


def test_no_factor_takes_more_than_its_share():
    rng = np.random.default_rng(0)
    n = 12
    rows = pd.DataFrame({"coldest": rng.normal(-8, 3, n), "drop": rng.uniform(8, 14, n), "days": [1] * (n - 1) + [6.0]})
    scale = event_scale(EventTables(rows, pd.DataFrame(), 7), "cold_wave")
    assert scale.weights["days"] == pytest.approx(0.6)
    assert sum(scale.weights.values()) == pytest.approx(1)


@FEW_EVENTS
def test_factors_that_differ_by_rounding_are_equal():
    rows = pd.DataFrame({"total": 60 + 1e-12 * np.arange(4), "daily_max": [50, 51, 52, 60.0], "days": [1.0] * 4})
    scale = event_scale(EventTables(rows, pd.DataFrame(), 1), "rainstorm")
    assert scale.weights["total"] == pytest.approx(0.2)
    assert scale.normalised(rows)["total"].tolist() == [0] * 4


def test_a_study_adds_a_kind_by_an_entry():
    table = standards.table("hazards/meteorology_events").data
    frost = {
        **table["kinds"]["heat"], "series": "tmin", "op": "<=", "day": 0, "min_length": 1, "start_month": 7,
        "factors": {"coldest": {"of": "tmin", "by": "min", "direction": -1}},
    }  # fmt: skip
    own = {**table, "kinds": {"frost": frost}}
    tmin = np.full(365, 5.0)
    tmin[200:203] = [-1, -3, 0]
    data = stations(year(), "2001-07-01", tmin=tmin)
    with standards.session({"hazards/meteorology_events": own}):
        assert event_tables(data, "frost").events["coldest"].tolist() == [-3]


EVERY = tuple(standards.table("hazards/meteorology_events").data["kinds"])


def all_elements(years=3):
    time = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    rng = np.random.default_rng(4)
    wave = -np.cos(2 * np.pi * time.dayofyear.to_numpy() / 365.25)
    n = (2, time.size)
    mean = 13 + 15 * wave + rng.normal(0, 4, n)
    data = {
        "precipitation": np.where(rng.random(n) < 0.45, rng.gamma(0.7, 20, n), 0.0),
        "tmean": mean, "tmin": mean - 6, "tmax": mean + 9, "sunshine": rng.uniform(0, 8, n),
        "humidity_14h": rng.uniform(10, 60, n), "wind_14h": rng.uniform(0, 8, n), "wind_gust": rng.gamma(6, 2, n),
        "visibility": rng.uniform(20, 9000, n), "hail_diameter": np.where(rng.random(n) < 0.01, 12.0, 0.0),
    }  # fmt: skip
    coords = {"station": ["a", "b"], "time": time}
    return xr.Dataset({name: (("station", "time"), values) for name, values in data.items()}, coords)


def test_each_kind_of_the_measures_has_its_events():
    assert set(EVERY) == set(standards.table("hazards/meteorology_measures").data["kinds"])


@FEW_EVENTS
@pytest.mark.parametrize("kind", EVERY)
def test_events_of_every_kind_have_factors_and_weights(kind):
    tables = event_tables(all_elements(4), kind)
    rule = standards.table("hazards/meteorology_events").data["kinds"][kind]
    assert len(tables.events) > 2
    assert (tables.events["length"] >= rule["min_length"]).all()
    assert tables.events[list(rule["factors"])].notna().all(axis=None)
    scale = event_scale(tables, kind)
    assert sum(scale.weights.values()) == pytest.approx(1)
    assert max(scale.weights.values()) <= 0.6 + 1e-9
    assert station_values(tables, scale)["value"].between(0, 1e4).all()


def test_frost_and_dry_hot_wind_have_their_season():
    cold = event_tables(all_elements(), "frost").events
    assert cold["start"].dt.strftime("%m-%d").between("03-15", "06-05").all()
    assert cold["end"].dt.strftime("%m-%d").between("03-15", "06-05").all()
    dry = event_tables(all_elements(), "dry_hot_wind").events
    assert dry["start"].dt.month.isin([5, 6]).all()


def test_what_lacks_for_events_is_said():
    data = all_elements().drop_vars("visibility")
    data["tmax"][:] = np.nan
    for kind, missing in (("fog", ("visibility",)), ("heat", ("tmax",))):
        with pytest.raises(LayerError) as caught:
            event_tables(data, kind)
        problem = caught.value.problems[0]
        assert (problem.rule, dict(problem.values)["missing"]) == ("meteorology.event_elements", missing)
    for call in (event_tables, return_levels):
        with pytest.raises(LayerError) as caught:
            call(data, "locusts")
        assert caught.value.problems[0].rule == "meteorology.kind_names"
    kinds = copy.deepcopy(dict(standards.table("hazards/meteorology_events").data))
    del kinds["kinds"]["hail"]["extreme"]
    with standards.session({"hazards/meteorology_events": kinds}), pytest.raises(LayerError) as caught:
        return_levels(data, "hail")
    assert caught.value.problems[0].rule == "meteorology.no_extreme"


def test_levels_of_return_periods_are_those_of_the_yearly_extremes():
    with hearing(Journal()):
        data = all_elements(20)
        table = return_levels(data, "rainstorm", [10, 100])
        largest = data["precipitation"].groupby("time.year").max().sel(station="a").values
        fitted = fit(largest)
        lowest = return_levels(data, "cold_wave", [10, 100]).query("station == 'b'")["level"].tolist()
    own = table.query("station == 'a'")
    np.testing.assert_allclose(own["level"], fitted.return_level([10, 100]))
    assert own["years"].tolist() == [20, 20]
    # Of minima the rarer is the lower.
    assert lowest[0] > lowest[1]
    doubled = all_elements(20).assign(precipitation=all_elements(20)["precipitation"] * 2)
    with hearing(Journal()):
        np.testing.assert_allclose(return_levels(doubled, "rainstorm", [10, 100])["level"], table["level"] * 2)


def by_year(kind: str, daily: pd.Series) -> pd.Series:
    """The extreme of each year by hand; years of the cold season are left to the function."""
    season = {"frost": ("03-15", "06-05"), "dry_hot_wind": ("05-01", "06-10")}
    if kind in season:
        text = daily.index.strftime("%m-%d")
        daily = daily[(text >= season[kind][0]) & (text <= season[kind][1])]
    if kind == "continuous_rain":
        daily = daily.rolling(5).sum()
    groups = daily.groupby(daily.index.year)
    return groups.min() if kind == "frost" else groups.max()


@pytest.mark.parametrize(
    ("kind", "element", "days"),
    [
        ("continuous_rain", "precipitation", 5),
        ("frost", "tmin", 1),
        ("dry_hot_wind", "tmax", 1),
        ("hail", "hail_diameter", 1),
    ],
)
def test_levels_of_the_other_kinds_by_hand(kind: str, element: str, days: int) -> None:
    data = all_elements(24)
    rng = np.random.default_rng(7)
    data["hail_diameter"] = data["hail_diameter"] * 0 + np.where(rng.random(data["tmax"].shape) < 0.002, 1.0, 0.0)
    data["hail_diameter"] = data["hail_diameter"] * rng.gamma(4, 4, data["tmax"].shape)
    with hearing(Journal()):
        table = return_levels(data, kind, [10, 50]).query("station == 'a'")
        yearly = by_year(kind, data[element].sel(station="a").to_series())
        if kind == "hail":
            # A year of hail in so many: the level of T years is that of T x share years among those with hail.
            some = yearly[yearly > 0]
            assert 5 < len(some) < len(yearly)
            wanted = fit(some.to_numpy()).return_level([period * len(some) / len(yearly) for period in (10, 50)])
        else:
            wanted = fit(yearly.to_numpy(), mode="min" if kind == "frost" else "max").return_level([10, 50])
    np.testing.assert_allclose(table["level"], wanted)
    assert (table["element"].tolist(), table["days"].tolist()) == ([element] * 2, [days] * 2)


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_has_levels(kind: str) -> None:
    with hearing(Journal()):
        data = all_elements(16)
        data["hail_diameter"] = data["hail_diameter"] * np.random.default_rng(2).gamma(3, 1, data["tmax"].shape)
        table = return_levels(data, kind, [5, 20])
    known = table.dropna(subset="level").groupby("station")["level"]
    falls = standards.table("hazards/meteorology_events").data["kinds"][kind]["extreme"]["mode"] == "min"
    assert len(table) == 4
    assert all((values.iloc[0] > values.iloc[1]) == falls for _, values in known)


def test_a_series_too_short_for_levels_is_refused():
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        return_levels(all_elements(3), "rainstorm")
    assert caught.value.problems[0].rule == "extremes.short"


def test_events_of_readings_in_another_unit_are_refused():
    data = all_elements(4)
    with pytest.raises(LayerError) as caught:
        event_tables(data.assign(tmax=data["tmax"] + 273.15), "heat")
    assert caught.value.problems[0].rule == "stations.range"
    said = data.assign(tmax=(data["tmax"] + 273.15).assign_attrs(units="K"))
    pd.testing.assert_frame_equal(event_tables(said, "heat").events, event_tables(data, "heat").events)
    wrong = data["tmax"].copy()
    wrong[0, 200] = 999999.0
    with hearing(Journal()) as heard:
        assert event_tables(data.assign(tmax=wrong), "heat").events["hottest"].max() < 60
    assert "stations.values" in {problem.rule for problem in heard.warnings}


def test_a_station_without_values_and_a_gap_of_one_station_are_told_with_their_names():
    rain = np.stack([year(1096, d10=60.0, d400=80.0), np.full(1096, np.nan), year(1096, d20=70.0)])
    rain[2, 500:700] = np.nan
    with hearing(Journal()) as heard:
        tables = event_tables(stations(rain), "rainstorm")
    assert len(tables.events) == 3
    assert [problem.rule for problem in heard.warnings] == ["stations.no_values", "stations.own_gaps"]
    text = " ".join(map(str, heard.warnings))
    assert "(precipitation) at 1 station (s1)" in text
    assert "(precipitation) at s2 for 200 days (after 2002-05-15, before 2002-12-02)" in text


def test_a_kind_that_never_occurred_and_factors_that_are_all_the_same_are_told():
    with hearing(Journal()) as heard:
        tables = event_tables(stations(np.full((2, 730), 1.0) * (np.arange(730) % 3 == 0)), "rainstorm")
    (none,) = heard.warnings
    values = dict(none.values)
    assert (none.rule, values["count"], values["first"], values["last"]) == ("meteorology.no_events", 2, 2001, 2002)
    with hearing(Journal()) as heard:
        assert station_values(tables, event_scale(tables, "rainstorm"), min_years=1)["value"].tolist() == [0.0, 0.0]
    assert not heard.warnings
    events = pd.DataFrame({"total": [60.0, 90.0, 70.0], "daily_max": 55.0, "days": 2.0})
    for frame, rule, names in (
        (events, "meteorology.constant_factor", ["daily_max", "days"]),
        (events.assign(total=60.0), "meteorology.constant_factors", ["total", "daily_max", "days"]),
    ):
        with hearing(Journal()) as heard:
            event_scale(EventTables(frame, pd.DataFrame(), 1), "rainstorm")
        (problem,) = heard.warnings
        assert problem.rule == rule
        assert [dict(factor.values)["name"] for factor in dict(problem.values)["factors"]] == names
