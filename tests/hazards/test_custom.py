"""A hazard made of a definition: its index is that of its ladder, whichever way it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, StandardTableError
from riskzoning.hazards.custom import custom_spec, defined
from riskzoning.layers import layer_on

SURGE: dict[str, Any] = {
    "name": {"zh": "风暴潮", "en": "Storm surge"}, "quantity": "flood_depth", "units": "m",
    "ladder": {"none": 0, "limits": [0.5, 1, 2], "full": 3, "closed": "left", "direction": 1}, "acts": "places",
}  # fmt: skip


def test_the_layer_is_read_off_on_the_ladder(hazard_grid: GeoBox) -> None:
    spec = custom_spec("storm_surge", SURGE)
    values = np.linspace(0, 4, int(np.prod(hazard_grid.shape))).reshape(tuple(hazard_grid.shape))
    values[0, 0], values[0, 1] = np.nan, -1.0
    result = spec.assess({"measure": layer_on(hazard_grid, values, quantity="flood_depth", name="measure")})
    np.testing.assert_array_equal(result["hazard_index"], spec.scale.index(result["intensity"]))
    assert np.isnan(result["hazard_index"].values[0, :2]).all()
    assert (result["hazard_grade"].values[0, :2] == 0).all()
    assert spec.acts == "places"


def test_less_may_be_worse(hazard_grid: GeoBox) -> None:
    ladder = {"none": 3, "limits": [2, 1], "full": 0.5, "closed": "left", "direction": -1}
    spec = custom_spec("cover", {**SURGE, "ladder": ladder})
    layer = layer_on(hazard_grid, np.full(tuple(hazard_grid.shape), 0.4), quantity="flood_depth", name="measure")
    assert (spec.assess({"measure": layer})["hazard_index"] == 1).all()
    assert spec.input("measure").direction == -1


def test_wrong_definitions_are_refused() -> None:
    with pytest.raises(LayerError):
        custom_spec("population", SURGE)
    with pytest.raises(StandardTableError):
        custom_spec("surge", {**SURGE, "ladder": {"none": 0, "limits": [2, 1], "full": 3}})
    assert defined("never_defined") is None


@given(st.floats(-5, 20), st.floats(0, 5))
def test_more_is_never_less(value: float, more: float) -> None:
    ladder = custom_spec("storm_surge", SURGE).scale
    one, two = ladder.index(np.array([value, value + more]))
    assert 0 <= one <= two <= 1


def test_layers_by_return_period(hazard_grid: GeoBox) -> None:
    values = np.stack([np.full(tuple(hazard_grid.shape), value) for value in (1.0, 3.0)])
    values[1, 0, 0] = np.nan
    stack = layer_on(hazard_grid, values, quantity="flood_depth", return_periods=[20, 100], name="measure")
    spec = custom_spec("storm_surge", {**SURGE, "periods": "severity"})
    made = spec.assess({"measure": stack})
    # 1 m is half the ladder every 20 years; 3 m is all of it every 100 years, which counts three quarters.
    assert float(made["hazard_index"][1, 1]) == 0.75
    assert int(made["hazard_grade"][1, 1]) == 4
    assert np.isnan(made["hazard_index"][0, 0])
    assert made["intensity"].dims == ("return_period", "y", "x")
    one = custom_spec("storm_surge", {**SURGE, "periods": 20}).assess({"measure": stack})
    assert float(one["hazard_index"][1, 1]) == 0.5
    assert int(one["hazard_grade"][1, 1]) == 3
    assert np.isfinite(one["hazard_index"][0, 0])
    with pytest.raises(LayerError):
        spec.assess({"measure": stack.isel(return_period=0, drop=True)})
