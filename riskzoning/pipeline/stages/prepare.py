"""Stage ``prepare``: every input on the analysis grid, what needs more than a cell computed once and kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from pydantic import BaseModel

from riskzoning import grid, standards
from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.exposure import RECEPTORS, cropland
from riskzoning.grid import windows
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec
from riskzoning.hazards.base import Prepared as PreparedHazard
from riskzoning.hazards.inputs import HazardValue
from riskzoning.hazards.products import Product, with_products
from riskzoning.layers import describe
from riskzoning.methods import terrain
from riskzoning.pipeline.stages.exposed import exposure_of, keep_exposure
from riskzoning.pipeline.stages.streaming import keep
from riskzoning.pipeline.state import Prepared, Run
from riskzoning.pipeline.workspace.resume import once
from riskzoning.pipeline.workspace.store import fingerprint

# Around the study a layer on its own grid is kept so far: water comes from beyond its border.
_MARGIN_M = 50_000.0


def prepare(run: Run) -> Prepared:
    """Align, rasterise, interpolate and spread; gives lazy layers that are read back from the store."""
    kept = once(run, "prepare", lambda: _compute(run))
    hazards = {name: _read_back(run, name, parts) for name, parts in kept["hazards"].items()}
    return Prepared(hazards=hazards, exposure=exposure_of(run, kept), mask=run.workspace.store.get("mask"))


def _compute(run: Run) -> dict[str, Any]:
    kept: dict[str, dict[str, str]] = {}
    keep(run, {"mask": _mask(run)})
    steps = len(run.setting.study.hazards) + 1
    for index, item in enumerate(run.setting.study.hazards):
        run.progress.step("prepare", index / steps, item.hazard)
        kept[item.hazard] = _prepare_hazard(run, HAZARDS[item.hazard], item.inputs, run.setting.params(item))
    run.progress.step("prepare", (steps - 1) / steps, "exposure")
    exposed = keep_exposure(run)
    _keep_hillshade(run)
    run.progress.step("prepare", 1.0)
    return {"hazards": kept, **exposed}


def _mask(run: Run) -> xr.DataArray:
    finest = run.setting.units[run.setting.units["level"] == run.setting.finest]
    return grid.rasterise(finest, run.setting.grid, quantity="mask", touched=True)


def _read_back(run: Run, hazard: str, parts: Mapping[str, Any]) -> PreparedHazard:
    """What was kept of a hazard: lazy layers, facts and tables."""
    store = run.workspace.store
    layers = {key: store.get(name) for key, name in parts["layers"].items()}
    tables = {key: store.table(f"{hazard}_{key}") for key in parts["tables"]}
    return PreparedHazard(layers, store.facts(hazard), tables)


def _prepare_hazard(
    run: Run, spec: HazardSpec, names: Mapping[str, tuple[str, ...]], params: BaseModel
) -> dict[str, Any]:
    """Prepare a hazard and keep all parts; gives under which names the store has the layers, and the tables."""
    inputs = _inputs(run, spec, names)
    handed: dict[str, str] = {}
    shared = with_products(spec.inputs, inputs, run.setting.grid, partial(_shared, run, names, handed))
    prepared, store = spec.prepare(shared, params, run.setting.grid), run.workspace.store
    # A product that hazards share is in the store already, under a name of its own.
    layers = prepared.layers
    there = {key: name for key, name in handed.items() if layers.get(key) is shared[key] is not inputs.get(key)}
    stored = {key: there.get(key, f"{spec.name}_{key}") for key in layers}
    keep(run, {name: layers[key] for key, name in stored.items() if key not in there})
    store.keep_facts(spec.name, prepared.facts)
    for key, table in prepared.tables.items():
        store.keep_table(f"{spec.name}_{key}", table)
    return {"layers": stored, "tables": list(prepared.tables)}


def _inputs(run: Run, spec: HazardSpec, names: Mapping[str, tuple[str, ...]]) -> dict[str, HazardValue | None]:
    """The inputs of a hazard as the catalogue gives them, layers on the grid unless they keep their own."""
    inputs: dict[str, HazardValue | None] = {}
    for item in spec.inputs:
        if not names.get(item.key):
            continue
        value = run.catalogue.hazard_input(names[item.key], item)
        if item.form in ("stations", "series"):
            inputs[item.key] = value
            continue
        if isinstance(value, xr.DataArray) and item.native:
            value = _near(run, value, ", ".join(names[item.key]))
        elif isinstance(value, xr.DataArray) and not item.native:
            value = _aligned(run, value, ", ".join(names[item.key]))
        elif not isinstance(value, xr.DataArray) and run.setting.study.inputs[names[item.key][0]].column:
            value = _rasterised(run, value, names[item.key][0], item.quantity)
        inputs[item.key] = value
    if any(item.key == "study_area" for item in spec.inputs) and "study_area" not in inputs:
        # What was surveyed is the study area: ground beyond it is no evidence of safety.
        inputs["study_area"] = run.setting.units[run.setting.units["level"] == run.setting.finest][["geometry"]]
    lacking = [item.key for item in spec.inputs if item.quantity == "cropland" and item.key not in inputs]
    if lacking and "crops" in run.setting.study.exposure.receptors:
        inputs |= dict.fromkeys(lacking, _cropland(run))
    return inputs


def _cropland(run: Run) -> xr.DataArray:
    """The ground with crops, as the study exposes them."""
    params: Any = run.setting.study.exposure.params("crops")
    item = next(item for item in RECEPTORS["crops"].inputs if item.key == "landcover")
    raster = run.catalogue.hazard_input((params.landcover,), item)
    return cropland(raster, run.setting.grid, classes=params.classes)


def _shared(
    run: Run,
    names: Mapping[str, tuple[str, ...]],
    handed: dict[str, str],
    name: str,
    product: Product,
    source: xr.DataArray,
) -> dict[str, xr.DataArray]:
    """A product of hazards: made and kept when it is first asked for, read back for every hazard."""
    store, made_from = run.workspace.store, fingerprint(names[product.source])[:6]
    handed |= {key: f"shared_{name}_{made_from}_{key}" for key in product.keys}
    wanted = {handed[key]: key for key in product.keys}
    if not all(store.has(kept) for kept in wanted):
        layers = product.make(source, run.setting.grid)
        keep(run, {kept: layers[key] for kept, key in wanted.items()})
    return {key: store.get(kept) for kept, key in wanted.items()}


def _near(run: Run, layer: xr.DataArray, name: str) -> xr.DataArray:
    """A layer that keeps its own grid; of one for a whole country what lies around the study."""
    near = windows.near(layer, run.setting.grid, margin_m=_MARGIN_M)
    if near is not layer:
        rows, columns = near.sizes["y"], near.sizes["x"]
        thing = Phrase("input", name=name)
        note(Problem("step.near", thing, severity="info", input=name, rows=rows, columns=columns, margin=_MARGIN_M))
    return near


def _aligned(run: Run, layer: xr.DataArray, name: str) -> xr.DataArray:
    aligned = grid.align(layer, run.setting.grid)
    quantity = str(layer.attrs["quantity"])
    kind = Phrase(f"kind_{standards.quantity(quantity).kind}")
    thing = Phrase("input", name=name)
    note(Problem("step.aligned", thing, severity="info", input=name, quantity=quantity, kind=kind))
    return aligned


def _rasterised(run: Run, frame: Any, name: str, quantity: str | None) -> xr.DataArray:
    entry = run.catalogue.entry(name)
    classes = dict(entry.classes)
    column = str(entry.column)
    if column not in frame.columns:
        columns = list(map(str, frame.columns))
        raise ConfigError(Problem("study.class_column", Phrase("input", name=name), column=column, columns=columns))
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
