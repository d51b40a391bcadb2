"""Cells of a table with a colour behind their text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shaded:
    """A cell of a table with a colour behind its text."""

    text: str
    colour: str


def is_dark(colour: str) -> bool:
    """Whether white letters are read more easily on a colour (six digits) than black ones."""
    if len(colour) != 6:
        return False
    red, green, blue = (int(colour[at : at + 2], 16) for at in (0, 2, 4))
    return 0.3 * red + 0.59 * green + 0.11 * blue < 110
