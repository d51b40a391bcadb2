"""Headings of station tables: what a column holds and in which unit, in any case and script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from riskzoning import standards
from riskzoning.errors import Phrase, Problem
from riskzoning.methods.elements import element_units

_TABLE = "formats/station_tables"
_BRACKETS = re.compile(r"[(\[{【〔<]([^)\]}】〕>]*)[)\]}】〕>]")
_MARKS = " _,:-./"
# Units as names of columns can spell them.
_SPELLED = {"ms": "m/s", "m_s": "m/s", "kmh": "km/h", "km_h": "km/h", "degc": "degC", "degf": "degF", "c": "degC"}


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what: places by key, elements, and the units that are stated, by element."""

    places: Mapping[str, str]
    elements: Mapping[str, str]
    units: Mapping[str, str]
    problems: tuple[Problem, ...]


def plain_name(heading: object) -> str:
    """A heading in small letters, without what stands in brackets, blanks, underscores and hyphens."""
    text = unicodedata.normalize("NFKC", str(heading))
    return re.sub(r"[\s_\-.·/]", "", _BRACKETS.sub("", text)).casefold()


def columns_of(headings: Iterable[object], thing: Phrase | str, given: Mapping[str, str] | None = None) -> Columns:
    """What the columns of a station table hold; ``given`` are units by element or column, which go before headings."""
    names = [str(heading) for heading in headings]
    plain = {name: plain_name(name) for name in names}
    known: Mapping[str, list[str]] = standards.table(_TABLE).data["places"]
    places = {}
    for key, words in known.items():
        column = next((name for word in words for name in names if plain[name] == word), None)
        if column is not None:
            places[key] = column
    claims: dict[str, list[tuple[int, str, str]]] = {}
    unfit: dict[str, Problem] = {}
    for name in names:
        readings = next((options for options in _readings(name) if options), []) if name not in places.values() else []
        if readings:
            element, rank, unit = _fitting(name, readings, given or {}, thing, unfit)
            claims.setdefault(element, []).append((rank, name, unit))
    claims.pop("", None)
    problems = [problem for element, problem in unfit.items() if element not in claims]
    elements, units = {}, {}
    for element, columns in claims.items():
        columns.sort(key=lambda claim: claim[0])
        same = [column for rank, column, _ in columns if rank == columns[0][0]]
        if len(same) > 1:
            problems.append(Problem("stations.two_columns", thing, variable=element, columns=same))
        _, elements[element], units[element] = columns[0]
    return Columns(places, elements, units, tuple(problems))


def _readings(name: str) -> Iterator[list[tuple[str, int, str]]]:
    """What a heading may mean: elements with the place of the name in their list, and the unit that it states."""
    text = unicodedata.normalize("NFKC", name).strip()
    inside = [part.strip() for part in _BRACKETS.findall(text)]
    unit = next((part for part in inside if standards.is_unit(part) or is_element_unit(part)), "")
    yield [(*match, unit) for match in _known(plain_name(text))]
    for cut in range(1, len(text)):
        before, behind = text[:cut], text[cut:].strip(_MARKS)
        spelled = _SPELLED.get(behind.casefold(), behind)
        # A unit begins behind a mark, or where the script changes: "tmaxc" is no tmax in C.
        mark = text[cut] in _MARKS or (ord(before[-1]) > 0x2E80) != (ord(text[cut]) > 0x2E80) or text[cut] in "°%×"
        if mark and before[-1] not in _MARKS and is_element_unit(spelled):
            yield [(*match, spelled) for match in _known(plain_name(before))]


def is_element_unit(unit: str) -> bool:
    """Whether a text is a unit that readings of some element come in."""
    return any(standards.unit_factor(unit, own) is not None for own in set(element_units().values())) and unit != ""


def _known(plain: str) -> list[tuple[str, int]]:
    """Elements that a plain name stands for."""
    exports: Mapping[str, str] = standards.table("formats/cma_daily").data["table_columns"]
    exact = [(element, 0) for name, element in exports.items() if plain_name(name) == plain]
    words: Mapping[str, list[str]] = standards.table(_TABLE).data["elements"]
    return exact or [(element, names.index(plain)) for element, names in words.items() if plain in names]


def _fitting(
    name: str,
    readings: list[tuple[str, int, str]],
    given: Mapping[str, str],
    thing: Phrase | str,
    unfit: dict[str, Problem],
) -> tuple[str, int, str]:
    """The reading whose unit can become that of its element; nothing, and a problem, where the unit fits none."""
    wanted = element_units()
    for element, rank, stated in readings:
        unit = given.get(element, given.get(name, stated))
        if not unit or standards.unit_factor(unit, wanted[element]) is not None:
            return element, rank, unit
    element, _, stated = readings[0]
    unit = given.get(element, given.get(name, stated))
    unfit[element] = Problem(
        "stations.column_units", thing, field=name, element=element, units=unit, wanted=wanted[element]
    )
    return "", 0, ""
