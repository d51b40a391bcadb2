"""Lines of daily weather files as numbers; a line that cannot be read is told with its file and row."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem

# Station, latitude, longitude, elevation, year, month, day.
FIXED = 7
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one file."""

    station: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]


def read_lines(name: str, raw: bytes, width: int, element: str) -> tuple[Lines | None, list[Problem]]:
    """The lines of a file, or what is wrong with them; None without problems is an empty file."""
    try:
        frame = pd.read_csv(io.BytesIO(raw), sep=r"\s+", header=None, dtype=np.int64, engine="c")
    except pd.errors.EmptyDataError:
        return None, []
    except (ValueError, pd.errors.ParserError):
        return _slowly(name, raw, width, element)
    if frame.shape[1] != width:
        return None, [Problem("weather.columns", name, columns=frame.shape[1], width=width, element=element)]
    numbers = frame.to_numpy()
    codes, uniques = pd.factorize(numbers[:, 0])
    # Station numbers have five digits.
    names = np.array([f"{number:05d}" for number in uniques], dtype=object)
    return Lines(names[codes], numbers), []


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
