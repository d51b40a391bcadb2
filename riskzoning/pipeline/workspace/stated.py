"""What the record of a run states of its results: breaks, losses, ground without data, how sure the grades are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from riskzoning.config import StudyConfig
from riskzoning.names import MULTI, Index, Measure
from riskzoning.results import UNSURE, Breaks, IndexBreaks


def stated(
    study: StudyConfig,
    breaks: Mapping[Index, IndexBreaks],
    units: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    """Breaks with their closure, method and tail of the losses, shares without data, units with an unsure grade."""
    coarsest = next(iter(units.values()), pd.DataFrame())
    return {
        "breaks": {index.key: {"grid": _cut(both.grid), "units": _cut(both.units)} for index, both in breaks.items()},
        "losses": {"method": study.risk.eal_method, "tail": bool(study.risk.eal_tail)},
        "no_data_share": _missing(study, coarsest),
        "unsure_grades": _unsure(tables.get("stability")),
    }


def _cut(rule: Breaks) -> dict[str, Any]:
    return {"rule": rule.rule, "closed": rule.closed, "upper_bounds": [float(bound) for bound in rule.bounds]}


def _missing(study: StudyConfig, coarsest: pd.DataFrame) -> dict[str, float]:
    """Share of the ground without a value, all hazards together and by hazard."""
    measures = {MULTI: Measure("valid_share")} | {h.hazard: Measure("valid_share", h.hazard) for h in study.hazards}
    return {
        name: max(0.0, 1 - float(coarsest[measure.key].mean()))
        for name, measure in measures.items()
        if measure.key in coarsest.columns and coarsest[measure.key].notna().any()
    }


def _unsure(table: pd.DataFrame | None) -> dict[str, dict[str, int]]:
    """Units of each level whose composite grade comes in fewer draws than ``UNSURE``, of how many."""
    if table is None or not len(table):
        return {}
    own = table[table["hazard"] == MULTI]
    return {
        str(level): {"units": len(part), "unsure": int((part["probability"] < UNSURE).sum())}
        for level, part in own.groupby("level", sort=False)
    }
