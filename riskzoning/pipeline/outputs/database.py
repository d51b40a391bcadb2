"""Output ``database``: the disaster database, a GeoPackage in the folder of the run or a PostGIS server."""

from __future__ import annotations

from pathlib import Path

from riskzoning import database
from riskzoning.config import StudyConfig
from riskzoning.errors import RiskZoningError
from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.results import StudyResult


def write_database(writing: Writing) -> None:
    """Write the result into the database of the study, whole or not at all."""
    target = str(writing.outputs.database)
    path = target if "://" in target else str(writing.result.folder / target)
    with database.open_database(path) as opened:
        opened.write(writing.result)


def answering(study: StudyConfig) -> None:
    """Raise when a database server does not answer: better known before the work than after it."""
    target = study.outputs.database
    if isinstance(target, str) and "://" in target:
        database.open_database(target).close()


def is_own_database(path: Path) -> bool:
    """Whether a GeoPackage was written by a run."""
    try:
        with database.open_database(path) as opened:
            return "meta_run" in opened.tables()
    except RiskZoningError:
        return False


def _place(result: StudyResult) -> Path | str:
    target = str(result.record.get("study", {}).get("outputs", {}).get("database", "")) or "database.gpkg"
    return target if "://" in target else result.folder / target


DATABASE = Output(
    "database",
    files=("*.gpkg",),
    own=is_own_database,
    wanted=lambda outputs: bool(outputs.database),
    write=write_database,
    place=_place,
    ready=answering,
)
