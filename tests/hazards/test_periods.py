"""Layers by return period as one index: factors of the periods, residual hazard, missing values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from riskzoning.hazards.periods import period_factor, worst_period
from riskzoning.layers import layer_on
from riskzoning.methods.ladders import Ladder

LADDER = Ladder("own", none=0.0, limits=(0.5, 1.0, 2.0), full=4.0, units="m", closed="left")


@pytest.mark.parametrize(("period", "factor", "most"), [
    (5, 1, 1), (30, 1, 1), (50, 0.8939, 1), (100, 0.75, 1), (300, 0.5, 1), (500, 0.5, 0.25),
])  # fmt: skip
def test_factors_are_those_of_floods(period: float, factor: float, most: float) -> None:
    assert period_factor(period) == (pytest.approx(factor, abs=5e-5), most)


def stacked(grid: GeoBox, values: list[float], periods: list[float]) -> np.ndarray:
    stack = np.stack([np.full(tuple(grid.shape), value) for value in values])
    return layer_on(grid, stack, quantity="flood_depth", return_periods=periods, name="measure")


def test_the_worst_counts_by_how_often_it_comes(hazard_grid: GeoBox) -> None:
    worst = worst_period(stacked(hazard_grid, [1.0, 4.0], [20, 100]), LADDER.index, 0.25)
    assert float(worst[0, 0]) == max(0.5, 0.75 * 1.0)
    rare = worst_period(stacked(hazard_grid, [0.0, 4.0], [20, 1000]), LADDER.index, 0.25 - 1e-9)
    assert float(rare[0, 0]) == pytest.approx(0.25)
    assert int(LADDER.grade_of_index(rare)[0, 0]) == 1
    assert rare.attrs["periods"] == "20, 1000"
    lost = worst_period(stacked(hazard_grid, [np.nan, 4.0], [20, 100]), LADDER.index, 0.25)
    assert np.isnan(lost).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(1, 900), st.floats(1, 3))
def test_rarer_is_never_worse(period: float, times: float) -> None:
    often, seldom = period_factor(period), period_factor(period * times)
    assert often[0] >= seldom[0]
    assert often[1] >= seldom[1]
