"""Lines of daily weather files as numbers; a line that cannot be read is told with its file and row."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Problem

# Station, latitude, longitude, elevation, year, month, day.
FIXED = 7
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one file."""

    station: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]


def read_lines(name: str, raw: bytes, width: int) -> tuple[Lines | None, list[Problem]]:
    """The lines of a file, or what is wrong with them; None without problems is an empty file."""
    try:
        frame = pd.read_csv(io.BytesIO(raw), sep=r"\s+", header=None, dtype=np.int64, engine="c")
    except pd.errors.EmptyDataError:
        return None, []
    except (ValueError, pd.errors.ParserError):
        return _slowly(name, raw, width)
    if frame.shape[1] != width:
        required = f"lines of {width} integers"
        found = f"has {frame.shape[1]} columns"
        return None, [Problem(name, found, required, "Check element and file.", rule="weather.columns")]
    numbers = frame.to_numpy()
    codes, uniques = pd.factorize(numbers[:, 0])
    # Station numbers have five digits.
    names = np.array([f"{number:05d}" for number in uniques], dtype=object)
    return Lines(names[codes], numbers), []


def _slowly(name: str, raw: bytes, width: int) -> tuple[Lines | None, list[Problem]]:
    """Line by line: which rows are wrong, or lines whose station is no number."""
    stations, numbers, problems = [], [], []
    wrong = 0
    for row, line in enumerate(raw.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        found = _defect(fields, width)
        if found is None:
            stations.append(fields[0])
            numbers.append([0, *(int(field) for field in fields[1:])])
            continue
        wrong += 1
        if wrong <= _SHOWN:
            fix = "Mend the line, or take it out."
            problems.append(Problem(name, found, f"a line of {width} integers", fix, rule="weather.line", row=row))
    if wrong > _SHOWN:
        found = f"has {wrong - _SHOWN} more lines that cannot be read"
        problems.append(Problem(name, found, f"lines of {width} integers", "Check the file.", rule="weather.line"))
    if problems:
        return None, problems
    return Lines(np.array(stations, dtype=object), np.array(numbers, dtype=np.int64)), []


def _defect(fields: list[str], width: int) -> str | None:
    for field in fields[1:]:
        try:
            int(field)
        except ValueError:
            return f"has '{field[:20]}' where a number should be"
    if not fields[0].isalnum() or not fields[0].isascii():
        return f"begins with '{fields[0][:20]}', no station"
    return None if len(fields) == width else f"has {len(fields)} columns"
