"""What pydantic says about a value, as a problem of study.yaml: a rule by the type of the error, the key, the line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from riskzoning.config.reading import Location, StudyText
from riskzoning.errors import Phrase, Problem
from riskzoning.errors.sentences import parts_of

# What is wanted instead, by pydantic's type of error; {limit} and the like come from its context.
_WANTED = {
    "dict_type": "wanted_mapping",
    "model_attributes_type": "wanted_mapping",
    "tuple_type": "wanted_list",
    "list_type": "wanted_list",
    "path_type": "wanted_path",
    "string_type": "wanted_text",
    "float_type": "wanted_number",
    "float_parsing": "wanted_number",
    "finite_number": "wanted_finite_number",
    "int_type": "wanted_whole_number",
    "int_parsing": "wanted_whole_number",
    "int_from_float": "wanted_whole_number",
    "bool_type": "wanted_truth",
    "bool_parsing": "wanted_truth",
}
_LIMITS = {
    "greater_than": ("wanted_above", "gt"),
    "greater_than_equal": ("wanted_from", "ge"),
    "less_than": ("wanted_below", "lt"),
    "less_than_equal": ("wanted_up_to", "le"),
}
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


def given(value: object) -> Phrase:
    """What stands in the file, in a few words."""
    if isinstance(value, Mapping | BaseModel):
        return Phrase("given_mapping" if value else "given_empty_mapping")
    if isinstance(value, list | tuple):
        return Phrase("given_list" if value else "given_empty_list")
    if value is None:
        return Phrase("given_nothing")
    text = repr(value)
    return Phrase("given_text", text=text if len(text) <= 80 else f"{text[:77]}...")


def unknown_key(text: StudyText, location: Location, model: type[BaseModel]) -> Problem:
    """A key that the section does not have."""
    known = known_keys(location[:-1], model)
    return text.problem("study.unknown_key", location, keys=known, near=near(location[-1], known))


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
    options = _options(context)
    meant = near(value, options) if isinstance(value, str) and value else Phrase("nothing")
    wanted = _wanted(row, location, model)
    return text.problem("study.value", location, given=given(value), wanted=wanted, near=meant)


def _options(context: Mapping[str, object]) -> list[str]:
    return str(context.get("expected", "")).replace(" or ", ", ").replace("'", "").split(", ")


def _wanted(row: ErrorDetails, location: Location, model: type[BaseModel]) -> Phrase:
    kind, context = row["type"], row.get("ctx", {})
    if location in _FIELDS:
        return Phrase(_FIELDS[location])
    if kind in ("model_type", "literal_error", "too_short", "too_long"):
        return _wanted_of_section(kind, context, known_keys(location, model))
    if kind in _LIMITS:
        key, name = _LIMITS[kind]
        return Phrase(key, limit=context[name])
    if kind in _WANTED:
        return Phrase(_WANTED[kind])
    # Parameters of hazards and receptors word their own conditions.
    reason = str(row["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return Phrase("wanted_other", reason=reason)


def _wanted_of_section(kind: str, context: Mapping[str, object], known: list[str]) -> Phrase:
    if kind == "literal_error":
        return Phrase("wanted_one_of", options=_options(context))
    if kind == "too_long":
        return Phrase("wanted_at_most", count=context["max_length"])
    if kind == "too_short":
        count = context["min_length"]
        return Phrase("wanted_item") if count == 1 else Phrase("wanted_items", count=count)
    return Phrase("wanted_mapping_keys", keys=known) if known else Phrase("wanted_mapping")


def known_keys(location: Location, model: type[BaseModel]) -> list[str]:
    """Keys of the section at a place; none where any key may stand."""
    inner: Any = model
    for part in location:
        fields = inner.model_fields if _is_model(inner) else {}
        if part in fields:
            inner = _inner_model(fields[str(part)].annotation)
    fields = inner.model_fields if _is_model(inner) else {}
    return [name for name, field in fields.items() if not field.exclude]


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _inner_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = (_inner_model(argument) for argument in get_args(annotation))
    return next((model for model in models if model is not None), None)
