"""The two ways to compile."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.coverage.compiling import compiled, vectorised


def total(values: np.ndarray) -> float:
    out = 0.0
    for i in range(values.size):
        out += values[i]
    return out


def test_strict_order_gives_the_bits_of_python_and_reordered_sums_the_same_number() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    assert compiled(total)(values) == total(values)
    assert vectorised(total)(values) == pytest.approx(total(values), rel=1e-12)
    assert np.isnan(vectorised(total)(np.append(values, np.nan)))
