"""Stage ``calibrate``: the scalars of each hazard, and what they say about its quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd
import xarray as xr

from riskzoning.config import HazardConfig
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.inputs import Facts
from riskzoning.pipeline.state import Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import once


class Asked(Mapping[str, xr.Dataset]):
    """Values that are made when they are first asked for, by name."""

    def __init__(self, make: Mapping[str, Callable[[], xr.Dataset]]) -> None:
        self._make = make
        self._made: dict[str, xr.Dataset] = {}

    def __getitem__(self, name: str) -> xr.Dataset:
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make)

    def __len__(self) -> int:
        return len(self._make)


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


def assessed_hazards(run: Run, prepared: Prepared, scalars: Mapping[str, Facts]) -> Mapping[str, xr.Dataset]:
    """Each hazard's Dataset on the grid, lazy, with its frozen calibration; made when it is first asked for."""
    setting = run.setting

    def made(item: HazardConfig) -> xr.Dataset:
        given, params = prepared.hazards[item.hazard], setting.params(item)
        return HAZARDS[item.hazard].assess(given, params, grid=setting.grid, calibration=scalars[item.hazard])

    return Asked({item.hazard: partial(made, item) for item in setting.study.hazards})


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
