"""Degrees and minutes in one number."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.places.minutes import degrees_of_minutes, in_minutes

N = np.nan


@pytest.mark.parametrize(
    ("east", "north", "lon", "lat"),
    [
        ([11354, 11400], [3518, 3600], [113.9, 114], [35.3, 36]),
        ([11354.5, N], [3518.6, N], [113 + 54.5 / 60, N], [35.31, N]),
        ([1135430, 1140000], [351836, 360000], [113 + 54 / 60 + 30 / 3600, 114], [35.31, 36]),
        ([-11354], [-3518], [-113.9], [-35.3]),
        # one number with 75 minutes, one in degrees
        ([11354, 11375, 113.9, 11400, 11400], [3518] * 5, [113.9, N, N, 114, 114], [35.3] * 5),
    ],
)
def test_numbers_that_can_only_be_degrees_and_minutes(
    east: list[float], north: list[float], lon: list[float], lat: list[float]
) -> None:
    read = in_minutes(np.array(east, dtype=float), np.array(north, dtype=float))
    assert read is not None
    assert read[0] == pytest.approx(np.array(lon), nan_ok=True)
    assert read[1] == pytest.approx(np.array(lat), nan_ok=True)


@pytest.mark.parametrize(
    ("east", "north"), [([113.9], [35.3]), ([500000], [3900000]), ([245], [12]), ([11354], [35.3]), ([N], [N])]
)
def test_other_numbers_are_something_else(east: list[float], north: list[float]) -> None:
    assert in_minutes(np.array(east, dtype=float), np.array(north, dtype=float)) is None


def test_a_heading_makes_minutes_of_decimals() -> None:
    read = in_minutes(np.array([113.54]), np.array([35.18]), stated=True)
    assert read is not None
    assert (read[0][0], read[1][0]) == pytest.approx((113.9, 35.3))
    assert in_minutes(np.array([113.9023]), np.array([35.3012]), stated=True) is None


def test_a_form_that_is_known() -> None:
    assert degrees_of_minutes([3502, 11425, -3030]).tolist() == pytest.approx([35.03333333, 114.41666667, -30.5])
    assert np.isnan(degrees_of_minutes([11375, 999999, np.nan])).all()
