"""From elements to measures: daily series, what a year adds up to, which years count, where it is on the ladder."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards.meteorology.measures import (
    annual_measures,
    daily_scores,
    daily_series,
    elements_for,
    elements_of,
    has_values,
    in_window,
    kinds,
    kinds_available,
    most_severe,
    stand_ins,
    station_measures,
)
from riskzoning.methods.ladders import load_ladder


def stations(start="2001-01-01", **elements):
    rows = {name: np.atleast_2d(np.asarray(values, dtype=float)) for name, values in elements.items()}
    first = next(iter(rows.values()))
    coords = {
        "station": [f"s{i}" for i in range(first.shape[0])],
        "time": pd.date_range(start, periods=first.shape[1]),
    }
    return xr.Dataset({name: (("station", "time"), values) for name, values in rows.items()}, coords)


def days(size=365, fill=0.0, **values):
    out = np.full(size, float(fill))
    for day, value in values.items():
        out[int(day[1:])] = value
    return out


def measure(kind, **elements):
    (value,) = annual_measures(stations(**elements), kind)["value"].dropna()
    return value


def test_days_count_by_the_factor_of_their_class():
    assert measure("rainstorm", precipitation=days(d10=49.9, d20=50, d30=100, d31=250)) == 1 + 2 + 3
    assert measure("heat", tmax=days(fill=20, d1=34.9, d2=35, d3=37, d4=41)) == 1 + 2 + 3
    assert measure("gale", wind_gust=days(d1=17, d2=17.2, d3=25, d4=33)) == 1 + 2 + 3
    assert measure("hail", hail_diameter=days(d1=2, d2=5, d3=20, d4=50)) == 1 + 2 + 3 + 4
    assert measure("continuous_rain", precipitation=days(d150=200), sunshine=days()) == pytest.approx(0.3)
    assert measure("dry_hot_wind", tmax=days(d130=33, d140=36), humidity_14h=days(fill=20), wind_14h=days(fill=3)) == (
        pytest.approx(0.6 + 1.5)
    )


def test_cold_waves_are_events_by_their_strongest_day():
    tmin = days(fill=5.0, d100=-4, d101=-12, d102=-12, d200=-4)
    found = annual_measures(stations("2001-07-01", tmin=tmin), "cold_wave")
    # Falls of 9 and 17 degrees on consecutive days are one cold wave, a super one (factor 3); the other is level 3.
    assert found["value"].tolist() == [4.0]
    assert found["count"].tolist() == [2.0]
    scores = daily_scores(stations("2001-07-01", tmin=tmin), "cold_wave").values[0]
    assert np.flatnonzero(scores > 0).tolist() == [100, 200]


def test_frost_of_wheat_counts_in_spring_only():
    assert measure("frost", tmin=days(fill=10, d10=-9, d80=3, d81=1, d82=-2, d200=-2)) == pytest.approx(0.2 + 0.3 + 0.5)
    # 3, 1.5 and .4 days a year of the three degrees.
    assert pytest.approx(1.25) == 0.2 * 3 + 0.3 * 1.5 + 0.5 * 0.4


def test_years_with_too_few_days_have_no_measure():
    rain = days(730, d10=60, d400=60, d401=60)
    rain[500:530] = np.nan
    found = annual_measures(stations(precipitation=rain), "rainstorm")
    assert found["complete"].tolist() == [True, False]
    np.testing.assert_array_equal(found["value"], [1, np.nan])
    part = annual_measures(stations("2001-03-01", precipitation=days(400)), "rainstorm")
    assert part["complete"].tolist() == [False, False]
    # Only the weeks that count must be there.
    tmin = days(fill=10.0, d80=3)
    tmin[200:] = np.nan
    assert annual_measures(stations(tmin=tmin), "frost")["complete"].tolist() == [True]
    left_out = stations(precipitation=days(365)).isel(time=np.r_[0:100, 130:365])
    assert annual_measures(left_out, "rainstorm")["complete"].tolist() == [False]


def test_the_mean_of_complete_years():
    rain = np.stack([days(1096, d10=60, d20=60, d400=60), days(1096)])
    annual = annual_measures(stations(precipitation=rain), "rainstorm")
    means = station_measures(annual, min_years=3)
    assert means["value"].tolist() == [1.0, 0.0]
    assert means["years"].tolist() == [3, 3]
    assert station_measures(annual, min_years=4)["value"].isna().all()


def test_what_the_stations_have_decides_the_kinds():
    data = stations(precipitation=days(d1=5), tmax=np.full(365, np.nan))
    usable, skipped = kinds_available(data)
    assert usable == ["rainstorm"]
    assert skipped["heat"] == ["tmax"]
    assert skipped["dry_hot_wind"] == ["tmax", "humidity_14h", "wind_14h"]
    assert set(usable) | set(skipped) == set(kinds())
    with pytest.raises(LayerError, match="do not exist: thunder"):
        kinds_available(data, ["thunder"])
    with pytest.raises(LayerError, match="precipitation"):
        kinds_available(data.drop_vars("precipitation"))
    with pytest.raises(LayerError, match="rainstorm"):
        kinds_available(data, ["heat"])
    dry = stations(tmax=days(fill=36), humidity_min=days(fill=20), wind_mean=days(fill=3))
    assert elements_of("dry_hot_wind", dry) == ["tmax", "humidity_min", "wind_mean"]
    assert stand_ins("dry_hot_wind", dry) == {"humidity_14h": "humidity_min", "wind_14h": "wind_mean"}


def test_every_kind_has_a_ladder_and_the_weights_are_shares():
    table = kinds()
    assert sum(entry["weight"] for entry in table.values()) == pytest.approx(0.94)  # lightning would have the rest
    ladders = standards.table("ladders/meteorology").data
    for kind, entry in table.items():
        ladder = load_ladder(f"meteorology/{kind}")
        assert ladder.none == 0
        assert ladder.index(np.array([0.0]))[0] == 0
        classes = {**entry.get("at_least", {}), **entry.get("below", {})}
        assert set(ladders[kind].get("factors", {1: 1})) == set(classes)


@pytest.mark.parametrize(
    ("kind", "value", "index", "grade"),
    [
        ("rainstorm", 0.7, 0.175, 1), ("rainstorm", 2, 0.5, 3), ("rainstorm", 4.3, 0.83, 4),
        ("dry_hot_wind", 0.21, 0.0525, 1), ("continuous_rain", 0.1, 0.75, 4), ("frost", 1.25, 0.28125, 2),
        ("rainstorm", 0, 0, 1), ("heat", 99, 1, 4),
    ],
)  # fmt: skip
def test_measures_on_their_ladders(kind, value, index, grade):
    ladder = load_ladder(f"meteorology/{kind}")
    assert ladder.index(np.array([float(value)]))[0] == pytest.approx(index)
    assert ladder.grade(np.array([float(value)]))[0] == grade
    assert ladder.grade_of_index(ladder.index(np.array([float(value)])))[0] == grade


def test_a_study_adds_a_kind_by_an_entry_and_a_ladder():
    table = standards.table("hazards/meteorology_measures").data
    dust = {
        "zh": "沙尘",
        "en": "dust",
        "series": "dust",
        "at_least": {1: 1},
        "per": "day",
        "start_month": 1,
        "weight": 1,
    }
    own = {**table, "kinds": {"dust": dust}}
    ladders = {"dust": {"none": 0, "limits": [1, 2, 3], "full": 5}}
    with standards.session({"hazards/meteorology_measures": own, "ladders/meteorology": ladders}):
        assert kinds_available(stations(dust=days(d1=1, d2=1)))[0] == ["dust"]
        assert measure("dust", dust=days(d1=1, d2=1)) == 2
        assert load_ladder("meteorology/dust").index(np.array([2.0]))[0] == 0.5


def test_the_largest_fall_over_24_48_and_72_hours():
    drop = daily_series(stations(tmin=[2, 10, 1]), "largest_drop").values[0]
    # 9 over 24 hours, 1 over 48.
    np.testing.assert_array_equal(drop, [np.nan, -8, 9])
    drop = daily_series(stations(tmin=[12, 9, 6, 3, 0]), "largest_drop").values[0]
    np.testing.assert_array_equal(drop, [np.nan, 3, 6, 9, 9])
    # A day that the axis leaves out is a missing day: only the fall over 48 hours is known.
    gap = stations(tmin=[12, 99, 2]).isel(time=[0, 2])
    np.testing.assert_array_equal(daily_series(gap, "largest_drop").values[0], [np.nan, 10])


def test_low_temperature_is_freezing_rain_or_cold_without_sun():
    n = 20
    quiet = {
        "tmean": np.full(n, 15.0),
        "tmin": np.full(n, 10.0),
        "precipitation": np.zeros(n),
        "sunshine": np.full(n, 8.0),
    }

    def days(**changes):
        values = {name: row.copy() for name, row in quiet.items()}
        for name, (part, value) in changes.items():
            values[name][part] = value
        return np.flatnonzero(daily_series(stations(**values), "low_temperature").values[0] == 1).tolist()

    three, two = slice(5, 8), slice(5, 7)
    assert days() == []
    frozen = {"tmean": (three, 1.0), "tmin": (three, 0.0), "precipitation": (three, 0.2)}
    assert days(**frozen) == [5, 6, 7]
    assert days(**{**frozen, "precipitation": (three, 0.1)}) == []
    assert days(**{**frozen, "tmin": (three, 0.1)}) == []
    assert days(**{name: (two, value) for name, (_, value) in frozen.items()}) == []
    assert days(tmean=(three, 11.9), sunshine=(three, 2.9)) == [5, 6, 7]
    assert days(tmean=(three, 12.0), sunshine=(three, 2.9)) == []
    # The mean of the spell counts: 0, 0, 8 hours are less than 3 a day, 0, 1, 8 are not.
    assert days(tmean=(three, 5.0), sunshine=(slice(5, 7), 0.0)) == [5, 6, 7]
    assert days(tmean=(three, 5.0), sunshine=(slice(5, 7), [0.0, 1.0])) == []
    known = daily_series(stations(**{**quiet, "sunshine": np.full(n, np.nan)}), "low_temperature")
    assert np.isnan(known).all()


@pytest.mark.parametrize(
    ("rain", "wet", "sun", "degree"),
    [
        (0, 0, 200, 0), (79, 7, 121, 0), (80, 8, 120, 1), (110, 10, 110, 1), (111, 10, 110, 1), (120, 12, 110, 2),
        (120, 12, 100, 2), (131, 12, 100, 3), (131, 14, 94, 3), (131, 7, 200, 1), (79, 14, 94, 2),
    ],
)  # fmt: skip
def test_rain_at_the_harvest_of_wheat_by_points(rain, wet, sun, degree):
    # Points of (rain, wet days, sunshine), e.g. (120 mm, 12 d, 110 h): 2 + 2 + 1 = 5, degree 2.
    n = 365
    water, hours = np.zeros(n), np.zeros(n)
    first = pd.Timestamp("2001-05-20").dayofyear - 1
    water[first : first + wet] = rain / wet if wet else 0
    hours[first : first + 22] = sun / 22
    values = daily_series(stations(precipitation=water, sunshine=hours), "harvest_rain").values[0]
    assert values[pd.Timestamp("2001-06-10").dayofyear - 1] == degree
    assert values.sum() == degree


@pytest.mark.parametrize(
    ("tmax", "humidity", "wind", "degree"),
    [
        (32, 30, 2, 1),
        (33, 25, 3, 2),
        (35, 25, 3, 3),
        (36, 28, 3, 1),
        (34, 25, 2.9, 1),
        (31.9, 20, 5, 0),
        (36, 31, 5, 0),
    ],
)
def test_national_degrees_of_dry_hot_wind(tmax, humidity, wind, degree):
    observed = stations(tmax=[tmax], humidity_14h=[humidity], wind_14h=[wind])
    assert daily_series(observed, "dry_hot_wind").item() == degree
    stood_in = stations(tmax=[tmax], humidity_min=[humidity], wind_mean=[wind])
    assert daily_series(stood_in, "dry_hot_wind").item() == degree
    wanted = {"tmax": "tmax", "humidity_14h": "humidity_min", "wind_14h": "wind_mean"}
    assert elements_for(stood_in, ["dry_hot_wind"]) == wanted
    assert elements_for(observed, ["dry_hot_wind"]) == {name: name for name in wanted}


def test_elements_that_are_there_but_empty_do_not_serve():
    data = stations(tmax=[30.0], humidity_14h=[np.nan], humidity_min=[20.0], wind_14h=[3.0])
    assert elements_for(data, ["dry_hot_wind"])["humidity_14h"] == "humidity_min"
    assert not has_values(data, "humidity_14h")
    assert not has_values(data, "pollen")


def test_a_part_of_the_year_has_both_its_ends():
    time = pd.date_range("2000-01-01", "2001-12-31")
    inside = in_window(time, ["05-20", "06-10"])
    assert inside.sum() == 2 * 22
    assert time[inside][[0, 21]].strftime("%m-%d").tolist() == ["05-20", "06-10"]
    assert in_window(time, None).all()


def test_the_most_severe_class_counts_and_edges_belong_upwards():
    rules = standards.table("hazards/meteorology_measures").data["kinds"]
    gusts = np.array([17.1, 17.2, 24.4, 24.5, 32.7, np.nan], dtype="float32")
    np.testing.assert_array_equal(most_severe(gusts, rules["gale"], {8: 1, 10: 2, 12: 3}), [0, 1, 1, 2, 3, np.nan])
    sight = np.array([500, 499, 200, 199, 50, 49.0])
    assert most_severe(sight, rules["fog"], {500: 1, 200: 2, 50: 3}).tolist() == [0, 1, 1, 2, 2, 3]
    night = np.array([4, 3.9, 2, 1.9, -1, -1.1])
    factors = {"light": 0.2, "moderate": 0.3, "severe": 0.5}
    assert most_severe(night, rules["frost"], factors).tolist() == [0, 0.2, 0.2, 0.3, 0.3, 0.5]


@pytest.mark.parametrize(("ground", "wanted"), [(True, [1, 1, 0, np.nan]), (False, [1, 0, 0, np.nan])])
def test_frost_of_the_ground_and_what_stands_in(ground: bool, wanted: list[float]) -> None:
    days = pd.date_range("2001-04-01", periods=4)
    data = {"tmin": [2.0, 2.1, 9.0, np.nan]} | ({"ground_tmin": [-3.0, 0.0, 0.1, np.nan]} if ground else {})
    stations = xr.Dataset(
        {name: (("station", "time"), [values]) for name, values in data.items()}, {"station": ["a"], "time": days}
    )
    np.testing.assert_array_equal(daily_series(stations, "ground_frost").to_numpy()[0], wanted)
