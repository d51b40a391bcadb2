"""Inverse distance weighting, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# A point within a micrometre of a station is at the station.
_AT_STATION = 1e-12


@compiled
def inverse_distance(x, y, residuals, observed, power, radius, fewest, most, X, Y, trend, out):  # type: ignore[no-untyped-def]
    """Trend plus the mean of the residuals with weights 1 / d^power; at a station the observed value itself."""
    count = x.size
    squares, ordered = np.empty(count), np.empty(count)
    everyone = not np.isfinite(radius) and most >= count
    low, high = residuals.min(), residuals.max()
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if not np.isfinite(trend[i, j]):
                out[i, j] = np.nan
                continue
            near, nearest = np.inf, 0
            for n in range(count):
                dx, dy = X[i, j] - x[n], Y[i, j] - y[n]
                squares[n] = dx * dx + dy * dy
                if squares[n] < near:
                    near, nearest = squares[n], n
            if near <= _AT_STATION:
                out[i, j] = observed[nearest]
                continue
            if not np.isfinite(near):
                out[i, j] = np.nan
                continue
            limit = np.inf
            if not everyone:
                ordered[:] = squares
                ordered.sort()
                limit = max(radius * radius, ordered[min(fewest, count) - 1])
                limit = min(limit, ordered[min(most, count) - 1])
            total, weights = 0.0, 0.0
            for n in range(count):
                if squares[n] <= limit:
                    # Relative to the nearest one: no overflow close to a station, no underflow far from all.
                    share = near / squares[n]
                    weight = share if power == 2.0 else share ** (power / 2.0)
                    total += weight * residuals[n]
                    weights += weight
            out[i, j] = trend[i, j] + min(max(total / weights, low), high)
