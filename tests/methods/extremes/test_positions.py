"""Plotting positions and chances within years."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.methods.extremes import plotting_positions, probability_within, return_period_of
from riskzoning.methods.extremes.positions import chances, offset_of


def test_levels_used_in_practice() -> None:
    periods = return_period_of(np.array([0.63, 0.10, 0.02]), 50)
    np.testing.assert_allclose(periods, [50.3, 474.6, 2474.9], atol=0.05)
    np.testing.assert_allclose(1 / periods, [0.0198850, 0.00210721, 0.00040405], rtol=2e-5)


def test_chances_within_years() -> None:
    assert probability_within(100, 50) == pytest.approx(0.394994, abs=1e-6)
    assert probability_within(20, 10) == pytest.approx(0.401263, abs=1e-6)
    assert probability_within(1, 1) == 1
    assert return_period_of(0.0, 50) == np.inf
    for wrong in (-0.1, 1.5, np.nan):
        with pytest.raises(LayerError):
            return_period_of(wrong)
    with pytest.raises(LayerError):
        probability_within(0.5, 10)


@pytest.mark.parametrize(("formula", "first"), [("weibull", 1 / 11), ("hazen", 0.05), ("gringorten", 0.56 / 10.12)])
def test_positions(formula: str, first: float) -> None:
    table = plotting_positions([np.nan, *range(10)], formula=formula)  # type: ignore[arg-type]
    assert table["value"].tolist() == list(range(9, -1, -1))
    assert table["probability"][0] == pytest.approx(first)
    np.testing.assert_allclose(table["probability"] + table["probability"][::-1].to_numpy(), 1)


def test_rows_with_gaps_have_their_own_count() -> None:
    ordered, at = chances(np.array([[1.0, 3.0, np.nan], [1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(ordered, [[3, 1, np.nan], [3, 2, 1]])
    np.testing.assert_allclose(at, [[1 / 3, 2 / 3, np.nan], [0.25, 0.5, 0.75]])


def test_what_is_none() -> None:
    with pytest.raises(LayerError):
        plotting_positions([np.nan])
    with pytest.raises(LayerError):
        offset_of("blom?")
