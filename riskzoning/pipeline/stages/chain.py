"""The stages of a run in their order; each takes what earlier ones made and gives one value more."""

from __future__ import annotations

from dataclasses import replace

from riskzoning.pipeline.stages.assess import assess
from riskzoning.pipeline.stages.calibrate import calibrated, targets_table, validation_table
from riskzoning.pipeline.stages.grade import grade
from riskzoning.pipeline.stages.prepare import prepare
from riskzoning.pipeline.state import Assessed, Calibrated, Graded, Made, Prepared, Run, Stage


def _graded(run: Run, made: Made) -> Graded:
    graded = grade(run, made.of(Prepared), made.of(Assessed))
    tables = {
        "validation": validation_table(made.of(Calibrated).scalars),
        "targets": targets_table(graded.units),
    }
    return replace(graded, tables={**graded.tables, **tables})


CHAIN = (
    Stage("prepare", lambda run, _: prepare(run)),
    Stage("calibrate", lambda run, made: calibrated(run, made.of(Prepared))),
    Stage("assess", lambda run, made: assess(run, made.of(Prepared), made.of(Calibrated))),
    Stage("grade", _graded),
)
