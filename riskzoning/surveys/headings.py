"""Headings of survey tables: which field of a form a column is, and the unit that its heading declares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from riskzoning.errors import Phrase, Problem
from riskzoning.standards import unit_factor
from riskzoning.surveys.forms import Field, Form, form, form_names

# How many bytes of a name a shapefile keeps.
_SHORT = 10
_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]+)[)\]]$")
# A form is recognised when this share of its required fields, and its key, have a column.
_ENOUGH = 0.6
_SAME_UNITS = {"人": "person", "公顷": "ha", "元": "yuan", "度": "degree", "米": "m", "平方米": "m2", "㎡": "m2"}


@dataclass(frozen=True)
class Column:
    """A column of a table that is a field of the form; values times ``factor`` are in the field's unit."""

    position: int
    heading: str
    field: Field
    factor: float = 1.0


@dataclass(frozen=True)
class Matched:
    """Which columns are fields, which headings are no field, which fields have no column."""

    columns: tuple[Column, ...]
    extra: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def names(self) -> set[str]:
        """Names of the fields that have a column."""
        return {column.field.name for column in self.columns}


def plain(heading: object) -> str:
    """A heading without what differs between two hands: width of letters and brackets, blanks, asterisks, case."""
    text = unicodedata.normalize("NFKC", str(heading)).replace("²", "2")
    return re.sub(r"[\s*＊_]+", "", text).casefold()


def name_and_unit(heading: object) -> tuple[str, str]:
    """``'常住人口(万人)'`` -> ``('常住人口', '万人')``; the unit is empty when none is declared."""
    text = unicodedata.normalize("NFKC", str(heading)).strip()
    parts = _BRACKETS.match(text)
    return (plain(parts["name"]), parts["unit"].strip()) if parts else (plain(text), "")


def matched(headings: Sequence[object], of: Form, thing: Phrase | str) -> Matched:
    """The columns of a table as fields of a form; doubled headings and units that cannot be converted are problems."""
    columns: dict[str, Column] = {}
    extra, problems = [], []
    for position, heading in enumerate(headings):
        field = _field_of(heading, of)
        if field is None:
            extra.extend([str(heading)] if str(heading).strip() else [])
            continue
        if field.name in columns:
            other = columns[field.name].heading
            problems.append(Problem("survey.column_twice", thing, field=field.zh, headings=[other, str(heading)]))
            continue
        factor, unit = _factor(heading, field)
        if factor is None:
            problems.append(Problem("Q02.heading_unit", thing, field=field.zh, unit=unit, wanted=field.unit))
            factor = 1.0
        columns[field.name] = Column(position, str(heading), field, factor)
    return Matched(tuple(columns.values()), tuple(extra), tuple(problems))


def _field_of(heading: object, of: Form) -> Field | None:
    whole, (name, _) = plain(heading), name_and_unit(heading)
    for wanted in (whole, name):
        for field in of.fields:
            if wanted in _spellings(field):
                return field
    return None


def _spellings(field: Field) -> frozenset[str]:
    """The headings that mean a field: its name, also cut as a shapefile does, its titles and aliases, without units."""
    return _spelled(field.name, (field.zh, field.en, *field.aliases))


@lru_cache(maxsize=4096)
def _spelled(name: str, titles: tuple[str, ...]) -> frozenset[str]:
    base = {name_and_unit(title)[0] for title in titles}
    return frozenset(base | {plain(title) for title in (*titles, name, name[:_SHORT])})


def _factor(heading: object, field: Field) -> tuple[float | None, str]:
    """What values of a column are multiplied with; None when its unit does not go into the field's."""
    _, unit = name_and_unit(heading)
    if not unit or not field.unit or unit == name_and_unit(field.zh)[1]:
        return 1.0, unit
    given, wanted = _SAME_UNITS.get(unit, unit), _SAME_UNITS.get(field.unit, field.unit)
    if given == wanted:
        return 1.0, unit
    base = {"万元": "yuan", "户": "户", "间": "间"}.get(wanted, wanted)
    one, other = unit_factor(given, base), unit_factor(wanted, base)
    if one is None or other is None or one[1] or other[1]:
        # A bracket that is no unit, such as "(含流动人口)", is part of the name.
        return (None if one is not None or _looks_like_unit(given) else 1.0), unit
    return one[0] / other[0], unit


def _looks_like_unit(text: str) -> bool:
    return text in {"户", "间", "亩", "元", "万元", "亿元", "ha", "person", "万人", "km", "m", "m2", "km2", "yuan"}


def best_form(headings: Sequence[object], among: Iterable[Form] | None = None) -> tuple[str | None, float]:
    """The form whose required fields these headings cover best, and the share covered; None when none is covered
    enough."""
    best: tuple[float, float, str] | None = None
    names = {spelling for heading in headings for spelling in (plain(heading), name_and_unit(heading)[0])}
    for candidate in among if among is not None else map(form, form_names()):
        required = [field for field in candidate.fields if field.required]
        have = [field for field in candidate.fields if _spellings(field) & names]
        share = sum(field in have for field in required) / max(len(required), 1)
        keyed = candidate.by_name[candidate.key] in have
        # Among forms that are covered alike, the one with more columns of the table is meant.
        rank = (share if keyed else share / 2, len(have), candidate.name)
        if best is None or rank[:2] > best[:2]:
            best = rank
    if best is None or best[0] < _ENOUGH:
        return None, best[0] if best else 0.0
    return best[2], best[0]
