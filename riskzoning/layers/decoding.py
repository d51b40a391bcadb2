"""From stored numbers to values of a quantity, of files and in memory: one mask, scale and offset, units, classes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.standards import Quantity

Array = np.ndarray[Any, Any]


# Smaller ones of the listed values are values of many layers.
_LEAST_SUSPECT = 900


class Seen:
    """What decoding met in a file: values taken as no data undeclared, and values kept with a doubt; for any thread."""

    def __init__(self) -> None:
        self.taken: set[float] = set()
        self.kept: set[float] = set()
        self._lock = threading.Lock()

    def add(self, taken: Iterable[float], kept: Iterable[float] = ()) -> None:
        """Note values of a block."""
        with self._lock:
            self.taken.update(taken)
            self.kept.update(kept)


@dataclass(frozen=True)
class Decoder:
    """How the stored numbers of one file become values of a quantity; called on blocks, in any thread or process."""

    thing: Phrase | str
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
    # What stands where nothing does, when that is known: 0 on dry ground.
    absent: float | None = None

    def __call__(self, raw: Array, mask: Array | None, seen: Seen | None = None) -> Array:
        """Decoded block; ``mask`` is 0 where a mask band or an alpha band says no data; ``seen`` takes what was met."""
        met = seen or Seen()
        if self.is_class:
            return self._classes(raw, mask, met)
        values = self._numbers(raw, mask, met)
        return values if self.absent is None else np.nan_to_num(values, copy=False, nan=self.absent)

    def suspects(self) -> set[float]:
        """Values that producers write for "no data", as they come out where nothing says that they cannot be values."""
        table = standards.table("formats/nodata").data
        if self.low != float(table["negative"]):
            return set()
        stored = [float(value) for value in table["values"] if abs(value) > _LEAST_SUSPECT and self.low <= value]
        return {value * self.factor + self.offset for value in stored if value not in self.inside}

    def held(self, values: Array, seen: Seen | None = None) -> Array:
        """Values of somebody else, which stay as they are: the same array where nothing is to be done, else a copy."""
        if values.size == 0 or self._is_plain(values):
            return values
        flat = np.array(values).reshape(-1, values.shape[-1] if values.ndim else 1)
        return self(flat, None, seen).reshape(values.shape)

    def _is_plain(self, values: Array) -> bool:
        """Whether every value is a value as it stands."""
        if self.factor != 1.0 or self.offset != 0.0 or self.inside or self.doubtful:
            return False
        with np.errstate(invalid="ignore"):
            low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        limit = self.huge if values.dtype.kind == "f" else np.inf
        return bool(not (low < max(self.low, -limit) or high > min(self.high, limit)))

    def _numbers(self, raw: Array, mask: Array | None, seen: Seen) -> Array:
        # Done in place: only a block that nobody else holds may be reused.
        values = np.ascontiguousarray(raw, dtype=self.dtype)
        if np.shares_memory(values, raw) and not raw.flags.writeable:
            values = values.copy()
        from riskzoning.layers.cleaning import clean

        counts = np.zeros(len(self.outside) + 1)
        clean(
            values,
            np.asarray(self.inside, dtype=np.float64),
            np.asarray(self.outside, dtype=np.float64),
            counts,
            (self.low, self.high, self.lowest, self.highest, self.huge),
            self.factor,
            self.offset,
            self.negative_is_nodata,
        )
        if counts.any():
            named = {v for v, n in zip(self.outside, counts[:-1], strict=True) if n and v in self.sentinels}
            seen.add(named | ({float(counts[-1])} if counts[-1] else set()))
        if mask is not None:
            values[mask == 0] = np.nan
        return values

    def _classes(self, raw: Array, mask: Array | None, seen: Seen) -> Array:
        missing = np.zeros(raw.shape, dtype=bool)
        for value in self.inside + self.outside:
            equal = raw == value
            missing |= equal
            if value in self.sentinels and equal.any():
                seen.add((value,))
        if raw.dtype.kind == "f":
            missing |= ~(np.abs(raw) < self.huge)
        if np.isfinite(self.lowest) or np.isfinite(self.highest):
            missing |= (raw < self.lowest) | (raw > self.highest)
        if mask is not None:
            missing |= mask == 0
        if self.doubtful:
            seen.add((), (value for value in self.doubtful if bool(np.any((raw == value) & ~missing))))
        filled = np.where(missing, raw.dtype.type(0), raw)
        self._check_classes(filled)
        return filled.astype(self.dtype)

    def _check_classes(self, filled: Array) -> None:
        if filled.size == 0:
            return
        if filled.dtype.kind == "f":
            broken = filled[filled != np.rint(filled)]
            if broken.size:
                raise LayerError(Problem("class.fractions", self.thing, classes=_listed(broken)))
        limit = np.iinfo(np.dtype(self.dtype)).max
        if filled.min() < 0 or filled.max() > limit:
            wrong = filled[(filled < 0) | (filled > limit)]
            raise LayerError(Problem("class.range", self.thing, classes=_listed(wrong), limit=int(limit)))


def _listed(values: Array) -> list[str]:
    return [f"{value:g}" for value in np.unique(values)]


class Stored(Protocol):
    """What says how numbers are stored: the facts of a file, or the attributes of a layer in memory."""

    @property
    def path(self) -> Phrase | str:
        """What messages call it."""

    @property
    def dtype(self) -> str:
        """Type of the stored numbers."""

    @property
    def nodata(self) -> tuple[float, ...]:
        """Numbers that are declared as no data."""

    @property
    def scale(self) -> float:
        """Factor from stored numbers to values."""

    @property
    def offset(self) -> float:
        """What is added after that."""

    @property
    def valid_range(self) -> tuple[float, float] | None:
        """Stored numbers beyond it are missing."""


def make_decoder(
    quantity: Quantity | None,
    facts: Stored,
    *,
    nodata: float | None = None,
    scale: float | None = None,
    offset: float | None = None,
    units: tuple[float, float] = (1.0, 0.0),
) -> Decoder:
    """The decoder of a band: which stored numbers mean no data, and the one linear step to the quantity's unit."""
    stored = np.dtype(facts.dtype)
    own_scale, own_offset = facts.scale if scale is None else scale, facts.offset if offset is None else offset
    factor, shift = own_scale * units[0], own_offset * units[0] + units[1]
    table = standards.table("formats/nodata").data
    low, high = _stored_range(quantity, factor, shift)
    if low == -np.inf:
        # Without a plausible range, producers' negative fill values and magnitudes that no quantity has are missing.
        low, high = float(table["negative"]), 1e19
    declared = tuple(_as_stored(value, stored) for value in (*facts.nodata, *(() if nodata is None else (nodata,))))
    suspects = {float(value) for value in table["values"]} | _type_limits(stored)
    undeclared = {_as_stored(value, stored) for value in suspects} - set(declared)
    sentinels = tuple(value for value in sorted(undeclared) if not low <= value <= high)
    beyond = [value for value in declared if not low <= value <= high and np.isfinite(value)]
    lowest, highest = facts.valid_range or (-np.inf, np.inf)
    is_class = quantity is not None and quantity.kind == "class"
    doubtful = _type_limits(stored) - set(declared) - set(sentinels) if is_class and stored.kind != "f" else set()
    return Decoder(
        thing=facts.path,
        dtype=_class_dtype(quantity) if quantity is not None and is_class else _number_dtype(stored),
        is_class=is_class,
        inside=tuple(value for value in declared if low <= value <= high),
        outside=tuple(dict.fromkeys([*beyond, *sentinels])),
        low=max(low, lowest),
        high=min(high, highest),
        lowest=lowest,
        highest=highest,
        huge=float(table["huge"]),
        factor=factor,
        offset=shift,
        negative_is_nodata=quantity is not None and quantity.negative_is_nodata,
        sentinels=sentinels,
        doubtful=tuple(sorted(doubtful)),
    )


def _stored_range(quantity: Quantity | None, factor: float, shift: float) -> tuple[float, float]:
    limits = None if quantity is None else quantity.hard or quantity.soft
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
    """Extreme numbers of a type, which programs write where nothing is; of real numbers only the lowest is so used."""
    if stored.kind == "f":
        return {float(np.finfo(stored).min)}
    limits = np.iinfo(stored)
    return {float(limits.max)} | ({float(limits.min)} if limits.min else set())


def _number_dtype(stored: np.dtype[Any]) -> str:
    small = stored.itemsize <= 4 if stored.kind == "f" else stored.itemsize <= 2
    return "float32" if small else "float64"


def _class_dtype(quantity: Quantity) -> str:
    largest = quantity.hard[1] if quantity.hard else 65535
    return str(np.min_scalar_type(int(largest)))
