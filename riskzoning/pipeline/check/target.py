"""Whether the database of a study can be meant, by its text; and whether the server or file takes a load, by asking.

The answer is asked anew each time: it depends on more than the inputs of the study.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskzoning.config import StudyConfig
from riskzoning.database import is_server
from riskzoning.database.urls import server
from riskzoning.errors import ConfigError, Problem, RiskZoningError
from riskzoning.files import same_place
from riskzoning.pipeline.outputs.database import answering
from riskzoning.pipeline.workspace.record import input_places

_FIELD = "outputs.database"


def target_problems(study: StudyConfig) -> Iterator[Problem]:
    """What can be said without a connection: mistakes of a URL, variables that are not set, a password in the file."""
    target = study.outputs.database
    if isinstance(target, str) and is_server(target):
        try:
            if server(target).password_written:
                yield Problem("study.database_password", study.file, field=_FIELD, severity="warning")
        except ConfigError as error:
            yield from (problem.at(study.file, field=_FIELD) for problem in error.problems)
    elif isinstance(target, str):
        place = study.path(study.outputs.folder) / target
        for name, path in input_places(study):
            if same_place(study.path(path), place):
                yield Problem("study.database", study.file, field=_FIELD, target=place.as_posix(), name=name)


def database_problems(study: StudyConfig) -> list[Problem]:
    """Why the database of a study, server or file, would not take a load."""
    try:
        answering(study)
    except RiskZoningError as error:
        return list(error.problems)
    return []
