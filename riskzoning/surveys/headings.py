"""Headings of survey tables: which field of a form a column is, and the unit that its heading declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskzoning.errors import Phrase, Problem
from riskzoning.standards import unit_factor
from riskzoning.surveys.forms import Field, Form, form, form_names
from riskzoning.surveys.spelling import is_cut, name_and_unit, plain, same_words

# A form is recognised when this share of its required fields, and its key, have a column.
_ENOUGH = 0.6
# Fewer letters of a title that was cut mean nothing.
_LEAST = 3
# What units are converted through, and units of things that are counted: they go into no other.
_BASES = ("m", "m2", "m3", "kg", "yuan", "person", "m3/s")
_COUNTED = frozenset(("户", "间", "栋", "座", "处", "个", "台", "张", "次", "人次"))


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
    # Field that identifies a row.
    key: str = ""

    @property
    def names(self) -> set[str]:
        """Names of the fields that have a column."""
        return {column.field.name for column in self.columns}


def matched(headings: Sequence[str], of: Form, thing: Phrase | str) -> Matched:
    """The columns of a table as fields of a form; doubled headings and units that cannot be converted are problems."""
    columns: dict[str, Column] = {}
    extra, problems = [], []
    for position, (heading, field) in enumerate(zip(headings, _fields_of(headings, of), strict=True)):
        if field is None:
            extra.extend([heading] if heading.strip() else [])
            continue
        if field.name in columns:
            other = columns[field.name].heading
            problems.append(
                Problem("survey.column_twice", thing, table=thing, field=field.zh, headings=[other, heading])
            )
            continue
        factor, unit = _factor(heading, field)
        if factor is None:
            problems.append(
                Problem("Q02.heading_unit", thing, table=thing, field=field.zh, unit=unit, wanted=field.unit)
            )
            factor = 1.0
        columns[field.name] = Column(position, heading, field, factor)
    return Matched(tuple(columns.values()), tuple(extra), tuple(problems), of.key)


def _fields_of(headings: Sequence[str], of: Form) -> list[Field | None]:
    """The field that each heading names: in its own words first; then, of those left, in words that mean the same."""
    fields: list[Field | None] = []
    taken: set[str] = set()
    for heading in headings:
        field = _field_of(heading, of, taken)
        fields.append(field)
        taken |= {field.name} if field else set()
    for guess in (_worded_field, _cut_field):
        for position, heading in enumerate(headings):
            if fields[position] is None:
                field = guess(heading, of, taken)
                fields[position] = field
                taken |= {field.name} if field else set()
    return fields


def _field_of(heading: str, of: Form, taken: set[str]) -> Field | None:
    """The field that a heading names, in full before without its unit; of several the first that is not taken."""
    whole, (name, _) = plain(heading), name_and_unit(heading)
    for wanted, table in (
        (whole, of.by_heading[0]),
        (whole, of.by_heading[1]),
        (name, of.by_heading[1]),
        (name, of.by_heading[0]),
    ):
        fields = table.get(wanted, [])
        if fields:
            return next((field for field in fields if field.name not in taken), fields[0])
    return None


def _worded_field(heading: str, of: Form, taken: set[str]) -> Field | None:
    """The field, not yet taken, that a heading names in other words."""
    for text in (plain(heading), name_and_unit(heading)[0]):
        field = of.by_words.get(same_words(text))
        if field is not None and field.name not in taken:
            return field
    return None


def _cut_field(heading: str, of: Form, taken: set[str]) -> Field | None:
    """The first field, not yet taken, whose title begins with a heading that a shapefile has cut."""
    text = plain(heading)
    if len(text) < _LEAST or not is_cut(heading):
        return None
    for field in of.fields:
        if field.name not in taken and any(plain(title).startswith(text) for title in field.titles):
            return field
    return None


def _factor(heading: str, field: Field) -> tuple[float | None, str]:
    """What values of a column are multiplied with; None when its unit does not go into the field's."""
    _, unit = name_and_unit(heading)
    # What coordinates are is seen from their values.
    if not unit or not field.unit or field.kind in ("lon", "lat") or unit == name_and_unit(field.zh)[1]:
        return 1.0, unit
    for base in _BASES:
        one, other = unit_factor(unit, base), unit_factor(field.unit, base)
        if one is not None and other is not None and not one[1] and not other[1]:
            return one[0] / other[0], unit
    # A bracket that is no unit, such as "(含流动人口)", is part of the name.
    return (None if unit in _COUNTED or any(unit_factor(unit, base) for base in _BASES) else 1.0), unit


def best_form(headings: Sequence[str], among: Iterable[Form] | None = None) -> tuple[str | None, float]:
    """The form that fits these headings best, and how well (0 to 1); None when it covers too few of its fields.

    The fit is the harmonic mean of two shares: of the required fields that have a column, and of the headings that
    are fields; so a small form does not win over the large one that it is a part of.
    """
    written = [heading for heading in headings if heading.strip()]
    spelled = {text for heading in written for text in (plain(heading), name_and_unit(heading)[0])}
    spelled |= {same_words(text) for text in spelled}
    best: tuple[float, float, str] = (0.0, 0.0, "")
    for candidate in among if among is not None else map(form, form_names()):
        if spelled.isdisjoint(candidate.headings):
            continue
        have = {field.name for field in _fields_of(written, candidate) if field}
        required = [field for field in candidate.fields if field.required]
        share = sum(field.name in have for field in required) / max(len(required), 1)
        share = share if candidate.key in have else share / 2
        known = len(have) / max(len(written), 1)
        fit = 2 * share * known / (share + known) if share + known else 0.0
        if fit > best[0]:
            best = (fit, share, candidate.name)
    return (best[2] if best[1] >= _ENOUGH else None), best[0]
