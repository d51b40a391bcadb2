"""What is exposed: counted on the grid, added up by unit, held against the totals of its inputs, kept for the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import grid, io
from riskzoning.errors import Phrase, Problem, RunError
from riskzoning.exposure import RECEPTORS, BuildingMix, Counted, Exposed, Ground, ReceptorSpec, StudyUnits
from riskzoning.inputs import InputValue, Section
from riskzoning.layers import Total
from riskzoning.pipeline.stages.streaming import UnitSink, keep
from riskzoning.pipeline.state import ExposureLayers, Run
from riskzoning.pipeline.workspace.store import Store
from riskzoning.results import VILLAGE

_KEPT = "exposure_{}"


def keep_exposure(run: Run) -> dict[str, Any]:
    """Count what is exposed into the store, and reconcile it; gives its names and receptors as JSON."""
    setting, given = run.setting, run.setting.study.exposure
    units = StudyUnits(setting.units, setting.study.admin.pseudo_counties)
    ground = Ground(setting.grid, units, scan=io.scan_layer)
    exposed: dict[str, Exposed] = {}
    weighing = [name for name in given.receptors if RECEPTORS[name].weighs(given.params(name))]
    for name in preparation_order(given.receptors, weighing):
        spec, params = RECEPTORS[name], given.params(name)
        exposed[name] = spec.prepare(_receptor_inputs(run, spec, params, exposed), params, ground)
    counts = {name: counted for one in exposed.values() for name, counted in one.counts.items()}
    weak = {name: one.vulnerability for name, one in exposed.items() if one.vulnerability is not None}
    _keep_counts(run, counts)
    keep(run, {f"vulnerability_{name}": layer for name, layer in weak.items()})
    mix = next((one.mix for one in exposed.values() if one.mix is not None), None)
    if mix is not None:
        _keep_mix(run, mix)
    return {
        "mix": None if mix is None else {"hazards": list(mix.floor_area), "sampled": mix.sample is not None},
        "counts": list(counts),
        "vulnerability": list(weak),
        "receptors": {name: RECEPTORS[name].indexed(exposed[name].counts) for name in given.receptors},
    }


def exposure_of(run: Run, kept: Mapping[str, Any]) -> ExposureLayers:
    """What was kept, read back lazily."""
    store = run.workspace.store
    return ExposureLayers(
        counts={name: store.get(_KEPT.format(name)) for name in kept["counts"]},
        receptors=kept["receptors"],
        vulnerability={name: store.get(f"vulnerability_{name}") for name in kept["vulnerability"]},
        reconciliation=store.table("reconciliation"),
        mix=_kept_mix(store, kept["mix"]),
    )


def _keep_counts(run: Run, counts: Mapping[str, Counted]) -> None:
    """Keep the layers of counts, add them up by unit on the way, and hold the sums against the totals of the inputs."""
    setting = run.setting
    sums = setting.coverage.accumulator(list(counts), statistics=("sum",))
    names = {name: _KEPT.format(name) for name in counts}
    keep(run, {names[name]: counted.layer for name, counted in counts.items()}, sinks=[UnitSink(sums, names)])
    units, whole = sums.result(), sums.totals()
    by_level: dict[str, dict[str, float]] = {}
    beyond_units: dict[str, float] = {}
    of_villages: dict[str, dict[str, float]] = {}
    beyond_villages: dict[str, float] = {}
    for name, counted in sorted(counts.items()):
        column = units[(name, "sum")]
        every = {level: float(column.loc[setting.codes(level)].sum()) for level in setting.all_levels}
        by_level[name] = {level: every[level] for level in reversed(setting.levels)}
        beyond_units[name] = _rest(whole[name], every[setting.finest], counted)
        if len(setting.villages):
            of_villages[name] = {VILLAGE: float(column.loc[setting.villages].sum())}
            beyond_villages[name] = _rest(whole[name], of_villages[name][VILLAGE], counted)
    totals = {name: counted.total for name, counted in counts.items()}
    table = reconciliation(by_level, totals, beyond_units)
    if of_villages:
        # Villages need not cover their townships: what lies in none of them is unallocated at their level alone.
        below = reconciliation(of_villages, totals, beyond_villages)
        table = pd.concat([table, below], ignore_index=True).sort_values("quantity", kind="stable", ignore_index=True)
    run.workspace.store.keep_table("reconciliation", table)


def _rest(whole: float, held: float, counted: Counted) -> float:
    """What of a count on the grid no unit has; what is left of two equal sums is rounding, not people."""
    rest = whole - held
    return 0.0 if abs(rest) <= 1e-12 * abs(counted.total.input) else rest


def reconciliation(
    units: Mapping[str, Mapping[str, float]],
    totals: Mapping[str, Total],
    beyond_units: Mapping[str, float],
    *,
    tolerance: float = 1e-9,
) -> pd.DataFrame:
    """Sums of exposed quantities by level against their inputs; raises where people or values were lost or made.

    What no unit takes (``unallocated``) lies beyond the grid, or on it but beyond the units. Both are large where an
    input covers the surroundings as well (land cover, roads).
    """
    rows, problems = [], []
    for quantity, by_level in units.items():
        given, far, near = totals[quantity].input, totals[quantity].beyond_grid, beyond_units[quantity]
        unallocated = near + far
        for level, held in by_level.items():
            gap = held + unallocated - given
            difference = gap / abs(given) if given else (0.0 if gap == 0 else np.inf * np.sign(gap))
            # The parts of what is unallocated add up to it as it is written.
            rows.append((quantity, level, held, unallocated, given, difference, far, unallocated - far))
            if not abs(difference) <= tolerance:
                thing = Phrase("quantity_at_level", name=quantity, level=level)
                values: dict[str, Any] = {
                    "units": held,
                    "outside": unallocated,
                    "total": given,
                    "difference": difference,
                }
                problems.append(Problem("reconciliation", thing, **values, tolerance=tolerance))
    if problems:
        raise RunError(problems=problems)
    columns = ["quantity", "level", "total_units", "unallocated", "total_input", "difference"]
    return pd.DataFrame(rows, columns=[*columns, "beyond_grid", "beyond_units"])


def _keep_mix(run: Run, mix: BuildingMix) -> None:
    keep(run, {"exposure_stock": mix.stock})
    for hazard, table in mix.floor_area.items():
        run.workspace.store.keep_table(f"mix_{hazard}", table)
    if mix.sample is not None:
        run.workspace.store.keep_table("mix_sample", mix.sample.reset_index(drop=True))


def _kept_mix(store: Store, kept: Mapping[str, Any] | None) -> BuildingMix | None:
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


def _receptor_inputs(
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
