"""Strength and frequency of events, weights of hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.history import event_intensity, frequency, hazard_weights

COUNT = st.integers(0, 10**6)
EVENTS = st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=2, max_size=12)
NAMES = ["dead_missing", "affected", "loss"]


@given(EVENTS, st.randoms(use_true_random=False))
def test_intensity_is_bounded_and_of_the_event_not_of_its_row(rows: list[tuple[int, ...]], random) -> None:
    table = pd.DataFrame(rows, columns=NAMES)
    told = event_intensity(table)
    assert told.between(0, 1).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    again = event_intensity(table.iloc[order])
    assert np.allclose(again.sort_index(), told)


@given(EVENTS, st.integers(0, 2), st.integers(1, 1000))
def test_a_worse_event_among_the_same_is_never_weaker(rows: list[tuple[int, ...]], at: int, more: int) -> None:
    table = pd.DataFrame(rows, columns=NAMES)
    worse = table.copy()
    # Within what the others span, so that the scale stays.
    worse.iloc[0, at] = min(int(worse.iloc[0, at]) + more, int(table.iloc[:, at].max()))
    if worse.iloc[:, at].min() == table.iloc[:, at].min():
        assert event_intensity(worse).iloc[0] >= event_intensity(table).iloc[0] - 1e-12


def test_mean_of_logarithms_by_hand() -> None:
    table = pd.DataFrame({"dead_missing": [0, 9, 99], "affected": [999, 0, 99]})
    assert event_intensity(table).tolist() == pytest.approx([0.5, 0.25, (1 + 2 / 3) / 2])


def test_unknown_measures_are_left_out_and_equal_ones_add_nothing() -> None:
    table = pd.DataFrame({"dead_missing": [5, 5, 5], "affected": [0, np.nan, 99]})
    told = event_intensity(table)
    assert told.tolist() == pytest.approx([0, 0, 0.5])
    with pytest.raises(LayerError):
        event_intensity(pd.DataFrame({"people": [1]}))
    with pytest.raises(LayerError) as caught:
        event_intensity(pd.DataFrame({"loss": [1.0, -1.0]}))
    assert caught.value.problems[0].rule == "history.negative"


def test_frequency_counts_observed_years_only() -> None:
    assert frequency([1990, 2001, 2001], observed=range(2000, 2010)) == pytest.approx(0.2)
    assert np.isnan(frequency([2001], observed=[]))
    # A year without a record is not a quiet year.
    assert frequency([2001], observed=[2001]) == 1.0


@given(st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=1, max_size=8), st.integers(2, 1000))
def test_weights_sum_to_one_whatever_the_units(rows: list[tuple[int, ...]], factor: int) -> None:
    totals = pd.DataFrame(rows, columns=["loss", "affected", "dead_missing"])
    if not totals.to_numpy().any():
        with pytest.raises(LayerError):
            hazard_weights(totals)
        return
    with hearing(Journal()):
        weights = hazard_weights(totals)["weight"]
        scaled = hazard_weights(totals.assign(loss=totals["loss"] * factor))["weight"]
    assert weights.sum() == pytest.approx(1)
    assert np.allclose(weights, scaled)


def test_half_of_the_weight_is_loss() -> None:
    totals = pd.DataFrame({"loss": [9.0, 1], "affected": [1.0, 1], "dead_missing": [0, 2]}, index=["F", "E"])
    assert hazard_weights(totals)["weight"].to_dict() == pytest.approx({"F": 0.45 + 0.15, "E": 0.05 + 0.15 + 0.2})
    with hearing(Journal()) as heard:
        nobody_died = hazard_weights(totals.assign(dead_missing=0))["weight"]
    assert nobody_died["F"] == pytest.approx(0.6 / 0.8)
    assert dict(heard.steps[0].values)["measures"] == ("dead_missing",)
