"""What the surveys give: the assessments of units from the accepted records, one after the other."""

from __future__ import annotations

from riskzoning.errors import RiskZoningError, note, speaking
from riskzoning.pipeline.stages.assessments import ASSESSMENTS, Given
from riskzoning.pipeline.stages.assessments.given import Tables
from riskzoning.pipeline.state import Made, Run, Surveyed, Zoned
from riskzoning.pipeline.workspace.resume import frames_once


def surveyed(run: Run, made: Made) -> Zoned:
    """Tables of all assessments that have what they need; one that cannot be made is told, the others go on."""
    forms = made.of(Surveyed).surveys
    if not forms:
        return Zoned({}, {})
    return Zoned({}, frames_once(run, "survey", lambda: (_assessed(Given(run, made, forms)), {})))


def _assessed(given: Given) -> Tables:
    tables: Tables = {}
    for assessment in ASSESSMENTS:
        try:
            # Sentences in tables are in the language of the study, whoever runs it.
            with speaking(given.run.setting.study.language):
                tables |= assessment.tables(given)
        except RiskZoningError as error:
            for problem in error.problems:
                note(problem.at(severity="warning"))
    return {name: table for name, table in tables.items() if len(table)}
