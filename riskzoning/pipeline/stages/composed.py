"""The risk of a unit composed from its parts: how severe what is exposed has it, how much there is, how weak it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskzoning import risk
from riskzoning.config import StudyConfig
from riskzoning.exposure import scaled_exposure
from riskzoning.methods.classification import grade_values
from riskzoning.names import LEADING, MULTI, Index, Measure
from riskzoning.pipeline.stages.classes import risk_limits, rule_number
from riskzoning.pipeline.stages.exposed import AREA, ExposedSums
from riskzoning.zoning.scales import grade_from_shares

Columns = dict[str, "pd.Series[float]"]


@dataclass(frozen=True)
class UnitSums:
    """What the passes have added up for the units: means and sums of layers, and what is exposed to each class.

    ``receptors`` maps the receptor to the count that stands for it.
    """

    means: pd.DataFrame
    sums: pd.DataFrame
    exposed: ExposedSums
    receptors: Mapping[str, str]


def unit_parts(units: UnitSums, hazards: Sequence[Index]) -> Columns:
    """The parts of the risk of units: exposure and vulnerability by receptor, hazard where the exposed are, shares."""
    out: Columns = {}
    ground = units.exposed.ground.where(units.exposed.ground > 0)
    for receptor, count in units.receptors.items():
        density = units.sums[count].fillna(0.0) / ground
        out[Measure("exposure_index", receptor=receptor).key] = scaled_exposure(density, receptor)
    for receptor, (weak, known) in units.exposed.weakness.items():
        out[Measure("vulnerability_index", receptor=receptor).key] = (weak / known.where(known > 0)).clip(0.0, 1.0)
    for index in hazards:
        out |= _hazard_parts(units, index)
    return out


def _hazard_parts(units: UnitSums, index: Index) -> Columns:
    hazard, exposed = index.hazard, units.exposed
    out: Columns = {}
    for receptor, count in units.receptors.items():
        known = exposed.known(hazard, count)
        met = exposed.severity[hazard][receptor] / known.where(known > 0)
        # Where nothing is exposed, the mean of the ground stands for what would be.
        filled = met.fillna(units.means[index.key]).clip(0.0, 1.0)
        out[Measure("exposed_hazard_index", hazard, receptor).key] = filled
    valid = exposed.known(hazard, AREA)
    out[Measure("none_share", hazard).key] = (exposed.none[hazard] / valid.where(valid > 0)).clip(0.0, 1.0)
    return out


def composed_risks(
    study: StudyConfig, parts: Columns, hazards: Sequence[Index], receptors: Sequence[str]
) -> dict[str, pd.Series[float]]:
    """Risk of each hazard and receptor, and their stated mean, from the parts of the units."""
    out: dict[str, pd.Series[float]] = {}
    weights = dict(study.risk.receptor_weights) or None
    for index in hazards:
        by_receptor = {receptor: _composed(study, parts, index, receptor) for receptor in receptors}
        out |= {index.risk(receptor).key: values for receptor, values in by_receptor.items()}
        if by_receptor:
            out[index.risk().key] = risk.mean_receptor_index(by_receptor, weights=weights)
    return out


def _composed(study: StudyConfig, parts: Columns, index: Index, receptor: str) -> pd.Series[float]:
    severity = parts[Measure("exposed_hazard_index", index.hazard, receptor).key]
    exposed = parts[Measure("exposure_index", receptor=receptor).key]
    weak = parts.get(Measure("vulnerability_index", receptor=receptor).key)
    # An unknown vulnerability takes nothing off.
    known = None if weak is None else weak.fillna(1.0)
    values: pd.Series[float] = risk.risk_index(severity, exposed, known, form=study.risk.form)
    return values


def hazard_grades(exposed: ExposedSums, hazard: str, quantity: str) -> pd.Series[int]:
    """The highest class such that it and those above hold a fifth of a quantity; 0 where there is nothing of it."""
    return grade_from_shares(exposed.of_class(hazard, quantity).clip(lower=0.0)).astype("int64")


def beside_the_composite(risks: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Highest grade, leading hazards and number of high hazards of each unit; ``risks`` units x hazards.

    Grades are those of the fixed limits, so that hazards compare; a mean of many hides the one that is severe.
    """
    limits, closed = risk_limits()
    grades = risks.apply(lambda column: grade_values(column, limits, closed=closed)).astype("int64")
    out = pd.DataFrame(index=risks.index)
    out[Measure("max_grade", MULTI).key] = grades.max(axis=1)
    out[LEADING] = _leading(risks, weights)
    out[Measure("high_count", MULTI).key] = (grades >= rule_number("high")).sum(axis=1)
    return out


def _leading(risks: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series[str]:
    """Keys of the hazards that make at least a fifth of the composite, the largest first, joined by ";"."""
    weighted = risks.fillna(0.0) * [float(weights[name]) for name in risks.columns]
    total = weighted.sum(axis=1)
    shares = weighted.div(total.where(total > 0), axis=0).fillna(0.0)
    least, most = rule_number("leading_share"), int(rule_number("leading_most"))
    rows = []
    for _, row in shares.iterrows():
        # Equal shares keep the order of the study.
        order = np.argsort(-row.to_numpy(), kind="stable")[:most]
        rows.append(";".join(str(row.index[at]) for at in order if row.iloc[at] >= least))
    return pd.Series(rows, index=risks.index, dtype=object)


def exposure_by_grade(exposed: ExposedSums, sums: pd.DataFrame, areas: pd.Series[float]) -> pd.DataFrame:
    """Long table ``code hazard quantity grade value share``: what lies in each class, grade 0 = no data.

    ``sums`` and ``areas`` (km2) are the totals of the units: the values of a unit add up to them.
    """
    parts = [_held(exposed, hazard, sums, areas) for hazard in exposed.by_class]
    if not parts:
        return pd.DataFrame(columns=["code", "hazard", "quantity", "grade", "value", "share"])
    return pd.concat(parts, ignore_index=True)


def _held(exposed: ExposedSums, hazard: str, sums: pd.DataFrame, areas: pd.Series[float]) -> pd.DataFrame:
    frame = exposed.by_class[hazard]
    grades, quantities = (list(dict.fromkeys(frame.columns.get_level_values(level))) for level in (0, 1))
    known = frame.to_numpy(dtype=np.float64).reshape(len(frame), len(grades), len(quantities)).transpose(0, 2, 1)
    totals = np.column_stack(
        [(areas if name == AREA else sums[name].fillna(0.0)).reindex(frame.index).to_numpy() for name in quantities]
    )
    rest = totals - known.sum(axis=2)
    # What is left of two equal sums is rounding, not people.
    rest = np.where(np.abs(rest) > 1e-9 * np.abs(totals), rest, 0.0)
    values = np.concatenate([rest[:, :, None], known], axis=2)
    shares = values / np.where(totals > 0, totals, np.nan)[:, :, None]
    codes, names, classes = np.meshgrid(frame.index.astype(str), quantities, [0, *grades], indexing="ij")
    columns = {"code": codes, "quantity": names, "grade": classes, "value": values, "share": shares}
    table = pd.DataFrame({name: column.ravel() for name, column in columns.items()}).assign(hazard=hazard)
    table["grade"] = table["grade"].astype("int64")
    return table[["code", "hazard", "quantity", "grade", "value", "share"]]
