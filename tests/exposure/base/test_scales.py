"""Exposure on fixed scales: worked by hand, and the same whoever else is in the study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import StandardTableError
from riskzoning.exposure.base.scales import scaled_exposure

RECEPTORS = sorted(standards.table("exposure/scales").data)


@pytest.mark.parametrize("receptor", RECEPTORS)
def test_nothing_is_zero_and_full_is_one(receptor: str) -> None:
    entry = standards.table("exposure/scales").data[receptor]
    values = np.array([-1.0, 0.0, float(entry["full"]), 1e15, np.nan, np.inf])
    np.testing.assert_array_equal(scaled_exposure(values, receptor), [0, 0, 1, 1, np.nan, np.nan])


def test_worked_by_hand() -> None:
    # ln(1 + 100 / 10) / ln(1 + 20000 / 10) = 2.397895 / 7.601402
    assert scaled_exposure(np.array([100.0]), "population")[0] == pytest.approx(0.3154543)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=9))
def test_more_is_never_less_and_no_other_value_counts(values: list[float]) -> None:
    index = scaled_exposure(np.array(values), "population")
    assert np.all(np.diff(scaled_exposure(np.sort(values), "population")) >= 0)
    assert scaled_exposure(np.array(values[:1]), "population")[0] == index[0]


def test_layers_stay_lazy_and_tables_keep_their_index(make_layer: Any) -> None:
    layer = make_layer(np.array([[0.0, 100.0], [20000.0, np.nan]]), "population_density").chunk(1)
    index = scaled_exposure(layer, "population")
    assert index.chunks is not None
    assert index.attrs["quantity"] == "exposure_index"
    np.testing.assert_allclose(index.values, [[0, 0.3154543], [1, np.nan]], rtol=1e-6)
    series = scaled_exposure(pd.Series([0.0, 20000.0], index=["a", "b"]), "population")
    assert series.to_dict() == {"a": 0.0, "b": 1.0}


def test_a_receptor_without_scale_or_with_a_falling_one_is_refused() -> None:
    with pytest.raises(StandardTableError) as caught:
        scaled_exposure(np.zeros(1), "ships")
    assert caught.value.problems[0].rule == "exposure.scale"
    table = {"exposure/scales": {"data": {"crops": {"low": 5, "full": 5}}}}
    with standards.session(table), pytest.raises(StandardTableError) as wrong:
        scaled_exposure(np.zeros(1), "crops")
    assert wrong.value.problems[0].rule == "exposure.scale_order"
