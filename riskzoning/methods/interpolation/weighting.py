"""Inverse distance weighting, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

__all__ = ["inverse_distance"]

compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# A point within a micrometre of a station is at the station.
_AT_STATION = 1e-12


@compiled
def inverse_distance(x, y, residuals, observed, power, radius, fewest, most, X, Y, trend, out):  # type: ignore[no-untyped-def]
    """Trend plus the mean of the residuals with weights 1 / d^power; at a station the observed value itself.

    Parameters
    ----------
    x, y, residuals, observed : float64 (stations)
        Places in metres; what is weighted; what a station itself shows.
    power : float
    radius : float
        Stations farther away than this many metres do not count, unless they belong to the ``fewest`` nearest ones.
    fewest, most : int
        At least and at most so many nearest stations.
    X, Y : float64 (rows, columns)
        Places of the cells, metres.
    trend : float64 (rows, columns)
        Added; NaN is missing.
    out : float (rows, columns)
        Changed in place.

    Examples
    --------
    >>> x, y, z = np.array([0.0, 2.0]), np.array([0.0, 0.0]), np.array([10.0, 20.0])
    >>> cells, out = np.array([[0.5, 0.0]]), np.empty((1, 2))
    >>> inverse_distance(x, y, z, z, 2.0, np.inf, 1, 2, cells, np.zeros((1, 2)), np.zeros((1, 2)), out)
    >>> out
    array([[11., 10.]])
    """
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
