"""Draws from a seed: their means are what was given, each kind has its own stream, wrong options are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import ConfigError
from riskzoning.methods.uncertainty import draw

WEIGHTS = {"flood": 0.5, "geology": 0.3, "drought": 0.2, "hail": 0.0}
BREAKS = [0.2, 0.4, 0.6, 0.8, 1.0]


def test_weights_are_shares_about_those_given() -> None:
    draws = draw(WEIGHTS, BREAKS, n=20_000, concentration=50, seed=3)
    np.testing.assert_allclose(draws.weights.sum(axis=0), 1.0, rtol=1e-12)
    stated = np.array(list(WEIGHTS.values()))
    np.testing.assert_allclose(draws.weights.mean(axis=1), stated, atol=0.002)
    # Dirichlet: variance w (1 - w) / (alpha + 1).
    np.testing.assert_allclose(draws.weights.std(axis=1), np.sqrt(stated * (1 - stated) / 51), atol=0.002)
    assert (draws.weights[3] == 0).all()


def test_infinite_concentration_keeps_the_weights() -> None:
    draws = draw(WEIGHTS, BREAKS, n=10, concentration=np.inf)
    np.testing.assert_array_equal(draws.weights, np.repeat([[0.5], [0.3], [0.2], [0.0]], 10, axis=1))
    np.testing.assert_array_equal(draw({"flood": 1.0}, BREAKS, n=5).weights, np.ones((1, 5)))


def test_the_seed_decides_and_what_varies_beside_changes_nothing() -> None:
    one, same, other = (draw(WEIGHTS, BREAKS, n=50, break_share=0.1, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.weights, same.weights)
    np.testing.assert_array_equal(one.bounds, same.bounds)
    assert not np.array_equal(one.weights, other.weights)
    alone = draw(WEIGHTS, BREAKS, n=50, seed=7)
    noisy = draw(WEIGHTS, BREAKS, n=50, break_share=0.1, input_share=0.2, seed=7)
    np.testing.assert_array_equal(alone.weights, noisy.weights)
    np.testing.assert_array_equal(noisy.bounds, one.bounds)


@given(share=st.floats(0, 0.9), seed=st.integers(0, 100))
def test_breaks_of_a_draw_ascend_and_stay_within_their_share(share: float, seed: int) -> None:
    bounds = draw({"flood": 1.0}, BREAKS, n=40, break_share=share, seed=seed).bounds
    assert (np.diff(bounds, axis=0) >= 0).all()
    assert bounds.min() >= 0.2 * (1 - share) - 1e-12
    assert bounds.max() <= 0.8 * (1 + share) + 1e-12


def test_errors_of_inputs_are_factors_about_one() -> None:
    factors = draw(WEIGHTS, BREAKS, n=20_000, input_share={"flood": 0.2}).factors
    assert factors is not None
    assert np.log(factors[0]).std() == pytest.approx(0.2, abs=0.005)
    assert np.log(factors[0]).mean() == pytest.approx(0, abs=0.005)
    assert (factors[1:] == 1).all()
    assert draw(WEIGHTS, BREAKS).factors is None


@pytest.mark.parametrize(
    "options",
    [
        {"n": 0},
        {"concentration": 0.0},
        {"concentration": np.nan},
        {"break_share": 1.0},
        {"input_share": -0.1},
        {"input_share": {"flod": 0.1}},
    ],
)
def test_options_outside_their_range_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        draw(WEIGHTS, BREAKS, **options)
    assert caught.value.problems[0].rule == "uncertainty.option"
    assert next(iter(options)) in caught.value.problems[0].text("en")


def test_weights_that_are_none_and_breaks_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        draw({"flood": 0.5, "geology": 0.3}, BREAKS)
    assert caught.value.problems[0].rule == "weights.weights"
    with pytest.raises(ConfigError) as caught:
        draw({"flood": -0.5, "geology": 1.5}, BREAKS)
    assert caught.value.problems[0].rule == "weights.negative"
    with pytest.raises(ConfigError) as caught:
        draw({"flood": 1.0}, [0.4, 0.2, 1.0])
    assert caught.value.problems[0].rule == "classify.breaks"
