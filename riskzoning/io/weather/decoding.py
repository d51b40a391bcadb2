"""Special values of daily weather files, one branch each; tested in the order that keeps them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note

Array = np.ndarray[Any, np.dtype[Any]]
# The files that a note is about: a path, or words.
Thing: TypeAlias = Phrase | str


def decode(
    values: Array, *, rain: bool = False, over: float = 0.0, factor: float = 1.0
) -> tuple[Array, dict[str, int]]:
    """Stored integers as values in the variable's unit, NaN where missing, with the number of special values."""
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


def elevation_metres(values: ArrayLike) -> Array:
    """Elevation in tenths of metres, +100000 when estimated, as metres."""
    number = np.asarray(values, dtype=np.float64)
    return np.where(number >= 90000, number - 100000, number) / 10


def note_codes(thing: Thing, variable: str, counts: Mapping[str, int], *, element: str = "") -> None:
    """Note how many special values of each kind a variable has, when it has any."""
    there = {key: count for key, count in counts.items() if count}
    if there:
        kinds = [Phrase(f"weather_{key}", count=count) for key, count in there.items()]
        note(Problem("weather.codes", thing, severity="info", element=element, variable=variable, counts=kinds))
