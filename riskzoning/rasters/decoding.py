"""From stored numbers to values of a quantity: one mask, scale and offset, units, classes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.standards import Quantity

Array = np.ndarray[Any, Any]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _clean(values, inside, outside, hits, low, high, lowest, highest, huge, factor, offset, negative):  # type: ignore[no-untyped-def] # pragma: no cover
    """One pass in place: missing to NaN, the others times factor plus offset. The usual cell passes one comparison.

    ``hits`` counts the cells of each value in ``outside``.
    """
    linear = factor != 1.0 or offset != 0.0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            missing = False
            if low <= value <= high:
                for k in range(inside.size):
                    missing = missing or value == inside[k]
            else:
                missing = not (-huge < value < huge) or value < lowest or value > highest
                for k in range(outside.size):
                    if value == outside[k]:
                        missing = True
                        hits[k] += 1
                if negative and value * factor + offset < 0:
                    missing = True
            if missing:
                values[i, j] = np.nan
            elif linear:
                values[i, j] = value * factor + offset


# What the decoders of a file met: values taken as no data without a declaration, and values kept with a doubt. Blocks
# are decoded in threads; other processes keep notes of their own, so a scan runs in threads.
_notes: dict[str, tuple[set[float], set[float]]] = {}
_notes_lock = threading.Lock()


def noticed(path: str) -> tuple[frozenset[float], frozenset[float]]:
    """Stored values of a file that were taken as no data undeclared, and those kept that often mean no data.

    Only blocks that were decoded in this process count.

    Examples
    --------
    >>> noticed("never-read.tif")
    (frozenset(), frozenset())
    """
    with _notes_lock:
        taken, kept = _notes.get(path, (set(), set()))
        return frozenset(taken), frozenset(kept)


def forget(path: str) -> None:
    """Drop the notes of a file, before it is read anew.

    Examples
    --------
    >>> _note("a.tif", [-9999.0])
    >>> forget("a.tif")
    >>> noticed("a.tif")
    (frozenset(), frozenset())
    """
    with _notes_lock:
        _notes.pop(path, None)


def _note(path: str, taken: Iterable[float], kept: Iterable[float] = ()) -> None:
    with _notes_lock:
        notes = _notes.setdefault(path, (set(), set()))
        notes[0].update(taken)
        notes[1].update(kept)


@dataclass(frozen=True)
class Decoder:
    """How the stored numbers of one file become values of a quantity; called on blocks, in any thread or process.

    Parameters
    ----------
    thing : str
        The file, for messages.
    dtype : str
        Of the result: ``float32``, ``float64``, or the smallest unsigned integer for classes.
    inside, outside : tuple of float
        Stored values that mean no data, within and beyond the plausible range ``low..high`` (stored numbers too).
    lowest, highest : float
        Stored numbers beyond are missing (``valid_range`` of NetCDF).
    factor, offset : float
        Scale, offset and unit conversion in one.
    sentinels : tuple of float
        Those of ``outside`` that the file does not declare.
    doubtful : tuple of float
        Stored values that are kept though they often mean no data (classes only).
    """

    thing: str
    dtype: str
    is_class: bool
    inside: tuple[float, ...]
    outside: tuple[float, ...]
    low: float
    high: float
    lowest: float
    highest: float
    huge: float
    factor: float = 1.0
    offset: float = 0.0
    negative_is_nodata: bool = False
    sentinels: tuple[float, ...] = ()
    doubtful: tuple[float, ...] = ()

    def __call__(self, raw: Array, mask: Array | None) -> Array:
        """Decoded block; ``mask`` is 0 where a mask band or an alpha band says no data."""
        return self._classes(raw, mask) if self.is_class else self._numbers(raw, mask)

    def _numbers(self, raw: Array, mask: Array | None) -> Array:
        # Done in place: only a block that nobody else holds may be reused.
        values = np.ascontiguousarray(raw, dtype=self.dtype)
        if np.shares_memory(values, raw) and not raw.flags.writeable:
            values = values.copy()
        hits = np.zeros(len(self.outside), dtype=np.int64)
        _clean(
            values,
            np.asarray(self.inside, dtype=np.float64),
            np.asarray(self.outside, dtype=np.float64),
            hits,
            self.low,
            self.high,
            self.lowest,
            self.highest,
            self.huge,
            self.factor,
            self.offset,
            self.negative_is_nodata,
        )
        if hits.any():
            _note(self.thing, (v for v, n in zip(self.outside, hits, strict=True) if n and v in self.sentinels))
        if mask is not None:
            values[mask == 0] = np.nan
        return values

    def _classes(self, raw: Array, mask: Array | None) -> Array:
        missing = np.zeros(raw.shape, dtype=bool)
        for value in self.inside + self.outside:
            equal = raw == value
            missing |= equal
            if value in self.sentinels and equal.any():
                _note(self.thing, (value,))
        if raw.dtype.kind == "f":
            missing |= ~(np.abs(raw) < self.huge)
        if np.isfinite(self.lowest) or np.isfinite(self.highest):
            missing |= (raw < self.lowest) | (raw > self.highest)
        if mask is not None:
            missing |= mask == 0
        if self.doubtful:
            _note(self.thing, (), (value for value in self.doubtful if bool(np.any((raw == value) & ~missing))))
        filled = np.where(missing, raw.dtype.type(0), raw)
        self._check_classes(filled)
        return filled.astype(self.dtype)

    def _check_classes(self, filled: Array) -> None:
        if filled.size == 0:
            return
        if filled.dtype.kind == "f":
            broken = filled[filled != np.rint(filled)]
            if broken.size:
                raise LayerError(
                    Problem(
                        self.thing,
                        f"has class values that are no integers ({first_few(f'{v:g}' for v in np.unique(broken))})",
                        "whole numbers, 0 = no data",
                        "Export the classes without interpolation (nearest neighbour), or declare another quantity.",
                        rule="layer.class",
                    )
                )
        limit = np.iinfo(np.dtype(self.dtype)).max
        if filled.min() < 0 or filled.max() > limit:
            wrong = filled[(filled < 0) | (filled > limit)]
            raise LayerError(
                Problem(
                    self.thing,
                    f"has the class values {first_few(f'{v:g}' for v in np.unique(wrong))}",
                    f"classes from 1 to {limit}, 0 = no data",
                    'If that value means no data, declare it with "nodata:" in study.yaml; else recode the classes.',
                    rule="layer.class",
                )
            )


def make_decoder(
    quantity: Quantity,
    *,
    thing: str,
    stored: np.dtype[Any],
    nodata: tuple[float, ...],
    scale: float,
    offset: float,
    units: tuple[float, float],
    valid_range: tuple[float, float] | None = None,
) -> Decoder:
    """The decoder of a file: which stored numbers mean no data, and the one linear step to the quantity's unit.

    Parameters
    ----------
    nodata : tuple of float
        Declared values, as stored.
    scale, offset : float
        Of the file; ``units``: factor and offset of the unit conversion that follows.

    Examples
    --------
    >>> from riskzoning.standards import quantity
    >>> decode = make_decoder(quantity("elevation"), thing="a.tif", stored=np.dtype("int16"), nodata=(), scale=1.0,
    ...                       offset=0.0, units=(1.0, 0.0))
    >>> decode(np.array([[5, -32768]], dtype="int16"), None).tolist()
    [[5.0, nan]]
    """
    table = standards.table("formats/nodata").data
    factor, shift = scale * units[0], offset * units[0] + units[1]
    low, high = _stored_range(quantity, factor, shift)
    if low == -np.inf:
        # Without a plausible range, producers' negative fill values and magnitudes that no quantity has are missing.
        low, high = float(table["negative"]), 1e19
    suspects = {float(value) for value in table["values"]} | _type_limits(stored)
    declared = tuple(_as_stored(value, stored) for value in nodata)
    stored_suspects = {_as_stored(value, stored) for value in suspects} - set(declared)
    sentinels = tuple(value for value in sorted(stored_suspects) if not low <= value <= high)
    lowest, highest = valid_range or (-np.inf, np.inf)
    is_class = quantity.kind == "class"
    return Decoder(
        thing=thing,
        dtype=_class_dtype(quantity) if is_class else _number_dtype(stored),
        is_class=is_class,
        inside=tuple(value for value in declared if low <= value <= high),
        outside=tuple(
            dict.fromkeys([v for v in declared if not low <= v <= high and np.isfinite(v)] + list(sentinels))
        ),
        low=max(low, lowest),
        high=min(high, highest),
        lowest=lowest,
        highest=highest,
        huge=float(table["huge"]),
        factor=factor,
        offset=shift,
        negative_is_nodata=quantity.negative_is_nodata,
        sentinels=sentinels,
        doubtful=tuple(sorted(_type_limits(stored) - set(declared) - set(sentinels))) if is_class else (),
    )


def _stored_range(quantity: Quantity, factor: float, shift: float) -> tuple[float, float]:
    limits = quantity.hard or quantity.soft
    if limits is None:
        return -np.inf, np.inf
    low, high = sorted((limit - shift) / factor for limit in limits)
    return low, high


def _as_stored(value: float, stored: np.dtype[Any]) -> float:
    """The value as the file's type holds it: -3.4e38 of a text is not exactly that of a float32."""
    if stored.kind != "f" or not np.isfinite(value):
        return float(value)
    with np.errstate(over="ignore"):
        return float(stored.type(value))


def _type_limits(stored: np.dtype[Any]) -> set[float]:
    if stored.kind not in "iu":
        return set()
    limits = np.iinfo(stored)
    return {float(limits.max)} | ({float(limits.min)} if limits.min else set())


def _number_dtype(stored: np.dtype[Any]) -> str:
    small = stored.itemsize <= 4 if stored.kind == "f" else stored.itemsize <= 2
    return "float32" if small else "float64"


def _class_dtype(quantity: Quantity) -> str:
    largest = quantity.hard[1] if quantity.hard else 65535
    return str(np.min_scalar_type(int(largest)))
