"""What is a number and what is none, in every container."""

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.layers.numbers import limits_like, numbers, unmasked


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


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.ma.masked_equal([1, 2, -9], -9), [1, 2, np.nan]),
        (np.ma.masked_array(np.array([1.5, 2], "f4"), [False, True]), [1.5, np.nan]),
        (np.ma.masked_array([True, True], [False, True]), [True, False]),
        (np.ma.masked_array(["III", "II"], [False, True]), ["III", None]),
        (np.array([1, None, pd.NA, np.nan, 2], dtype=object), [1, np.nan, np.nan, np.nan, 2]),
        (np.array(["III", None], dtype=object), ["III", None]),
        (pd.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Series([1, None], dtype=object), [1, np.nan]),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (pd.Series([True, False]), [True, False]),
    ],
)
def test_what_is_masked_or_none_is_missing(values, expected):
    made = unmasked(values)
    assert type(made) is (pd.Series if isinstance(values, pd.Series) else np.ndarray)
    wanted = np.array(expected, dtype=object)
    assert pd.isna(wanted).tolist() == pd.isna(made).tolist()
    assert [one for one in made if not pd.isna(one)] == [one for one in expected if not pd.isna(one)]


def test_days_that_are_masked_are_no_days_and_other_things_stay():
    days = np.ma.masked_array(np.array(["2021-07-20", "2021-07-21"], "M8[D]"), [False, True])
    assert np.isnat(unmasked(days)).tolist() == [False, True]
    first, second = unmasked([np.ma.masked_equal([1, -9], -9), np.arange(2)])
    assert np.isnan(first).tolist() == [False, True]
    assert second.tolist() == [0, 1]
    for kept in ("text", 3.0, None, {"a": 1}):
        assert unmasked(kept) is kept


def test_limits_have_the_type_of_the_values():
    assert limits_like([0.15], np.zeros(1, "f4")).dtype == np.float32
    assert limits_like([0.15], np.zeros(1, "i4")).dtype == np.float64
