"""Intervals in the legend: they are those of the data, and of the ladder in the units of its measure."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.maps.intervals import intervals, ladder_intervals, measure_text, none_interval
from riskzoning.methods.ladders import Ladder, load_ladder


@pytest.mark.parametrize(
    ("breaks", "closed", "expected"),
    [
        ([0.2, 0.4, 0.6, 0.8, 1.0], "right", ["≤ 0.2", "0.2 – 0.4", "0.4 – 0.6", "0.6 – 0.8", "0.8 – 1"]),
        ([0.2, 0.4, 0.6, 0.8, np.inf], "left", ["< 0.2", "0.2 – 0.4", "0.4 – 0.6", "0.6 – 0.8", "≥ 0.8"]),
        ([-1.5, -0.5, 0, 1, 2], "right", ["≤ −1.5", "−1.5 – −0.5", "−0.5 – 0", "0 – 1", "1 – 2"]),
        ([0.8051, 0.8054, 0.9, 1, 2], "right", ["≤ 0.8051", "0.8051 – 0.8054", "0.8054 – 0.9", "0.9 – 1", "1 – 2"]),
        ([1e5, 2e6, 3e7, 4e8, 5e9], "right", ["≤ 100000", "100000 – 2000000", "2000000 – 30000000",
                                              "30000000 – 400000000", "400000000 – 5000000000"]),
        ([0.5, 1.0], "right", ["≤ 0.5", "0.5 – 1", "", "", ""]),
    ],
)  # fmt: skip
def test_intervals_from_upper_bounds(breaks: list[float], closed: str, expected: list[str]) -> None:
    assert intervals(breaks, 5, closed) == expected


def test_intervals_of_a_ladder_are_those_of_its_measure() -> None:
    ladder = load_ladder("earthquake")
    assert ladder_intervals(ladder) == ["0.04 – 0.09", "0.09 – 0.19", "0.19 – 0.38", "≥ 0.38"]
    assert none_interval(ladder) == "≤ 0.04"
    assert measure_text(ladder, "zh") == "场地峰值加速度（基本水平）（g）"
    assert measure_text(ladder, "en") == "site PGA of the basic level, g"


def test_intervals_of_a_ladder_that_falls() -> None:
    ladder = Ladder("own", none=5.0, limits=(3.0, 2.0, 1.0), full=0.0, units="m", direction=-1)
    assert ladder_intervals(ladder) == ["5 – 3", "3 – 2", "2 – 1", "< 1"]
    assert none_interval(ladder) == "≥ 5"


def test_what_cannot_be_below_zero_is_none_at_zero() -> None:
    assert none_interval(load_ladder("flood")) == "0"


def test_a_measure_without_units_stands_alone() -> None:
    assert measure_text(load_ladder("flood"), "en") == "severity of depth by frequency"
    assert measure_text(load_ladder("meteorology/gale"), "en").endswith("/a")
