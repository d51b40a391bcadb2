"""The stages of a run in their order; each takes what earlier ones made and gives one value more."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from riskzoning.pipeline.stages.assess import assess
from riskzoning.pipeline.stages.calibrate import calibrated, validation_table
from riskzoning.pipeline.stages.grade import grade
from riskzoning.pipeline.stages.prepare import prepare
from riskzoning.pipeline.stages.recorded import against_history, recorded, targets_table
from riskzoning.pipeline.stages.sense import Sense, sense_checks
from riskzoning.pipeline.state import Assessed, Calibrated, Graded, Made, Prepared, Run, Stage


def _graded(run: Run, made: Made) -> Graded:
    graded = grade(run, made.of(Prepared), made.of(Assessed))
    history, segments = recorded(run), made.of(Assessed).segments
    checks = [
        validation_table(made.of(Calibrated).scalars),
        _sense(run, made.of(Assessed), graded),
        against_history(history, graded.units, segments),
    ]
    tables = {
        "validation": pd.concat([part for part in checks if len(part)] or checks[:1], ignore_index=True),
        "targets": targets_table(graded.units, history),
        "loss_segments": segments,
    }
    return replace(graded, tables={**graded.tables, **tables})


def _sense(run: Run, assessed: Assessed, graded: Graded) -> pd.DataFrame:
    """The sense checks over the finest units that the run publishes."""
    setting = run.setting
    finest = next(level for level in setting.levels if level in graded.units)
    sense = Sense(graded.units[finest], setting.coverage.areas / 1e6, assessed.ranges, setting.study.exposure.receptors)
    return sense_checks(sense, tuple(item.hazard for item in setting.study.hazards))


CHAIN = (
    Stage("prepare", lambda run, _: prepare(run)),
    Stage("calibrate", lambda run, made: calibrated(run, made.of(Prepared))),
    Stage("assess", lambda run, made: assess(run, made.of(Prepared), made.of(Calibrated))),
    Stage("grade", _graded),
)
