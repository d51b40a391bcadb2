"""Classes of readings, the share of the environment, late frost: limits on both sides, worked values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.meteorology.scales import environment_share, late_frost_index, scale_rule, weather_class


@pytest.mark.parametrize(
    ("scale", "value", "grade"),
    [
        ("wind", 10.7, 0), ("wind", 10.8, 6), ("wind", 13.8, 6), ("wind", 13.9, 7), ("wind", 17.1, 7),
        ("wind", 17.2, 8), ("wind", 20.8, 9), ("wind", 24.5, 10), ("wind", 28.5, 11), ("wind", 32.7, 12),
        ("hail", 0, 0), ("hail", 4.9, 1), ("hail", 5, 2), ("hail", 19.9, 2), ("hail", 20, 3), ("hail", 50, 4),
        ("fog", 1000, 0), ("fog", 999, 1), ("fog", 500, 1), ("fog", 499, 2), ("fog", 199, 3), ("fog", 49, 4),
        ("fog", np.nan, np.nan),
    ],
)  # fmt: skip
def test_classes_are_left_closed(scale, value, grade) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_equal(weather_class(value, scale), grade)
    np.testing.assert_equal(weather_class(np.float32(value), scale), grade)


def test_unknown_scales_are_refused() -> None:
    with pytest.raises(LayerError) as caught:
        weather_class(3.0, "dust")  # type: ignore[arg-type]
    assert caught.value.problems[0].rule == "meteorology.scale"


def test_the_environment_raises_and_lowers_by_a_third_at_most() -> None:
    np.testing.assert_allclose(environment_share(np.array([0.2, 0.5, 0.7, 1.0])), [-0.3, -0.075, 0.075, 0.3])
    np.testing.assert_array_equal(environment_share(np.array([0.4, 0.4, np.nan])), [0.0, 0.0, np.nan])
    np.testing.assert_allclose(environment_share(np.array([0.0, 2.0]), low=0.5, high=1.5), [-0.3, 0.3])


def test_late_frost_is_scaled_over_all_stations_and_years() -> None:
    days = pd.date_range("2001-04-01", "2002-04-30")
    cold = np.full((2, days.size), 5.0)
    cold[0, :2], cold[0, 2:6] = -2.0, -1.0
    cold[1, :1] = -2.0
    cold[1, -3] = np.nan
    series = xr.DataArray(cold, dims=("station", "time"), coords={"station": ["a", "b"], "time": days})
    table = late_frost_index(series).set_index(["station", "year"])
    assert table.loc[("a", 2001), ["below_0", "below_hard"]].tolist() == [6, 2]
    # Days below 0: 6, 1, 0; below -1.5: 2, 1, 0.
    assert table.loc[("b", 2001), "index"] == pytest.approx(0.3 / 6 + 0.7 / 2)
    assert table["class"].loc["a"].tolist() == [3, 0]
    assert table.loc[("b", 2001), "class"] == 0
    assert np.isnan(table.loc[("b", 2002), "index"])
    assert scale_rule("late_frost")["breaks"] == [0.45, 0.55, 0.65]


def test_other_units_and_codes_are_no_weather() -> None:
    with pytest.raises(LayerError) as caught:
        weather_class(np.array([172.0, 245.0, 327.0]), "wind")  # tenths
    assert caught.value.problems[0].rule == "stations.range"
    with hearing(Journal()):
        np.testing.assert_array_equal(weather_class(np.array([32766.0, 18.0, *[1.0] * 20]), "wind")[:2], [np.nan, 8])
        assert np.isnan(weather_class(-9999.0, "wind"))
    days = pd.date_range("2001-04-01", "2001-04-30")
    kelvin = xr.DataArray(np.full((1, 30), 271.0), dims=("station", "time"), coords={"station": ["a"], "time": days})
    with pytest.raises(LayerError) as caught:
        late_frost_index(kelvin)
    assert caught.value.problems[0].rule == "stations.range"
    said = late_frost_index(kelvin.assign_attrs(units="K"))
    assert said["below_0"].tolist() == [30]
    doubled = kelvin.assign_attrs(units="K").assign_coords(time=days[:15].append(days[:15]))
    with pytest.raises(LayerError) as caught:
        late_frost_index(doubled)
    assert caught.value.problems[0].rule == "elements.steps"


@pytest.mark.parametrize(("metres", "colour"), [(500, 0), (499.9, 2), (200, 2), (199.9, 3), (50, 3), (49.9, 4)])
def test_signals_of_fog(metres: float, colour: int) -> None:
    assert float(weather_class(metres, "fog_warning")) == colour
