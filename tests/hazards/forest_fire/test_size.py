"""Classes of forest fires: both sides of each limit, the highest criterion, what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards.forest_fire import fire_size

# 森林防火条例: 一般 below 1 ha, 1-2 deaths, 1-9 heavily injured; 较大 below 100, 10, 50; 重大 below 1000, 30, 100.
EDGES = [
    ("area_ha", [0.1, 0.99, 1, 99.9, 100, 999, 1000, 5000], [1, 1, 2, 2, 3, 3, 4, 4]),
    ("deaths", [1, 2, 3, 9, 10, 29, 30, 193], [1, 1, 2, 2, 3, 3, 4, 4]),
    ("injured", [1, 9, 10, 49, 50, 99, 100, 226], [1, 1, 2, 2, 3, 3, 4, 4]),
]


@pytest.mark.parametrize(("criterion", "values", "classes"), EDGES)
def test_a_number_belongs_to_the_class_that_begins_with_it(
    criterion: str, values: list[float], classes: list[int]
) -> None:
    np.testing.assert_array_equal(fire_size(**{criterion: np.array(values)}), classes)


def test_the_highest_criterion_counts_and_unknown_ones_do_not() -> None:
    assert fire_size(area_ha=0.5, deaths=10, injured=4) == 3
    assert fire_size(area_ha=1200, deaths=0) == 4
    rows = pd.DataFrame({"area": [2.0, np.nan, np.nan], "dead": [np.nan, 31, np.nan]})
    made = fire_size(area_ha=rows["area"].to_numpy(), deaths=rows["dead"].to_numpy())
    np.testing.assert_array_equal(made, [2, 4, np.nan])


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({}, {"area_ha": -1.0}, {"deaths": np.array([1, -2])}):
        with pytest.raises(LayerError) as caught:
            fire_size(**wrong)
        assert all(caught.value.problems[0].text(lang) for lang in ("zh", "en"))


@given(st.floats(0, 1e5), st.integers(0, 300), st.floats(0, 1e4), st.integers(0, 100))
def test_more_is_never_a_smaller_fire(area: float, dead: int, more: float, others: int) -> None:
    assert 1 <= fire_size(area_ha=area, deaths=dead) <= fire_size(area_ha=area + more, deaths=dead + others) <= 4
