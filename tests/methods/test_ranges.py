"""A range of rounding is no range, wherever a range divides."""

import dask.array as da
import numpy as np
import pytest

from riskzoning.methods.ranges import spans


@pytest.mark.parametrize(
    ("low", "high", "wide"),
    [
        (0.0, 0.0, False),
        (0.0, 1e-300, True),
        (1.0, 1.0 + 1e-10, False),
        (1.0, 1.0 + 1e-8, True),
        (-1.0 - 1e-10, -1.0, False),
        (-1e-3, 1e-3, True),
        (2.0, 1.0, False),
        (np.nan, 1.0, False),
        (1.0, np.nan, False),
    ],
)
def test_the_size_of_the_values_decides(low, high, wide):
    assert spans(low, high) is wide
    assert spans([low, 0.0], [high, 1.0]).tolist() == [wide, True]


def test_the_unit_of_the_values_does_not_matter():
    values = np.array([1.0, 1.0 + 1e-10])
    for unit in (1e-12, 1.0, 1e12):
        assert not spans(*(values * unit))
        assert spans(0.0, unit)


def test_lazy_ends_stay_lazy():
    wide = spans(da.from_array(np.array([1.0, 1.0])), np.array([1.0 + 1e-12, 2.0]))
    assert isinstance(wide, da.Array)
    assert wide.compute().tolist() == [False, True]
