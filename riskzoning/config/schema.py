"""What pydantic says about a value, as a problem of study.yaml: a rule by the type of the error, the key, the line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from riskzoning.config.reading import Location, StudyText
from riskzoning.errors import Phrase, Problem
from riskzoning.errors.sentences import parts_of
from riskzoning.inputs import given, options_of, wanted

_FIELDS: dict[Location, str] = {
    ("data_date",): "wanted_date",
    ("code",): "wanted_code",
    ("run", "scheduler"): "wanted_scheduler",
    ("hazards",): "wanted_hazards",
}


def near(word: object, known: Iterable[object]) -> Phrase:
    """ " (did you mean ...?)", or nothing."""
    close = difflib.get_close_matches(str(word).lower(), [str(item) for item in known], n=1, cutoff=0.5)
    return Phrase("near", names=close) if close else Phrase("nothing")


def unknown_key(text: StudyText, location: Location, model: type[BaseModel]) -> Problem:
    """A key that the section does not have."""
    known, key = known_keys(location[:-1], model), str(location[-1])
    close = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.8)
    homes = [] if close else sections_of(key, model)
    meant = Phrase("key_elsewhere", sections=homes[:3]) if homes else near(key, known)
    return text.problem("study.unknown_key", location, keys=known, near=meant)


def sections_of(key: str, model: type[BaseModel], at: str = "") -> list[str]:
    """Sections of a study, as dotted names, that have a key."""
    homes = [at] if at and key in model.model_fields else []
    for name, field in model.model_fields.items():
        inner = None if field.exclude else inner_model(field.annotation)
        if inner is not None:
            homes += sections_of(key, inner, f"{at}.{name}".lstrip("."))
    return homes


def schema_problem(row: ErrorDetails, location: Location, text: StudyText, model: type[BaseModel]) -> Problem:
    """One error of pydantic as a problem of the key at ``location``."""
    kind, value = row["type"], row.get("input")
    context = row.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(text, location, model)
    if kind == "missing":
        if location and isinstance(location[-1], int):
            return text.problem("study.too_short", location[:-1], count=location[-1] + 1)
        return text.problem("study.missing_key", location)
    if parts_of(kind) is not None:
        # Our own validators name their rule.
        return text.problem(kind, location, **{"given": given(value), **context})
    options = options_of(row)
    meant = near(value, options) if isinstance(value, str) and value else Phrase("nothing")
    needed = _wanted(row, location, model)
    return text.problem("study.value", location, given=given(value), wanted=needed, near=meant)


def _wanted(row: ErrorDetails, location: Location, model: type[BaseModel]) -> Phrase:
    if location in _FIELDS:
        return Phrase(_FIELDS[location])
    known = known_keys(location, model) if row["type"] == "model_type" else []
    return Phrase("wanted_mapping_keys", keys=known) if known else wanted(row)


def known_keys(location: Location, model: type[BaseModel]) -> list[str]:
    """Keys of the section at a place; none where any key may stand."""
    inner: Any = model
    for part in location:
        fields = inner.model_fields if _is_model(inner) else {}
        if part in fields:
            inner = inner_model(fields[str(part)].annotation)
    fields = inner.model_fields if _is_model(inner) else {}
    return [name for name, field in fields.items() if not field.exclude]


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def inner_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = (inner_model(argument) for argument in get_args(annotation))
    return next((model for model in models if model is not None), None)
