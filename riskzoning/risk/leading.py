"""The hazards that lead in a unit: those that make a fifth of the composite or more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from riskzoning import standards


def leading_hazards(risks: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series[str]:
    """Keys of the hazards (columns of ``risks``) that lead in each unit, the largest first, joined by ";"."""
    rules = standards.table("grades/risk_index").data
    weighted = risks.fillna(0.0) * [float(weights[name]) for name in risks.columns]
    total = weighted.sum(axis=1)
    shares = weighted.div(total.where(total > 0), axis=0).fillna(0.0)
    least, most = float(rules["leading_share"]), int(rules["leading_most"])
    rows = []
    for _, row in shares.iterrows():
        # Equal shares keep the order of the study.
        order = np.argsort(-row.to_numpy(), kind="stable")[:most]
        rows.append(";".join(str(row.index[at]) for at in order if row.iloc[at] >= least))
    return pd.Series(rows, index=risks.index, dtype=object)
