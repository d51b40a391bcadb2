"""Hidden dangers of townships and counties: index, and counts by class and level."""

from __future__ import annotations

import pandas as pd

from riskzoning import hidden_dangers
from riskzoning.pipeline.stages.assessments.given import Given, Tables

_CODES = {"township": "town9", "county": "adcode6"}


def tables(given: Given) -> Tables:
    """Tables of hidden dangers from their form."""
    points = given.form("dgr_point")
    if points is None:
        return {}
    index, counts = [], []
    for level, unit in _CODES.items():
        codes = given.codes(level)
        if codes:
            areas = {code: float(given.areas[code]) for code in codes}
            today = given.run.setting.study.data_date
            table = hidden_dangers.danger_index(points, areas, unit=unit, today=today)
            index.append(table.reset_index().assign(level=level))
            by_class = hidden_dangers.danger_counts(points, unit=unit).rename(columns={"level": "danger_level"})
            counts.append(by_class[by_class["code"].isin(codes)].assign(level=level))
    if not index:
        return {}
    first = ["code", "level"]
    out = {"hidden_dangers": pd.concat(index, ignore_index=True), "danger_counts": pd.concat(counts, ignore_index=True)}
    return {name: table[[*first, *(c for c in table if c not in first)]] for name, table in out.items()}
