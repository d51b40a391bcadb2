"""Every exposed count of a unit beside the sum of its children."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, RunError
from riskzoning.pipeline.state import Setting
from riskzoning.results import VILLAGE

AREA = "area_km2"
_TOLERANCE = 1e-9
_DUST = 1e-13


def level_tables(setting: Setting, counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table ``level_reconciliation``; ``counts`` (index code) are the exposed counts of the units of all levels.

    Raises where children cover their unit and do not have what it has.
    """
    levels = [*setting.all_levels[::-1], *((VILLAGE,) if len(setting.villages) else ())]
    values = counts.astype(np.float64).fillna(0.0).assign(**{AREA: setting.coverage.areas / 1e6})
    parts = []
    for level, below in pairwise(levels):
        parents = setting.units["parent"].loc[setting.codes(below)]
        sums = values.loc[parents.index].groupby(parents.to_numpy()).sum()
        codes = setting.codes(level).intersection(sums.index).sort_values()
        parts.append(_beside(values.loc[codes], sums.loc[codes]).assign(level=level, below=below))
    if not parts:
        return {}
    table = pd.concat(parts, ignore_index=True)
    _check(table)
    table = table[table["level"].isin(setting.levels)]
    columns = ["code", "level", "below", "quantity", "value", "children", "difference", "uncovered"]
    return {"level_reconciliation": table[columns].reset_index(drop=True)}


def _beside(own: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Rows ``code quantity value children difference uncovered``; difference relative, of what the unit has."""
    mine, theirs = own.to_numpy(), children.to_numpy()
    # Against the largest of all units dust is nothing.
    dust = _DUST * np.abs(mine).max(axis=0, initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(np.abs(theirs - mine) <= dust, 0.0, (theirs - mine) / np.abs(mine))
    ground = list(own.columns).index(AREA)
    uncovered = np.repeat(-apart[:, ground], apart.shape[1]).reshape(apart.shape)
    # A rounding of the borders is no ground.
    uncovered = np.where(np.abs(uncovered) > _TOLERANCE, uncovered, 0.0)
    codes, names = np.meshgrid(own.index.astype(str), own.columns, indexing="ij")
    columns = {"code": codes, "quantity": names, "value": mine, "children": theirs, "difference": apart}
    return pd.DataFrame({name: column.ravel() for name, column in {**columns, "uncovered": uncovered}.items()})


def _check(table: pd.DataFrame) -> None:
    """Refuse a unit whose children cover it and have another sum; villages are drawn along lines of their own."""
    wrong = table[(table["below"] != VILLAGE) & (table["uncovered"] == 0) & ~(table["difference"].abs() <= _TOLERANCE)]
    if len(wrong):
        problems = [
            Problem("stage.children", Phrase("quantity_at_level", name=row.quantity, level=row.level), code=row.code,
                    value=row.value, children=row.children, below=row.below)
            for row in wrong.itertuples()
        ]  # fmt: skip
        raise RunError(problems=problems)
