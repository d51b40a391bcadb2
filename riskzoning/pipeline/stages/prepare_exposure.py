"""The exposure part of the stage ``prepare``: what is exposed, counted on the analysis grid and kept on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from riskzoning import grid, io
from riskzoning.exposure import RECEPTORS, BuildingMix, Exposed, Ground, ReceptorSpec, StudyUnits
from riskzoning.inputs import InputValue, Section
from riskzoning.pipeline.stages.keeping import keep
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.store import Store


def prepare_exposure(run: Run) -> dict[str, Any]:
    """Count what is exposed into the store; gives its names, receptors and totals as JSON."""
    setting, given = run.setting, run.setting.study.exposure
    units = StudyUnits(setting.units, setting.study.admin.pseudo_counties)
    ground = Ground(setting.grid, units, scan=io.scan_layer)
    exposed: dict[str, Exposed] = {}
    weighing = [name for name in given.receptors if RECEPTORS[name].weighs(given.params(name))]
    for name in preparation_order(given.receptors, weighing):
        spec, params = RECEPTORS[name], given.params(name)
        exposed[name] = spec.prepare(_inputs(run, spec, params, exposed), params, ground)
    counts = {name: counted for one in exposed.values() for name, counted in one.counts.items()}
    weak = {name: one.vulnerability for name, one in exposed.items() if one.vulnerability is not None}
    keep(run, {f"exposure_{name}": counted.layer for name, counted in counts.items()})
    keep(run, {f"vulnerability_{name}": layer for name, layer in weak.items()})
    mix = next((one.mix for one in exposed.values() if one.mix is not None), None)
    if mix is not None:
        _keep_mix(run, mix)
    return {
        "mix": None if mix is None else {"hazards": list(mix.floor_area), "sampled": mix.sample is not None},
        "counts": list(counts),
        "vulnerability": list(weak),
        "receptors": {name: RECEPTORS[name].indexed(exposed[name].counts) for name in given.receptors},
        "totals": {name: [counted.total, counted.outside] for name, counted in counts.items()},
    }


def _keep_mix(run: Run, mix: BuildingMix) -> None:
    keep(run, {"exposure_stock": mix.stock})
    for hazard, table in mix.floor_area.items():
        run.workspace.store.keep_table(f"mix_{hazard}", table)
    if mix.sample is not None:
        run.workspace.store.keep_table("mix_sample", mix.sample.reset_index(drop=True))


def kept_mix(store: Store, kept: Mapping[str, Any] | None) -> BuildingMix | None:
    """The mix of buildings as it was kept; None where none was."""
    if kept is None:
        return None
    tables = {hazard: store.table(f"mix_{hazard}") for hazard in kept["hazards"]}
    return BuildingMix(store.get("exposure_stock"), tables, store.table("mix_sample") if kept["sampled"] else None)


def preparation_order(names: tuple[str, ...], weighing: Sequence[str] | None = None) -> list[str]:
    """Receptors in the order of their preparation: each after those that it may be spread by, if it is ``weighing``."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...] = ()) -> None:
        for weight in RECEPTORS[name].spread_by if weighing is None or name in weighing else ():
            # Of two that would each be spread by the other, the first one goes without.
            if weight in names and weight not in above:
                visit(weight, (*above, name))
        if name not in order:
            order.append(name)

    for name in names:
        visit(name)
    return order


def _inputs(
    run: Run, spec: ReceptorSpec[Any], params: Section, exposed: dict[str, Exposed]
) -> dict[str, InputValue | None]:
    """What a receptor takes, by the keys that it declares; a weight comes on the grid, or from another receptor."""
    entries = spec.entries(params)
    inputs: dict[str, InputValue | None] = {}
    for item in spec.inputs:
        if item.key == "spread_by":
            inputs[item.key] = _weights(run, spec, entries.get(item.key), exposed)
        elif item.key in entries:
            inputs[item.key] = run.catalogue.hazard_input((entries[item.key],), item)
    return inputs


def _weights(run: Run, spec: ReceptorSpec[Any], name: str | None, exposed: dict[str, Exposed]) -> xr.DataArray | None:
    """The first count of the receptor named, or of the usual one where none is, or a raster of the catalogue."""
    if name is None:
        name = next((weight for weight in spec.spread_by if weight in exposed), None)
    if name is None:
        return None
    if name in spec.spread_by and name in exposed:
        return exposed[name].counts[RECEPTORS[name].counts[0].name].layer
    return grid.align(run.catalogue.layer(name), run.setting.grid)
