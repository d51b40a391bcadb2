"""Validate a study and every input before anything slow: all problems, each with what was found and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from riskzoning import standards
from riskzoning.config import StudyConfig, parse_study, reference_problems
from riskzoning.config.reading import StudyText
from riskzoning.errors import Phrase, Problem, StandardTableError, grouped, hearing, language
from riskzoning.exposure import RECEPTORS
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.basemap import basemap_problems
from riskzoning.pipeline.check.boundaries import known_units, unit_problems
from riskzoning.pipeline.check.checked import Checked
from riskzoning.pipeline.check.drawn import drawn_jobs
from riskzoning.pipeline.check.exposed import exposure_jobs
from riskzoning.pipeline.check.inputs import Job, entry_problems, hazard_jobs
from riskzoning.pipeline.check.known import known_or
from riskzoning.pipeline.check.location import grid_problems, study_grid
from riskzoning.pipeline.check.losses import loss_jobs
from riskzoning.pipeline.check.objects import object_jobs
from riskzoning.pipeline.check.planned import planning_jobs
from riskzoning.pipeline.check.replaced import replaced_table_problems
from riskzoning.pipeline.check.risk_forms import form_problems
from riskzoning.pipeline.check.surveyed import survey_jobs
from riskzoning.pipeline.check.target import database_problems, target_problems
from riskzoning.pipeline.check.validated import validation_jobs
from riskzoning.pipeline.stages.hazard_weights import weight_problems
from riskzoning.pipeline.workspace.heard import comes_back, heard, told_again
from riskzoning.pipeline.workspace.journal import as_state, from_state
from riskzoning.pipeline.workspace.progress import Progress, Silent, Work
from riskzoning.vulnerability import load_curve


def check_study(study: str | Path | StudyConfig, *, progress: Progress | None = None) -> list[Problem]:
    """All problems of a study: its keys, boundaries and inputs; an empty list when it is clean.

    Parameters
    ----------
    study : path or StudyConfig
    progress : Progress, optional

    Examples
    --------
    >>> check_study("no/such/study.yaml")[0].found
    'does not exist'
    """
    problems: list[Problem] = []
    if not isinstance(study, StudyConfig):
        parsed = parse_study(study)
        problems += parsed.problems
        if parsed.study is None:
            return problems
        study = parsed.study
    whole = study

    def look() -> list[Problem]:
        with standards.session(whole.replaced_tables):
            return examine(whole, progress=progress).problems

    try:
        seen = known_or(study, look)
    except StandardTableError as error:
        return grouped([*problems, *error.problems])
    (progress or Silent()).step("check", 1.0)
    target = list(target_problems(study))
    if not any(problem.severity == "error" for problem in target):
        target += database_problems(study)
    return grouped([*problems, *_news(study, problems, [*seen, *target, *basemap_problems(study)])])


def _news(study: StudyConfig, before: Sequence[Problem], after: Sequence[Problem]) -> Iterator[Problem]:
    """What opening the inputs adds to what was seen in study.yaml: nothing said twice about a key or a missing file."""
    known = {(problem.rule, problem.field) for problem in before}
    fields = {problem.field for problem in before if problem.severity == "error"}
    missing = [_path_at(study, problem.field or "") for problem in before if problem.rule.startswith("study.file")]
    for problem in after:
        lost = any(path is not None and problem.file.endswith(path) for path in missing)
        doubled = problem.rule.startswith("catalogue.") and _within(problem.field, fields)
        again = problem.field is not None and (problem.rule, problem.field) in known
        if not (lost or doubled or again):
            yield problem


def _within(field: str | None, fields: Collection[str | None]) -> bool:
    return field is not None and any(key is not None and f"{key}.".startswith(f"{field}.") for key in fields)


def _path_at(study: StudyConfig, field: str) -> str | None:
    """The path that stands in a field of study.yaml."""
    value: object = study.model_dump(mode="json")
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def examine(
    study: StudyConfig, *, progress: Progress | None = None, answer: Mapping[str, Any] | None = None
) -> Checked:
    """Open everything that a study names and look at it; problems are gathered, never raised.

    ``answer`` is what an earlier look at the same inputs gave: they are not opened before a stage asks for them.
    """
    checked = Checked(Catalogue(study))
    with hearing(checked.journal):
        _examine(study, checked, progress or Silent(), answer)
    # What was left out of an input is part of a run's record; what a person should look at is told before.
    left_out = [problem for problem in checked.journal.dropped if problem.severity != "info"]
    checked.problems = _unique([*checked.problems, *checked.journal.warnings, *left_out])
    return checked


def _examine(study: StudyConfig, checked: Checked, listener: Progress, answer: Mapping[str, Any] | None) -> None:
    checked.problems += [*study.notes, *_own_problems(study)]
    if any(problem.rule.startswith("standards.") for problem in checked.errors):
        return  # nothing can be looked at with a broken table
    with checked.gathering(Phrase("table", name="weights/hazards")):
        checked.problems += weight_problems(study)
    with checked.gathering(Phrase("risk_matrix")):
        checked.problems += form_problems(study)
    with checked.gathering(Phrase("table", name="loss_curves/receptors")):
        for curves in standards.table("loss_curves/receptors").data.values():
            named = [name for key, name in curves.items() if key in RECEPTORS]
            for curve in (*named, *(facts["curve"] for facts in curves.get("classes", {}).values())):
                load_curve(curve)
    for item in study.hazards:
        with checked.gathering(Phrase("hazard", name=item.hazard)):
            # Without a ladder, or with a broken one, there is no index.
            _ = HAZARDS[item.hazard].grade_scheme if item.hazard in HAZARDS else None
    with checked.gathering(Phrase("units")):
        checked.units = known_units(study, checked.journal.add)
        checked.problems += checked.units.problems
        checked.problems += unit_problems(study, checked.units.units)
        checked.grid = study_grid(study, checked.units.units)
        checked.problems += grid_problems(study, checked.units.units, checked.grid)
    if answer is None:
        checked.problems += _of_inputs(study, checked, listener)
    else:
        checked.problems += [from_state(state) for state in told_again(answer)["problems"]]
        checked.answer = answer
    listener.step("check", 1.0)


def _of_inputs(study: StudyConfig, checked: Checked, listener: Progress) -> list[Problem]:
    """What the inputs show when they are opened, one after the other; kept where it can be told again word for word."""
    own = Checked(checked.catalogue)

    def look() -> dict[str, Any]:
        jobs = list(_jobs(study, checked))
        for index, (work, job) in enumerate(jobs):
            listener.step("check", index / max(len(jobs), 1), work.text(language()))
            with own.gathering(Phrase("input", name=work.detail or work.key)):
                own.problems += job()
        return {"problems": [as_state(problem) for problem in own.problems]}

    content = heard(look, checked.journal.add)
    if comes_back([*own.problems, *checked.journal.steps, *checked.journal.warnings, *checked.journal.dropped]):
        checked.answer = content
    return own.problems


def _own_problems(study: StudyConfig) -> Iterator[Problem]:
    """What can be said without opening an input: names (also of a study made in Python), tables, places."""
    text = StudyText(study.base / study.file, study.model_dump(mode="json"))
    yield from (problem for problem in reference_problems(text) if problem.severity == "error")
    for name in study.standards:
        if name in standards.table_names():
            yield from replaced_table_problems(name)


def _jobs(study: StudyConfig, checked: Checked) -> Iterator[tuple[Work, Job]]:
    catalogue, units = checked.catalogue, None if checked.units is None else checked.units.units
    yield from hazard_jobs(catalogue, checked.grid)
    yield from exposure_jobs(study, catalogue, units, checked.grid, entry_problems)
    yield from loss_jobs(study, catalogue, checked.grid, entry_problems)
    yield from planning_jobs(study, catalogue, checked.grid)
    yield from object_jobs(study, catalogue)
    yield from drawn_jobs(study, catalogue)
    yield from survey_jobs(study, catalogue, units)
    yield from validation_jobs(study, catalogue, units, checked.grid)
