"""Checks of the layers that maps draw by their name: read before the run, not when all is computed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from riskzoning.config import StudyConfig
from riskzoning.errors import Phrase, Problem, RiskZoningError
from riskzoning.names import DRAWN
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.pipeline.check.inputs import Job
from riskzoning.pipeline.workspace.progress import Work


def drawn_jobs(study: StudyConfig, catalogue: Catalogue) -> Iterator[tuple[Work, Job]]:
    """One look at each entry that is drawn by its name; what a hazard reads is looked at with it."""
    read = {name for item in study.hazards for names in item.inputs.values() for name in names}
    for name in DRAWN:
        if name in study.inputs and name not in read:
            yield Work("maps", name), partial(_problems, catalogue, name)


def _problems(catalogue: Catalogue, name: str) -> list[Problem]:
    thing = Phrase("input_file", name=name, path=str(catalogue.entry(name).path))
    try:
        catalogue.vector(name)
    except RiskZoningError as error:
        return problems_of(error, thing)
    return []
