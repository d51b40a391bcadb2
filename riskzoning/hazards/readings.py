"""Readings of weather as formulas take them: declared units converted, codes for missing and traces read, ranges seen.

The checks are those of a run: a public function and a study refuse, and read, the same values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells
from riskzoning.layers.numbers import numbers
from riskzoning.methods.elements import element_units, impossible, known_values, possible_range, too_many_impossible


def element_values(value: Cells, element: str, *, thing: Phrase | str, units: str = "") -> Any:
    """Readings of an element in ``units`` (by default those of the element), in the container in which they came.

    A unit that a DataArray declares is converted; codes for missing values are missing, with a warning. Lazy values
    stay lazy and are not counted.
    """
    return _converted(value, element, thing, units, told=partial(_told, element=element, thing=thing))


def decoded_values(value: xr.DataArray, element: str, *, thing: Phrase | str) -> tuple[xr.DataArray, int]:
    """Readings in the unit of the element, and how many codes for missing were among them; nothing is noted."""
    out = _converted(value, element, thing, "", told=None)
    if out.chunks is not None:
        return out, 0
    return out, int((np.isfinite(value.to_numpy()) & np.isnan(out.to_numpy())).sum())


def _converted(
    value: Cells, element: str, thing: Phrase | str, units: str, *, told: Callable[[Array, Array], None] | None
) -> Any:
    wanted = units or element_units()[element]
    stated = str(value.attrs.get("units", "")).strip() if isinstance(value, xr.DataArray) else ""
    pair = standards.unit_factor(stated or wanted, wanted)
    if pair is None:
        raise LayerError(Problem("stations.units", thing, element=element, units=stated, wanted=wanted))
    kernel = partial(_decoded, element=element, units=stated or wanted, pair=pair)
    lazy: Any = value.data if isinstance(value, xr.DataArray) else value
    if isinstance(lazy, da.Array):
        out: Any = da.map_blocks(kernel, lazy, dtype=np.float64)
    else:
        raw = _plain(lazy, thing, stated or wanted)
        out = kernel(raw)
        if told is not None:
            told(raw, out)
    if isinstance(value, xr.DataArray):
        return value.copy(data=out).assign_attrs(units=wanted)
    if isinstance(value, pd.Series):
        return pd.Series(out, index=value.index, name=value.name)
    return out if isinstance(out, da.Array) or np.ndim(out) else float(out)


def _decoded(values: Array, *, element: str, units: str, pair: tuple[float, float]) -> Array:
    numbers = np.asarray(values, dtype=np.float64)
    own, _ = known_values(numbers, element, units=units)
    out = numbers if pair == (1.0, 0.0) else numbers * pair[0] + pair[1]
    return np.where(np.isnan(own), np.nan, np.where(own == 0, 0.0, out))


def _plain(values: object, thing: Phrase | str, units: str) -> Array:
    if isinstance(values, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    return numbers(values, name=thing if isinstance(thing, Phrase) else Phrase("argument", name=thing), units=units)


def _told(raw: Array, out: Array, *, element: str, thing: Phrase | str) -> None:
    codes = np.isfinite(raw) & np.isnan(out)
    if codes.any():
        shown = np.unique(raw[codes]).tolist()
        count = int(codes.sum())
        note(Problem("elements.codes", thing, severity="warning", element=element, count=count, codes=shown))


def checked_values(value: Cells, element: str, *, thing: Phrase | str) -> Any:
    """Readings in the unit of the element; single values that no day can show are missing, many are refused."""
    out = element_values(value, element, thing=thing)
    if isinstance(out, da.Array) or (isinstance(out, xr.DataArray) and out.chunks is not None):
        return out
    numbers = np.asarray(out, dtype=np.float64)
    beyond, known = impossible(numbers, element), int(np.isfinite(numbers).sum())
    if too_many_impossible(beyond.sum(), known):
        raise LayerError(range_problem(numbers[beyond], known, element, thing))
    if not beyond.any():
        return out
    kept = np.where(beyond, np.nan, numbers)
    if isinstance(out, xr.DataArray | pd.Series):
        return out.where(~beyond) if isinstance(out, pd.Series) else out.copy(data=kept)
    return kept if np.ndim(out) else float(kept)


def range_problem(beyond: Array, known: int, element: str, thing: Phrase | str) -> Problem:
    """So many values are impossible that the element must be in another unit."""
    low, high = possible_range(element)
    return Problem(
        "stations.range", thing, element=element, count=int(beyond.size), known=known, low=low, high=high,
        units=element_units()[element], lowest=float(np.nanmin(beyond)), highest=float(np.nanmax(beyond)),
    )  # fmt: skip


def check_days(time: pd.Index[Any] | None, thing: Phrase | str) -> None:
    """Refuse time stamps that occur twice or stand closer than a day: hours are not days."""
    if not isinstance(time, pd.DatetimeIndex) or len(time) < 2:
        return
    days = time.normalize()
    if not time.is_unique or not days.is_unique:
        most = int(days.value_counts().max())
        raise LayerError(Problem("elements.steps", thing, count=len(time), days=int(days.nunique()), most=most))
