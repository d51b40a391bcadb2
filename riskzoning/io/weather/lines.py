"""Lines of daily weather files as numbers; a line that cannot be read is told with its file and row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem

# Station, latitude, longitude, elevation, year, month, day.
FIXED = 7
_SHOWN = 5
# Bytes of files that are parsed together.
_AT_ONCE = 8 * 1024**2


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one file."""

    station: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]


def read_files(
    texts: Iterable[tuple[str, bytes]], width: int, element: str
) -> Iterator[tuple[str, Lines | None, list[Problem]]]:
    """Each file by its name as :func:`read_lines` reads it; many small ones are parsed at once."""
    for group in _groups(texts):
        every = _at_once([raw for _, raw in group], width)
        if every is None:
            yield from ((name, *read_lines(name, raw, width, element)) for name, raw in group)
        else:
            yield from ((name, lines, []) for (name, _), lines in zip(group, every, strict=True))


def _groups(texts: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    group: list[tuple[str, bytes]] = []
    size = 0
    for name, raw in texts:
        group.append((name, raw))
        size += len(raw)
        if size > _AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _at_once(raws: Sequence[bytes], width: int) -> list[Lines] | None:
    """The lines of every file from one parse; None where one of them must be looked at by itself."""
    counts = [sum(bool(line.strip()) for line in raw.splitlines()) for raw in raws]
    if len(raws) < 2 or not all(counts):
        return None
    try:
        numbers = _numbers(b"\n".join(raws))
    except (ValueError, pd.errors.ParserError):
        return None
    if numbers.shape != (sum(counts), width):
        return None
    station, ends = _stations(numbers), np.cumsum(counts)[:-1]
    return [Lines(*pair) for pair in zip(np.split(station, ends), np.split(numbers, ends), strict=True)]


def _numbers(raw: bytes) -> np.ndarray[Any, Any]:
    return pd.read_csv(io.BytesIO(raw), sep=r"\s+", header=None, dtype=np.int64, engine="c").to_numpy()


def _stations(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Station numbers have five digits."""
    codes, uniques = pd.factorize(numbers[:, 0])
    return np.array([f"{number:05d}" for number in uniques], dtype=object)[codes]


def read_lines(name: str, raw: bytes, width: int, element: str) -> tuple[Lines | None, list[Problem]]:
    """The lines of a file, or what is wrong with them; None without problems is an empty file."""
    try:
        numbers = _numbers(raw)
    except pd.errors.EmptyDataError:
        return None, []
    except (ValueError, pd.errors.ParserError):
        return _slowly(name, raw, width, element)
    if numbers.shape[1] != width:
        return None, [Problem("weather.columns", name, columns=numbers.shape[1], width=width, element=element)]
    return Lines(_stations(numbers), numbers), []


def _slowly(name: str, raw: bytes, width: int, element: str) -> tuple[Lines | None, list[Problem]]:
    """Line by line: which rows are wrong, or lines whose station is no number."""
    stations, numbers, problems = [], [], []
    wrong = 0
    for row, line in enumerate(raw.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        reason = _defect(fields, width)
        if reason is None:
            stations.append(fields[0])
            numbers.append([0, *(int(field) for field in fields[1:])])
            continue
        wrong += 1
        if wrong <= _SHOWN:
            problems.append(Problem("weather.line", name, row=row, reason=reason, width=width, element=element))
    if wrong > _SHOWN:
        problems.append(Problem("weather.more_lines", name, count=wrong - _SHOWN, width=width, element=element))
    if problems:
        return None, problems
    return Lines(np.array(stations, dtype=object), np.array(numbers, dtype=np.int64)), []


def _defect(fields: list[str], width: int) -> Phrase | None:
    for field in fields[1:]:
        try:
            int(field)
        except ValueError:
            return Phrase("line_no_number", text=field[:20])
    if not fields[0].isalnum() or not fields[0].isascii():
        return Phrase("line_no_station", text=fields[0][:20])
    return None if len(fields) == width else Phrase("line_columns", count=len(fields))
