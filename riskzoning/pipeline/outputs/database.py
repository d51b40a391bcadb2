"""Output ``database``: the disaster database, a GeoPackage in the folder of the run or a PostGIS server."""

from __future__ import annotations

from pathlib import Path

from riskzoning import database
from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError
from riskzoning.pipeline.outputs.output import Output, Writing


def write_database(writing: Writing) -> None:
    """Write the result into the database of the study, whole or not at all."""
    with database.open_database(_target(writing)) as opened:
        opened.write(writing.result)


def answering(study: StudyConfig) -> None:
    """Raise when the database, server or file, would not take the load: better known before the work."""
    target: Path | str | bool = study.outputs.database
    if not isinstance(target, str):
        return
    if not database.is_server(target):
        folder = study.path(study.outputs.folder)
        target = folder / target
        # What keeps the folder of the run from being made is said of the folder.
        if target.is_relative_to(folder) and not folder.is_dir():
            return
    try:
        with database.open_database(target) as opened:
            opened.check()
    except ConfigError as error:
        # What is wrong with the target stands in the study.
        problems = [
            problem.at(study.file, field="outputs.database") if isinstance(problem.about, str) else problem
            for problem in error.problems
        ]
        raise type(error)(problems=problems) from None


def _target(writing: Writing) -> Path | str:
    target = str(writing.study.outputs.database)
    return target if database.is_server(target) else writing.folder / target


def _place(writing: Writing) -> Path | str:
    """Where people look for it, without the password of a server."""
    if not writing.study.outputs.database:
        return writing.folder / "database.gpkg"
    target = _target(writing)
    return database.without_password(target) if isinstance(target, str) else target


DATABASE = Output(
    "database",
    files=("*.gpkg",),
    rank=40,
    wanted=lambda outputs: bool(outputs.database),
    write=write_database,
    place=_place,
    ready=answering,
)
