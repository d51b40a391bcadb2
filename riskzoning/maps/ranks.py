"""How a level is drawn and named on maps and on the page: by its place among the levels, whatever it is called."""

from __future__ import annotations

from collections.abc import Sequence

from riskzoning.results import LEVELS

# Outline of the whole, units that are always named, units that are named where they fit; a fourth level as the third.
_RANKS = ("city", "county", "township", "township")


def ranks_of(levels: Sequence[str]) -> dict[str, str]:
    """The level of China like which each of some levels (coarsest first) is drawn; a single free one like counties."""
    if set(levels) <= set(LEVELS):
        return {level: level if level in _RANKS else _RANKS[-1] for level in levels}
    first = 1 if len(levels) == 1 else 0
    return {level: _RANKS[min(first + place, len(_RANKS) - 1)] for place, level in enumerate(levels)}


def within(name: str) -> str:
    """A name in the middle of an English sentence: small where only its first letter is a capital."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
