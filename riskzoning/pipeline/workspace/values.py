"""Values of small layers that this process has written or read, by their file: the next run need not read them again.

A file is known by its place on the disk, its size and its time; one that was put anew is another. Values that somebody
has changed in memory since are no longer those of the file: their sum tells, and they are let go.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter, OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

Array = np.ndarray[Any, Any]
_File: TypeAlias = tuple[int, int, int, int]
# Bytes that stay in memory between runs.
_MOST = 128 * 1024**2


@dataclass(frozen=True, eq=False)
class _Values:
    """The bands of a file and their sums when they came."""

    bands: tuple[Array, ...]
    sums: tuple[int, ...]

    @property
    def bytes(self) -> int:
        return sum(band.nbytes for band in self.bands)


_held: OrderedDict[_File, _Values] = OrderedDict()
_users: Counter[int] = Counter()
_bytes = 0
_lock = Lock()


def remember(path: Path, bands: list[Array]) -> None:
    """Hold the values of a file."""
    _hold(path, _Values(tuple(bands), _sums(bands)))


def recall(path: Path) -> list[Array] | None:
    """The bands of a file that is held, None where it has to be read."""
    held = _of(path)
    if held is None or _sums(held.bands) != held.sums:
        return None
    return list(held.bands)


def copied(path: Path, copy: Path) -> None:
    """A file was copied: what is held of it holds for the copy."""
    held = _of(path)
    if held is not None:
        _hold(copy, held)


def _of(path: Path) -> _Values | None:
    with _lock:
        file = _file(path)
        held = None if file is None else _held.get(file)
        if file is not None and held is not None:
            _held.move_to_end(file)
        return held


def _hold(path: Path, values: _Values) -> None:
    global _bytes
    with _lock:
        file = _file(path)
        if file is None:
            return
        _let_go(file)
        _held[file] = values
        # Files that share their values are counted once.
        _users[id(values)] += 1
        _bytes += values.bytes if _users[id(values)] == 1 else 0
        while len(_held) > 1 and _bytes > _MOST:
            _let_go(next(iter(_held)))


def _let_go(file: _File) -> None:
    global _bytes
    values = _held.pop(file, None)
    if values is not None:
        _users[id(values)] -= 1
        if not _users[id(values)]:
            del _users[id(values)]
            _bytes -= values.bytes


def _sums(bands: Sequence[Array]) -> tuple[int, ...]:
    return tuple(zlib.crc32(np.ascontiguousarray(band).data) for band in bands)


def _file(path: Path) -> _File | None:
    with suppress(OSError):
        facts = os.stat(path)
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns
    return None
