"""Intervals in the legend: they are those of the data, and of the ladder in the units of its measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.maps.intervals import intervals, ladder_intervals, measure_text, none_interval
from riskzoning.methods.ladders import Ladder, load_ladder


@pytest.mark.parametrize(
    ("breaks", "closed", "expected"),
    [
        ([0.2, 0.4, 0.6, 0.8, 1.0], "right", ["≤ 0.2", "0.2 – 0.4", "0.4 – 0.6", "0.6 – 0.8", "0.8 – 1"]),
        ([0.2, 0.4, 0.6, 0.8, np.inf], "left", ["< 0.2", "0.2 – 0.4", "0.4 – 0.6", "0.6 – 0.8", "≥ 0.8"]),
        ([-1.5, -0.5, 0, 1, 2], "right", ["≤ −1.5", "−1.5 – −0.5", "−0.5 – 0", "0 – 1", "1 – 2"]),
        ([0.8051, 0.8054, 0.9, 1, 2], "right", ["≤ 0.8051", "0.8051 – 0.8054", "0.8054 – 0.9", "0.9 – 1", "1 – 2"]),
        ([1e5, 2e6, 3e7, 4e8, 5e9], "right", ["≤ 100,000", "100,000 – 2,000,000", "2,000,000 – 30,000,000",
                                              "30,000,000 – 400,000,000", "400,000,000 – 5,000,000,000"]),
        ([1234, 1236, 1238, 56789, 1e13], "right", ["≤ 1234", "1234 – 1236", "1236 – 1238", "1238 – 56,789",
                                                    "56,789 – 1e13"]),
        ([2e-9, 0.2, 0.2, 0.2 + 1e-12, 1], "right", ["≤ 2e−9", "2e−9 – 0.2", "—", "0.2 – 0.200000000001",
                                                     "0.200000000001 – 1"]),
        ([-np.inf, -0.0, 1.5, 2, 3], "right", ["", "−∞ – 0", "0 – 1.5", "1.5 – 2", "2 – 3"]),
        ([0.5, 1.0], "right", ["≤ 0.5", "0.5 – 1", "", "", ""]),
    ],
)  # fmt: skip
def test_intervals_from_upper_bounds(breaks: list[float], closed: str, expected: list[str]) -> None:
    assert intervals(breaks, 5, closed) == expected


_BOUND = st.one_of(
    st.floats(-1e15, 1e15), st.floats(0.50409, 0.50431), st.floats(1e-12, 1e-9), st.integers(-(10**9), 10**9).map(float)
)


@given(st.lists(_BOUND, min_size=2, max_size=5).map(sorted))
def test_classes_that_differ_look_different_and_follow_each_other(bounds: list[float]) -> None:
    texts = intervals(bounds, len(bounds), "right")
    shown = [text for text in texts if text != "—"]
    assert len(set(shown)) == len(shown) == len(set(bounds))
    ends = [text.split(" – ") for text in shown[1:]]
    uppers = [shown[0].removeprefix("≤ "), *(high for _, high in ends)]
    assert [low for low, _ in ends] == uppers[:-1]
    read = [float(text.replace("−", "-").replace(",", "")) for text in uppers]
    assert read == sorted(read)
    np.testing.assert_allclose(read, sorted(set(bounds)), rtol=0.006)


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
