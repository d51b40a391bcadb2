"""Hazard chains in a run: the risk of a hazard that others trigger, raised where the hazard acts at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import xarray as xr

from riskzoning import risk, standards
from riskzoning.config import StudyConfig
from riskzoning.hazards import HAZARDS
from riskzoning.names import Index, Intensity, Measure, part_index
from riskzoning.pipeline.stages.cell_risk import CellRisk, risk_of_parts
from riskzoning.pipeline.stages.composed import Columns, UnitMeans

_TABLE = "damage/hazard_chains"
COLUMNS = ["cause", "effect", "strength", "rho", "counts"]


def chains_table(study: StudyConfig, columns: Collection[object]) -> pd.DataFrame:
    """The chains of a run: ``cause effect strength rho`` and whether both hazards are there; empty without chains."""
    if study.risk.chains is None:
        return pd.DataFrame(columns=COLUMNS)
    data = standards.table(_TABLE).data
    rho = float(data["rho"] if study.risk.chains.rho is None else study.risk.chains.rho)
    hazards = [item.hazard for item in study.hazards]
    rows = [
        {
            "cause": str(row["cause"]), "effect": str(row["effect"]), "strength": float(row["strength"]), "rho": rho,
            "counts": row["effect"] in hazards and _is_there(str(row["cause"]), hazards, columns),
        }
        for row in data["strengths"]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _is_there(cause: str, hazards: Collection[str], columns: Collection[object]) -> bool:
    return cause in hazards or _part(cause, columns) is not None


def _part(cause: str, columns: Collection[object]) -> Intensity | None:
    """The part of a hazard that a cause is, such as rainstorms of meteorology, where the run has its index."""
    home = standards.table(_TABLE).data.get("parts", {}).get(cause)
    if home is None:
        return None
    part = Intensity(str(home["hazard"]), part_index(str(home["part"])))
    return part if part.key in columns else None


def chained_cells(cells: CellRisk, composite: Index, of_each: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """The raised risks of the cells, of those hazards that others trigger."""
    study, published = cells.study, cells.passes.published
    table = chains_table(study, published.names())
    causes = dict(of_each)
    for cause in _parts_needed(table, of_each):
        part = _part(cause, published.names())
        assert part is not None
        layer, index = published.get(part.key), HAZARDS[part.hazard].index
        receptors = cells.prepared.exposure.receptors if composite.receptor is None else [composite.receptor]
        by_receptor = {name: cells.of_layer(layer, index, name) for name in receptors}
        causes[cause] = (
            cells.mean(part.hazard, by_receptor, layer)
            if composite.receptor is None
            else by_receptor[composite.receptor]
        )
    raised = _raised(table, causes)
    acting = {name: published.get(Index(name, "hazard").key) > 0 for name in raised}
    return {name: layer.where(acting[name], of_each[name]) for name, layer in raised.items()}


def chained_units(
    study: StudyConfig,
    composite: Index,
    risks: Mapping[str, pd.Series[float]],
    units: UnitMeans,
    parts: Columns,
) -> dict[str, pd.Series[float]]:
    """The raised risks of the units; the index of a part is the mean of the unit."""
    columns = list(units.means.columns)
    table = chains_table(study, columns)
    causes = dict(risks)
    for cause in _parts_needed(table, risks):
        part = _part(cause, columns)
        assert part is not None
        causes[cause] = part_risk(study, units.means[part.key], HAZARDS[part.hazard].index, composite, units, parts)
    raised = _raised(table, causes)
    acting = {name: units.means[Index(name, "hazard").key] > 0 for name in raised}
    return {name: values.where(acting[name], risks[name]) for name, values in raised.items()}


def part_risk(
    study: StudyConfig,
    severity: pd.Series[float],
    index: Index,
    composite: Index,
    units: UnitMeans,
    parts: Columns,
) -> pd.Series[float]:
    """Risk of a part of a hazard in the units: its mean severity, what is exposed, how weak that is."""
    by_receptor: dict[str, pd.Series[float]] = {}
    for receptor in units.receptors if composite.receptor is None else [composite.receptor]:
        exposed = parts[Measure("exposure_index", receptor=receptor).key]
        weak = parts.get(Measure("vulnerability_index", receptor=receptor).key)
        known = None if weak is None else weak.fillna(1.0)
        by_receptor[receptor] = risk_of_parts(study, index, severity.clip(0.0, 1.0), exposed, known)
    if composite.receptor is not None:
        return by_receptor[composite.receptor]
    mean: pd.Series[float] = risk.mean_receptor_index(by_receptor, weights=study.receptor_weights(index.hazard))
    return mean


def _parts_needed(table: pd.DataFrame, given: Mapping[str, object]) -> list[str]:
    counted = table[table["counts"].astype(bool)]
    return [str(cause) for cause in dict.fromkeys(counted["cause"]) if cause not in given]


def _raised(table: pd.DataFrame, causes: Mapping[str, Any]) -> dict[str, Any]:
    counted = table[table["counts"].astype(bool)]
    if counted.empty:
        return {}
    pairs = zip(counted["cause"].astype(str), counted["effect"].astype(str), strict=True)
    strengths = dict(zip(pairs, counted["strength"].astype(float), strict=True))
    made = risk.hazard_chain(causes, strengths=strengths, rho=float(counted["rho"].iloc[0]))
    return {name: made[name] for name in dict.fromkeys(counted["effect"])}
