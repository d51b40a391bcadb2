"""Special values of daily weather files, one branch each; tested in the order that keeps them apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskzoning import standards

__all__ = ["decode", "degrees_of_ddmm", "elevation_metres"]

Array = np.ndarray[Any, Any]


def decode(
    values: Array, *, rain: bool = False, over: float = 0.0, factor: float = 1.0
) -> tuple[Array, dict[str, int]]:
    """Stored integers as values in the variable's unit, NaN where missing, with the number of special values.

    Parameters
    ----------
    values : array
        As stored.
    rain : bool
        32700 trace (0), 32XXX dew or frost, 31XXX rain and snow, 30XXX snow: XXX in tenths of mm.
    over : float
        What is added to readings over range (humidity 300, wind 1000, ground temperature 10000).
    factor : float

    Examples
    --------
    >>> found, counts = decode(np.array([55, 32700, 32766, 32003, 31120, 30045]), rain=True, factor=0.1)
    >>> found.round(1).tolist(), counts["missing"], counts["trace"]
    ([5.5, 0.0, nan, 0.3, 12.0, 4.5], 1, 1)
    """
    table = standards.table("formats/cma_daily").data
    raw = np.asarray(values, dtype=np.float64)
    out = raw.copy()
    missing = np.isin(raw, table["missing"]) | ~np.isfinite(raw)
    counts = {"missing": int(missing.sum())}
    if rain:
        trace = raw == table["trace"]
        dew = (raw >= 32000) & ~trace & ~missing
        mixed = (raw >= 31000) & (raw < 32000) & ~missing
        snow = (raw >= 30000) & (raw < 31000) & ~missing
        for name, where, base in (
            ("trace", trace, None),
            ("dew", dew, 32000),
            ("mixed", mixed, 31000),
            ("snow", snow, 30000),
        ):
            counts[name] = int(where.sum())
            out[where] = 0.0 if base is None else raw[where] - base
    elif over:
        beyond = (np.abs(raw) >= over) & ~missing
        counts["over_range"] = int(beyond.sum())
        out[beyond] = raw[beyond] - np.sign(raw[beyond]) * over
    out[missing] = np.nan
    return out * factor, counts


def degrees_of_ddmm(values: Any) -> Array:
    """Degrees and minutes written together as decimal degrees; NaN where the minutes are 60 or more.

    Examples
    --------
    >>> degrees_of_ddmm([11350, 11375]).round(4).tolist()
    [113.8333, nan]
    """
    number = np.asarray(values, dtype=np.float64)
    whole = np.floor(number / 100)
    minutes = number - 100 * whole
    return np.where(minutes < 60, whole + minutes / 60, np.nan)


def elevation_metres(values: Any) -> Array:
    """Elevation in tenths of metres, +100000 when estimated, as metres.

    Examples
    --------
    >>> elevation_metres([703, 100703]).tolist()
    [70.3, 70.3]
    """
    number = np.asarray(values, dtype=np.float64)
    return np.where(number >= 90000, number - 100000, number) / 10
