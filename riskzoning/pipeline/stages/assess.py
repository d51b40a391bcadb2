"""Stage ``assess``: hazard indices, risk of each receptor, expected annual loss, the composite of all hazards.

Three passes over the grid, each band by band: hazards and exposure (with what the units sum up of both), risk,
composite (whose weights may need the units' risk). Everything a later pass reads comes from the files that the earlier
one wrote, so maps, tables and files show the same numbers. Indices stand on fixed scales: nothing in a risk depends on
who else is in the study, the form ``half_scaled`` aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import io, risk, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.names import MULTI, Index, Intensity, Measure
from riskzoning.pipeline.stages.cell_risk import CellRisk
from riskzoning.pipeline.stages.classes import given_breaks
from riskzoning.pipeline.stages.combined import UnitRisks, composite_pass
from riskzoning.pipeline.stages.composed import (
    ExposedMeanSink,
    ExposedSink,
    UnitMeans,
    UnitSums,
    composed_risks,
    exposure_by_grade,
    hazard_grades,
    unit_parts,
)
from riskzoning.pipeline.stages.loss_errors import loss_errors
from riskzoning.pipeline.stages.losses import HazardLosses, hazard_losses, loss_layers, loss_measures
from riskzoning.pipeline.stages.streaming import Passes, Ranges
from riskzoning.pipeline.state import Assessed, Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import finished, layers_of, once

# What is kept of the single hazards: columns of the units, errors of their losses, what lies in each class, losses.
_FRAMES = ("single", "errors", "by_grade", "segments", "curves", "sectors")
# What is kept of all hazards together: all columns of the units, and the weights.
_COMPOSITE = ("units", "weights")


def assess(run: Run, prepared: Prepared, calibrated: Calibrated) -> Assessed:
    """Compute every index layer and what the units have of it.

    The composite is kept by itself: other weights leave everything before it as it is.
    """
    tables, published = run.workspace.work / "assess", run.workspace.published
    each = once(run, "assess", lambda: _compute(run, prepared, calibrated, tables))
    made = once(run, "composite", lambda: _compute_composite(run, prepared, each, tables))
    frames = {name: io.read_frame(tables / f"{name}.arrow") for name in (*_FRAMES, *_COMPOSITE)}
    layers = {key: published.get(key) for key in made["layers"]}
    present = [index for index in run.setting.study.indices if index.key in layers]
    indices = tuple(sorted(present, key=lambda index: index.key))
    breaks = {**each["breaks"], **made["breaks"]}
    return Assessed(
        layers=layers,
        indices=indices,
        measures=_measures(run, prepared, frames["units"], each["parts"]),
        units=frames["units"],
        by_grade=frames["by_grade"],
        breaks={index: breaks[index.key] for index in indices},
        weights=frames["weights"],
        segments=frames["segments"],
        curves=frames["curves"],
        sectors=frames["sectors"],
        ranges={name: _range(*pair) for name, pair in each["ranges"].items()},
        levels=tuple(Intensity(*facts) for facts in each["levels"]),
    )


def _range(low: float | None, high: float | None) -> tuple[float, float]:
    """A range as it was kept; a layer without a value in the study area has none."""
    return (float("nan") if low is None else low, float("nan") if high is None else high)


def _measures(
    run: Run, prepared: Prepared, units: pd.DataFrame, parts: Sequence[tuple[str, str]]
) -> tuple[Measure, ...]:
    """What the units have beside indices: exposed counts, annual losses, the parts of risks and hazards, shares."""
    counts = prepared.exposure.counts.items()
    exposed = [Measure(name, quantity=str(layer.attrs["quantity"])) for name, layer in counts]
    hazards = [item.hazard for item in run.setting.study.hazards]
    receptors = list(prepared.exposure.receptors)
    of_receptors = ("exposure_index", "vulnerability_index")
    of_hazards = ("exposed_hazard_grade", "none_share", "valid_share")
    every = [
        *exposed,
        *(Measure("eal", hazard) for hazard in (*hazards, MULTI)),
        *loss_measures(hazards),
        *(Measure(what, MULTI) for what in ("max_grade", "high_count")),
        *(Measure(what, receptor=receptor) for receptor in receptors for what in of_receptors),
        *(Measure("exposed_hazard_index", hazard, receptor) for hazard in hazards for receptor in receptors),
        *(Measure("risk_chain_index", hazard, receptor) for hazard in hazards for receptor in (None, *receptors)),
        *(Measure(what, hazard) for hazard in hazards for what in of_hazards),
        *(Measure(part, hazard) for part, hazard in parts),
        Measure("valid_share"),
    ]
    return tuple(measure for measure in every if measure.key in units.columns)


def _compute(run: Run, prepared: Prepared, calibrated: Calibrated, tables: Path) -> dict[str, Any]:
    passes, study = Passes(run), run.setting.study
    hazards = [HAZARDS[item.hazard].index for item in study.hazards]
    exposed = _exposed_sink(run, hazards, prepared)
    ranges = _hazard_pass(passes, hazards, prepared, calibrated, exposed)
    mix = prepared.exposure.mix
    losses = [loss for loss in (hazard_losses(passes, index.hazard, mix) for index in hazards) if loss is not None]
    cells = CellRisk(passes, prepared, ranges)
    weighed = _risk_pass(cells, hazards, losses)
    unsure = loss_errors(passes, losses, mix)
    units = UnitSums(passes.means(), passes.sums(), prepared.exposure.receptors, exposed.sums())
    parts = unit_parts(units, hazards)
    risks = _unit_risks(passes, hazards, units, parts, weighed)
    subs = _sub_indices(passes, hazards)
    means = {measure.key: units.means[measure.key] for measure in (Measure(part, hazard) for part, hazard in subs)}
    columns = {**_unit_columns(passes, units, hazards), **means, **parts, **risks}
    single = pd.DataFrame(columns, index=units.means.index)
    areas = run.setting.coverage.areas / 1e6
    tables.mkdir(exist_ok=True)
    by_grade = exposure_by_grade(units.exposed, units.sums, areas, run.setting.listed)
    errors = pd.DataFrame(unsure.errors, index=units.means.index)
    unsure_frames = (unsure.segments, unsure.curves, unsure.sectors)
    for name, made in zip(_FRAMES, (single, errors, by_grade, *unsure_frames), strict=True):
        io.write_frame(tables / f"{name}.arrow", made)
    passes.keep(tables)
    return {
        "layers": passes.published.names(), "ranges": ranges, "breaks": _cell_breaks(passes), "parts": subs,
        "columns": {"parts": list(parts), "risks": list(risks)},
        "levels": [[part.hazard, part.quantity, part.period] for part in passes.levels],
    }  # fmt: skip


def _compute_composite(run: Run, prepared: Prepared, each: Mapping[str, Any], tables: Path) -> dict[str, Any]:
    """The composites of cells and units, from what is kept of the single hazards."""
    passes = Passes(run, tables)
    hazards = [HAZARDS[item.hazard].index for item in run.setting.study.hazards]
    single, errors = (io.read_frame(tables / f"{name}.arrow") for name in ("single", "errors"))
    ranges = {name: (pair[0], pair[1]) for name, pair in each["ranges"].items()}
    parts, risks = ({name: single[name] for name in each["columns"][kind]} for kind in ("parts", "risks"))
    units = UnitMeans(passes.means(), passes.sums(), prepared.exposure.receptors)
    weights, table = composite_pass(CellRisk(passes, prepared, ranges), hazards, UnitRisks(units, risks, parts))
    columns: dict[str, pd.Series[Any]] = {str(name): single[name] for name in single}
    columns |= table | {str(name): errors[name] for name in errors}
    frame = pd.DataFrame({**columns, Measure("valid_share").key: passes.valid_share()}, index=single.index)
    for name, made in zip(_COMPOSITE, (frame, weights), strict=True):
        io.write_frame(tables / f"{name}.arrow", made)
    # Grades of the single hazards may be there already: they are none of these.
    graded = layers_of(run.workspace.work, [name for name in finished(run.workspace.folder) if name == "single"])
    layers = [name for name in passes.published.names() if name not in graded]
    return {"layers": layers, "breaks": _cell_breaks(passes)}


def _cell_breaks(passes: Passes) -> dict[str, list[float]]:
    scheme = passes.run.setting.study.zoning.scheme
    return {
        index.key: [float(value) for value in histogram.breaks(scheme, index.classes)]
        for index, histogram in passes.histograms.items()
    }


def _sub_indices(passes: Passes, hazards: Sequence[Index]) -> list[tuple[str, str]]:
    """The indices of parts of a hazard, such as rainstorms, which its units have as columns, each with its hazard."""
    own = {index.key for index in hazards}
    every = [part for part in passes.intensities if part.is_index and part.key not in own]
    return [(part.quantity, part.hazard) for part in every if _quantity(passes, part.key) == "hazard_index"]


def _exposed_sink(run: Run, hazards: Sequence[Index], prepared: Prepared) -> ExposedSink:
    rules = {index: given_breaks(run.setting.study, index) for index in hazards}
    classes = {index: rule for index, rule in rules.items() if rule is not None}
    exposed = prepared.exposure
    vulnerable = [receptor for receptor in exposed.receptors if receptor in exposed.vulnerability]
    return ExposedSink(run.setting.coverage, classes, list(exposed.counts), exposed.receptors, vulnerable)


def _unit_columns(passes: Passes, units: UnitSums, hazards: Sequence[Index]) -> dict[str, pd.Series[Any]]:
    """What the units have without composing: hazards, counts, losses, shares of valid ground, grades by exposure."""
    out: dict[str, pd.Series[Any]] = {index.key: units.means[index.key] for index in hazards}
    counts = [name for name in map(str, units.sums) if standards.quantity(_quantity(passes, name)).kind == "count"]
    # The losses of all hazards together stand beside the composite.
    out |= {name: units.sums[name] for name in counts if name != Measure("eal", MULTI).key}
    shares = passes.valid_shares()
    out |= {Measure("valid_share", index.hazard).key: shares[index.key] for index in hazards}
    if "population" in units.receptors:
        count = units.receptors["population"]
        out |= {
            Measure("exposed_hazard_grade", index.hazard).key: hazard_grades(units.exposed, index.hazard, count)
            for index in hazards
        }
    return out


def _quantity(passes: Passes, name: str) -> str:
    return str(passes.published.get(name).attrs["quantity"])


def _unit_risks(
    passes: Passes,
    hazards: Sequence[Index],
    units: UnitSums,
    parts: dict[str, pd.Series[float]],
    weighed: pd.DataFrame,
) -> dict[str, pd.Series[float]]:
    """Risk of the units by hazard and receptor, by the rule of the study."""
    study, receptors = passes.run.setting.study, list(units.receptors)
    if study.risk.rule_of_units == "composed":
        return composed_risks(study, parts, hazards, receptors)
    if study.risk.rule_of_units == "area_mean":
        every = [index.risk(receptor) for index in hazards for receptor in (None, *receptors) if receptors]
        return {index.key: units.means[index.key] for index in every}
    out: dict[str, pd.Series[float]] = {}
    for index in hazards:
        # Where nothing is exposed there is no risk.
        each = {
            receptor: weighed[index.risk(receptor).key].fillna(units.means[index.risk(receptor).key] * 0.0)
            for receptor in receptors
        }
        out |= {index.risk(receptor).key: values for receptor, values in each.items()}
        if each:
            out[index.risk().key] = risk.mean_receptor_index(each, weights=study.receptor_weights(index.hazard))
    return out


def _masked(layer: xr.DataArray, mask: xr.DataArray, quantity: str) -> xr.DataArray:
    inside = mask.astype(bool).data
    # Classes stay whole numbers with 0 = no data.
    masked = layer.where(inside).astype(np.float32) if layer.dtype.kind == "f" else layer.where(inside, 0)
    return describe(masked, quantity=quantity, like=layer)


def _total_loss(layers: Mapping[str, xr.DataArray], hazards: Sequence[Index]) -> dict[str, xr.DataArray]:
    """The annual losses of all hazards together; no weight is in them."""
    losses = {index.hazard: Measure("eal", index.hazard).key for index in hazards}
    each = {name: layers[key] for name, key in losses.items() if key in layers}
    if not each:
        return {}
    total = risk.combine_hazards(each, method="sum")
    eal = Measure("eal", MULTI)
    about = {key: total.attrs[key] for key in ("note", "cascades") if key in total.attrs}
    return {eal.key: describe(total, quantity=eal.quantity, like=next(iter(each.values())), **about)}


def _hazard_pass(
    passes: Passes, hazards: Sequence[Index], prepared: Prepared, calibrated: Calibrated, exposed: ExposedSink
) -> Ranges:
    mask, frozen = prepared.mask, passes.run.setting.study.zoning.frozen
    layers: dict[str, xr.DataArray] = dict(prepared.exposure.counts)
    for index in hazards:
        outputs = calibrated.hazards[index.hazard]
        layers[index.key] = _masked(outputs[index.indicator], mask, index.quantity)
        if index.grade_quantity in outputs and index.key not in frozen:
            grade = outputs[index.grade_quantity]
            layers[index.grade_key] = _masked(grade, mask, index.grade_quantity)
        for part, layer in _intensities(index, outputs):
            put_new(layers, part.key, _masked(layer, mask, str(layer.attrs["quantity"])), index.hazard)
            passes.intensities.append(part)
        passes.levels += _levels(index, outputs)
    for receptor, layer in prepared.exposure.vulnerability.items():
        measure = Measure("vulnerability_index", receptor=receptor)
        layers[measure.key] = _masked(layer, mask, measure.quantity)
    return passes.over(layers, hazards, told=("hazards", 0.0, 0.5), sinks=[exposed])


def _intensities(index: Index, outputs: xr.Dataset) -> Iterator[tuple[Intensity, xr.DataArray]]:
    """The intensity of a hazard and what a specialist reads beside it; a stack is taken apart by return period."""
    taken = (index.indicator, index.grade_quantity)
    for output in [str(name) for name in outputs if name not in taken]:
        layer = outputs[output]
        name = str(layer.attrs["quantity"]) if output == "intensity" else output
        if "return_period" not in layer.dims:
            yield Intensity(index.hazard, name), layer
            continue
        for at, period in enumerate(layer["return_period"].values):
            yield Intensity(index.hazard, name, float(period)), layer.isel(return_period=at, drop=True)


def _levels(index: Index, outputs: xr.Dataset) -> list[Intensity]:
    """The layers of how strong a hazard is, by return period; none where it has no such stack."""
    layer = outputs.get("intensity")
    if layer is None or "return_period" not in layer.dims:
        return []
    periods = layer["return_period"].values
    return [Intensity(index.hazard, str(layer.attrs["quantity"]), float(period)) for period in periods]


def put_new(layers: dict[str, xr.DataArray], key: str, layer: xr.DataArray, hazard: str) -> None:
    """Add a layer under a name that no other layer of the run has."""
    if key in layers:
        raise LayerError(Problem("names.twice", Phrase("hazard", name=hazard), layer=key))
    layers[key] = layer


def _risk_pass(cells: CellRisk, hazards: Sequence[Index], losses: Sequence[HazardLosses]) -> pd.DataFrame:
    """Write the risks of the cells; gives their means by what is exposed, where the rule of units asks for them."""
    passes, study, exposed = cells.passes, cells.study, cells.prepared.exposure
    layers: dict[str, xr.DataArray] = {}
    risks: list[Index] = []
    for index in hazards:
        by_receptor = {name: cells.of(index, name) for name in exposed.receptors}
        layers |= {index.risk(receptor).key: layer for receptor, layer in by_receptor.items()}
        risks += [index.risk(receptor) for receptor in by_receptor]
        if by_receptor:
            layers[index.risk().key] = cells.mean(index.hazard, by_receptor, passes.published.get(index.key))
            risks.append(index.risk())
    for loss in losses:
        layers |= loss_layers(loss)
    layers |= _total_loss(layers, hazards)
    weighing = study.risk.rule_of_units == "exposed_mean"
    weighed = {index.key: exposed.receptors[index.receptor] for index in risks if weighing and index.receptor}
    sink = ExposedMeanSink(passes.run.setting.coverage, weighed)
    if layers:
        read = {count: passes.published.get(count) for count in dict.fromkeys(weighed.values())}
        passes.over(layers, risks, told=("risk", 0.5, 0.3), sinks=[sink], read=read)
    stated = dict(study.risk.receptor_weights) or standards.table("weights/receptors").data
    absent = [receptor for receptor in stated if receptor not in exposed.receptors]
    if exposed.receptors and absent:
        name = "weights/receptors"
        note(Problem("step.receptors_left_out", Phrase("table", name=name), severity="info", input=name, detail=absent))
    return sink.means()
