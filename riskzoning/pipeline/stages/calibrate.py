"""Stage ``calibrate``: the scalars of each hazard, and what they say about its quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Problem, note
from riskzoning.hazards import HAZARDS
from riskzoning.names import MULTI, Measure
from riskzoning.pipeline.state import Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import once

__all__ = ["assessed_hazards", "calibrate", "calibrated", "targets_table", "validation_table"]


def calibrate(run: Run, prepared: Prepared) -> dict[str, dict[str, Any]]:
    """Fitted models, ranges and class statistics of every hazard; frozen for the rest of the run.

    Examples
    --------
    >>> import json
    >>> import tempfile
    >>> from pathlib import Path
    >>> from riskzoning.config import load_study
    >>> from riskzoning.pipeline import run_study
    >>> from riskzoning.samples import write_large
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = load_study(write_large(Path(folder) / "in", cells=1e4, townships=20))
    ...     _ = run_study(study, out=Path(folder) / "out", only="calibrate")
    ...     kept = json.loads((Path(folder) / "out" / ".work" / "calibrate.json").read_text(encoding="utf-8"))
    >>> kept["made"]["flood"]["breaks"]
    [0.15, 0.5, 1.0]
    """

    def compute() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index, item in enumerate(run.setting.study.hazards):
            run.progress.step("calibrate", index / len(run.setting.study.hazards), item.hazard)
            spec = HAZARDS[item.hazard]
            found[item.hazard] = spec.calibrate(prepared.hazard_inputs[item.hazard], run.setting.params(item))
            for row in found[item.hazard].get("warnings", ()):
                note(Problem.from_row(row))
        run.progress.step("calibrate", 1.0)
        return found

    return once(run, "calibrate", compute)


def assessed_hazards(run: Run, prepared: Prepared, scalars: Mapping[str, Mapping[str, Any]]) -> dict[str, xr.Dataset]:
    """Each hazard's Dataset on the grid, lazy, with its frozen calibration.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from riskzoning.samples import toy_city
    >>> city, item = toy_city(), SimpleNamespace(hazard="flood")
    >>> run = SimpleNamespace(
    ...     setting=SimpleNamespace(
    ...         study=SimpleNamespace(hazards=[item]), params=lambda item: HAZARDS["flood"].params(), grid=city.grid
    ...     )
    ... )
    >>> inputs = {"depth": city.layers["flood_depth"]}
    >>> scalars = {"flood": HAZARDS["flood"].calibrate(inputs, None)}
    >>> found = assessed_hazards(run, SimpleNamespace(hazard_inputs={"flood": inputs}), scalars)
    >>> sorted(found["flood"].data_vars)
    ['hazard_grade', 'hazard_index', 'intensity', 'risk_degree']
    """
    found = {}
    for item in run.setting.study.hazards:
        spec = HAZARDS[item.hazard]
        params = run.setting.params(item)
        inputs = prepared.hazard_inputs[item.hazard]
        found[item.hazard] = spec.assess(inputs, params, grid=run.setting.grid, calibration=scalars[item.hazard])
    return found


def calibrated(run: Run, prepared: Prepared) -> Calibrated:
    """The frozen scalars of every hazard and its lazy result."""
    scalars = calibrate(run, prepared)
    return Calibrated(scalars, assessed_hazards(run, prepared, scalars))


def validation_table(run: Run, scalars: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """What the calibrations say about skill: hazard, measure, value; skill without hold-out is labelled so by name.

    Examples
    --------
    >>> validation_table(None, {"geology": {"validation": {"auc_holdout": 0.8}}}).to_dict("records")
    [{'hazard': 'geology', 'measure': 'auc_holdout', 'value': 0.8}]
    """
    rows = []
    for hazard, found in scalars.items():
        for measure, value in _numbers(found.get("validation", {})).items():
            rows.append({"hazard": hazard, "measure": measure, "value": value})
    return pd.DataFrame(rows, columns=["hazard", "measure", "value"])


def _numbers(values: Any, prefix: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in values.items() if isinstance(values, Mapping) else ():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found.update(_numbers(value, f"{name}."))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def targets_table(run: Run, units: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """The plan's targets beside what the study can say about them; what it cannot is named as not assessed.

    Direct loss / GDP is the modelled expected annual loss of buildings by the hazards that have one, over the GDP of
    the study. It is no observed loss: other hazards and receptors are missing, and the curves are not local ones.

    Examples
    --------
    >>> list(targets_table(None, {}).columns)
    ['indicator', 'target', 'units', 'value', 'met', 'basis']
    """
    modelled = None
    if units:
        coarsest = next(iter(units.values()))
        loss = Measure("eal", MULTI).key
        if loss in coarsest.columns and "gdp_yuan" in coarsest.columns:
            gdp = float(coarsest["gdp_yuan"].sum())
            modelled = 100 * float(coarsest[loss].sum()) / gdp if gdp > 0 else None
    rows = []
    for key, facts in standards.table("grades/plan_targets").data.items():
        value = modelled if key == "loss_gdp" else None
        rows.append(
            {
                "indicator": key,
                "target": float(facts["target"]),
                "units": facts["units"],
                "value": value,
                "met": None if value is None else bool(value < float(facts["target"])),
                "basis": "not assessed: needs the history of losses"
                if value is None
                else "modelled expected annual loss of buildings, by the hazards with a loss curve; not calibrated",
            }
        )
    return pd.DataFrame(rows, columns=["indicator", "target", "units", "value", "met", "basis"])
