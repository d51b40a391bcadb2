"""Humidity from what stands for it: values of steam tables, and that it stays a share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.io.weather.derived import humidity_of_dewpoint, humidity_of_moisture


# Pressure of saturation over water, hPa: 0 degC 6.11, 10 12.27, 20 23.37, 30 42.43 (steam tables).
@pytest.mark.parametrize(
    ("warm", "dew", "share"), [(20.0, 10.0, 12.27 / 23.37), (30.0, 20.0, 23.37 / 42.43), (10.0, 0.0, 6.11 / 12.27)]
)
def test_of_steam_tables(warm: float, dew: float, share: float) -> None:
    assert float(humidity_of_dewpoint(np.float64(warm), np.float64(dew))) == pytest.approx(100 * share, abs=0.3)


@given(st.floats(-40, 45), st.floats(0, 30))
def test_of_the_dew_point(warm: float, below: float) -> None:
    share = float(humidity_of_dewpoint(np.float64(warm), np.float64(warm - below)))
    assert 0.0 < share <= 100.0
    assert float(humidity_of_dewpoint(np.float64(warm), np.float64(warm))) == pytest.approx(100.0)
    assert share >= float(humidity_of_dewpoint(np.float64(warm), np.float64(warm - below - 1.0)))


@given(st.floats(-30, 45), st.floats(500, 1050), st.floats(1, 99))
def test_moisture_and_dew_point_agree(warm: float, pressure: float, share: float) -> None:
    vapour = share / 100 * 6.1094 * np.exp(17.625 * warm / (243.04 + warm))
    moisture = 0.622 * vapour / (pressure - 0.378 * vapour)
    made = float(humidity_of_moisture(np.float64(warm), np.float64(moisture), np.float64(pressure)))
    assert made == pytest.approx(share, rel=1e-9)
