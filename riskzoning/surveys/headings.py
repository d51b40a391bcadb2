"""Headings of survey tables: which field of a form a column is, and the unit that its heading declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskzoning.errors import Phrase, Problem
from riskzoning.standards import unit_factor
from riskzoning.surveys.forms import Field, Form, form, form_names
from riskzoning.surveys.spelling import name_and_unit, plain

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


def matched(headings: Sequence[str], of: Form, thing: Phrase | str) -> Matched:
    """The columns of a table as fields of a form; doubled headings and units that cannot be converted are problems."""
    columns: dict[str, Column] = {}
    extra, problems = [], []
    for position, heading in enumerate(headings):
        field = _field_of(heading, of)
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
    return Matched(tuple(columns.values()), tuple(extra), tuple(problems))


def _field_of(heading: str, of: Form) -> Field | None:
    """The field that a heading names, in full before without its unit."""
    return _field_named((plain(heading), name_and_unit(heading)[0]), of, None)


def _field_named(spelled: tuple[str, str], of: Form, taken: set[str] | None) -> Field | None:
    """The field that a plain heading names, as a whole or without its unit; of several the first that is not taken."""
    whole, name = spelled
    for wanted, table in (
        (whole, of.by_heading[0]),
        (whole, of.by_heading[1]),
        (name, of.by_heading[1]),
        (name, of.by_heading[0]),
    ):
        fields = [field for field in table.get(wanted, ()) if taken is None or field.name not in taken]
        if fields:
            return fields[0]
    return None


def _factor(heading: str, field: Field) -> tuple[float | None, str]:
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
    return text in {
        "户",
        "间",
        "栋",
        "座",
        "亩",
        "元",
        "万元",
        "亿元",
        "ha",
        "person",
        "万人",
        "km",
        "m",
        "m2",
        "km2",
        "yuan",
    }


def best_form(headings: Sequence[str], among: Iterable[Form] | None = None) -> tuple[str | None, float]:
    """The form that fits these headings best, and how well (0 to 1); None when it covers too few of its fields.

    The fit is the harmonic mean of two shares: of the required fields that have a column, and of the headings that
    are fields; so a small form does not win over the large one that it is a part of.
    """
    written = [(plain(heading), name_and_unit(heading)[0]) for heading in headings if heading.strip()]
    best: tuple[float, float, str] = (0.0, 0.0, "")
    for candidate in among if among is not None else map(form, form_names()):
        have: set[str] = set()
        for spelled in written:
            field = _field_named(spelled, candidate, have) if candidate.headings.intersection(spelled) else None
            have |= {field.name} if field else set()
        required = [field for field in candidate.fields if field.required]
        share = sum(field.name in have for field in required) / max(len(required), 1)
        share = share if candidate.key in have else share / 2
        known = len(have) / max(len(written), 1)
        fit = 2 * share * known / (share + known) if share + known else 0.0
        if fit > best[0]:
            best = (fit, share, candidate.name)
    return (best[2] if best[1] >= _ENOUGH else None), best[0]
