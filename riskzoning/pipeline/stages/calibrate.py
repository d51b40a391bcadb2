"""Stage ``calibrate``: the scalars of each hazard, and what they say about its quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from riskzoning.hazards import HAZARDS
from riskzoning.hazards.inputs import Facts
from riskzoning.pipeline.state import Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import once


def calibrate(run: Run, prepared: Prepared) -> dict[str, dict[str, Any]]:
    """Fitted models, ranges and class statistics of every hazard; frozen for the rest of the run."""

    def compute() -> dict[str, Any]:
        scalars: dict[str, Any] = {}
        for index, item in enumerate(run.setting.study.hazards):
            run.progress.step("calibrate", index / len(run.setting.study.hazards), item.hazard)
            spec = HAZARDS[item.hazard]
            scalars[item.hazard] = spec.calibrate(prepared.hazards[item.hazard], run.setting.params(item))
        run.progress.step("calibrate", 1.0)
        return scalars

    return once(run, "calibrate", compute)


def assessed_hazards(run: Run, prepared: Prepared, scalars: Mapping[str, Facts]) -> dict[str, xr.Dataset]:
    """Each hazard's Dataset on the grid, lazy, with its frozen calibration."""
    setting = run.setting
    return {
        item.hazard: HAZARDS[item.hazard].assess(
            prepared.hazards[item.hazard],
            setting.params(item),
            grid=setting.grid,
            calibration=scalars[item.hazard],
        )
        for item in setting.study.hazards
    }


def calibrated(run: Run, prepared: Prepared) -> Calibrated:
    """The frozen scalars of every hazard and its lazy result."""
    scalars = calibrate(run, prepared)
    return Calibrated(scalars, assessed_hazards(run, prepared, scalars))


def validation_table(scalars: Mapping[str, Facts]) -> pd.DataFrame:
    """What the calibrations say about skill: hazard, measure, value; skill without hold-out is labelled so by name."""
    rows = [
        {"hazard": hazard, "measure": measure, "value": value}
        for hazard, scale in scalars.items()
        for measure, value in _numbers(scale.get("validation", {})).items()
    ]
    return pd.DataFrame(rows, columns=["hazard", "measure", "value"])


def _numbers(values: Facts, prefix: str = "") -> dict[str, float]:
    numbers: dict[str, float] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            numbers.update(_numbers(value, f"{name}."))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers[name] = float(value)
    return numbers
