"""Expected annual loss of a hazard from its intensities by return period, the value of buildings and a curve."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskzoning import risk, vulnerability
from riskzoning.layers import layer_on
from riskzoning.names import Intensity
from riskzoning.pipeline.stages.losses import annual_loss
from riskzoning.samples import toy_city

DEPTHS = {10.0: 0.2, 100.0: 1.5}


def passes(depths: dict[float, float], *, value: bool = True, quantity: str = "flood_depth") -> Any:
    grid = toy_city().grid
    layers: dict[str, xr.DataArray] = {}
    intensities = [Intensity("flood", quantity, period) for period in depths]
    for one, depth in zip(intensities, depths.values(), strict=True):
        layers[one.key] = layer_on(grid, depth, quantity="flood_depth")
    if value:
        layers["building_value_yuan"] = layer_on(grid, 1e6, quantity="building_value")
    settings = SimpleNamespace(risk=SimpleNamespace(eal_method="trapezoid", eal_tail=True))
    return SimpleNamespace(
        published=SimpleNamespace(has=layers.__contains__, get=layers.__getitem__),
        intensities=intensities,
        run=SimpleNamespace(setting=SimpleNamespace(study=settings)),
    )


def test_the_loss_is_that_of_the_curve_over_all_frequencies() -> None:
    loss = annual_loss(passes(DEPTHS), "flood")
    assert loss is not None
    curve = vulnerability.load_curve("flood/jrc-asia/residential")
    by_hand = [1e6 * float(vulnerability.loss_ratio(depth, curve)) for depth in DEPTHS.values()]
    expected = risk.expected_annual_loss(np.array(by_hand), list(DEPTHS), method="trapezoid", tail=True)
    np.testing.assert_allclose(loss.to_numpy(), float(expected))
    assert loss.attrs["units"] == "yuan/a"
    assert (loss.attrs["eal_tail"], loss.attrs["curve"]) == ("constant", "flood/jrc-asia/residential")


def test_the_order_of_the_periods_does_not_matter() -> None:
    one, other = annual_loss(passes(DEPTHS), "flood"), annual_loss(passes(dict(reversed(DEPTHS.items()))), "flood")
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.to_numpy(), other.to_numpy())


@pytest.mark.parametrize(
    ("made", "hazard"),
    [
        (passes({100.0: 1.5}), "flood"),
        (passes(DEPTHS, value=False), "flood"),
        (passes(DEPTHS, quantity="velocity"), "flood"),
        (passes(DEPTHS), "geology"),
        (passes(DEPTHS), "earthquake"),
    ],
)
def test_what_is_missing_makes_no_loss(made: Any, hazard: str) -> None:
    assert annual_loss(made, hazard) is None
