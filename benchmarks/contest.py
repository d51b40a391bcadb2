"""What a benchmark file declares: workloads, the cases they have at each size, and who competes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Result = Mapping[str, NDArray[Any]]
Call = Callable[[], Result]
SIZES = ("s", "m", "l")
# A key of a result that begins so is a part of the time (a stage), not something to compare.
PART = "seconds:"
# And one that begins so is an amount that has a limit (megabytes of a folder).
AMOUNT = "amount:"


class DifferenceError(Exception):
    """Two contestants found different results: their times mean nothing."""


@dataclass(frozen=True)
class Case:
    """One amount of work.

    ``n`` is what the time should grow with. ``growth`` names what this case is there to show ("cells", "units"); the
    case without it is the one that peers take part in.
    """

    title: str
    n: float
    params: Mapping[str, Any] = field(default_factory=dict)
    growth: str = ""


@dataclass(frozen=True)
class Contestant:
    """Somebody who does the work, in a process of its own.

    ``start(case)`` makes or opens the data and returns the call that is timed. ``needs`` are modules, imported (and
    timed) first; where one is missing the contestant is skipped by name.
    """

    start: Callable[[Case], Call]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workload:
    """Something that takes time: ``contestants["ours"]`` and its peers on the same data.

    ``agree(ours, theirs, peer)`` raises :class:`DifferenceError`; peers without a comparable result (reading alone) it
    passes over. ``files(case)`` writes what contestants read, before any of them starts. Without ``warm`` the first
    call is already timed (long work without peers).
    """

    name: str
    cases: Callable[[str], list[Case]]
    contestants: Mapping[str, Contestant]
    agree: Callable[[Result, Result, str], None]
    files: Callable[[Case], None] = lambda case: None
    rounds: int = 3
    warm: bool = True


def cache_folder() -> Path:
    """Where data made from seeds are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "riskzoning" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cached_file(kind: str, suffix: str, write: Callable[[Path], None], **facts: Any) -> Path:
    """A file that depends on ``facts`` alone, written once; a reader never sees half of it."""
    key = hashlib.sha256(json.dumps([kind, facts], sort_keys=True).encode()).hexdigest()[:16]
    path = cache_folder() / f"{kind}-{key}{suffix}"
    if not path.is_file():
        partial = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            write(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def same(ours: Result, theirs: Result, *, relative: float, keys: tuple[str, ...] | None = None) -> None:
    """Raise :class:`DifferenceError` unless every array of the peer is ours, to ``relative`` of its largest value."""
    for key in keys or tuple(k for k in theirs if not k.startswith(PART)):
        a, b = (np.asarray(result[key], dtype=np.float64) for result in (ours, theirs))
        if a.shape != b.shape:
            raise DifferenceError(f"{key}: shape {a.shape} against {b.shape}")
        if not np.array_equal(np.isnan(a), np.isnan(b)):
            raise DifferenceError(f"{key}: missing in different places")
        if a.size and not np.isnan(a).all():
            apart = float(np.nanmax(np.abs(a - b)))
            scale = float(np.nanmax(np.abs(b)))
            if not apart <= relative * scale:
                raise DifferenceError(f"{key}: differs by {apart:.3g}, allowed {relative:g} of {scale:.6g}")
