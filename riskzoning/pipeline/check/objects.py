"""Checks of the layers whose features are objects: their columns, numbers and ids."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from riskzoning.config import ObjectsConfig, StudyConfig
from riskzoning.errors import Phrase, Problem, RiskZoningError
from riskzoning.exposure.base.unit_tables import column_problems, number_problems
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.pipeline.check.inputs import Job
from riskzoning.pipeline.workspace.progress import Work


def object_jobs(study: StudyConfig, catalogue: Catalogue) -> Iterator[tuple[Work, Job]]:
    """One look at each layer of objects that the catalogue has."""
    for given in study.exposure.objects:
        if given.layer in study.inputs:
            yield Work("objects", given.layer), partial(_problems, catalogue, given)


def _problems(catalogue: Catalogue, given: ObjectsConfig) -> list[Problem]:
    thing = Phrase("input_file", name=given.layer, path=str(catalogue.entry(given.layer).path))
    try:
        frame = catalogue.vector(given.layer)
    except RiskZoningError as error:
        return problems_of(error, thing)
    problems = column_problems(frame, given.columns, thing)
    if problems:
        return problems
    if given.kind is not None and given.kind_column is not None:
        problems.append(Problem("objects.two_kinds", thing, kind=given.kind, column=given.kind_column))
    if given.id is not None:
        ids = frame[given.id]
        twice = sorted({str(value) for value in ids[ids.duplicated() & ids.notna()]})
        if twice or ids.isna().any():
            problems.append(Problem("objects.layer_ids", thing, field=given.id, ids=twice, empty=int(ids.isna().sum())))
    return [*problems, *number_problems(frame, (given.people,), thing)]
