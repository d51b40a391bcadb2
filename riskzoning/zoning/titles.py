"""Names and codes of regions and zones: place, landform, leading hazards and grade, by templates in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskzoning import standards

_TABLE = "zoning/names"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_GAPS = ((" :", ":"), (",:", ":"), (" ,", ","), ("(; ", "("), ("; )", ")"), (" ()", ""), ("( ", "("), (" )", ")"))


@dataclass(frozen=True)
class Named:
    """What a name is made of; ``place`` and ``landform`` by language.

    A ``feature`` such as 卫河沿岸 stands instead of the landform; ``flags`` of prevention follow the grade. Equal names
    are told apart by the ``seat``, by ``within``, where in the seat, by what they are ``near``, and by their ``spot``
    (east, north).
    """

    hazards: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    grade: int = 0
    landform: Mapping[str, str] | None = None
    direction: Mapping[str, str] | None = None
    place: Mapping[str, str] | None = None
    seat: Mapping[str, str] | None = None
    feature: Mapping[str, str] | None = None
    flags: tuple[str, ...] = ()
    within: Mapping[str, str] | None = None
    near: Mapping[str, str] | None = None
    spot: tuple[float, float] | None = None


def names_of(template: str, items: Sequence[Named], lang: str) -> list[str]:
    """Names by a template; equal ones told apart by seat, part of it, a place near by, side, number."""
    words = standards.table(_TABLE).data
    told = [_Told(item) for item in items]
    names = [one.name(words, template, lang) for one in told]
    for step in (_by_seat, _by_position, _by_neighbour):
        for at in _double(names):
            told[at] = step(words, told[at], lang)
            names[at] = told[at].name(words, template, lang)
    for at, side in enumerate(_sides(words, items, names, lang)):
        if side:
            names[at] = replace(told[at], more=(*told[at].more, side)).name(words, template, lang)
    form = words["templates"]["numbered"][lang]
    seen: Counter[str] = Counter()
    for at in _double(names):
        name = names[at]
        seen[name] += 1
        names[at] = form.format(name=name, number=seen[name])
    return names


def _double(names: Sequence[str]) -> list[int]:
    """Where names stand that others have too."""
    counts = Counter(names)
    return [at for at, name in enumerate(names) if counts[name] > 1]


@dataclass(frozen=True)
class _Told:
    """What a name tells, and what stands in brackets behind it."""

    item: Named
    more: tuple[str, ...] = ()

    def name(self, words: Mapping[str, Any], template: str, lang: str) -> str:
        """The name in a language."""
        name = _filled(words, template, self.item, lang)
        more = [text for text in self.more if text not in name]
        if not more:
            return name
        place = str(words["templates"]["more_joint"][lang]).join(more)
        return str(words["templates"]["told_apart"][lang]).format(name=name, place=place)


def _by_seat(_: Mapping[str, Any], one: _Told, lang: str) -> _Told:
    seat = (one.item.seat or {}).get(lang, "")
    return replace(one, more=(seat,)) if seat else one


def _by_position(words: Mapping[str, Any], one: _Told, lang: str) -> _Told:
    """With the part of the seat: behind a place that is the seat, else in brackets."""
    where, seat = ((part or {}).get(lang, "") for part in (one.item.within, one.item.seat))
    place = (one.item.place or {}).get(lang, "")
    if not (where and seat):
        return one
    form = str(words["templates"]["part"][lang])
    if one.item.feature is None and place.endswith(seat):
        own = {**(one.item.place or {}), lang: form.format(place=place, direction=where)}
        return replace(one, item=replace(one.item, place=own))
    return replace(one, more=(form.format(place=seat, direction=where),))


def _by_neighbour(words: Mapping[str, Any], one: _Told, lang: str) -> _Told:
    near = (one.item.near or {}).get(lang, "")
    return replace(one, more=(*one.more, str(words["templates"]["near"][lang]).format(place=near))) if near else one


def _sides(words: Mapping[str, Any], items: Sequence[Named], names: Sequence[str], lang: str) -> list[str]:
    """Of two or three equal names, which lies in the north or in the west; empty where they need none or lie alike."""
    out = [""] * len(names)
    alike: dict[str, list[int]] = {}
    for at in _double(names):
        alike.setdefault(names[at], []).append(at)
    for members in alike.values():
        spots = np.array([spot for at in members if (spot := items[at].spot) is not None])
        if len(members) not in (2, 3) or len(spots) != len(members):
            continue
        axis = int(np.argmax(np.ptp(spots, axis=0)))
        order = np.argsort(np.round(spots[:, axis], 3), kind="stable")
        if (np.diff(spots[order, axis]) < 1).any():
            continue
        side = words["sides"][("east", "north")[axis]][lang]
        for place, at in enumerate(order):
            out[members[at]] = str(side[0 if place == 0 else -1 if place == len(order) - 1 else 1])
    return out


def _filled(words: Mapping[str, Any], template: str, item: Named, lang: str) -> str:
    grades = words["prevention"] if template == "prevention" else words["grades"]
    grade = grades.get(item.grade, words["ungraded"])[lang]
    direction = (item.direction or {}).get(lang, "")
    values = {
        "direction": direction,
        "Direction": direction[:1].upper() + direction[1:],
        "landform": (item.landform or {}).get(lang, ""),
        "hazards": hazards_text(told(item.hazards, item.marked), lang),
        "place": (item.place or {}).get(lang, ""),
        "feature": (item.feature or {}).get(lang, ""),
        "grade": grade,
        "flags": "".join(str(words["flags"][flag][lang]) for flag in item.flags),
    }
    own = f"{template}_feature" if item.feature else template
    text = str(words["templates"][own][lang]).format(**values)
    return text if lang == "zh" else _tidy(text)


def _tidy(text: str) -> str:
    """Without the gaps that empty parts leave."""
    text = " ".join(text.split())
    for wrong, right in _GAPS:
        text = text.replace(wrong, right)
    return text[:1].upper() + text[1:]


def hazards_text(hazards: Sequence[str], lang: str) -> str:
    """Leading hazards in one word, such as 洪水-地质灾害."""
    words = standards.table(_TABLE).data
    short = [hazard_word(hazard, lang) for hazard in hazards]
    if not short:
        return ""
    last = str(words["last_joint"][lang])
    text = last.join([str(words["joint"][lang]).join(short[:-1]), short[-1]]) if len(short) > 1 else short[0]
    suffix = str(words["suffix"][lang])
    # 雪灾 and 虫害 say already what they are.
    return text if not suffix or text.endswith((suffix, *suffix)) else text + suffix


def hazard_word(hazard: str, lang: str) -> str:
    """A hazard inside a name: its short word, or its title without what all hazards are called."""
    words = standards.table(_TABLE).data
    known = words["hazards"].get(hazard)
    if known is not None:
        return str(known[lang])
    title = standards.names("hazard", hazard, lang)
    suffix = str(words["suffix"][lang])
    return title.removesuffix(suffix) if suffix else title.lower()


def leading(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Hazards with a fifth of the whole or more, at most three, the greatest first."""
    rules = standards.table("grades/risk_index").data
    total = sum(value for value in shares.values() if value > 0)
    if not total > 0:
        return ()
    ranked = sorted(shares.items(), key=lambda item: (-round(item[1], 12), item[0]))
    least = float(rules["leading_share"]) - 1e-12
    return tuple(name for name, value in ranked if value / total >= least)[: int(rules["leading_most"])]


def marked(shares: Mapping[str, float], whole: Mapping[str, float]) -> tuple[str, ...]:
    """Hazards that mark a place out: with a share far above that of the whole, the most outstanding first."""
    rules = standards.table(_TABLE).data
    total, of_all = sum(shares.values()), sum(whole.values())
    if not (total > 0 and of_all > 0):
        return ()
    ratio = {
        name: round(value / total / (whole[name] / of_all), 9)
        for name, value in shares.items()
        if whole[name] > 0 and value / total >= float(rules["marked_share"])
    }
    ranked = sorted(
        (name for name in ratio if ratio[name] >= float(rules["marked_ratio"])), key=lambda n: (-ratio[n], n)
    )
    return tuple(ranked[: int(rules["marked_most"])])


def told(hazards: Sequence[str], marking: Sequence[str]) -> list[str]:
    """The hazards that a name tells: those that mark the place out, then those that lead."""
    most = int(standards.table(_TABLE).data["told_most"])
    return list(dict.fromkeys([*marking, *hazards]))[:most]


def direction(spot: tuple[float, float], middle: tuple[float, float], area: float) -> dict[str, str]:
    """Where a spot lies in a whole of a middle and an area, as eight directions or the middle, in both languages."""
    words = standards.table(_TABLE).data
    east, north = spot[0] - middle[0], spot[1] - middle[1]
    if np.hypot(east, north) <= float(words["middle_share"]) * np.sqrt(area / np.pi):
        return {lang: str(words["middle"][lang]) for lang in ("zh", "en")}
    sector = int(np.round(np.arctan2(north, east) / (np.pi / 4))) % 8
    return {lang: str(words["directions"][lang][sector]) for lang in ("zh", "en")}


def in_reading_order(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places from north to south, of equal ones from west to east."""
    return np.lexsort((np.round(x, 3), -np.round(y, 3)))


def roman(number: int) -> str:
    """A number from 1 in Roman digits."""
    out = ""
    for value, letters in _ROMAN:
        while number >= value:
            out += letters
            number -= value
    return out
