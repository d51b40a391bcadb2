"""Classes of standing water, rain that runs off, design storms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards.flood import (
    excess_rain,
    runoff_coefficient,
    storm_depth,
    storm_intensity,
    waterlogging_class,
)

MakeLayer = Callable[..., xr.DataArray]
REFERENCE = Path(__file__).parents[2] / "reference"


def test_classes_as_printed() -> None:
    rows = pd.read_csv(REFERENCE / "flood_waterlogging.csv", comment="#")
    given_values = [rows[name].to_numpy() for name in ("depth_m", "velocity_m_s", "duration_h")]
    depth, velocity, duration = given_values
    got = waterlogging_class(depth, velocity=velocity, duration=duration)
    assert got.tolist() == rows["class"].tolist()
    assert got.dtype == np.uint8


@given(st.floats(0, 3), st.floats(0, 2), st.floats(0, 5), st.floats(0, 3))
def test_deeper_faster_and_longer_is_never_less(depth: float, more: float, velocity: float, hours: float) -> None:
    low = waterlogging_class(depth)
    assert waterlogging_class(depth + more) >= low
    assert waterlogging_class(depth, velocity=velocity, duration=hours) >= low


def test_layers_keep_their_grid(make_layer: MakeLayer) -> None:
    depth = make_layer(np.array([[0.1, 0.4], [np.nan, 0.6]]), "flood_depth")
    grade = waterlogging_class(depth)
    assert grade.attrs["quantity"] == "hazard_grade"
    assert grade.values.tolist() == [[1, 3], [0, 4]]
    assert waterlogging_class(depth.chunk({"x": 1})).chunks is not None


def test_excess_rain_and_its_laws() -> None:
    assert excess_rain(120.0, coefficient=0.7, drained=52.5) == pytest.approx(31.5)
    assert excess_rain(60.0, coefficient=0.7, drained=52.5) == 0.0
    assert excess_rain(100.0, coefficient=0.8, drained=20, losses=10) == pytest.approx(50.0)
    assert np.isnan(excess_rain(np.nan, coefficient=0.5))
    for options in ({"coefficient": 70.0}, {"drained": -1.0}, {"losses": np.array([1.0, -2.0])}):
        with pytest.raises(LayerError) as caught:
            excess_rain(100.0, **options)  # type: ignore[arg-type]
        assert caught.value.problems[0].rule == "flood.beyond"


def test_runoff_by_cover_and_by_sealed_ground(make_layer: MakeLayer) -> None:
    assert runoff_coefficient(np.array([80, 10, 60, 255])).tolist() == [0.7, 0.3, 1.0, 0.3]
    assert runoff_coefficient() == 0.6
    np.testing.assert_allclose(runoff_coefficient(sealed=np.array([0.0, 0.5, 1.0, np.nan])), [0.2, 0.55, 0.9, 0.6])
    cover = make_layer(np.array([[80, 20]], dtype=np.uint8), "landcover")
    assert runoff_coefficient(cover).attrs["quantity"] == "share"
    with pytest.raises(LayerError):
        runoff_coefficient(sealed=np.array([40.0]))


def test_the_storm_formula() -> None:
    q = storm_intensity(60, 2, a1=10, c=1, b=10, n=0.7)
    assert q == pytest.approx(167 * 10 * (1 + np.log10(2)) / 70**0.7)
    assert q * 60 * 0.006 == pytest.approx(39.97, abs=0.01)  # mm in an hour
    assert storm_intensity(60, 1, a1=10, c=1, b=10, n=0.7) == pytest.approx(1670 / 70**0.7)
    for options in ({"minutes": 0, "period": 2}, {"minutes": 5, "period": 0}):
        with pytest.raises(LayerError) as caught:
            storm_intensity(**options, a1=10, c=1, b=10, n=0.7)
        assert caught.value.problems[0].rule == "flood.positive"


@given(st.floats(20, 400), st.floats(0.3, 0.9), st.floats(0.3, 0.9))
def test_the_two_parts_of_a_storm_meet_at_six_hours(day: float, n1: float, n2: float) -> None:
    below, at, above = storm_depth([6 - 1e-9, 6, 6 + 1e-9], day_mm=day, n1=n1, n2=n2)
    assert below == pytest.approx(at, rel=1e-6)
    assert above == pytest.approx(at, rel=1e-6)
    assert storm_depth(24, day_mm=day, n1=n1, n2=n2) == pytest.approx(day)
    assert np.all(np.diff(storm_depth(np.linspace(1, 24, 30), day_mm=day, n1=n1, n2=n2)) > 0)


def test_a_storm_of_half_an_hour_is_refused() -> None:
    with pytest.raises(LayerError) as caught:
        storm_depth([0.5, 3], day_mm=100, n1=0.5, n2=0.7)
    assert caught.value.problems[0].rule == "flood.hours"
