"""Answers of the check that are known: kept in the user's cache under the contents of everything they come from.

An answer is taken only when the study, each file that it names with all that belongs to it, the program with its tables
and the libraries are byte for byte those of the kept one: contents are compared, never times or sizes. Whatever cannot
be told apart so (a hazard of one's own, places that are no files, a lot of data) is looked at again.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskzoning.config import StudyConfig
from riskzoning.errors import Problem, RiskZoningError, language
from riskzoning.errors.decisions import is_heard
from riskzoning.files import checksum, on_disk, referred
from riskzoning.io.caching import cache_folder, remembered
from riskzoning.pipeline.workspace.journal import as_state, from_state
from riskzoning.pipeline.workspace.program import code, is_shipped
from riskzoning.pipeline.workspace.record import input_places, versions

# What libraries read from the environment may change how a file is understood.
_SURROUNDINGS = ("GDAL_", "OGR_", "CPL_", "PROJ_", "SHAPE_", "RISKZONING_")
# More is not read only to find out that it is known: looking at it takes hardly longer.
_MOST_BYTES = 4 * 1024**3


class _FleetingError(Exception):
    """An answer that is not kept."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


def known_or(study: StudyConfig, look: Callable[[], list[Problem]]) -> list[Problem]:
    """The problems of a study as they were when all that they come from was the same; else what ``look`` gives."""
    # Who listens for decisions wants them made.
    key = None if is_heard() or cache_folder() is None else identity(study)
    if key is None:
        return look()

    def record() -> dict[str, Any]:
        problems = look()
        kept = {"problems": [as_state(problem) for problem in problems]}
        # Files may have changed while they were looked at; values may not all be those of JSON.
        if identity(study) != key or _read(json.dumps(kept)) != problems:
            raise _FleetingError(problems)
        return kept

    try:
        return _read(json.dumps(remembered("checks", key, record)))
    except _FleetingError as answer:
        return answer.problems


def _read(text: str) -> list[Problem]:
    try:
        return [from_state(state) for state in json.loads(text)["problems"]]
    except (TypeError, KeyError, ValueError):
        return []


def identity(study: StudyConfig) -> str | None:
    """All that the answer of the check depends on, as one text; None where that cannot be told."""
    own = study.base / study.file
    try:
        if any(not is_shipped(item.hazard) for item in study.hazards):
            return None
        places = {name: study.path(path) for name, path in input_places(study)}
        if sum(_bytes(place) for place in places.values()) > _MOST_BYTES:
            return None
        parts = {
            "program": [code(), versions(), platform.platform(), language()],
            "environment": {key: value for key, value in os.environ.items() if key.startswith(_SURROUNDINGS)},
            "study": study.model_dump(mode="json"),
            "text": checksum(own) if own.is_file() else "",
            "notes": [as_state(problem) for problem in study.notes],
            "places": {name: _contents(place) for name, place in places.items()},
            # Whether an output would take the place of an input depends on where links lead.
            "really": [os.path.realpath(place) for place in (own, study.path(study.outputs.folder), *places.values())],
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    except (OSError, RiskZoningError, TypeError, ValueError):
        return None


def _contents(place: Path) -> list[str]:
    """The place as text and what it holds; a place that is not there has no contents yet."""
    return [str(place), checksum(place) if on_disk(place) else ""]


def _bytes(place: Path) -> int:
    return sum(file.stat().st_size for file in referred(place) if file.is_file())
