"""What a streamed sheet does not tell of its cells: merged areas, and formulas that were never computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import IO
from zipfile import ZipFile

_BLOCK = 1 << 20
# No cell with its formula is longer; what may be cut by the end of a block is looked at again with the next.
_OVERLAP = 1 << 14
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>(?:<f[^>/]*/>|<f[^>]*>([^<]*)</f>)(?:<v\s*/>|<v></v>)?</c>')


@dataclass(frozen=True)
class SheetMarks:
    """Merged areas of one column (first row, last row, column; all from 1), and texts of formulas without a value."""

    merged: tuple[tuple[int, int, int], ...] = ()
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)


def sheet_marks(archive: ZipFile, member: str) -> SheetMarks:
    """The marks of a sheet of a workbook, in one pass over its text."""
    merged: dict[tuple[int, int, int], None] = {}
    formulas: dict[tuple[int, int], str] = {}
    with archive.open(member) as file:
        for text in _overlapping(file):
            if b"<f" in text:
                for match in _FORMULA.finditer(text):
                    written = unescape((match[3] or b"").decode("utf-8", "replace"))
                    formulas[int(match[2]), _column(match[1])] = f"={written}"
            if b"<mergeCell " in text:
                for match in _MERGED.finditer(text):
                    # Across columns it is a title or a group of headings, never a value of its own.
                    if match[1] == match[3]:
                        merged[int(match[2]), int(match[4]), _column(match[1])] = None
    return SheetMarks(tuple(merged), formulas)


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := file.read(_BLOCK):
        text = rest + block
        yield text
        rest = text[-_OVERLAP:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
