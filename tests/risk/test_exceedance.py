"""Losses of single years and at return periods: by hand, and what must hold for any losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.risk import (
    events_of_curve,
    exceedance_curve,
    expected_annual_loss,
    losses_at,
    simulated_years,
    yearly_curves,
)

events = st.lists(st.tuples(st.integers(2001, 2010), st.floats(0, 1e9)), min_size=1, max_size=30)


@given(events)
def test_all_events_of_a_year_are_no_less_than_its_largest_and_make_the_annual_loss(
    rows: list[tuple[int, float]],
) -> None:
    table = pd.DataFrame(rows, columns=["year", "loss"])
    curve = yearly_curves(table, years=12)
    assert (curve["aep"] >= curve["oep"]).all()
    assert curve[["oep", "aep"]].diff().dropna().ge(0).all().all()
    assert len(curve) == 12
    assert curve["aep"].mean() == pytest.approx(curve.attrs["expected_annual_loss"], rel=1e-9)
    pd.testing.assert_frame_equal(yearly_curves(table.iloc[::-1], years=12), curve)


def test_the_record_decides_how_many_years_there_were() -> None:
    table = pd.DataFrame({"year": [2001, 2005, 2005], "loss": [1.0, 2.0, 4.0]})
    assert len(yearly_curves(table)) == 5
    curve = yearly_curves(table, years=20)
    assert curve["return_period"].iloc[-1] == 20
    assert curve[["oep", "aep"]].iloc[-1].tolist() == [4.0, 6.0]
    with pytest.raises(LayerError) as caught:
        yearly_curves(table, years=1)
    assert caught.value.problems[0].rule == "risk.years"
    with pytest.raises(LayerError) as caught:
        yearly_curves(table.iloc[:0])
    assert caught.value.problems[0].rule == "risk.years"
    with pytest.raises(LayerError):
        yearly_curves(table.assign(loss=-1.0))


def test_events_without_a_loss_are_left_out_with_a_word() -> None:
    table = pd.DataFrame({"year": [2001, 2002], "loss": [1.0, np.nan]})
    with hearing(Journal()) as journal:
        assert len(yearly_curves(table)) == 1
    assert [problem.rule for problem in journal.dropped] == ["dropped.events"]


def test_simulated_years_come_back_to_the_event_set() -> None:
    losses, rates = [10.0, 50.0, 400.0], [0.4, 0.05, 0.01]
    made = simulated_years(losses, rates, years=200_000, seed=2)
    curve = yearly_curves(made)
    assert curve.attrs["years"] == 200_000
    assert curve.attrs["expected_annual_loss"] == pytest.approx(10.5, rel=0.03)
    # Years with at least one event of 50 or more: 1 - exp(-0.06).
    assert (curve["oep"] >= 50).mean() == pytest.approx(1 - np.exp(-0.06), rel=0.03)
    own = exceedance_curve(losses, rates, return_periods=[100.0])["loss"].iloc[0]
    assert own == 400
    pd.testing.assert_frame_equal(simulated_years(losses, rates, years=200_000, seed=2), made)


@pytest.mark.parametrize(
    ("losses", "rates", "rule"),
    [
        ([1.0], [-0.1], "risk.events"),
        ([1.0, 2.0], [0.1], "risk.events"),
        ([], [], "risk.events"),
        ([1.0], [1e9], "risk.events"),
        ([-1.0], [0.1], "risk.losses"),
    ],
)
def test_event_sets_that_are_none_are_refused(losses: list[float], rates: list[float], rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        simulated_years(losses, rates)
    assert caught.value.problems[0].rule == rule


def test_losses_of_units_between_the_modelled_periods() -> None:
    table = pd.DataFrame({"a": [80.0, 0.0, 20.0], "b": [8.0, np.nan, 2.0]}, index=["100", "5", "20"])
    made = losses_at(table, [5, 10, 20, 100])
    assert made["a"].round(6).tolist() == [0.0, 10.0, 20.0, 80.0]
    assert made["b"].isna().tolist() == [True, True, False, False]
    with hearing(Journal()) as journal:
        assert losses_at(table, [200])["a"].isna().all()
    assert [problem.rule for problem in journal.warnings] == ["risk.rarer"]
    with pytest.raises(ConfigError):
        losses_at(table, [0])


@given(
    st.dictionaries(st.integers(1, 5000), st.floats(0, 1e9), min_size=2, max_size=7),
    st.booleans(),
    st.integers(1, 8),
    st.randoms(),
)
def test_events_of_a_curve_have_its_yearly_loss_in_any_order_of_the_periods(
    by_period: dict[int, float], tail: bool, steps: int, shuffle: Any
) -> None:
    periods = list(by_period)
    shuffle.shuffle(periods)
    losses = sorted(by_period.values())
    of_period = dict(zip(sorted(by_period), losses, strict=True))
    made = events_of_curve([of_period[period] for period in periods], periods, tail=tail, steps=steps)
    with hearing(Journal()):
        area = expected_annual_loss([of_period[period] for period in periods], periods, tail=tail)
    assert float((made["loss"] * made["frequency"]).sum()) == pytest.approx(float(area), rel=1e-9, abs=1e-6)
    assert (made["loss"].diff().dropna() >= -1e-6).all()
