"""What is a number and what is none, in every container."""

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.layers.numbers import numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.2, 0.2),
        ("0.2", 0.2),
        (None, np.nan),
        ([1, None], [1, np.nan]),
        (pd.Series([1, 2]), [1, 2]),
        (["1", " 2 "], [1, 2]),
    ],
)
def test_numbers(value, expected):
    made = numbers(value, name="x", units="m")
    assert made.dtype == np.float64
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.2g", "'0.2g'"),
        ([1, "soon", "3 m"], "'soon', '3 m'"),
        ([[1, 2], [3]], "[1, 2], [3]"),
        ({}, "{}"),
        (pd.date_range("2021-01-01", periods=1), "datetime64"),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_what_is_no_number_is_shown(value, shown):
    with pytest.raises(LayerError) as caught:
        numbers(value, name="x", units="m")
    (problem,) = caught.value.problems
    assert problem.rule == "argument.numbers"
    assert shown in problem.found or "datetime" in problem.found
    assert problem.required == "numbers in m"
