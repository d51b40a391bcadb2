"""Whether the form of risk and the combination of hazards that a study asks for can be made of what it has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from riskzoning import risk, standards
from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.exposure import RECEPTORS
from riskzoning.hazards import HAZARDS
from riskzoning.names import Index
from riskzoning.pipeline.stages.cell_risk import matrix_name

_CONSEQUENCES = 5


def form_problems(study: StudyConfig) -> Iterator[Problem]:
    """Problems of ``risk:`` that need no data to be seen."""
    hazards = [HAZARDS[item.hazard].index for item in study.hazards if item.hazard in HAZARDS]
    if study.risk.form == "matrix":
        if study.grades.risk_scheme == "ranked":
            yield Problem("study.matrix_ranked", study.file, field="grades.risk_scheme")
        for index in hazards:
            yield from _matrix(study, index)
    if study.risk.combine == "sum" and not any(_costs(study, index.hazard) for index in hazards):
        yield Problem("combined.no_losses", Phrase("composite"), field="risk.combine")


def _matrix(study: StudyConfig, index: Index) -> Iterator[Problem]:
    """A matrix that does not exist, is none, or lacks a row for a class of the hazard."""
    name = matrix_name(study, index)
    try:
        # Every pair of grades that the run can meet is looked up once.
        grades = np.arange(1, index.classes + 1)
        risk.matrix_index(1, 1, name)
        rows = np.array(standards.table("damage/risk_matrix").data[name])
        if rows.shape[0] < len(grades) or rows.shape[1] < _CONSEQUENCES:
            thing = Phrase("hazard", name=index.hazard)
            facts = {"matrix": name, "rows": rows.shape[0], "classes": index.classes, "columns": _CONSEQUENCES}
            yield Problem("risk.matrix_rows", thing, field="risk.matrix", **facts)
    except ConfigError as error:
        yield from (problem.at(field="risk.matrix") for problem in error.problems)


def _costs(study: StudyConfig, hazard: str) -> bool:
    """Whether a hazard has a loss curve of something that the study exposes."""
    curves = standards.table("loss_curves/receptors").data.get(hazard, {})
    of_value = {name for name, spec in RECEPTORS.items() if spec.loss_count and name in study.exposure.receptors}
    return bool(of_value & set(curves))
