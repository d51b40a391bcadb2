"""Survey forms as values: what a table must hold, read from ``standards/survey_forms``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any, Literal, cast

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, SurveyError
from riskzoning.standards.tables import near_names
from riskzoning.surveys.patterns import Pattern, read_pattern
from riskzoning.surveys.spelling import name_and_unit, same_words, spellings

Kind = Literal[
    "id", "text", "name", "code6", "code9", "code12", "lon", "lat", "date", "year", "integer", "number", "choice"
]
_KINDS = set(Kind.__args__)  # type: ignore[attr-defined]
NUMBERS = ("lon", "lat", "year", "integer", "number")
CODES = ("id", "code6", "code9", "code12")
_FOLDER = "survey_forms/"
# The forms of the plain tables that a study reads: not survey forms.
_OTHER = {"inputs"}
_FIELD_KEYS = {
    "name", "zh", "en", "type", "unit", "required", "min", "max", "choices", "labels", "aliases", "survey", "future",
    "note", "pattern",
}  # fmt: skip
_RULE_FIELDS = {
    "field", "of", "than", "parts", "report", "fields", "per", "by", "households", "rooms", "area", "structure",
    "floors", "times", "year", "same", "events", "values", "number", "exact", "near", "name", "type", "date", "checked",
    "wrong",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column of a form."""

    name: str
    zh: str
    en: str
    kind: Kind
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    # What people write instead of a choice: its label in a language -> the choice.
    labels: Mapping[str, str] = dataclass_field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    survey: bool = False
    # A day that may lie ahead: a deadline.
    future: bool = False
    note: str = ""
    # How its texts are written, where that is ruled.
    pattern: Pattern | None = None

    @property
    def titles(self) -> tuple[str, ...]:
        """All headings that name the field."""
        return (self.zh, self.en, *self.aliases)

    def title(self, lang: str) -> str:
        """The heading in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Form:
    """A survey form (调查表): its fields, key, rules and what it must cover.

    Attributes
    ----------
    name : str
        Key of the form, e.g. ``cap_township``.
    titles : mapping
        Title by language.
    key : str
        Field that identifies a row.
    fields : tuple of Field
    rules : tuple of mappings
        Rules beyond the types of the fields: ``id`` as in the table of quality rules, ``kind`` and its fields.
    covers : mapping
        ``field`` and ``level`` of what a directory lists, empty when no record is owed.

    Examples
    --------
    >>> form("cap_township").key
    'town9'
    """

    name: str
    titles: Mapping[str, str]
    key: str
    fields: tuple[Field, ...]
    rules: tuple[Mapping[str, Any], ...] = ()
    covers: Mapping[str, str] | None = None
    provenance: str = "project_default"

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by name.

        Examples
        --------
        >>> form("cap_township").by_name["pop"].unit
        'person'
        """
        return {field.name: field for field in self.fields}

    @cached_property
    def by_heading(self) -> tuple[dict[str, list[Field]], dict[str, list[Field]]]:
        """The fields by plain headings that name them in full, and by those without a unit.

        Examples
        --------
        >>> form("cap_township").by_heading[1]["常住人口"][0].name
        'pop'
        """
        out: tuple[dict[str, list[Field]], dict[str, list[Field]]] = ({}, {})
        for field in self.fields:
            for names, table in zip(spellings(field.name, field.titles), out, strict=True):
                for name in names:
                    table.setdefault(name, []).append(field)
        return out

    @cached_property
    def headings(self) -> frozenset[str]:
        """All plain headings that name a field, in its own words or in those that mean the same.

        Examples
        --------
        >>> "常住人口" in form("cap_township").headings
        True
        """
        return frozenset(self.by_heading[0]) | frozenset(self.by_heading[1]) | frozenset(self.by_words)

    @cached_property
    def by_words(self) -> dict[str, Field]:
        """The fields by headings in other words that mean the same, where only one field can be meant.

        Examples
        --------
        >>> form("cap_township").by_words["县编码"].name
        'adcode6'
        """
        out: dict[str, dict[str, Field]] = {}
        for field in self.fields:
            for title in (*field.titles, *_usual_titles(field)):
                for text in {same_words(title), same_words(name_and_unit(title)[0])}:
                    out.setdefault(text, {})[field.name] = field
        return {text: next(iter(fields.values())) for text, fields in out.items() if len(fields) == 1}

    def of_kind(self, *kinds: str) -> tuple[Field, ...]:
        """The fields of some types.

        Examples
        --------
        >>> [field.name for field in form("cap_township").of_kind("lon", "lat")]
        ['lon', 'lat']
        """
        return tuple(field for field in self.fields if field.kind in kinds)

    def rules_of(self, rule: str) -> tuple[Mapping[str, Any], ...]:
        """The rules with an id.

        Examples
        --------
        >>> len(form("cap_township").rules_of("Q10"))
        1
        """
        return tuple(item for item in self.rules if item["id"] == rule)


def form_names() -> tuple[str, ...]:
    """Names of the survey forms, sorted; those that a study adds are among them.

    Examples
    --------
    >>> "cap_township" in form_names()
    True
    """
    every = {*standards.table_names(), *standards.replaced()}
    names = {name.removeprefix(_FOLDER) for name in every if name.startswith(_FOLDER)}
    return tuple(sorted(names - _OTHER))


def form(name: str) -> Form:
    """A survey form by name; a study replaces it under ``standards: {survey_forms/NAME: FILE}``.

    Parameters
    ----------
    name : str
        One of :func:`form_names`.

    Returns
    -------
    Form

    Raises
    ------
    SurveyError
        The name is unknown, or the replaced form has fields or rules that cannot be read; all problems at once.

    Examples
    --------
    >>> form("shelter").by_name["capacity"].title("zh")
    '可容纳人数(人)'
    """
    if name not in form_names():
        near = near_names(name, form_names())
        raise SurveyError(Problem("survey.form_unknown", Phrase("survey_form", name=name), near=near))
    table = standards.table(_FOLDER + name)
    known = _PARSED.get(name)
    if known is None or known[0] is not table:
        _PARSED[name] = known = (table, parsed(name, table.data, provenance=table.status))
    return known[1]


# Forms as they were last read, each with the table that it was read from: a check asks for all of them at each file.
_PARSED: dict[str, tuple[standards.StandardTable, Form]] = {}


def parsed(name: str, data: object, *, provenance: str = "project_default") -> Form:
    """A form from the mapping of its file."""
    thing = Phrase("survey_form", name=name)
    if not isinstance(data, Mapping) or not isinstance(data.get("fields"), Sequence) or "key" not in data:
        raise SurveyError(Problem("survey.form_shape", thing))
    problems: list[Problem] = []
    fields = [_field(item, thing, problems) for item in data["fields"]]
    names = {item.name for item in fields if item}
    if data["key"] not in names:
        problems.append(Problem("survey.form_key", thing, key=str(data["key"]), names=sorted(names)))
    problems += [problem for item in fields if item for problem in _parts_unknown(item, names, thing)]
    rules = tuple(data.get("rules") or ())
    for rule in rules:
        unknown = sorted(_fields_of(rule) - names) if isinstance(rule, Mapping) else []
        if not isinstance(rule, Mapping) or "id" not in rule or "kind" not in rule or unknown:
            problems.append(
                Problem("survey.form_rule", thing, rule_text=str(dict(rule) if rule else rule), names=unknown)
            )
    if problems:
        raise SurveyError(problems=problems)
    titles = data.get("names") or {"zh": name, "en": name}
    kept = tuple(item for item in fields if item)
    return Form(name, dict(titles), str(data["key"]), kept, rules, data.get("directory"), provenance)


def _parts_unknown(item: Field, names: set[str], thing: Phrase) -> Iterator[Problem]:
    """Parts of a pattern that are no fields of the form."""
    unknown = sorted(set(item.pattern.parts) - names) if item.pattern else []
    if unknown:
        yield Problem("survey.form_pattern_parts", thing, item=item.name, names=unknown, fields=sorted(names))


def _usual_titles(field: Field) -> tuple[str, ...]:
    """What people write for a field whatever the form: of coordinates all that means them in any table."""
    if field.kind in ("lon", "lat"):
        places = standards.table("formats/place_columns").data
        return tuple(
            map(
                str,
                places["longitude"] + places["easting"]
                if field.kind == "lon"
                else places["latitude"] + places["northing"],
            )
        )
    return tuple(map(str, standards.table("surveys/headings").data["titles"].get(field.name, ())))


def _fields_of(rule: Mapping[str, Any]) -> set[str]:
    """Names of fields that a rule needs; a rule about another form names that form's fields under ``child``."""
    names: set[str] = set()
    for key in _RULE_FIELDS & set(rule):
        value = rule[key]
        names |= {str(item) for item in value} if isinstance(value, list) else {str(value)}
    return names


def _field(item: object, thing: Phrase, problems: list[Problem]) -> Field | None:
    if not isinstance(item, Mapping) or not {"name", "type"} <= set(item):
        problems.append(Problem("survey.form_field", thing, item=str(item)))
        return None
    unknown = sorted(set(map(str, item)) - _FIELD_KEYS)
    if unknown or item["type"] not in _KINDS or (item["type"] == "choice" and not item.get("choices")):
        problems.append(
            Problem("survey.form_field_keys", thing, item=str(item["name"]), names=unknown, kinds=sorted(_KINDS))
        )
        return None
    kind = cast(Kind, item["type"])
    least = item.get("min", 0 if kind in ("integer", "number") else None)
    title = str(item.get("zh") or item["name"])
    return Field(
        name=str(item["name"]),
        zh=title,
        en=str(item.get("en") or title),
        kind=kind,
        unit=str(item.get("unit", "")),
        required=bool(item.get("required", False)),
        minimum=None if least is None else float(least),
        maximum=None if item.get("max") is None else float(item["max"]),
        choices=tuple(str(choice) for choice in item.get("choices") or ()),
        labels={text: str(code) for code, label in (item.get("labels") or {}).items() for text in _texts(label)},
        aliases=tuple(str(alias) for alias in item.get("aliases") or ()),
        survey=bool(item.get("survey", False)),
        future=bool(item.get("future", False)),
        note=str(item.get("note", "")),
        pattern=read_pattern(item, thing, problems),
    )


def _texts(label: object) -> tuple[str, ...]:
    return tuple(map(str, label.values())) if isinstance(label, Mapping) else (str(label),)
