"""The exposure part of the stage ``prepare``: what is exposed, counted on the analysis grid and kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure, grid, io, standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.layers import grid_of, scan
from riskzoning.pipeline.check.exposed import folded_totals
from riskzoning.pipeline.stages.keeping import keep
from riskzoning.pipeline.state import Run

_COUNTS = {"population": "population", "economy": "gdp_yuan", "crops": "cropland_ha", "roads": "road_km"}


def prepare_exposure(run: Run) -> dict[str, Any]:
    """Count what is exposed into the store; gives its names, receptors and totals as JSON."""
    config = run.setting.study.exposure
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
        counts["cropland_ha"] = exposure.cropland(raster, run.setting.grid, classes=classes)
        own = exposure.cropland(raster, grid_of(raster), classes=classes)
        outside = float(np.sum(grid.outside(own, run.setting.grid)))
        totals["cropland_ha"] = (scan(counts["cropland_ha"]).total + outside, outside)
    if config.roads is not None:
        counts["road_km"] = exposure.road_length(run.catalogue.vector(config.roads.lines), run.setting.grid)
        totals["road_km"] = _own_total(counts["road_km"])
    receptors.update({name: count for name, count in _COUNTS.items() if count in counts})
    keep(run, {f"exposure_{name}": layer for name, layer in counts.items()})
    keep(run, {f"vulnerability_{name}": layer for name, layer in vulnerable.items()})
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
        aligned = grid.align(raster, run.setting.grid)
        outside = float(np.sum(grid.outside(raster, run.setting.grid)))
        if table is None:
            return aligned, (io.scan_layer(raster, name=config.raster).total, outside)
        layer = exposure.population.rescale(aligned, table, run.setting.units)
        thing = Phrase("input", name=config.raster)
        note(Problem("step.rescaled", thing, severity="info", input=config.raster, table=config.table))
        return layer, (float(table.sum()), 0.0)
    assert table is not None
    weights = _weights(run, config.spread_by or ("buildings" if "building_area_m2" in counts else None), counts)
    return exposure.population.spread(table, weights, run.setting.units, run.setting.grid), (float(table.sum()), 0.0)


def _economy(run: Run, config: Any, counts: Mapping[str, xr.DataArray]) -> tuple[xr.DataArray, tuple[float, float]]:
    if config.raster is not None:
        raster = run.catalogue.layer(config.raster, "gdp")
        return grid.align(raster, run.setting.grid), (
            io.scan_layer(raster, name=config.raster).total,
            float(np.sum(grid.outside(raster, run.setting.grid))),
        )
    factor = standards.convert_units(1.0, config.units, "gdp", thing="exposure.economy.units")
    table = _totals(run, config.table, config.code, config.column, factor)
    weights = _weights(run, config.spread_by, counts)
    return exposure.economy.spread(table, weights, run.setting.units, run.setting.grid), (float(table.sum()), 0.0)


def _weights(run: Run, name: str | None, counts: Mapping[str, xr.DataArray]) -> xr.DataArray | None:
    if name is None:
        return None
    if name == "buildings":
        return counts.get("building_area_m2")
    if name in counts:
        return counts[name]
    return grid.align(run.catalogue.layer(name), run.setting.grid)


def _totals(run: Run, name: str, code: str, column: str, factor: float) -> pd.Series[float]:
    """Totals of units by code; rows of statistical zones go to the county that holds their ground."""
    frame = run.catalogue.table(name)
    known, pseudo = set(run.setting.units.index), run.setting.study.admin.pseudo_counties
    totals, folded = folded_totals(frame, code, column, known, pseudo, factor)
    if folded:
        note(Problem("step.folded", Phrase("input", name=name), severity="info", input=name, detail=folded))
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
        frame, run.setting.grid, area=config.area, value=config.value, value_units=config.value_units,
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
            run.setting.grid,
            structure=config.structure,
            built_year=config.built_year,
            area=config.area,
            factor=config.factor,
        )
