"""Headings as people write them: what is the same name in two hands, and the unit in brackets behind it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from riskzoning import standards

# How many bytes of a name a shapefile keeps.
_SHORT = 10
_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]+)[)\]]$")


@lru_cache(maxsize=8192)
def plain(heading: str) -> str:
    """A heading without what differs between two hands: width of letters and brackets, blanks, asterisks, case."""
    text = unicodedata.normalize("NFKC", heading).replace("²", "2")
    return re.sub(r"[\s*_]+", "", text).casefold()


@lru_cache(maxsize=8192)
def name_and_unit(heading: str) -> tuple[str, str]:
    """``'常住人口(万人)'`` -> ``('常住人口', '万人')``; the unit is empty when none is declared."""
    text = unicodedata.normalize("NFKC", heading).strip().rstrip("*").strip()
    parts = _BRACKETS.match(text)
    return (plain(parts["name"]), parts["unit"].strip()) if parts else (plain(text), "")


@lru_cache(maxsize=8192)
def spellings(name: str, titles: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The headings that mean a field: those that name it in full, and its titles without their units."""
    full = frozenset(plain(title) for title in (*titles, name, name[:_SHORT]))
    return full, frozenset(name_and_unit(title)[0] for title in titles) - full


def same_words(name: str) -> str:
    """A plain heading with one word for those that mean the same: 县(市、区)编号 and 县级代码 are 县编码."""
    # The table is asked every time: a run records it, and a study may replace it.
    return _with_same(name, _Same(standards.table("surveys/headings").data["same"]))


class _Same:
    """The words of a table that mean the same, as a key: one table is itself, its words are not compared."""

    def __init__(self, pairs: Sequence[Sequence[str]]) -> None:
        self.pairs = pairs

    def __hash__(self) -> int:
        return id(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.pairs is other.pairs


@lru_cache(maxsize=8192)
def _with_same(name: str, same: _Same) -> str:
    text = plain(name)
    for word, instead in same.pairs:
        text = text.replace(plain(str(word)), plain(str(instead)))
    return text


def is_cut(heading: str) -> bool:
    """Whether a heading may have been cut to the ten bytes that a shapefile keeps."""
    return any(_SHORT - 2 <= len(heading.encode(code, "ignore")) <= _SHORT for code in ("utf-8", "gbk"))
