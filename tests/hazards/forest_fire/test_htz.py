"""The rank HTZ: worked examples, edges of every class, the rain before, series of stations; the index of 2020."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards.forest_fire.htz import htz_days, htz_elements, htz_parts, htz_rank, htz_sum, last_rain

EXAMPLES = pd.read_csv(Path(__file__).parents[2] / "reference" / "htz.csv", comment="#")
INPUTS = ["temperature", "humidity", "rain_mm", "days_ago", "wind_ms"]


def test_worked_examples():
    parts = htz_parts(*(EXAMPLES[name].to_numpy(float) for name in INPUTS), month=EXAMPLES["month"].to_numpy())
    for name in ("a", "b", "c", "d", "e", "htz", "rank"):
        np.testing.assert_array_equal(parts[name], EXAMPLES[name], err_msg=name)


@pytest.mark.parametrize(("rain", "points"), [
    (1, [10, 15, 20, 25, 30, 35, 40, 45, 50]), (3, [5, 10, 15, 20, 25, 30, 35, 40, 45]),
    (6, [0, 5, 10, 15, 20, 25, 30, 35, 40]), (12, [0, 0, 5, 10, 15, 20, 25, 30, 35]), (0.2, [50] * 9),
])  # fmt: skip
def test_points_of_the_rain(rain, points):
    made = htz_parts(10, 50, np.full(9, float(rain)), np.arange(9), 3, month=1)
    assert made["c"].tolist() == points
    assert htz_parts(10, 50, rain, 9, 3, month=1)["c"] == 50


def test_smooth_points_rise_without_a_jump():
    days = np.arange(20)
    plain = htz_parts(10, 50, np.full(20, 12.0), days, 3, month=1)["c"]
    smooth = htz_parts(10, 50, np.full(20, 12.0), days, 3, month=1, smooth=True)["c"]
    assert (plain[8], plain[9]) == (35, 50)
    assert np.diff(smooth).max() == 5
    assert (smooth[:9].tolist(), smooth[-1]) == (plain[:9].tolist(), 50)


@pytest.mark.parametrize(("part", "values", "points"), [
    ("temperature", [5, 5.1, 10, 15, 20, 25, 25.1], [0, 4, 4, 8, 12, 16, 20]),
    ("humidity", [71, 70.9, 61, 51, 41, 31, 30.9], [0, 4, 4, 8, 12, 16, 20]),
    ("wind_ms", [0.2, 0.3, 1.5, 3.3, 5.4, 7.9, 10.7, 13.8, 17.1, 17.2], [0, 5, 5, 10, 15, 20, 25, 30, 35, 40]),
    ("cover", [0, 0.09, 0.1, 0.2, 0.3, 0.5, 0.6, 0.75, 0.9, 1], [0, 0, 5, 5, 10, 10, 15, 15, 20, 20]),
    ("month", range(1, 13), [0, 0, 5, 10, 15, 20, 20, 15, 10, 5, 5, 0]),
])  # fmt: skip
def test_edges_of_the_classes(part, values, points):
    usual = {"temperature": 10.0, "humidity": 50.0, "rain_mm": 0.0, "days_ago": 9, "wind_ms": 3.0, "month": 1}
    letter = {"temperature": "a", "humidity": "b", "wind_ms": "d", "cover": "e", "month": "e"}[part]
    made = htz_parts(**{**usual, part: np.array(list(values), dtype=float)})
    assert made[letter].tolist() == points


def test_ranks_are_closed_to_the_right():
    for htz, rank in {-20: 1, 25: 1, 25.5: 2, 50: 2, 72: 3, 72.5: 4, 90: 4, 90.1: 5}.items():
        assert htz_rank(htz) == rank
    assert np.isnan(htz_rank(np.nan))


@settings(max_examples=25, deadline=None)
@given(st.floats(-20, 40), st.floats(0, 100), st.floats(0, 30), st.integers(0, 12), st.floats(0, 30), st.floats(0, 9))
def test_warmer_drier_windier_is_never_less(temperature, humidity, rain, ago, wind, more):
    def total(*values):
        return htz_parts(*values, month=4)["htz"]

    base = total(temperature, humidity, rain, ago, wind)
    assert total(temperature + more, humidity, rain, ago, wind) >= base
    assert total(temperature, max(humidity - more, 0), rain, ago, wind) >= base
    assert total(temperature, humidity, max(rain - more, 0), ago, wind) >= base
    assert total(temperature, humidity, rain, ago + 1, wind) >= base
    assert total(temperature, humidity, rain, ago, wind + more) >= base


def test_containers_and_missing_values():
    layer = xr.DataArray([[12.0, np.nan]], dims=("y", "x"))
    made = htz_parts(layer.chunk(), 25.0, 1.0, 3, 6.0, month=3)
    assert made["htz"].chunks is not None
    np.testing.assert_array_equal(made["htz"], [[68, np.nan]])
    np.testing.assert_array_equal(made["rank"], [[3, np.nan]])
    assert np.isnan(htz_parts(12.0, 25.0, np.nan, 3, 6.0, month=3)["htz"])
    assert np.isnan(htz_parts(12.0, 25.0, 1.0, 3, 6.0, month=np.nan)["e"])


@pytest.mark.parametrize(("options", "rule"), [
    ({}, "forest_fire.htz_green"), ({"month": 13}, "forest_fire.htz_month"), ({"cover": 75}, "forest_fire.htz_cover"),
])  # fmt: skip
def test_what_cannot_be_is_refused(options, rule):
    with pytest.raises(LayerError) as caught:
        htz_parts(12, 25, 1, 3, 6, **options)
    assert caught.value.problems[0].rule == rule


def station_days(rain, start="2021-03-01", **others):
    days = pd.date_range(start, periods=len(rain))
    values = {"tmax": 12.0, "humidity_min": 25.0, "wind_max": 6.0} | others
    data = {name: (("station", "time"), np.full((1, len(days)), value)) for name, value in values.items()}
    data["precipitation"] = (("station", "time"), np.array([rain], dtype=float))
    return xr.Dataset(data, {"station": ["a"], "time": days})


def test_series_follow_the_last_rain():
    rain = [12, 0, 0.2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    made = htz_days(station_days(rain))
    assert made["htz"].dims == ("station", "time")
    # 8 + 20 + 20 - 5 = 43 beside the points of the rain.
    assert (made["htz"].values[0] - 43).tolist() == [0, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50]
    assert made["rank"].values[0].tolist() == htz_rank(made["htz"].values[0]).tolist()
    covered = htz_days(station_days(rain), cover=xr.DataArray(np.ones(13), dims="time"))
    assert (made["htz"] - covered["htz"] == 15).all()


def test_a_gap_before_any_rain_is_missing_and_dates_count():
    dry = htz_days(station_days([0] * 12))["htz"].values[0]
    assert np.isnan(dry[:8]).all()  # what was before the series is not known
    assert (dry[8:] == 93).all()
    gap = [0] * 9 + [5, 0, np.nan, 0, 0.4]
    made = htz_days(station_days(gap))["htz"].values[0]
    assert np.isfinite(made[[8, 9, 10, 13]]).all()
    assert np.isnan(made[[11, 12]]).all()
    cut = station_days([0] * 9 + [5, 0, 0, 0, 0.4])
    left_out = cut.isel(time=[i for i in range(14) if i != 11])
    np.testing.assert_array_equal(htz_days(left_out)["htz"].values[0], made[[i for i in range(14) if i != 11]])


def test_rain_before_and_elements():
    days = pd.date_range("2021-03-01", periods=4)
    amount, ago = last_rain(np.array([[0.4, 0.2, 7.0, 0.0]]), days, least=0.3, days=8)
    assert (amount.tolist(), ago.tolist()) == ([[0.4, 0.4, 7.0, 7.0]], [[0, 1, 0, 1]])
    assert htz_elements(station_days([0.0]).rename(humidity_min="humidity"))["humidity"] == "humidity"
    with pytest.raises(LayerError) as caught:
        htz_elements(station_days([0.0]).drop_vars(["tmax", "wind_max"]))
    assert caught.value.problems[0].rule == "forest_fire.elements"
    assert len(dict(caught.value.problems[0].values)["lacking"]) == 2


def test_the_index_of_2020_is_another():
    assert htz_sum(12, 60, 2, 9.0) == 8 + 4 + 10 + 25
    assert htz_sum(26, 20, 15, 30) == 20 + 20 + 50 + 40
    assert htz_sum(5, 65, 0, 0) == 0 + 0 + 0 + 5
    assert np.isnan(htz_sum(np.nan, 60, 2, 9.0))
    assert standards.table("hazards/forest_fire_htz").verified is False
    humidity = standards.table("hazards/forest_fire_shz").data["humidity"]
    assert humidity["limits"] != standards.table("hazards/forest_fire_htz").data["b"]["limits"]
