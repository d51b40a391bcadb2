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
def _nearest(x, y, at_x, at_y, squares):  # type: ignore[no-untyped-def]
    """Squared distances of all stations, the smallest of them and its station."""
    near, nearest = np.inf, 0
    for n in range(x.size):
        dx, dy = at_x - x[n], at_y - y[n]
        squares[n] = dx * dx + dy * dy
        if squares[n] < near:
            near, nearest = squares[n], n
    return near, nearest


@compiled
def _reach(squares, ordered, radius, fewest, most):  # type: ignore[no-untyped-def]
    """Square of the distance up to which stations count."""
    ordered[:] = squares
    ordered.sort()
    limit = max(radius * radius, ordered[min(fewest, squares.size) - 1])
    return min(limit, ordered[min(most, squares.size) - 1])


@compiled
def inverse_distance(stations, search, places, trend, out):  # type: ignore[no-untyped-def]
    """Trend plus the mean of the residuals with weights 1 / d^power; at a station the observed value itself."""
    # Stations: x, y, residuals, observed. Search: power, radius, fewest and most stations. Places: x and y of cells.
    x, y, residuals, observed = stations
    power, radius, fewest, most = search
    X, Y = places
    count = x.size
    squares, ordered = np.empty(count), np.empty(count)
    everyone = not np.isfinite(radius) and most >= count
    low, high = residuals.min(), residuals.max()
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if not np.isfinite(trend[i, j]):
                out[i, j] = np.nan
                continue
            near, nearest = _nearest(x, y, X[i, j], Y[i, j], squares)
            if near <= _AT_STATION:
                out[i, j] = observed[nearest]
                continue
            if not np.isfinite(near):
                out[i, j] = np.nan
                continue
            limit = np.inf
            if not everyone:
                limit = _reach(squares, ordered, radius, fewest, most)
            total, weights = 0.0, 0.0
            for n in range(count):
                if squares[n] <= limit:
                    # Relative to the nearest one: no overflow close to a station, no underflow far from all.
                    share = near / squares[n]
                    weight = share if power == 2.0 else share ** (power / 2.0)
                    total += weight * residuals[n]
                    weights += weight
            out[i, j] = trend[i, j] + min(max(total / weights, low), high)
