"""All hazards of a stored run together, computed once more by the method of its study, from risks that chains raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from riskzoning import risk
from riskzoning.database.stored_run import StoredRun, numbers
from riskzoning.errors import Problem, RiskZoningError
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure, column_of
from riskzoning.results import level_order
from riskzoning.standards import shipped_table

# Values by hazard, receptor and indicator; index: code.
Stored = Mapping[tuple[str, str, str], "pd.Series[float]"]
_TABLE = "damage/combination"
_LIMITS = "grades/risk_index"
_CHAINED = "risk_chain_index"
# Areas of units on the grid and in the table of units differ by what projections do.
_OF_AREAS = 5e-3


def together(run: StoredRun, columns: Stored, grades: pd.DataFrame) -> Iterator[Problem]:
    """The risk of all hazards, the hazard of all hazards, chains, the total loss; ``grades``: rows of the composite."""
    shares = _shares(run)
    if shares is None or run.replaced(_TABLE):
        return
    for (hazard, receptor, indicator), stored in columns.items():
        if hazard != MULTI or indicator not in ("risk_index", "hazard_index"):
            continue
        parts = {name: columns.get((name, receptor, indicator)) for name in shares}
        known = {name: values.reindex(stored.index) for name, values in parts.items() if values is not None}
        if len(known) < len(shares):
            continue
        key = column_of(MULTI, receptor, indicator).key
        if indicator == "risk_index":
            yield from _of_risks(run, columns, key, (receptor, stored), known)
        elif not run.added:
            yield from run.compared("risk_unit", key, "hazard_index", stored, _cells(run, known, shares), 1e-5)
    yield from _losses(run, columns, shares)
    if run.combination == "graded":
        yield from _points(run, columns, grades, shares)


def _shares(run: StoredRun) -> dict[str, float] | None:
    weights = run.get("risk_weights", "hazard", "weight")
    if weights is None:
        return None
    return {str(name): float(one) for name, one in zip(weights["hazard"], weights["weight"], strict=True)}


def _cells(run: StoredRun, known: Mapping[str, pd.Series[float]], shares: dict[str, float]) -> pd.Series[float]:
    method = "weighted_sum" if run.added else run.combination
    try:
        made: pd.Series[float] = risk.combine_hazards(known, shares, method=method, renormalise=True)
    except RiskZoningError:
        # Parts that are no indices are told by the rules of their rows.
        return next(iter(known.values())) * np.nan
    return made


def _of_risks(
    run: StoredRun,
    columns: Stored,
    key: str,
    stored_of: tuple[str, pd.Series[float]],
    known: Mapping[str, pd.Series[float]],
) -> Iterator[Problem]:
    (receptor, stored), shares = stored_of, _shares(run)
    assert shares is not None
    raised = {
        name: values.reindex(stored.index)
        for name in known
        if (values := columns.get((name, receptor, _CHAINED))) is not None
    }
    yield from _chains(run, columns, receptor, known, raised)
    parts = {**known, **raised}
    if run.combination == "sum" and not receptor:
        yield from _money(run, columns, key, stored)
    elif run.combination == "topsis":
        finest = _finest(run, stored)
        made = risk.closeness_of_units(pd.DataFrame(parts), shares, finest)
        yield from run.compared("risk_unit", key, "risk_index", stored, made)
    else:
        yield from run.compared("risk_unit", key, "risk_weights", stored, _cells(run, parts, shares))


def _finest(run: StoredRun, stored: pd.Series[float]) -> list[str]:
    base = run.get("base_admin", "code", "level", "parent")
    if base is None:
        return [str(code) for code in stored.index]
    units = base.drop_duplicates("code").set_index("code")
    level = level_order(units)[-1]
    return [str(code) for code in stored.index if code in units.index and units.loc[code, "level"] == level]


def _chains(
    run: StoredRun,
    columns: Stored,
    receptor: str,
    known: Mapping[str, pd.Series[float]],
    raised: Mapping[str, pd.Series[float]],
) -> Iterator[Problem]:
    """A raised risk is the risk and what its causes add, where the hazard acts; parts of hazards are not followed."""
    table = run.get("risk_hazard_chains", "cause", "effect", "strength", "rho", "counts")
    if table is None:
        return
    counted = table[table["counts"].astype(float) > 0]
    for name, stored in raised.items():
        rows = counted[counted["effect"] == name]
        acting = columns.get((name, "", "hazard_index"))
        if rows.empty or acting is None or not set(rows["cause"]) <= set(known):
            continue
        added = sum(
            float(strength) * known[str(cause)].fillna(0.0)
            for cause, strength in zip(rows["cause"], rows["strength"], strict=True)
        )
        made = (known[name] + float(rows["rho"].iloc[0]) * added).clip(upper=1.0)
        made = made.where(acting.reindex(made.index) > 0, known[name])
        key = Measure(_CHAINED, name, receptor or None).key
        yield from run.compared("risk_unit", key, "risk_index, risk_hazard_chains", stored, made)


def _losses(run: StoredRun, columns: Stored, shares: Mapping[str, float]) -> Iterator[Problem]:
    """The loss of all hazards is the sum of theirs."""
    stored = columns.get((MULTI, "", "eal"))
    each = [values for name in shares if (values := columns.get((name, "", "eal"))) is not None]
    if stored is not None and each:
        total = sum(values.reindex(stored.index).fillna(0.0) for values in each)
        yield from run.compared("risk_unit", Measure("eal", MULTI).key, "eal", stored, np.asarray(total), 1e-5)


def _money(run: StoredRun, columns: Stored, key: str, stored: pd.Series[float]) -> Iterator[Problem]:
    losses, base = columns.get((MULTI, "", "eal")), run.get("base_admin", "code", "area_km2")
    if losses is None or base is None:
        return
    areas = numbers(base, "area_km2")[lambda values: ~values.index.duplicated()].reindex(stored.index)
    made = risk.loss_rank_index(losses.reindex(stored.index), areas, _finest(run, stored))
    yield from run.compared("risk_unit", key, "eal", stored, made, _OF_AREAS)


def _points(run: StoredRun, columns: Stored, grades: pd.DataFrame, shares: Mapping[str, float]) -> Iterator[Problem]:
    """Grades by points of the grades of the hazards on the fixed limits."""
    if run.replaced(_LIMITS):
        return
    table = shipped_table(_LIMITS)
    limits = (*map(float, table.data["limits"]), 1.0)
    for receptor, part in grades.groupby("receptor", sort=False):
        stored = numbers(part, "grade").fillna(0)
        each = {name: columns.get((name, str(receptor), "risk_index")) for name in shares}
        known = {name: values.reindex(stored.index) for name, values in each.items() if values is not None}
        if len(known) < len(shares):
            continue
        codes = {name: grade_values(values, limits, closed=table.info["closed"]) for name, values in known.items()}
        made = risk.combine_hazards(codes, shares, method="graded", renormalise=True)
        key = Index(MULTI, "risk", str(receptor) or None).grade_key
        yield from run.compared("risk_unit", key, "risk_index", stored, np.asarray(made, dtype=np.float64))
