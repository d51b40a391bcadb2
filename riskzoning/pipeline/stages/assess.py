"""Stage ``assess``: hazard indices, risk of each receptor, expected annual loss, the composite of all hazards.

Three passes over the grid, each band by band: hazards and exposure (whose ranges are then frozen), risk, composite
(whose weights need the townships' risk). Everything a later pass reads comes from the files that the earlier one wrote,
so maps, tables and files show the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure as exposure_room
from riskzoning import io, risk, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.names import MULTI, Index, Intensity, Measure
from riskzoning.pipeline.stages.hazard_weights import hazard_weights
from riskzoning.pipeline.stages.losses import annual_loss
from riskzoning.pipeline.stages.passes import Passes, Ranges
from riskzoning.pipeline.state import Assessed, Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import once

_FRAMES = ("means", "sums", "weights")


def assess(run: Run, prepared: Prepared, calibrated: Calibrated) -> Assessed:
    """Compute every index layer and what the units sum up from it."""
    tables, published = run.workspace.work / "assess", run.workspace.published
    made = once(run, "assess", lambda: _compute(run, prepared, calibrated, tables))
    frames = {name: pd.read_parquet(tables / f"{name}.parquet") for name in _FRAMES}
    layers = {key: published.get(key) for key in made["layers"]}
    present = [index for index in run.setting.study.indices if index.key in layers]
    indices = tuple(sorted(present, key=lambda index: index.key))
    return Assessed(
        layers=layers,
        indices=indices,
        measures=_measures(run, prepared, frames["sums"]),
        means=frames["means"].drop(columns="valid_share"),
        sums=frames["sums"],
        grid_totals=made["totals"],
        valid_share=frames["means"]["valid_share"],
        breaks={index: made["breaks"][index.key] for index in indices},
        weights=frames["weights"],
        ranges={name: (pair[0], pair[1]) for name, pair in made["ranges"].items()},
    )


def _measures(run: Run, prepared: Prepared, sums: pd.DataFrame) -> tuple[Measure, ...]:
    """What the units add up: exposed counts, then the expected annual loss of each hazard."""
    counts = prepared.exposure.counts.items()
    exposed = [Measure(name, quantity=str(layer.attrs["quantity"])) for name, layer in counts]
    losses = [Measure("eal", hazard) for hazard in (*(item.hazard for item in run.setting.study.hazards), MULTI)]
    return tuple(measure for measure in (*exposed, *losses) if measure.key in sums.columns)


def _compute(run: Run, prepared: Prepared, calibrated: Calibrated, tables: Path) -> dict[str, Any]:
    passes = Passes(run)
    hazards = [HAZARDS[item.hazard].index for item in run.setting.study.hazards]
    ranges = _hazard_pass(passes, hazards, prepared, calibrated)
    _risk_pass(passes, hazards, prepared, ranges)
    weights = _composite_pass(passes, hazards, list(prepared.exposure.receptors))
    means = passes.means().assign(**{Measure("valid_share").key: passes.valid_share()})
    tables.mkdir(exist_ok=True)
    for name, frame in zip(_FRAMES, (means, passes.sums(), weights), strict=True):
        io.write_parquet(tables / f"{name}.parquet", frame)
    scheme = run.setting.study.zoning.scheme
    breaks = {
        index.key: [float(value) for value in histogram.breaks(scheme, index.classes)]
        for index, histogram in passes.histograms.items()
    }
    layers = passes.published.names()
    return {"layers": layers, "totals": passes.totals, "ranges": ranges, "breaks": breaks}


def _masked(layer: xr.DataArray, mask: xr.DataArray, quantity: str) -> xr.DataArray:
    inside = mask.astype(bool).data
    # Classes stay whole numbers with 0 = no data.
    masked = layer.where(inside).astype(np.float32) if layer.dtype.kind == "f" else layer.where(inside, 0)
    return describe(masked, quantity=quantity, like=layer)


def _hazard_pass(passes: Passes, hazards: Sequence[Index], prepared: Prepared, calibrated: Calibrated) -> Ranges:
    mask = prepared.mask
    layers: dict[str, xr.DataArray] = dict(prepared.exposure.counts)
    for index in hazards:
        outputs = calibrated.hazards[index.hazard]
        layers[index.key] = _masked(outputs[index.indicator], mask, index.quantity)
        if index.grade_quantity in outputs and index.key not in passes.run.setting.study.zoning.frozen:
            grade = outputs[index.grade_quantity]
            layers[index.grade_key] = _masked(grade, mask, index.grade_quantity)
        for part, layer in _intensities(index, outputs):
            put_new(layers, part.key, _masked(layer, mask, str(layer.attrs["quantity"])), index.hazard)
            passes.intensities.append(part)
    for receptor, layer in prepared.exposure.vulnerability.items():
        measure = Measure("vulnerability_index", receptor=receptor)
        layers[measure.key] = _masked(layer, mask, measure.quantity)
    return passes.over(layers, hazards, told=("hazards", 0.0, 0.5))


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


def put_new(layers: dict[str, xr.DataArray], key: str, layer: xr.DataArray, hazard: str) -> None:
    """Add a layer under a name that no other layer of the run has."""
    if key in layers:
        raise LayerError(Problem("names.twice", Phrase("hazard", name=hazard), layer=key))
    layers[key] = layer


def _risk_pass(passes: Passes, hazards: Sequence[Index], prepared: Prepared, ranges: Ranges) -> None:
    study, exposed = passes.run.setting.study, prepared.exposure
    layers: dict[str, xr.DataArray] = {}
    risks: list[Index] = []
    for index in hazards:
        by_receptor = {name: _risk_of(passes, index, name, prepared, ranges) for name in exposed.receptors}
        layers |= {index.risk(receptor).key: layer for receptor, layer in by_receptor.items()}
        risks += [index.risk(receptor) for receptor in by_receptor]
        if by_receptor:
            mean = risk.mean_receptor_index(by_receptor, weights=dict(study.risk.receptor_weights) or None)
            layers[index.risk().key] = _as_index(mean, passes.published.get(index.key))
            risks.append(index.risk())
        loss = annual_loss(passes, index.hazard)
        if loss is not None:
            layers[Measure("eal", index.hazard).key] = loss
    if layers:
        passes.over(layers, risks, told=("risk", 0.5, 0.3))
    stated = dict(study.risk.receptor_weights) or standards.table("weights/receptors").data
    absent = [receptor for receptor in stated if receptor not in exposed.receptors]
    if exposed.receptors and absent:
        name = "weights/receptors"
        note(Problem("step.receptors_left_out", Phrase("table", name=name), severity="info", input=name, detail=absent))


def _risk_of(passes: Passes, index: Index, receptor: str, prepared: Prepared, ranges: Ranges) -> xr.DataArray:
    """Hazard, exposure and vulnerability in 0.5-1 scaling with the frozen ranges of the study, then the chosen form."""
    form, published = passes.run.setting.study.risk.form, passes.published
    hazard, count = published.get(index.key), prepared.exposure.receptors[receptor]
    exposed = exposure_room.exposure_index(published.get(count), reference=passes.reference(count))
    parts = [risk.scale_half(hazard, reference=ranges[index.key]), risk.scale_half(exposed, reference=(0.0, 1.0))]
    if receptor in prepared.exposure.vulnerability:
        own = Measure("vulnerability_index", receptor=receptor).key
        # A cell without buildings has no vulnerability of its own; it takes the mean of the study.
        filled = published.get(own).fillna(passes.mean_of(own))
        parts.append(risk.scale_half(filled, reference=ranges[own]))
        shares = [1 / 3, 1 / 3, 1 / 3]
    else:
        parts.append(xr.ones_like(parts[0]))
        shares = [0.5, 0.5, 0.0]
    weights = None if form == "product" else shares
    return _as_index(risk.risk_index(*parts, form=form, weights=weights), hazard)


def _as_index(layer: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    made = {key: str(layer.attrs[key]) for key in ("form", "method", "weights") if key in layer.attrs}
    return describe(layer.astype(np.float32), quantity="risk_index", like=like, **made)


def _composite_pass(passes: Passes, hazards: Sequence[Index], receptors: Sequence[str]) -> pd.DataFrame:
    published, setting = passes.published, passes.run.setting
    with_risk = [index for index in hazards if published.has(index.risk().key)]
    # A study without exposure has hazards only: their indices are then combined, and weighed by their own entropy.
    parts = with_risk or list(hazards)
    if not parts:
        return pd.DataFrame(columns=["hazard", "ahp", "entropy", "a", "cr", "weight"])
    names = [index.hazard for index in parts]
    weighed = [index.risk().key if with_risk else index.key for index in parts]
    table = passes.means().loc[setting.codes(setting.finest), weighed].set_axis(names, axis=1)
    weights = hazard_weights(setting.study, names, table)
    chosen = dict(zip(weights["hazard"], weights["weight"], strict=True))
    layers: dict[str, xr.DataArray] = {}
    every = [Index(MULTI, "hazard"), *(Index(MULTI, "risk", one) for one in (None, *receptors))]
    composites = every if with_risk else every[:1]
    for composite in composites:
        of_each = {name: published.get(replace(composite, hazard=name).key) for name in names}
        combined = risk.combine_hazards(of_each, chosen, method=setting.study.risk.combine)
        like = of_each[names[0]]
        if composite.receptor is not None:
            layers[composite.key] = _as_index(combined, like)
        else:
            layers[composite.key] = describe(combined.astype(np.float32), quantity=composite.quantity, like=like)
    losses = {name: Measure("eal", name).key for name in names if published.has(Measure("eal", name).key)}
    if losses:
        each_loss = {name: published.get(key) for name, key in losses.items()}
        total = risk.combine_hazards(each_loss, method="sum")
        first, caution = next(iter(each_loss.values())), "hazards that act together may count a loss twice"
        eal = Measure("eal", MULTI)
        layers[eal.key] = describe(total, quantity=eal.quantity, like=first, note=caution)
    passes.over(layers, composites, told=(MULTI, 0.8, 0.2))
    return weights
