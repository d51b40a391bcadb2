"""Special values of daily files: one test for each branch of the decoding."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.io.weather.decoding import decode, elevation_metres, note_codes


@pytest.mark.parametrize(
    ("stored", "expected"),
    [(55, 5.5), (0, 0.0), (32700, 0.0), (32766, np.nan), (32744, np.nan), (32003, 0.3), (31120, 12.0), (30045, 4.5)],
)
def test_rain_codes(stored: int, expected: float) -> None:
    found, _ = decode(np.array([stored]), rain=True, factor=0.1)
    assert found[0] == pytest.approx(expected, nan_ok=True)


def test_every_special_value_of_rain_is_counted_once() -> None:
    stored = np.array([55, 32700, 32766, 32744, 32003, 32001, 31120, 31000, 30045, 30000, 30999])
    _, counts = decode(stored, rain=True)
    assert counts == {"missing": 2, "trace": 1, "dew": 2, "mixed": 2, "snow": 3}


def test_readings_over_range_and_plain_elements() -> None:
    assert decode(np.array([350, 45]), over=300)[0].tolist() == [50, 45]
    assert decode(np.array([1325, 200]), over=1000, factor=0.1)[0].tolist() == [32.5, 20.0]
    assert decode(np.array([-124]), factor=0.1)[0].tolist() == pytest.approx([-12.4])


def test_elevations() -> None:
    assert elevation_metres([100703, 703]).tolist() == pytest.approx([70.3, 70.3])


def test_special_values_are_noted_by_kind_and_none_is_no_note() -> None:
    with hearing(Journal()) as journal:
        note_codes("a.txt", "precipitation", {"missing": 0, "trace": 3, "snow": 1}, element="PRE")
        note_codes("a.txt", "tmax", {"missing": 0})
    (problem,) = journal.steps
    assert (problem.rule, problem.found) == ("weather.codes", "has special values of precipitation: 3 trace, 1 snow")
