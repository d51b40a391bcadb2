"""Checks of what losses are held against and cut by: the history of losses, protected areas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from riskzoning.config import HistoryConfig, ProtectionConfig, StudyConfig
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.stages.recorded import by_year
from riskzoning.pipeline.workspace.progress import Work

Job = Callable[[], list[Problem]]


def loss_jobs(study: StudyConfig, catalogue: Catalogue) -> Iterator[tuple[Work, Job]]:
    """What is to be checked, by name: the columns of the history and of each protected area."""
    if study.history is not None and study.history.table in study.inputs:
        yield Work("history", study.history.table), partial(_history, catalogue, study.history)
    for given in study.risk.protection.values():
        if given.areas in study.inputs:
            yield Work("protection", str(given.areas)), partial(_protection, catalogue, given)


def _history(catalogue: Catalogue, given: HistoryConfig) -> list[Problem]:
    records, thing = catalogue.table(given.table), Phrase("input", name=given.table)
    named = (given.hazard, given.year, given.loss, given.unit, given.gdp, given.population, given.dead, given.missing)
    present = [str(column) for column in records.columns]
    missing = [name for name in (*named, given.affected) if name is not None and name not in present]
    if missing:
        return [Problem("input.columns", thing, field="history", missing=missing, present=present)]
    by_year(records, given)
    return []


def _protection(catalogue: Catalogue, given: ProtectionConfig) -> list[Problem]:
    frame, thing = catalogue.vector(str(given.areas)), Phrase("input", name=given.areas)
    present = [str(column) for column in frame.columns]
    if given.column not in present:
        return [Problem("study.class_column", thing, field="risk.protection", column=given.column, columns=present)]
    if given.within_m is None and not frame.geometry.geom_type.str.contains("Polygon").all():
        return [Problem("loss.protection_lines", thing, field="within_m")]
    return []
