"""Stage ``prepare``: every input on the analysis grid, what needs more than a cell computed once and kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from riskzoning import grid, standards
from riskzoning.errors import ConfigError, Phrase, Problem, first_few, note
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec
from riskzoning.layers import describe, grid_of
from riskzoning.methods import terrain
from riskzoning.pipeline.stages.keeping import keep
from riskzoning.pipeline.stages.prepare_exposure import prepare_exposure
from riskzoning.pipeline.state import ExposureLayers, Prepared, Run
from riskzoning.pipeline.workspace.resume import once

__all__ = ["prepare"]


def prepare(run: Run) -> Prepared:
    """Align, rasterise, interpolate and spread; gives lazy layers that are read back from the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from riskzoning.config import load_study
    >>> from riskzoning.pipeline import run_study
    >>> from riskzoning.samples import write_large
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = load_study(write_large(Path(folder) / "in", cells=1e4, townships=20))
    ...     _ = run_study(study, out=Path(folder) / "out", only="prepare")
    ...     sorted(path.stem for path in Path(folder).glob("out/.work/store/*.tif"))
    ['earthquake_pga', 'exposure_population', 'flood_depth', 'mask']
    """
    found = once(run, "prepare", lambda: _compute(run))
    hazard_inputs = {}
    for item in run.setting.study.hazards:
        spec = HAZARDS[item.hazard]
        raw = _raw_inputs(run, spec, item.inputs)
        kept = {key: run.workspace.store.get(name) for key, name in found["hazards"][item.hazard].items()}
        hazard_inputs[item.hazard] = {**raw, **kept}
    layers = {name: run.workspace.store.get(f"exposure_{name}") for name in found["counts"]}
    vulnerability = {name: run.workspace.store.get(f"vulnerability_{name}") for name in found["vulnerability"]}
    totals = {name: (values[0], values[1]) for name, values in found["totals"].items()}
    return Prepared(
        hazard_inputs=hazard_inputs,
        exposure=ExposureLayers(layers, totals, found["receptors"], vulnerability),
        mask=run.workspace.store.get("mask"),
    )


def _compute(run: Run) -> dict[str, Any]:
    kept: dict[str, dict[str, str]] = {}
    keep(run, {"mask": _mask(run)})
    steps = len(run.setting.study.hazards) + 1
    for index, item in enumerate(run.setting.study.hazards):
        run.progress.step("prepare", index / steps, item.hazard)
        kept[item.hazard] = _prepare_hazard(run, HAZARDS[item.hazard], item.inputs, run.setting.params(item))
    run.progress.step("prepare", (steps - 1) / steps, "exposure")
    found = prepare_exposure(run)
    _keep_hillshade(run)
    run.progress.step("prepare", 1.0)
    return {"hazards": kept, **found}


def _mask(run: Run) -> xr.DataArray:
    finest = run.setting.units[run.setting.units["level"] == run.setting.finest]
    return grid.rasterise(finest, run.setting.grid, quantity="mask", touched=True)


def _raw_inputs(run: Run, spec: HazardSpec, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The inputs of a hazard as the catalogue gives them, without the layers that lie on the grid in the store."""
    raw = {}
    for item in spec.inputs:
        if names.get(item.key):
            value = run.catalogue.hazard_input(names[item.key], item)
            if not isinstance(value, xr.DataArray):
                raw[item.key] = value
    return raw


def _prepare_hazard(run: Run, spec: HazardSpec, names: Mapping[str, tuple[str, ...]], params: Any) -> dict[str, str]:
    inputs: dict[str, Any] = {}
    for item in spec.inputs:
        if not names.get(item.key):
            continue
        value = run.catalogue.hazard_input(names[item.key], item)
        if isinstance(value, xr.DataArray) and not item.native:
            value = _aligned(run, value, ", ".join(names[item.key]))
        elif not isinstance(value, xr.DataArray) and run.setting.study.inputs[names[item.key][0]].column:
            value = _rasterised(run, value, names[item.key][0], item.quantity)
        inputs[item.key] = value
    if any(item.key == "study_area" for item in spec.inputs) and "study_area" not in inputs:
        # What was surveyed is the study area: ground beyond it is no evidence of safety.
        inputs["study_area"] = run.setting.units[run.setting.units["level"] == run.setting.finest][["geometry"]]
    found = spec.prepare(inputs, params, run.setting.grid)
    on_grid = {
        key: value
        for key, value in found.items()
        if isinstance(value, xr.DataArray) and grid_of(value, name=key) == run.setting.grid
    }
    keep(run, {f"{spec.name}_{key}": value for key, value in on_grid.items()})
    return {key: f"{spec.name}_{key}" for key in on_grid}


def _aligned(run: Run, layer: xr.DataArray, name: str) -> xr.DataArray:
    found = grid.align(layer, run.setting.grid)
    note(Problem("step.aligned", Phrase("input", name=name), severity="info", input=name, detail=_kind(layer)))
    return found


def _kind(layer: xr.DataArray) -> str:
    return f"{layer.attrs['quantity']} as {standards.quantity(layer.attrs['quantity']).kind}"


def _rasterised(run: Run, frame: Any, name: str, quantity: str | None) -> xr.DataArray:
    entry = run.catalogue.entry(name)
    classes = dict(entry.classes)
    column = str(entry.column)
    if column not in frame.columns:
        raise ConfigError(
            Problem(
                f"input '{name}'",
                f"has no column '{column}'",
                f"one of {first_few(frame.columns, shown=12)}",
                "Correct `column:` of the entry.",
                rule="study.column",
            )
        )
    if not classes:
        # Classes without codes are numbered by name, so that the same file gives the same codes.
        classes = {text: code for code, text in enumerate(sorted(map(str, frame[column].dropna().unique())), start=1)}
        numbered = [f"{text}: {code}" for text, code in classes.items()]
        note(Problem("step.classes", Phrase("input", name=name), severity="info", input=name, detail=numbered))
    chosen = entry.quantity or quantity or "landcover"
    return grid.rasterise(frame, run.setting.grid, column=column, quantity=chosen, classes=classes)


def _keep_hillshade(run: Run) -> None:
    names = [name for item in run.setting.study.hazards for name in item.inputs.get("elevation", ())]
    if names:
        dem = grid.align(run.catalogue.layer(names[0], "elevation"), run.setting.grid)
        keep(
            run,
            {
                "hillshade": describe(
                    terrain.hillshade(dem).astype(np.float32).where(run.workspace.store.get("mask").astype(bool).data),
                    quantity="elevation",
                    like=dem,
                )
            },
        )
