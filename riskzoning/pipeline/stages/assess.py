"""Stage ``assess``: hazard indices, risk of each receptor, expected annual loss, the composite of all hazards.

Three passes over the grid, each band by band: hazards and exposure (whose ranges are then frozen), risk, composite
(whose weights need the townships' risk). Everything a later pass reads comes from the files that the earlier one wrote,
so maps, tables and files show the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure as exposure_room
from riskzoning import io, risk, standards, vulnerability
from riskzoning.errors import Phrase, Problem, note
from riskzoning.layers import describe
from riskzoning.pipeline.stages.hazard_weights import hazard_weights
from riskzoning.pipeline.stages.schemes import MULTI, grade_colours, grade_scheme
from riskzoning.pipeline.stages.streaming import HistogramSink, RangeSink, Sink, Values, band_rows, stream
from riskzoning.pipeline.state import Assessed, Calibrated, Prepared, Run
from riskzoning.pipeline.workspace.resume import once
from riskzoning.pipeline.workspace.store import CogSink, CogStore

__all__ = ["assess", "intensity_name"]


class _UnitSink:
    """Feeds the sums of the units."""

    def __init__(self, accumulator: Any, names: list[str]) -> None:
        self.accumulator, self.names = accumulator, names

    def update(self, first_row: int, values: Values) -> None:
        self.accumulator.update(first_row, {name: values[name] for name in self.names})


def assess(run: Run, prepared: Prepared, calibrated: Calibrated) -> Assessed:
    """Compute every index layer and what the units sum up from it.

    Parameters
    ----------
    run : Run
    prepared, calibrated
        What the stages before made.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from riskzoning.config import load_study
    >>> from riskzoning.pipeline import run_study
    >>> from riskzoning.samples import write_large
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = load_study(write_large(Path(folder) / "in", cells=1e4, townships=20))
    ...     result = run_study(study, out=Path(folder) / "out", only="assess")
    ...     [name for name in result.layers if name.startswith("multi")]
    ['multi_hazard_index', 'multi_population_risk_index', 'multi_risk_index']
    """
    tables, published = run.workspace.work / "assess", run.workspace.published
    found = once(run, "assess", lambda: _compute(run, prepared, calibrated, tables))
    frames = {name: pd.read_parquet(tables / f"{name}.parquet") for name in ("means", "sums", "weights")}
    return Assessed(
        layers={key: published.get(key) for key in found["layers"]},
        means=frames["means"].drop(columns="valid_share"),
        sums=frames["sums"],
        grid_totals=found["totals"],
        valid_share=frames["means"]["valid_share"],
        breaks=found["breaks"],
        weights=frames["weights"],
        ranges={name: (pair[0], pair[1]) for name, pair in found["ranges"].items()},
    )


def _compute(run: Run, prepared: Prepared, calibrated: Calibrated, tables: Path) -> dict[str, Any]:
    published = run.workspace.published
    state = _State(run, published)
    ranges = _hazard_pass(state, prepared, calibrated)
    _risk_pass(state, prepared, ranges)
    weights = _composite_pass(state)
    tables.mkdir(exist_ok=True)
    for name, frame in (("means", state.means()), ("sums", state.sums()), ("weights", weights)):
        io.write_parquet(tables / f"{name}.parquet", frame)
    breaks = {}
    for name, histogram in state.histograms.items():
        _, k = grade_scheme(name)
        breaks[name] = [float(value) for value in histogram.breaks(run.setting.study.zoning.scheme, k)]
    found = {"layers": published.names(), "totals": state.totals, "ranges": ranges, "breaks": breaks}
    return {**found, "references": state.references}


class _State:
    """What the passes gather."""

    def __init__(self, run: Run, published: CogStore) -> None:
        self.run, self.published = run, published
        self.results: list[pd.DataFrame] = []
        self.totals: dict[str, float] = {}
        self.histograms: dict[str, Any] = {}
        self.hazards = [item.hazard for item in run.setting.study.hazards]
        self.receptors: list[str] = []
        self.references: dict[str, dict[str, Any]] = {}

    def one_pass(self, layers: Mapping[str, xr.DataArray], text: str, done: float, share: float) -> RangeSink:
        """Stream 2-D layers into files, histograms, ranges and the sums of the units."""
        run = self.run
        about = {"STUDY": run.setting.study.code, "DATE": str(run.setting.study.data_date)}
        colours = {
            name: grade_colours(
                f"{name.removesuffix('_grade')}_index", grade_scheme(f"{name.removesuffix('_grade')}_index")[1]
            )
            for name in layers
            if name.endswith("_hazard_grade")
        }
        files = CogSink(self.published, layers, tags=about, colours=colours)
        names = list(layers)
        counts = [n for n in names if standards.quantity(layers[n].attrs["quantity"]).kind == "count"]
        indices = [n for n in names if standards.quantity(layers[n].attrs["quantity"]).kind == "index"]
        ranges = RangeSink([*counts, *indices])
        histogram = HistogramSink(dict.fromkeys(indices, (0.0, 1.0)))
        accumulator = run.setting.coverage.accumulator(names, statistics=("mean", "sum"))
        sinks: list[Sink] = [files, ranges, histogram, _UnitSink(accumulator, names)]
        rows = band_rows(run.setting.grid.shape[1], 2 * len(names), run.machine.memory_limit)

        def told(part: float) -> None:
            run.progress.step("assess", done + share * part, text)

        stream(layers, sinks, rows=rows, workers=run.machine.workers, client=run.machine.client, progress=told)
        files.close()
        self.results.append(accumulator.result())
        self.totals.update(accumulator.totals())
        self.histograms.update(histogram.histograms)
        return ranges

    def reference(self, count: str) -> dict[str, Any]:
        """Frozen scalars of an exposure index, computed once."""
        if count not in self.references:
            self.references[count] = exposure_room.exposure_reference(self.published.get(count))
        return self.references[count]

    def means(self) -> pd.DataFrame:
        means = pd.concat([frame.xs("mean", axis=1, level=1) for frame in self.results], axis=1)
        # Share of a unit that has the composite (or, without any, the first layer): what its grades rest on.
        shares = pd.concat([frame.xs("valid_share", axis=1, level=1) for frame in self.results], axis=1)
        wanted = next((n for n in (f"{MULTI}_risk_index", f"{MULTI}_hazard_index") if n in shares), shares.columns[0])
        return means.assign(valid_share=shares[wanted])

    def mean_of(self, name: str) -> float:
        """Mean of a layer over the units of the finest level, weighted by area."""
        codes = self.run.setting.units.index[self.run.setting.units["level"] == self.run.setting.finest]
        areas = self.run.setting.units.loc[codes].to_crs(str(self.run.setting.grid.crs)).geometry.area
        values = self.means().loc[codes, name]
        known = values.notna()
        return float((values[known] * areas[known]).sum() / areas[known].sum()) if known.any() else float("nan")

    def sums(self) -> pd.DataFrame:
        return pd.concat([frame.xs("sum", axis=1, level=1) for frame in self.results], axis=1)


def intensity_name(hazard: str, quantity: str) -> str:
    """Name of an intensity layer: the quantity without the hazard that it repeats.

    Examples
    --------
    >>> intensity_name("flood", "flood_depth"), intensity_name("earthquake", "seismic_intensity")
    ('flood_depth', 'earthquake_seismic_intensity')
    """
    return f"{hazard}_{quantity.removeprefix(f'{hazard}_')}"


def _masked(layer: xr.DataArray, mask: xr.DataArray, quantity: str) -> xr.DataArray:
    inside = layer.where(mask.astype(bool).data)
    return describe(inside.astype(np.float32), quantity=quantity, like=layer)


def _hazard_pass(state: _State, prepared: Prepared, calibrated: Calibrated) -> dict[str, tuple[float, float]]:
    layers: dict[str, xr.DataArray] = dict(prepared.exposure.counts)
    for hazard in state.hazards:
        found = calibrated.hazards[hazard]
        layers[f"{hazard}_hazard_index"] = _masked(found["hazard_index"], prepared.mask, "hazard_index")
        if "hazard_grade" in found:
            grade = found["hazard_grade"]
            inside = grade.where(prepared.mask.astype(bool).data, 0).astype(np.uint8)
            layers[f"{hazard}_hazard_grade"] = describe(inside, quantity="hazard_grade", like=grade)
        intensity = found["intensity"]
        name = intensity_name(hazard, str(intensity.attrs["quantity"]))
        layers.update(_flat(name, intensity, prepared.mask))
        # What a specialist reads beside the index: risk degree, PGA on the site, susceptibility.
        for key in [str(key) for key in found if key not in ("intensity", "hazard_index", "hazard_grade")]:
            layers.update(_flat(f"{hazard}_{key}", found[key], prepared.mask))
    for receptor, layer in prepared.exposure.vulnerability.items():
        layers[f"{receptor}_vulnerability_index"] = _masked(layer, prepared.mask, "vulnerability_index")
    ranges = state.one_pass(layers, "hazards", 0.0, 0.5)
    return {name: ranges.range(name) for name in ranges.names}


def _flat(name: str, layer: xr.DataArray, mask: xr.DataArray) -> dict[str, xr.DataArray]:
    quantity = str(layer.attrs["quantity"])
    if "return_period" not in layer.dims:
        return {name: _masked(layer, mask, quantity)}
    parts = {}
    for index, period in enumerate(layer["return_period"].values):
        part = layer.isel(return_period=index, drop=True)
        parts[f"{name}_T{float(period):g}"] = _masked(part, mask, quantity)
    return parts


def _risk_pass(state: _State, prepared: Prepared, ranges: Mapping[str, tuple[float, float]]) -> None:
    study, published = state.run.setting.study, state.published
    receptors = prepared.exposure.receptors
    layers: dict[str, xr.DataArray] = {}
    for hazard in state.hazards:
        index = published.get(f"{hazard}_hazard_index")
        by_receptor: dict[str, xr.DataArray] = {}
        for receptor, count in receptors.items():
            counted = published.get(count)
            vulnerable = f"{receptor}_vulnerability_index" if receptor in prepared.exposure.vulnerability else None
            layer = _risk_index(state, index, counted, vulnerable, f"{hazard}_hazard_index", count, ranges)
            by_receptor[receptor] = layer
            layers[f"{hazard}_{receptor}_risk_index"] = layer
        if by_receptor:
            mean = risk.mean_receptor_index(by_receptor, weights=dict(study.risk.receptor_weights) or None)
            layers[f"{hazard}_risk_index"] = _as_index(mean, index)
        layers.update(_losses(state, prepared, hazard))
    if layers:
        state.one_pass(layers, "risk", 0.5, 0.3)
    state.receptors = list(receptors)
    stated = dict(study.risk.receptor_weights) or standards.table("weights/receptors").data
    absent = [receptor for receptor in stated if receptor not in receptors]
    if receptors and absent:
        name = "weights/receptors"
        note(Problem("step.receptors_left_out", Phrase("table", name=name), severity="info", input=name, detail=absent))


def _risk_index(
    state: _State,
    index: xr.DataArray,
    counted: xr.DataArray,
    vulnerable: str | None,
    hazard_name: str,
    count_name: str,
    ranges: Mapping[str, tuple[float, float]],
) -> xr.DataArray:
    """Hazard, exposure and vulnerability in 0.5-1 scaling with the frozen ranges of the study, then the chosen form."""
    form = state.run.setting.study.risk.form
    exposed = exposure_room.exposure_index(counted, reference=state.reference(count_name))
    parts = [risk.scale_half(index, reference=ranges[hazard_name]), risk.scale_half(exposed, reference=(0.0, 1.0))]
    if vulnerable is not None:
        own = state.published.get(vulnerable)
        # A cell without buildings has no vulnerability of its own; it takes the mean of the study.
        parts.append(risk.scale_half(own.fillna(state.mean_of(vulnerable)), reference=ranges[vulnerable]))
        shares = [1 / 3, 1 / 3, 1 / 3]
    else:
        parts.append(xr.ones_like(parts[0]))
        shares = [0.5, 0.5, 0.0]
    if form == "product":
        found = risk.risk_index(*parts, form=form)
    else:
        found = risk.risk_index(*parts, form=form, weights=shares)
    return _as_index(found, index)


def _as_index(layer: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    made = {key: str(layer.attrs[key]) for key in ("form", "method", "weights") if key in layer.attrs}
    return describe(layer.astype(np.float32), quantity="risk_index", like=like, **made)


def _losses(state: _State, prepared: Prepared, hazard: str) -> dict[str, xr.DataArray]:
    """Expected annual loss where intensities by return period, a value and a curve are there."""
    chosen = standards.table("loss_curves/receptors").data.get(hazard, {})
    settings = state.run.setting.study.risk
    value_name = "building_value_yuan"
    if "buildings" not in chosen or value_name not in prepared.exposure.counts:
        return {}
    prefix = intensity_name(hazard, str(chosen["quantity"]))
    names = [key for key in state.published.names() if key.startswith(f"{prefix}_T")]
    periods = sorted((float(name.rsplit("_T", 1)[1]), name) for name in names)
    if len(periods) < 2:
        return {}
    curve = vulnerability.load_curve(chosen["buildings"])
    value = state.published.get(value_name)
    losses = xr.concat(
        [vulnerability.loss_ratio(state.published.get(name), curve) * value.data for _, name in periods],
        dim=pd.Index([period for period, _ in periods], name="return_period"),
        coords="minimal",
        compat="override",
    )
    found = risk.expected_annual_loss(
        losses, [period for period, _ in periods], method=settings.eal_method, tail=settings.eal_tail
    )
    about = {
        "eal_method": settings.eal_method,
        "eal_tail": "constant" if settings.eal_tail else "none",
        "curve": chosen["buildings"],
    }
    return {f"{hazard}_eal": describe(found, quantity="expected_annual_loss", like=value, **about)}


def _composite_pass(state: _State) -> pd.DataFrame:
    run, published = state.run, state.published
    with_risk = [hazard for hazard in state.hazards if f"{hazard}_risk_index" in published.names()]
    # A study without exposure has hazards only: their indices are then combined, and weighed by their own entropy.
    kinds = ("hazard", "risk") if with_risk else ("hazard",)
    with_risk = with_risk or list(state.hazards)
    if not with_risk:
        return pd.DataFrame(columns=["hazard", "ahp", "entropy", "a", "cr", "weight"])
    means = state.means()
    finest = run.setting.units.index[run.setting.units["level"] == run.setting.finest]
    table = means.loc[finest, [f"{hazard}_{kinds[-1]}_index" for hazard in with_risk]].set_axis(with_risk, axis=1)
    weights, notes, left_out = hazard_weights(run.setting.study, with_risk, table)
    for problem in notes:
        note(problem)
    if left_out:
        name = "weights/hazards"
        note(Problem("step.hazards_left_out", Phrase("table", name=name), severity="info", input=name, detail=left_out))
    chosen = dict(zip(weights["hazard"], weights["weight"], strict=True))
    layers: dict[str, xr.DataArray] = {}
    for what in kinds:
        parts = {hazard: published.get(f"{hazard}_{what}_index") for hazard in with_risk}
        found = risk.combine_hazards(parts, chosen, method=run.setting.study.risk.combine)
        like = next(iter(parts.values()))
        layers[f"{MULTI}_{what}_index"] = describe(found.astype(np.float32), quantity=f"{what}_index", like=like)
    for receptor in state.receptors:
        parts = {hazard: published.get(f"{hazard}_{receptor}_risk_index") for hazard in with_risk}
        found = risk.combine_hazards(parts, chosen, method=run.setting.study.risk.combine)
        layers[f"{MULTI}_{receptor}_risk_index"] = _as_index(found, next(iter(parts.values())))
    eal = {hazard: published.get(f"{hazard}_eal") for hazard in with_risk if f"{hazard}_eal" in published.names()}
    if eal:
        total = risk.combine_hazards(eal, method="sum")
        first, caution = next(iter(eal.values())), "hazards that act together may count a loss twice"
        layers[f"{MULTI}_eal"] = describe(total, quantity="expected_annual_loss", like=first, note=caution)
    state.one_pass(layers, MULTI, 0.8, 0.2)
    return weights
