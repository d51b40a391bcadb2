"""Text files whose columns stand at fixed places, plain or packed with gzip, as arrays of whole numbers."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import bounded, existing
from riskzoning.io.weather.decoding import Array
from riskzoning.limits import TABLE_BYTES

_SHOWN = 5


def contents(path: Path) -> bytes:
    """What is in a file of weather; of a ``.gz`` what is packed in it."""
    what = Phrase("weather_file")
    if path.suffix.lower() != ".gz":
        return bounded(path, TABLE_BYTES, what=what)
    try:
        with gzip.open(existing(path, what=what)) as packed:
            raw = packed.read(TABLE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise LayerError(Problem("weather.packed", path, reason=error)) from None
    if len(raw) > TABLE_BYTES:
        raise LayerError(Problem("archive.large", path, size=len(raw) / 1e9, most=TABLE_BYTES / 1e9))
    return raw


def characters(raw: bytes, width: int) -> Array:
    """The lines of a text as a matrix of single characters, filled with blanks; without empty lines."""
    lines = [line for line in raw.replace(b"\0", b" ").splitlines() if line.strip()]
    if not lines:
        return np.zeros((0, width), dtype="S1")
    return np.array([line[:width].ljust(width) for line in lines], dtype=f"S{width}").view("S1").reshape(-1, width)


def integers(marks: Array, *, missing: int) -> tuple[Array, Array]:
    """Texts of the last axis as whole numbers, blanks as missing; and where a text is no number."""
    width = marks.shape[-1]
    texts = np.char.strip(np.ascontiguousarray(marks).view(f"S{width}")[..., 0])
    texts = np.where(texts == b"", str(missing).encode(), texts)
    try:
        return texts.astype(np.int64), np.zeros(texts.shape, dtype=bool)
    except ValueError:
        wrong = ~np.char.isdigit(np.char.lstrip(texts, b"+-"))
        return np.where(wrong, str(missing).encode(), texts).astype(np.int64), wrong


def line_problems(path: Path, wrong: Array, form: str) -> list[Problem]:
    """What to say of lines that hold something else than numbers."""
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return []
    shown = [int(row) + 1 for row in rows[:_SHOWN]]
    return [Problem("weather.fixed_lines", path, row=shown[0], count=int(rows.size), rows=shown, form=form)]
