"""The filled forms of a study, row by row: what may be used goes on, what may not is kept in a table of its own."""

from __future__ import annotations

from riskzoning.errors import Phrase, Problem, note
from riskzoning.pipeline.check.surveyed import checked_surveys
from riskzoning.pipeline.state import Run, Surveyed
from riskzoning.surveys.accepting import Accepted, accepted, all_rejected


def accept(run: Run) -> Surveyed:
    """Accepted records by form, and the tables of quality; nothing without a section ``surveys:``."""
    study = run.setting.study
    if not study.surveys:
        return Surveyed({}, {})
    check = checked_surveys(study, run.catalogue, run.setting.units)
    taken = [accepted(item, force=study.surveys.force) for item in check.checked]
    for item in taken:
        _tell(item)
    tables = {
        "survey_quality": check.scores,
        "survey_problems": check.problems,
        "qc_rejected": all_rejected(taken),
    }
    return Surveyed(
        {item.form: item.frame for item in taken if not item.blocked},
        {name: table for name, table in tables.items() if len(table)},
    )


def _tell(item: Accepted) -> None:
    """How many rows of a form are left out, and how many are used in spite of errors."""
    thing = Phrase("survey_form", name=item.form)
    rejected = len(item.rejected)
    if item.blocked:
        note(Problem("survey.blocked", thing, severity="warning", rules=item.blocked, count=rejected))
    elif rejected:
        rows = rejected + len(item.frame)
        note(Problem("dropped.survey_rows", thing, severity="warning", count=rejected, rows=rows))
    if item.forced:
        note(Problem("survey.forced", thing, severity="warning", count=item.forced))
