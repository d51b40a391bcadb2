"""Columns of statistics from accumulators and class tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskzoning.coverage.kernels import CELLS, COVER, FIRST, LEAST, MOST, SECOND, SHIFT, SUM, SUM_REST, WEIGHT
from riskzoning.errors import LayerError, Phrase, Problem, note

Array = np.ndarray[Any, Any]
ADDITIVE = ("count", "sum", "mean", "min", "max", "std", "var")
CLASSES = ("majority", "minority", "variety")
_TIE = 1e-9
_PERCENTILE = re.compile(r"^p(\d{1,2}(\.\d+)?|100)$")


def checked_statistics(statistics: Sequence[str]) -> list[str]:
    wanted = [statistics] if isinstance(statistics, str) else list(dict.fromkeys(statistics))
    known = (*ADDITIVE, *CLASSES, "median")
    wrong = [s for s in wanted if s not in known and s != "valid_share" and not _PERCENTILE.match(str(s))]
    if wrong:
        raise LayerError(Problem("zonal.statistic", Phrase("statistics"), wrong=wrong, known=known))
    return [str(s) for s in wanted if s != "valid_share"]


def statistic_of(lines: Array, name: str) -> Array:
    some, weight = lines[:, CELLS] > 0, lines[:, WEIGHT]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if name == "count":
            return lines[:, COVER].copy()
        if name == "sum":
            # Beyond the largest number there is no rest.
            rest = np.where(np.isfinite(lines[:, SUM]), lines[:, SUM_REST], 0.0)
            return np.where(some, lines[:, SUM] + rest, np.nan)
        if name == "mean":
            return np.where(some, lines[:, SHIFT] + lines[:, FIRST] / weight, np.nan)
        if name in ("std", "var"):
            variance = np.maximum(lines[:, SECOND] / weight - (lines[:, FIRST] / weight) ** 2, 0.0)
            variance = np.where(some, variance, np.nan)
            return np.asarray(np.sqrt(variance) if name == "std" else variance)
    return np.where(some, lines[:, LEAST if name == "min" else MOST], np.nan)


def note_beyond(lines: Array, columns: Mapping[str, Array], layer: str) -> None:
    """Tell of statistics that no number can hold: units with values, but without a finite result."""
    some = lines[:, CELLS] > 0
    lost = {name: int((some & ~np.isfinite(values)).sum()) for name, values in columns.items() if name in ADDITIVE}
    named = [name for name, count in lost.items() if count]
    if named:
        thing, count = Phrase("layer", name=layer), max(lost.values())
        note(Problem("zonal.beyond", thing, severity="warning", statistics=named, count=count))


def whole_numbers(values: Array) -> Array:
    return values.astype(np.int64) if np.isfinite(values).all() and len(values) else values


def class_statistics(keys: Array, cover: Array, wanted: Sequence[str], integer: bool) -> dict[str, Any]:
    some = cover.sum(axis=1) > 0 if cover.size else np.zeros(len(cover), bool)
    out: dict[str, Any] = {}
    for name in wanted:
        if name == "variety":
            out[name] = (cover > 0).sum(axis=1).astype(np.int64)
            continue
        codes = np.full(len(cover), np.nan)
        # Shares that differ by rounding alone are a tie: the larger code is the majority, the smaller the minority.
        if some.any() and name == "majority":
            most = cover[some].max(axis=1, keepdims=True)
            codes[some] = keys[::-1][np.argmax((cover[some] >= most * (1 - _TIE))[:, ::-1], axis=1)]
        elif some.any():
            present = np.where(cover[some] > 0, cover[some], np.inf)
            codes[some] = keys[np.argmax(present <= present.min(axis=1, keepdims=True) * (1 + _TIE), axis=1)]
        out[name] = whole_numbers(codes) if integer else codes
    return out
