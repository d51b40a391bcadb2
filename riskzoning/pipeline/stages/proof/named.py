"""Units that a text names, by code or by name, as reports of disasters do: 辉县、卫辉、长垣."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

_DIVIDERS = re.compile(r"[、，,;；|\n]+")
# What a name of a unit may end in; reports leave it out.
_ENDS = (
    "自治县", "自治旗", "街道办事处", "街道", "市", "区", "县", "旗", "镇", "乡",
    " county", " city", " district", " town", " township",
)  # fmt: skip


def units_named(cells: Iterable[object], names: pd.DataFrame, levels: Sequence[str]) -> dict[str, list[str]]:
    """Codes of the units that the cells name, by level, the coarsest level that knows a name.

    ``names`` has an index of codes and the columns ``name level``; ``levels`` from coarse to fine. A name that
    several units of a level share names none of them.
    """
    known = [(level, _known(names[names["level"] == level])) for level in levels]
    hit: dict[str, list[str]] = {}
    for word in _words(cells):
        for level, codes in known:
            if word in codes:
                hit.setdefault(level, []).append(codes[word])
                break
    return {level: list(dict.fromkeys(codes)) for level, codes in hit.items()}


def _words(cells: Iterable[object]) -> list[str]:
    texts = [str(cell).strip() for cell in cells if cell is not None and cell == cell]
    return list(dict.fromkeys(word for text in texts for part in _DIVIDERS.split(text) if (word := _plain(part))))


def _plain(text: str) -> str:
    return text.strip().removesuffix(".0").lower()


def _known(units: pd.DataFrame) -> dict[str, str]:
    """Code, name and short name -> code; a word that means several units is none."""
    meant: dict[str, set[str]] = {}
    for code, name in zip(units.index.astype(str), units["name"].astype(str), strict=True):
        for word in {_plain(code), _plain(name), _short(_plain(name))}:
            meant.setdefault(word, set()).add(code)
    return {word: next(iter(codes)) for word, codes in meant.items() if word and len(codes) == 1}


def _short(name: str) -> str:
    for end in _ENDS:
        if name.endswith(end) and len(name) - len(end) >= 2:
            return name.removesuffix(end)
    return name
