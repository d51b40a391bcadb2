"""The kernel of decoding."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.layers.cleaning import clean

N = np.nan


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    ("inside", "linear", "negative", "wanted", "counts"),
    [
        ([], (1.0, 0.0), False, [[1, 2, 3], [N, N, -5]], [1, 1e30]),
        ([2.0], (1.0, 0.0), True, [[1, N, 3], [N, N, N]], [1, 1e30]),
        ([2.0], (10.0, 1.0), False, [[11, N, 31], [N, N, -49]], [1, 1e30]),
    ],
)
def test_what_is_missing_and_what_was_met(
    dtype: str, inside: list[float], linear: tuple[float, float], negative: bool, wanted: object, counts: list[float]
) -> None:
    values = np.array([[1, 2, 3], [-9999, 1e30, -5]], dtype)
    met = np.zeros(2)
    limits = (0.0, 100.0, -np.inf, np.inf, 1e20)
    clean(values, np.array(inside), np.array([-9999.0]), met, limits, *linear, negative)
    assert np.array_equal(values, np.array(wanted, dtype), equal_nan=True)
    assert met == pytest.approx(counts)
