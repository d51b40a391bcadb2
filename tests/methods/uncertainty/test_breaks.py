"""Breaks of a draw come from the values of that draw: ranks, certainty without variation, gaps, fewer classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.methods.classification import natural_breaks
from riskzoning.methods.uncertainty import breaks_anew, draw, grade_probabilities, stability
from riskzoning.methods.uncertainty.breaks import combined

WEIGHTS = {"flood": 0.6, "geology": 0.4}


def frame(count: int = 40) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).random((count, 2)), columns=list(WEIGHTS))


def cut(values: np.ndarray) -> np.ndarray:
    with hearing(Journal()):
        return natural_breaks(values, 4)


@pytest.mark.parametrize("method", ["weighted_sum", "weighted_product"])
def test_without_variation_the_breaks_are_those_of_the_values(method: str) -> None:
    units = frame()
    draws = draw(WEIGHTS, [0.2, 0.4, 0.6, 1.0], n=3, concentration=np.inf)
    base = combined(units.to_numpy(), draws, product=method == "weighted_product")[:, 0]
    anew = breaks_anew(units, draws, cut, method=method)
    assert anew.bounds[:, 0] == pytest.approx(cut(base)[:-1])
    told = stability(units, anew, method=method)  # type: ignore[arg-type]
    assert (told["probability"] == 1).all()
    assert told["modal_grade"].tolist() == (np.searchsorted(cut(base) * (1 + 1e-9), base) + 1).tolist()


def test_weights_and_inputs_are_those_of_before_and_probabilities_sum_to_one() -> None:
    units = frame()
    draws = draw(WEIGHTS, [0.2, 0.4, 0.6, 1.0], n=200, input_share=0.3, seed=2)
    anew = breaks_anew(units, draws, cut)
    assert anew.weights is draws.weights
    assert anew.factors is draws.factors
    assert np.allclose(grade_probabilities(units, anew).sum(axis=1), 1.0)
    assert (np.diff(anew.bounds, axis=0) >= 0).all()


def test_all_units_up_or_down_together_change_no_rank() -> None:
    units = pd.DataFrame({"flood": [0.1, 0.2, 0.5, 0.55, 0.9], "geology": [0.05, 0.1, 0.25, 0.275, 0.45]})
    draws = draw(WEIGHTS, [0.2, 0.4, 0.6, 1.0], n=100, concentration=3)
    assert (stability(units, draws)["probability"] < 1).any()
    assert (stability(units, breaks_anew(units, draws, cut))["probability"] == 1).all()


def test_gaps_share_their_weight_and_few_values_make_fewer_classes() -> None:
    units = pd.DataFrame({"flood": [0.1, np.nan, np.nan], "geology": [0.9, 0.9, np.nan]})
    draws = draw(WEIGHTS, [0.2, 0.4, 0.6, 1.0], n=5, concentration=np.inf)
    whole = combined(units.to_numpy(), draws)[:, 0]
    assert whole[:2] == pytest.approx([0.42, 0.9])
    assert np.isnan(whole[2])
    anew = breaks_anew(units, draws, cut)
    assert anew.bounds.shape == draws.bounds.shape
    assert np.isinf(anew.bounds[-1]).all()
    nothing = breaks_anew(units.iloc[2:], draws, cut)
    assert nothing is draws
