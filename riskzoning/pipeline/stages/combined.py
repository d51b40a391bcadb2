"""All hazards together: the composites of the cells in one pass, those of the units by the method of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import risk
from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.stages.cell_risk import CellRisk, as_index
from riskzoning.pipeline.stages.chains import chained_cells, chained_units
from riskzoning.pipeline.stages.classes import risk_limits
from riskzoning.pipeline.stages.composed import Columns, UnitMeans, beside_the_composite
from riskzoning.pipeline.stages.hazard_weights import study_weights, with_effective
from riskzoning.pipeline.stages.recorded import recorded
from riskzoning.pipeline.stages.streaming import Passes

_EMPTY = ["hazard", "ahp", "entropy", "a", "cr", "weight", "effective"]
# Methods that take the hazards alike.
_WEIGHTLESS = ("union", "sum")
_KM2 = 1e6
# Rule of the breaks where the grades of the units come from the grades of their hazards.
POINTS = "points"


@dataclass(frozen=True)
class UnitRisks:
    """What the units have of single hazards: sums and means of layers, the risks, and the parts of the risks."""

    sums: UnitMeans
    risks: Mapping[str, pd.Series[float]]
    parts: Columns


def composite_pass(
    cells: CellRisk, hazards: Sequence[Index], units: UnitRisks
) -> tuple[pd.DataFrame, dict[str, pd.Series[Any]]]:
    """Write the composites of the cells; gives the weights and the composites of the units."""
    passes, receptors = cells.passes, list(units.sums.receptors)
    published, setting = passes.published, passes.run.setting
    with_risk = [index for index in hazards if published.has(index.risk().key)]
    # A study without exposure has hazards only: their indices are then combined, and weighed by their own entropy.
    parts = with_risk or list(hazards)
    if not parts:
        return pd.DataFrame(columns=_EMPTY), {}
    _tell(setting.study, bool(with_risk))
    names = [index.hazard for index in parts]
    of_units = {
        index.hazard: units.risks[index.risk().key] if with_risk else passes.means()[index.key] for index in parts
    }
    table = pd.DataFrame(of_units)
    finest = table.loc[setting.codes(setting.finest)]
    weights = study_weights(setting.study, names, finest, _recorded_losses(passes))
    weights = with_effective(weights, finest, setting.study.risk.combine)
    chosen = dict(zip(weights["hazard"], weights["weight"], strict=True))
    every = [Index(MULTI, "hazard"), *(Index(MULTI, "risk", one) for one in (None, *receptors))]
    composites = every if with_risk else every[:1]
    keys = [replace(composite, hazard=name).key for composite in composites for name in names]
    published.read_ahead((key for key in keys if published.has(key)), passes.run.machine.workers)
    layers: dict[str, xr.DataArray] = {}
    for composite in composites:
        layers |= _of_cells(cells, composite, chosen)
    with passes.passing(layers, composites, told=(MULTI, 0.8, 0.2)):
        columns = _of_units(passes, composites, chosen, units)
        if with_risk:
            columns |= dict(beside_the_composite(table, chosen).items())  # type: ignore[arg-type]
    return weights, columns


def _recorded_losses(passes: Passes) -> pd.Series[float] | None:
    """Recorded losses by hazard, where the weights rest on them."""
    if passes.run.setting.study.weights.objective != "history":
        return None
    given = recorded(passes.run)
    return None if given is None or given.losses.empty else given.losses.sum().astype(float)


def _tell(study: StudyConfig, with_risk: bool) -> None:
    """What a person must know of the method: where it acts, and what it does not look at."""
    method, thing = study.risk.combine, Phrase("composite")
    if method != study.risk.combine_cells and with_risk:
        note(Problem(f"combined.units_{method}", thing, severity="info"))
    if method in _WEIGHTLESS:
        note(Problem("combined.weightless", thing, severity="info", method=method))


def _of_cells(cells: CellRisk, composite: Index, weights: Mapping[str, float]) -> dict[str, xr.DataArray]:
    """A composite of the cells; with chains also the raised risks that it is made of."""
    passes = cells.passes
    of_each = {name: passes.published.get(replace(composite, hazard=name).key) for name in weights}
    like, raised = next(iter(of_each.values())), dict[str, xr.DataArray]()
    if composite.what == "risk":
        raised = chained_cells(cells, composite, of_each)
    combined = risk.combine_hazards(of_each | raised, weights, method=passes.run.setting.study.risk.combine_cells)
    if composite.receptor is not None:
        return {composite.key: as_index(combined, like)}
    whole = describe(combined.astype(np.float32), quantity=composite.quantity, like=like)
    return {composite.key: whole} | {
        Measure("risk_chain_index", name).key: as_index(layer, like) for name, layer in raised.items()
    }


def _of_units(
    passes: Passes, composites: Sequence[Index], weights: Mapping[str, float], units: UnitRisks
) -> dict[str, pd.Series[Any]]:
    """Composites of the units: of the composed risks, or the means of the cells where the rule of units says so."""
    study, means = passes.run.setting.study, passes.means()
    eal, sums = Measure("eal", MULTI).key, passes.sums()
    out: dict[str, pd.Series[Any]] = {eal: sums[eal]} if eal in sums else {}
    of_cells = study.risk.rule_of_units == "area_mean"
    added = study.risk.combine_cells == "weighted_sum"
    for composite in composites:
        if composite.what == "hazard" and (added or of_cells):
            out[composite.key] = means[composite.key]
        elif composite.what == "hazard":
            of_each = {name: means[replace(composite, hazard=name).key] for name in weights}
            out[composite.key] = risk.combine_hazards(of_each, weights, method=study.risk.combine_cells)
        elif study.risk.combine == "sum" and composite.receptor is None:
            out[composite.key] = _by_money(passes, out.get(eal))
        elif of_cells and study.risk.combine == study.risk.combine_cells:
            chains = [Measure("risk_chain_index", name, composite.receptor).key for name in weights]
            out |= {key: means[key] for key in (composite.key, *chains) if key in means}
        else:
            risks = {name: units.risks[replace(composite, hazard=name).key] for name in weights}
            raised = chained_units(study, composite, risks, units.sums, units.parts)
            columns = {Measure("risk_chain_index", name, composite.receptor).key: one for name, one in raised.items()}
            out |= {composite.key: _together(passes, risks | raised, weights), **columns}
    return out


def _together(passes: Passes, risks: Mapping[str, pd.Series[float]], weights: Mapping[str, float]) -> pd.Series[float]:
    setting = passes.run.setting
    if setting.study.risk.combine == "topsis":
        return risk.closeness_of_units(pd.DataFrame(risks), weights, list(setting.codes(setting.finest)))
    made: pd.Series[float] = risk.combine_hazards(risks, weights, method=setting.study.risk.combine_cells)
    return made


def _by_money(passes: Passes, losses: pd.Series[float] | None) -> pd.Series[float]:
    """The loss of the units on the scale of an index; refused where no hazard has one."""
    setting = passes.run.setting
    if losses is None:
        thing = Phrase("composite")
        raise ConfigError(Problem("combined.no_losses", thing, field="risk.combine"))
    areas = setting.coverage.areas.reindex(losses.index) / _KM2
    return risk.loss_rank_index(losses, areas, list(setting.codes(setting.finest)))


def points_grades(units: pd.DataFrame, hazards: Sequence[str], weights: Mapping[str, float], composite: Index) -> Any:
    """Grades of the units by points: of their grades by hazard in five classes, whatever the maps show."""
    limits, closed = risk_limits()
    grades = {name: grade_values(units[replace(composite, hazard=name).key], limits, closed=closed) for name in hazards}
    return pd.Series(risk.combine_hazards(grades, weights, method="graded"), index=units.index)


def worst_of_cells(layers: Mapping[str, xr.DataArray], hazards: Sequence[Index]) -> dict[str, xr.DataArray]:
    """The highest grade of risk of any hazard in each cell, by the fixed limits: a measure that ranks nothing."""
    limits, closed = risk_limits()
    indices = [layers[index.risk().key] for index in hazards if index.risk().key in layers]
    if not indices:
        return {}
    codes = [grade_values(layer, limits, closed=closed).data for layer in indices]
    worst = codes[0]
    for other in codes[1:]:
        worst = np.maximum(worst, other)
    about = {"scheme": "risk_5", "class_order": "ascending", "closed": closed}
    measure = Measure("max_grade", MULTI)
    like = indices[0]
    return {
        measure.key: describe(like.copy(data=worst.astype(np.uint8)), quantity=measure.quantity, like=like, **about)
    }
