"""A study with some of its keys changed: checked as if they stood in study.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from riskzoning.config.loading import validated
from riskzoning.config.model import StudyConfig
from riskzoning.config.reading import StudyText
from riskzoning.config.references import reference_problems
from riskzoning.errors import ConfigError

# A way of weighing replaces the one before it: two of them in one section contradict each other.
_WAYS_OF_WEIGHING = ("method", "fixed", "matrix")


def changed_study(study: StudyConfig, changes: Mapping[str, Any]) -> StudyConfig:
    """The study with the changes, of the same file; raises with every problem, each at its key."""
    raw = study.model_dump(mode="json", exclude_unset=True)
    for key, value in changes.items():
        given = _plain(value)
        # A section as a checked value is the whole section; a mapping changes the keys that it names.
        whole = isinstance(value, BaseModel) or (key == "weights" and _weighs(given))
        raw[key] = given if whole else _merged(raw.get(key), given)
    text = StudyText(study.base / study.file, raw)
    made, problems = validated(text)
    problems = list(dict.fromkeys([*problems, *reference_problems(text)]))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or made is None:
        raise ConfigError(problems=errors)
    # What was noted of the file holds; what is new comes after it.
    return made.model_copy(update={"notes": tuple(dict.fromkeys([*study.notes, *_news(study, problems)]))})


def _weighs(given: object) -> bool:
    return isinstance(given, Mapping) and any(given.get(key) for key in _WAYS_OF_WEIGHING)


def _merged(old: object, new: object) -> Any:
    """Mappings key by key, to any depth; anything else takes the place of what was there."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def _plain(value: object) -> Any:
    """Values as YAML has them."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    # Paths and dates as they are written; numbers of numpy as numbers.
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


def _news(study: StudyConfig, problems: list[Any]) -> list[Any]:
    known = {(note.rule, note.field) for note in study.notes}
    return [problem for problem in problems if (problem.rule, problem.field) not in known]
