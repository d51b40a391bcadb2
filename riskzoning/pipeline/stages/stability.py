"""Stage ``stability``: how sure the risk grades of the units are when weights, breaks and inputs vary."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.methods.uncertainty import Combination, draw, stability, stability_table
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.state import Assessed, Graded, Made, Run, Zoned
from riskzoning.results import Breaks

# Ways to bring hazards together in which weights may vary.
_METHODS = ("weighted_sum", "weighted_product")


def stable(run: Run, made: Made) -> Zoned:
    """The table ``stability``; empty where the study draws nothing or has no risk of units."""
    rules, graded = run.setting.study.uncertainty, made.of(Graded)
    if not rules.draws:
        return Zoned({}, {})
    weights = made.of(Assessed).weights.set_index("hazard")["weight"].astype(np.float64)
    parts = []
    for level in (level for level in run.setting.levels if level in graded.units):
        units = graded.units[level]
        of_level = {
            index.hazard: _drawn(run, units, index, graded.breaks[index].units, weights)
            for index in graded.indices
            if index.what == "risk" and index.receptor is None and index in graded.breaks
        }
        table = stability_table({hazard: frame for hazard, frame in of_level.items() if frame is not None})
        table.insert(1, "level", level)
        parts.append(table)
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return Zoned({}, {"stability": whole} if len(whole) else {})


def _drawn(
    run: Run, units: gpd.GeoDataFrame, index: Index, breaks: Breaks, weights: pd.Series[float]
) -> pd.DataFrame | None:
    """Stability of one index of the units; None where no draw can make it."""
    rules, seed = run.setting.study.uncertainty, run.setting.study.seed
    method: Combination = "weighted_sum"
    if breaks.by_share or not breaks.bounds or index.key not in units.columns:
        return None
    values, of_each = units[[index.key]].rename(columns={index.key: index.hazard}), pd.Series({index.hazard: 1.0})
    if index.hazard == MULTI:
        combine, of_each = run.setting.study.risk.combine, weights
        columns = {Index(str(hazard), "risk").key: str(hazard) for hazard in weights.index}
        if combine not in _METHODS or not set(columns) <= set(units.columns):
            return None
        method = "weighted_product" if combine == "weighted_product" else "weighted_sum"
        values = units[list(columns)].rename(columns=columns)
    draws = draw(
        of_each, breaks.bounds, n=rules.draws, concentration=rules.concentration, break_share=rules.break_share,
        input_share=rules.input_share, seed=seed,
    )  # fmt: skip
    return stability(values.astype(np.float64), draws, closed=breaks.closed, method=method, workers=1)
