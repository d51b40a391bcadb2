"""Severity of depth by frequency: worked by hand from the table of the ladder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.hazards.flood.severity import flood_severity

SOME = st.floats(0, 12)


@pytest.mark.parametrize(
    ("depths", "periods", "velocity", "severity"),
    [
        ([0, 0, 0], [5, 20, 500], None, 0.0),
        ([0.5], [20], None, 1 / 3),
        ([0, 2], [20, 100], None, 0.5),
        ([4, 4], [10, 100], None, 1.0),
        ([1], [50], None, 0.3973),
        ([0, 4], [20, 300], None, 0.5),
        ([0, 4], [20, 500], None, 0.25),
        ([0, 1], [20, 500], None, 0.2222),
        ([0.4], [20], 2.0, 0.4),
        ([0, 0.4], [20, 100], 2.0, 0.3),
        ([0, 0.4], [20, 500], 2.0, 0.2),
        ([0.4], [20], None, 0.2667),
        ([0.4], [20], 0.5, 0.2667),
    ],
)
def test_worked_examples(
    depths: list[float], periods: list[float], velocity: float | None, severity: float, make_layer: Any
) -> None:
    stack = make_layer(np.array(depths, dtype=float)[:, None, None], "flood_depth", periods)
    fast = None if velocity is None else make_layer(np.full((1, 1), velocity), "flood_velocity")
    assert float(flood_severity(stack, velocity=fast).item()) == pytest.approx(severity, abs=5e-5)
    lazy = flood_severity(stack.chunk(), velocity=fast)
    assert float(lazy.compute().item()) == pytest.approx(severity, abs=5e-5)


@given(st.lists(SOME, min_size=3, max_size=3), SOME, st.integers(0, 2))
def test_more_water_is_never_less_severe(depths: list[float], more: float, place: int) -> None:
    deeper = list(depths)
    deeper[place] += more
    low, high = (float(flood_severity([[v] for v in values], [10, 80, 400])[0]) for values in (depths, deeper))
    assert 0 <= low <= high <= 1


def test_a_missing_period_makes_the_cell_no_data_and_no_velocity_is_depth_alone(make_layer: Any) -> None:
    stack = make_layer(np.array([[[1.0, np.nan]], [[2.0, 2.0]]]), "flood_depth", [10, 100])
    assert np.isnan(flood_severity(stack).values).tolist() == [[False, True]]
    fast = make_layer(np.array([[np.nan, 1.0]]), "flood_velocity")
    assert flood_severity(stack, velocity=fast).values[0, 0] == flood_severity(stack).values[0, 0]
