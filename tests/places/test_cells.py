"""Coordinates in a cell, as people write them."""

from __future__ import annotations

import math

import pytest

from riskzoning.places.cells import degrees_of, read_cell


@pytest.mark.parametrize(
    ("text", "degrees", "axis"),
    [
        ("113.9", 113.9, ""),
        ("１１３．９", 113.9, ""),
        ("113,9", 113.9, ""),
        ("113,900", 113.9, ""),
        ("'113.9", 113.9, ""),
        ("113.9°", 113.9, ""),
        ("113°54′00″", 113.9, ""),
        ("113°54′30''", 113.9083333333, ""),
        ("113º54´", 113.9, ""),
        ("113°54,5'", 113.9083333333, ""),
        ("113d54m0s", 113.9, ""),
        ("113:54:00", 113.9, ""),
        ("113-54-00", 113.9, ""),
        ("113 54", 113.9, ""),
        ("113°54'00\"E", 113.9, "x"),
        ("E113°54'", 113.9, "x"),
        ("113°54′E", 113.9, "x"),
        ("东经113度54分", 113.9, "x"),
        ("W 113.9", -113.9, "x"),
        ("35 18 36 N", 35.31, "y"),
        ("35.3n", 35.3, "y"),
        ("北纬35°18.6′", 35.31, "y"),
        ("35.3°N", 35.3, "y"),
        ("30°S", -30.0, "y"),
        ("12.5s", -12.5, "y"),
        ("12 30 00 s", -12.5, "y"),
        ("-35.3", -35.3, ""),
        ("－113.5", -113.5, ""),
        ("500 000", 500000.0, ""),
        (114, 114.0, ""),
        ("113°75′", None, ""),
        ("113.5°54'", None, ""),
        ("unknown", None, ""),
    ],
)
def test_degrees_in_any_notation(text: object, degrees: float | None, axis: str) -> None:
    value, named = read_cell(text)
    assert (value, named) == (degrees if degrees is None else pytest.approx(degrees), axis)


@pytest.mark.parametrize("empty", [None, "", "  ", "-", float("nan")])
def test_empty_cells_have_no_coordinate(empty: object) -> None:
    value = degrees_of(empty)
    assert value is not None
    assert math.isnan(value)


def test_commas_of_eastings_are_those_of_thousands() -> None:
    assert degrees_of("500,000", geographic=False) == 500_000
    assert degrees_of("3,900,000", geographic=False) == 3_900_000
