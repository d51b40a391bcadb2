"""One finished run of the sample study for all tests that only look at one, whichever process they run in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import filelock

from riskzoning.config import StudyConfig, load_study
from riskzoning.pipeline import run_study
from riskzoning.pipeline.workspace.kept import kept
from riskzoning.results import StudyResult
from riskzoning.samples import sample_study

RESOLUTION = 400.0


def coarse(study: StudyConfig) -> StudyConfig:
    """The study on larger cells, without what is drawn: its layers, tables and database only."""
    few = {"maps": False, "site": False, "report": False, "workbook": False}
    grid = study.grid.model_copy(update={"resolution": RESOLUTION})
    return study.model_copy(update={"grid": grid, "outputs": study.outputs.model_copy(update=few)})


@dataclass(frozen=True)
class SampleRun:
    """A run that stopped after ``calibrate`` and went on; nobody writes into its folder.

    ``made`` is the result where this process made it.
    """

    study: StudyConfig
    folder: Path
    made: StudyResult | None

    def opened(self) -> StudyResult:
        """The result once more, from what the run has left."""
        with kept(self.folder) as (_, result, _):
            return result


def finished_run(shared: Path) -> SampleRun:
    """The run in a folder that all processes of these tests see: made by the first that asks."""
    study, folder = coarse(load_study(sample_study())), shared / "sample_run"
    made = None
    with filelock.FileLock(shared / "sample_run.lock"):
        if not (folder / "run.json").is_file():
            run_study(study, out=folder, only="calibrate")
            made = run_study(study, out=folder, resume=True)
    return SampleRun(study, folder, made)
