"""The kernel that turns stored numbers into values in one pass: missing ones to NaN, scale and offset."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _all_within(values, low, high):  # type: ignore[no-untyped-def] # pragma: no cover
    """Whether every value of a row is a plausible one."""
    within = 0
    for j in range(values.size):
        within += (values[j] >= low) & (values[j] <= high)
    return within == values.size


@njit(cache=True, nogil=True)
def _is_missing(value, outside, counts, lowest, highest, huge):  # type: ignore[no-untyped-def] # pragma: no cover
    """Whether a value beyond the plausible ones is no data; counted by what it equals, an immense one by itself."""
    immense = not (-huge < value < huge)
    missing = immense or value < lowest or value > highest
    for k in range(outside.size):
        if value == outside[k]:
            missing, immense = True, False
            counts[k] += 1
    if immense and abs(value) < np.inf:
        counts[outside.size] = value
    return missing


@njit(cache=True, nogil=True)
def clean(values, inside, outside, counts, limits, factor, offset, negative):  # type: ignore[no-untyped-def] # pragma: no cover
    """In place: missing to NaN, the others times factor plus offset; the last count is an immense value met."""
    low, high, lowest, highest, huge = limits
    linear = factor != 1.0 or offset != 0.0
    for i in range(values.shape[0]):
        if not linear and inside.size == 0 and _all_within(values[i], low, high):
            continue
        for j in range(values.shape[1]):
            value = values[i, j]
            missing = False
            if low <= value <= high:
                for k in range(inside.size):
                    missing = missing or value == inside[k]
            else:
                missing = _is_missing(value, outside, counts, lowest, highest, huge)
                missing = missing or (negative and value * factor + offset < 0)
            if missing:
                values[i, j] = np.nan
            elif linear:
                values[i, j] = value * factor + offset
