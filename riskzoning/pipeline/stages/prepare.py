"""Stage ``prepare``: every input on the analysis grid, what needs more than a cell computed once and kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure, grid, io, standards
from riskzoning.errors import ConfigError, Problem, first_few
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec
from riskzoning.layers import describe, grid_of, scan
from riskzoning.methods import terrain
from riskzoning.pipeline.check.exposed import folded_totals
from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.state import ExposureLayers, Prepared, Run
from riskzoning.pipeline.workspace.resume import once
from riskzoning.pipeline.workspace.store import band_names

__all__ = ["prepare"]

_COUNTS = {"population": "population", "economy": "gdp_yuan", "crops": "cropland_ha", "roads": "road_km"}


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
    for item in run.study.hazards:
        spec = HAZARDS[item.hazard]
        raw = _raw_inputs(run, spec, item.inputs)
        kept = {key: run.store.get(name) for key, name in found["hazards"][item.hazard].items()}
        hazard_inputs[item.hazard] = {**raw, **kept}
    layers = {name: run.store.get(f"exposure_{name}") for name in found["counts"]}
    vulnerability = {name: run.store.get(f"vulnerability_{name}") for name in found["vulnerability"]}
    totals = {name: (values[0], values[1]) for name, values in found["totals"].items()}
    return Prepared(
        hazard_inputs=hazard_inputs,
        exposure=ExposureLayers(layers, totals, found["receptors"], vulnerability),
        mask=run.store.get("mask"),
    )


def _compute(run: Run) -> dict[str, Any]:
    kept: dict[str, dict[str, str]] = {}
    _keep(run, {"mask": _mask(run)})
    steps = len(run.study.hazards) + 1
    for index, item in enumerate(run.study.hazards):
        run.progress.step("prepare", index / steps, item.hazard)
        kept[item.hazard] = _prepare_hazard(run, HAZARDS[item.hazard], item.inputs, run.params(item))
    run.progress.step("prepare", (steps - 1) / steps, "exposure")
    found = _prepare_exposure(run)
    _keep_hillshade(run)
    run.progress.step("prepare", 1.0)
    return {"hazards": kept, **found}


def _mask(run: Run) -> xr.DataArray:
    finest = run.units[run.units["level"] == run.finest]
    return grid.rasterise(finest, run.grid, quantity="mask", touched=True)


def _keep(run: Run, layers: Mapping[str, xr.DataArray]) -> None:
    """Compute layers band by band into the store; stacks as one file with a band for each return period."""
    flat: dict[str, xr.DataArray] = {}
    for key, layer in layers.items():
        names = band_names(key, layer)
        if "return_period" in layer.dims:
            flat.update({name: layer.isel(return_period=i, drop=True) for i, name in enumerate(names)})
        else:
            flat[key] = layer
    sink = run.store.sink(layers)
    rows = band_rows(run.grid.shape[1], 3 * max(len(flat), 1), run.memory_limit)
    stream(flat, [sink], rows=rows, workers=run.workers, client=run.client)
    sink.close()


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
        elif not isinstance(value, xr.DataArray) and run.study.inputs[names[item.key][0]].column:
            value = _rasterised(run, value, names[item.key][0], item.quantity)
        inputs[item.key] = value
    if any(item.key == "study_area" for item in spec.inputs) and "study_area" not in inputs:
        # What was surveyed is the study area: ground beyond it is no evidence of safety.
        inputs["study_area"] = run.units[run.units["level"] == run.finest][["geometry"]]
    found = spec.prepare(inputs, params, run.grid)
    on_grid = {
        key: value
        for key, value in found.items()
        if isinstance(value, xr.DataArray) and grid_of(value, name=key) == run.grid
    }
    _keep(run, {f"{spec.name}_{key}": value for key, value in on_grid.items()})
    return {key: f"{spec.name}_{key}" for key in on_grid}


def _aligned(run: Run, layer: xr.DataArray, name: str) -> xr.DataArray:
    found = grid.align(layer, run.grid)
    run.steps.append({"input": name, "action": "aligned", "detail": _kind(layer)})
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
        run.steps.append({"input": name, "action": "classes numbered", "detail": classes})
    chosen = entry.quantity or quantity or "landcover"
    return grid.rasterise(frame, run.grid, column=column, quantity=chosen, classes=classes)


def _keep_hillshade(run: Run) -> None:
    names = [name for item in run.study.hazards for name in item.inputs.get("elevation", ())]
    if names:
        dem = grid.align(run.catalogue.layer(names[0], "elevation"), run.grid)
        _keep(
            run,
            {
                "hillshade": describe(
                    terrain.hillshade(dem).astype(np.float32).where(run.store.get("mask").astype(bool).data),
                    quantity="elevation",
                    like=dem,
                )
            },
        )


def _prepare_exposure(run: Run) -> dict[str, Any]:
    config = run.study.exposure
    counts: dict[str, xr.DataArray] = {}
    totals: dict[str, tuple[float, float]] = {}
    vulnerable: dict[str, xr.DataArray] = {}
    receptors: dict[str, str] = {}
    if config.buildings is not None:
        frame = run.catalogue.vector(config.buildings.points)
        _add_buildings(run, config.buildings, frame, counts, totals, vulnerable)
        receptors["buildings"] = "building_value_yuan" if "building_value_yuan" in counts else "building_area_m2"
    if config.population is not None:
        counts["population"], totals["population"] = _population(run, config.population, counts)
    if config.economy is not None:
        counts["gdp_yuan"], totals["gdp_yuan"] = _economy(run, config.economy, counts)
    if config.crops is not None:
        classes = config.crops.classes
        raster = run.catalogue.layer(config.crops.landcover, "landcover")
        counts["cropland_ha"] = exposure.cropland(raster, run.grid, classes=classes)
        own = exposure.cropland(raster, grid_of(raster), classes=classes)
        outside = float(np.sum(grid.outside(own, run.grid)))
        totals["cropland_ha"] = (scan(counts["cropland_ha"]).total + outside, outside)
    if config.roads is not None:
        counts["road_km"] = exposure.road_length(run.catalogue.vector(config.roads.lines), run.grid)
        totals["road_km"] = _own_total(counts["road_km"])
    receptors.update({name: count for name, count in _COUNTS.items() if count in counts})
    _keep(run, {f"exposure_{name}": layer for name, layer in counts.items()})
    _keep(run, {f"vulnerability_{name}": layer for name, layer in vulnerable.items()})
    ordered = {name: receptors[name] for name in config.receptors if name in receptors}
    found = {"counts": list(counts), "vulnerability": list(vulnerable), "receptors": ordered}
    return {**found, "totals": {name: list(pair) for name, pair in totals.items()}}


def _own_total(layer: xr.DataArray) -> tuple[float, float]:
    """Total of what lies on the grid plus what the layer says lies outside."""
    outside = float(layer.attrs.get("outside", 0.0))
    return scan(layer).total + outside, outside


def _population(run: Run, config: Any, counts: Mapping[str, xr.DataArray]) -> tuple[xr.DataArray, tuple[float, float]]:
    table = _totals(run, config.table, config.code, config.column, 1.0) if config.table else None
    if config.raster is not None:
        raster = run.catalogue.layer(config.raster, "population")
        aligned = grid.align(raster, run.grid)
        outside = float(np.sum(grid.outside(raster, run.grid)))
        if table is None:
            return aligned, (io.scan_layer(raster, name=config.raster).total, outside)
        layer = exposure.population.rescale(aligned, table, run.units)
        run.steps.append({"input": config.raster, "action": f"rescaled to the totals of '{config.table}'"})
        return layer, (float(table.sum()), 0.0)
    assert table is not None
    weights = _weights(run, config.spread_by or ("buildings" if "building_area_m2" in counts else None), counts)
    return exposure.population.spread(table, weights, run.units, run.grid), (float(table.sum()), 0.0)


def _economy(run: Run, config: Any, counts: Mapping[str, xr.DataArray]) -> tuple[xr.DataArray, tuple[float, float]]:
    if config.raster is not None:
        raster = run.catalogue.layer(config.raster, "gdp")
        return grid.align(raster, run.grid), (
            io.scan_layer(raster, name=config.raster).total,
            float(np.sum(grid.outside(raster, run.grid))),
        )
    factor = standards.convert_units(1.0, config.units, "gdp", thing="exposure.economy.units")
    table = _totals(run, config.table, config.code, config.column, factor)
    weights = _weights(run, config.spread_by, counts)
    return exposure.economy.spread(table, weights, run.units, run.grid), (float(table.sum()), 0.0)


def _weights(run: Run, name: str | None, counts: Mapping[str, xr.DataArray]) -> xr.DataArray | None:
    if name is None:
        return None
    if name == "buildings":
        return counts.get("building_area_m2")
    if name in counts:
        return counts[name]
    return grid.align(run.catalogue.layer(name), run.grid)


def _totals(run: Run, name: str, code: str, column: str, factor: float) -> pd.Series[float]:
    """Totals of units by code; rows of statistical zones go to the county that holds their ground."""
    frame = run.catalogue.table(name)
    known, pseudo = set(run.units.index), run.study.admin.pseudo_counties
    totals, folded = folded_totals(frame, code, column, known, pseudo, factor)
    if folded:
        run.steps.append({"input": name, "action": "folded into their county", "detail": folded})
    return totals


def _add_buildings(
    run: Run,
    config: Any,
    frame: Any,
    counts: dict[str, xr.DataArray],
    totals: dict[str, Any],
    vulnerable: dict[str, Any],
) -> None:
    layers = exposure.building_layers(
        frame, run.grid, area=config.area, value=config.value, value_units=config.value_units,
        unit_value=config.unit_value, factor=config.factor,
    )  # fmt: skip
    names = {"building_area": "building_area_m2", "building_value": "building_value_yuan"}
    for key, name in names.items():
        if key in layers:
            counts[name] = layers[key]
            totals[name] = _own_total(layers[key])
    if config.structure is not None:
        vulnerable["buildings"] = exposure.vulnerability_layer(
            frame,
            run.grid,
            structure=config.structure,
            built_year=config.built_year,
            area=config.area,
            factor=config.factor,
        )
