"""Weather elements: every one has a unit and a range, and what lies beyond is told."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.methods.elements import (
    Unusual,
    element_units,
    impossible,
    possible_range,
    too_many_impossible,
    unusual,
)


@pytest.mark.parametrize("element", sorted(element_units()))
def test_every_element_has_a_range_that_includes_its_ends(element: str) -> None:
    low, high = possible_range(element)
    assert low < high
    values = np.array([np.nextafter(low, -np.inf), low, high, np.nextafter(high, np.inf), np.nan])
    assert impossible(values, element).tolist() == [True, False, False, True, False]


def test_an_element_that_nobody_knows_has_no_impossible_values() -> None:
    assert not impossible(np.array([-1e9, 1e9]), "mood").any()


def test_one_in_ten_is_the_most() -> None:
    assert too_many_impossible(np.array([0, 10, 11, 1]), np.array([0, 100, 100, 5])).tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_a_short_series_says_nothing_of_its_unit_but_for_rain_below_what_gauges_show() -> None:
    assert unusual(np.full(29, 60.0), "wind_gust") is None
    assert unusual(np.full(30, 60.0), "wind_gust") == Unusual("mean", 60.0, 0.0, 28.0)
    assert unusual([0.0, 0.01, 0.02, 0.03, 0.04], "precipitation") is None
    odd = unusual([0.0, 0.01, 0.02, 0.03, 0.04, 0.05], "precipitation")
    assert odd is not None
    assert odd.value == pytest.approx(0.03)
    # In metres some days of thirty years reach 0.1 all the same.
    metres = np.tile([0.002, 0.0, 0.01, 0.03], 50)
    metres[::67] = 0.12
    assert unusual(metres, "precipitation") is not None
    assert unusual(np.tile([0.002, 0.0, 0.01, 0.03, 9.0, 14.0], 50), "precipitation") is None
    assert unusual(np.full(99, np.nan), "precipitation") is None
    assert unusual(np.full(99, 1e6), "tmean") is None
