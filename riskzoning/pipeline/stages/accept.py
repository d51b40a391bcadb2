"""The filled forms of a study, row by row: what may be used goes on, what may not is kept in a table of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskzoning.errors import Phrase, Problem, note
from riskzoning.pipeline.check.surveyed import checked_surveys
from riskzoning.pipeline.state import Run, Surveyed
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.surveys.accepting import Accepted, accepted, all_rejected

_FORM, _TABLE = "form", "table"


def accept(run: Run) -> Surveyed:
    """Accepted records by form, and the tables of quality; nothing without a section ``surveys:``."""
    if not run.setting.study.surveys:
        return Surveyed({}, {})
    kept = frames_once(run, "accept", lambda: (_frames(run), {}))
    parts: dict[str, dict[str, pd.DataFrame]] = {_FORM: {}, _TABLE: {}}
    for name, frame in kept.items():
        part, _, name_in_it = name.partition(" ")
        parts[part][name_in_it] = frame
    return Surveyed(parts[_FORM], parts[_TABLE])


def _frames(run: Run) -> dict[str, pd.DataFrame]:
    """The accepted records and the tables of quality, as the stage keeps them."""
    study = run.setting.study
    check = checked_surveys(study, run.catalogue, run.setting.units)
    taken = [accepted(item, force=study.surveys.force) for item in check.checked]
    _tell(taken)
    tables = {
        "survey_quality": check.scores,
        "survey_problems": check.problems,
        "qc_rejected": all_rejected(taken),
    }
    return {
        **{f"{_FORM} {item.form}": item.frame for item in taken if not item.blocked},
        **{f"{_TABLE} {name}": table for name, table in tables.items() if len(table)},
    }


def _tell(taken: Sequence[Accepted]) -> None:
    """How many rows are left out, form by form in one sentence; which forms are not used, or used with errors."""
    left_out = {item.form: len(item.rejected) for item in taken if len(item.rejected) and not item.blocked}
    if left_out:
        rows = sum(len(item.rejected) + len(item.frame) for item in taken)
        forms = [f"{name} {count}" for name, count in left_out.items()]
        count = sum(left_out.values())
        rule = "dropped.survey_rows"
        note(Problem(rule, Phrase("survey_forms"), severity="warning", count=count, rows=rows, forms=forms))
    for item in taken:
        thing = Phrase("survey_form", name=item.form)
        if item.blocked:
            rules, count = item.blocked, len(item.rejected)
            note(Problem("survey.blocked", thing, severity="warning", rules=rules, count=count))
        if item.forced:
            note(Problem("survey.forced", thing, severity="warning", count=item.forced))
