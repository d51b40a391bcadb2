"""Potential evapotranspiration: worked examples of its formulas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards import drought

TABLE = pd.read_csv(Path(__file__).parents[2] / "reference" / "potential_evapotranspiration.csv", comment="#")
MONTHS = [-2, 1, 8, 15, 21, 26, 27, 26, 21, 15, 7, 0.0]


@pytest.mark.parametrize(("method", "value", "error"), TABLE.values.tolist())
def test_published_values(method: str, value: float, error: float) -> None:
    days = pd.date_range("2000-07-01", periods=3)
    if method == "penman_monteith":
        net = (70.20 - 20.36 + 275.4 - 311.3) * 0.0864
        made = drought.penman_monteith(10.0, 20.0, humidity=73.0, wind=10.7 / 3.6, net_radiation=net)
    else:
        made = drought.potential_evapotranspiration([0, 5, 10], [10, 15, 20], latitude=45.0, dates=days, method=method)[
            2
        ]
    assert made == pytest.approx(value, rel=error)


def test_sun() -> None:
    assert drought.solar_declination(30) == pytest.approx(-0.313551, abs=1e-6)
    assert drought.sunset_angle(10.0, float(np.deg2rad(10.0))) == pytest.approx(1.601893, abs=1e-6)
    assert drought.daylight(float(np.pi / 3)) == pytest.approx(8.0)
    assert drought.sunset_angle(80.0, 0.4) == pytest.approx(np.pi)
    assert drought.sunset_angle(80.0, -0.4) == 0.0


def test_thornthwaite_of_the_worked_example() -> None:
    heat = drought.heat_index(MONTHS)
    assert heat == pytest.approx(69.02427, abs=1e-5)
    assert drought.heat_exponent(heat) == pytest.approx(1.58156, abs=1e-5)
    expected = [0, 0.75, 20.21, 54.61, 92.97, 130.33, 138.35, 130.33, 92.97, 54.61, 16.36, 0]
    np.testing.assert_allclose(drought.thornthwaite(np.array(MONTHS), heat=heat), expected, atol=0.005)


def test_thornthwaite_with_short_days() -> None:
    # Published for 45 N and 1 degree all year: 42.76 mm in 30 days (within 10 %), of a month between winter and spring.
    made = []
    for month in ("2001-01", "2001-02", "2001-03"):
        days = pd.date_range(f"{month}-01", periods=28)
        angles = drought.sunset_angle(45.0, drought.solar_declination(days.dayofyear.to_numpy()))
        hours = float(np.mean(drought.daylight(angles)))
        made.append(drought.thornthwaite(1.0, heat=drought.heat_index([1.0] * 12), hours=hours))
    assert made[0] < 42.76 < made[2]
    assert made[1] == pytest.approx(42.76, rel=0.1)


def test_nothing_evaporates_in_frost() -> None:
    assert drought.thornthwaite(-5.0, heat=69.0) == 0.0
    assert drought.thornthwaite(5.0, heat=0.0) == 0.0
    assert np.isnan(drought.thornthwaite(np.nan, heat=69.0))


def test_fao_example_of_brussels() -> None:
    # FAO-56, example 18: 6 July, 50.8 N, 100 m; humidity from 84 and 63 %, 2.78 m/s at 10 m, 9.25 h of sunshine.
    day = pd.DatetimeIndex(["2001-07-06"])
    parts = {"humidity": [70.6], "latitude": 50.8, "dates": day}
    net = drought.net_radiation([12.3], [21.5], sunshine=[9.25], **parts)
    assert net[0] == pytest.approx(13.28, rel=0.02)
    made = drought.penman_monteith(12.3, 21.5, humidity=70.6, wind=2.78, net_radiation=13.28, pressure=100.1)
    assert made == pytest.approx(3.9, abs=0.1)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(LayerError) as caught:
        drought.potential_evapotranspiration(
            [0.0], [1.0], latitude=35.0, dates=pd.DatetimeIndex(["2001-01-01"]), method="x"
        )
    assert caught.value.problems[0].rule == "drought.method"
    with pytest.raises(LayerError):
        drought.heat_index([1.0] * 11)


@given(st.floats(-30, 45), st.floats(0, 20), st.floats(-60, 70), st.integers(1, 365))
def test_never_below_zero(tmin: float, span: float, latitude: float, day: int) -> None:
    dates = pd.DatetimeIndex([pd.Timestamp("2001-01-01") + pd.Timedelta(day - 1, "D")])
    for method in ("hargreaves", "baier_robertson", "mcguinness_bordne"):
        made = drought.potential_evapotranspiration(
            [tmin], [tmin + span], latitude=latitude, dates=dates, method=method
        )
        assert np.isfinite(made).all()
        assert (made >= 0).all()
