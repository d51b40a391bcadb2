"""Measures of the sub-hazards: what a year adds up to, which years count, and where that stands on the ladder."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards.meteorology.measures import (
    annual_measures,
    daily_scores,
    elements_of,
    kinds,
    kinds_available,
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
