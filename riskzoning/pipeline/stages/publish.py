"""Stage ``publish``: every output that the study asks for, from the values that the stages before made."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from riskzoning.config import StudyConfig
from riskzoning.errors import MissingDependencyError, Phrase, Problem, note
from riskzoning.pipeline.outputs import OUTPUTS
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.workspace.progress import Progress
from riskzoning.results import StudyResult


def publish(
    study: StudyConfig, result: StudyResult, *, progress: Progress, when: Literal["publish", "end"] = "publish"
) -> None:
    """Write the outputs of the stage, or those of the very end; one whose package is missing is skipped and noted."""
    chosen = [output for output in OUTPUTS if output.when == when and output.asked(study.outputs)]
    total = sum(output.weight for output in chosen if output.write is not None)
    done = 0.0
    for output in chosen:
        if output.write is None:
            continue
        told = partial(_tell, progress, done / total, output.weight / total)
        told(0.0, output.key)
        try:
            output.write(Writing(study, result, told))
        except MissingDependencyError as error:
            thing = Phrase("output", name=output.key)
            note(Problem("output.skipped", thing, severity="warning", reason=str(error)))
        done += output.weight
    progress.step("publish", 1.0)


def output_places(study: StudyConfig, result: StudyResult) -> dict[str, Path | str]:
    """Where people find the outputs of a run, by their keys.

    Parameters
    ----------
    study : StudyConfig
    result : StudyResult
        What :func:`run_study` gave.

    Returns
    -------
    dict
        Key of the output (``layers tables database site maps record``) to its path, or the URL of its database without
        the password. A path may not exist: the study did not ask for that output, or the run stopped before it.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> study = StudyConfig(name="X", code="990100", data_date="2026-06-30", admin={"path": "admin.gpkg"})
    >>> output_places(study, toy_result())["maps"].name
    'maps'
    """
    writing = Writing(study, result)
    return {output.key: output.place(writing) for output in OUTPUTS if output.place is not None}


def _tell(progress: Progress, done: float, share: float, part: float, text: str) -> None:
    progress.step("publish", done + share * part, text)
