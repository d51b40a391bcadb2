"""Degrees and minutes, or degrees, minutes and seconds, written as one number: 11354 is 113° 54′."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, np.dtype[Any]]
_LIMITS = (180.0, 90.0)


def degrees_of_minutes(values: ArrayLike) -> Array:
    """Degrees and minutes written together, 11354, as decimal degrees; NaN where the minutes are 60 or more.

    Examples
    --------
    >>> degrees_of_minutes([11354, 11375])
    array([113.9,   nan])
    """
    return _degrees_minutes(np.asarray(values, dtype=np.float64), 0.0)


def in_minutes(east: Array, north: Array, *, stated: bool = False) -> tuple[Array, Array] | None:
    """Longitudes and latitudes in degrees, when most numbers of both columns can only be degrees with minutes.

    None when they are something else; NaN for single numbers that do not fit the form of the others. ``stated``: the
    headings say so, then 113.54 is 113° 54′ too.
    """
    forms = (_degrees_minutes, _degrees_minutes_seconds, *((_point_minutes,) if stated else ()))
    for form in forms:
        read = [form(values, limit) for values, limit in zip((east, north), _LIMITS, strict=True)]
        known = [np.isfinite(values) for values in (east, north)]
        if not all(there.any() for there in known):
            return None
        fits = [np.isfinite(values[there]).mean() for values, there in zip(read, known, strict=True)]
        if min(fits) > 0.5 and (stated or _only_so(east, north)):
            return read[0], read[1]
    return None


def _only_so(east: Array, north: Array) -> bool:
    """Whether most numbers are no degrees: longitudes beyond 360, latitudes beyond 180 (which swapped ones are not)."""
    with np.errstate(invalid="ignore"):
        shares = [(np.abs(values[np.isfinite(values)]) > limit).mean() for values, limit in ((east, 360), (north, 180))]
    return min(shares) > 0.5


def _composed(degrees: Array, minutes: Array, seconds: Array | float, sign: Array, limit: float) -> Array:
    # Swapped columns are seen afterwards: both may go to 180.
    with np.errstate(invalid="ignore"):
        good = (minutes < 60) & (np.asarray(seconds) < 60) & (degrees <= max(limit, 180.0))
    return np.where(good, sign * (degrees + minutes / 60 + np.asarray(seconds) / 3600), np.nan)


def _degrees_minutes(values: Array, limit: float) -> Array:
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        # 113.9 among such numbers is degrees, not 1° 13.9′.
        size = np.where((size <= limit) & (size != np.round(size)), np.nan, size)
    return _composed(np.floor(size / 100), size % 100, 0.0, np.sign(values), limit)


def _degrees_minutes_seconds(values: Array, limit: float) -> Array:
    size = np.abs(values)
    minutes = np.floor(size / 100) % 100
    with np.errstate(invalid="ignore"):
        size = np.where(size < 10_000, np.nan, size)
    return _composed(np.floor(size / 10_000), minutes, size % 100, np.sign(values), limit)


def _point_minutes(values: Array, limit: float) -> Array:
    """113.54 for 113° 54′, as tables of degrees and minutes keep it."""
    size = np.abs(values)
    whole = np.floor(size + 1e-9)
    # More than two places behind the point are no minutes.
    size = np.where(np.abs(size * 100 - np.round(size * 100)) < 1e-6, size, np.nan)
    return _composed(whole, np.round((size - whole) * 100, 6), 0.0, np.sign(values), limit)
