"""What a stored run derives from the risks and losses of its units: who leads, what capacity leaves, yearly losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from riskzoning import risk
from riskzoning.database.stored_run import StoredRun, numbers
from riskzoning.errors import Problem, RiskZoningError
from riskzoning.methods.classification import grade_values
from riskzoning.names import LEADING, Index
from riskzoning.results import Breaks
from riskzoning.risk.leading import leading_hazards

# Values by hazard, receptor and indicator; index: code.
Stored = Mapping[tuple[str, str, str], "pd.Series[float]"]
_LIMITS = "grades/risk_index"
# Losses of units are sums of cells in 32 bits: those of their curves are equal to this much.
_OF_SUMS = 1e-4
_OF_LIVES = {"person": "deaths", "m2": "collapsed_area"}
_CURVE = ("code", "hazard", "receptor", "return_period", "loss")


def derived(run: StoredRun, columns: Stored) -> Iterator[Problem]:
    """What is derived from the stored risks and losses of units, and is not what they give."""
    yield from _leading(run, columns)
    yield from _by_capacity(run, columns)
    yield from _annual(run, columns)


def _leading(run: StoredRun, columns: Stored) -> Iterator[Problem]:
    weights = run.get("risk_weights", "hazard", "weight")
    if weights is None or run.replaced(_LIMITS):
        return
    shares = numbers(weights, "weight", "hazard")
    each = {str(name): columns.get((str(name), "", "risk_index")) for name in shares.index}
    if any(values is None for values in each.values()):
        return
    made = leading_hazards(pd.DataFrame(each), {str(name): float(share) for name, share in shares.items()})
    for name in sorted(table for table in run.tables if table.startswith("unit_")):
        layer = run.get(name, "code", LEADING)
        if layer is None:
            continue
        stored = layer.drop_duplicates("code").set_index("code")[LEADING].astype("string").fillna("")
        now = made.reindex(stored.index)
        wrong = now.notna().to_numpy() & (stored.to_numpy(dtype=object) != now.fillna("").to_numpy(dtype=object))
        if wrong.any():
            codes = [str(code) for code in stored.index[wrong]]
            yield run.differs(name, LEADING, "risk_index, risk_weights", codes, stored[codes[0]], now[codes[0]])


def _by_capacity(run: StoredRun, columns: Stored) -> Iterator[Problem]:
    """Plain index, what capacity leaves of it, and its grade by the breaks of the plain one."""
    name = "risk_by_capacity"
    table = run.get(name, "code", "hazard", "risk_index", "capacity", "adjusted_index", "form")
    if table is None:
        return
    for (hazard, form), part in table.groupby(["hazard", "form"], sort=False):
        stored, held = numbers(part, "risk_index"), numbers(part, "capacity")
        plain = columns.get((str(hazard), "", "risk_index"))
        if plain is not None:
            yield from run.compared(name, "risk_index", "risk_unit", stored, plain.reindex(stored.index))
        beta = None if "beta" not in part or part["beta"].isna().all() else float(part["beta"].astype(float).max())
        try:
            left = risk.capacity_discount(stored, held, form=cast(Any, str(form)), beta=beta)
        except RiskZoningError:
            continue  # no indices: told by the rules of their rows
        own = numbers(part, "adjusted_index")
        yield from run.compared(name, "adjusted_index", "risk_index, capacity", own, left)
        bounds = _bounds(run, Index(str(hazard), "risk").key)
        if bounds is not None and "adjusted_grade" in part:
            now = grade_values(own.to_numpy(), bounds[0], closed=bounds[1])
            grades = numbers(part, "adjusted_grade").fillna(0)
            yield from run.compared(name, "adjusted_grade", "adjusted_index, risk_breaks", grades, now)


def _bounds(run: StoredRun, key: str) -> tuple[np.ndarray, Literal["right", "left"]] | None:
    """The breaks of the units of an index, where they are intervals."""
    breaks = run.get("risk_breaks", "index", "applied_to", "rule", "grade", "upper_bound", "closed")
    if breaks is None:
        return None
    rows = breaks[(breaks["index"] == key) & (breaks["applied_to"] == "units") & breaks["upper_bound"].notna()]
    if rows.empty or Breaks(str(rows["rule"].iloc[0])).by_share:
        return None
    closed = cast(Literal["right", "left"], str(rows["closed"].iloc[0]))
    return rows.sort_values("grade")["upper_bound"].to_numpy(dtype=np.float64), closed


def _annual(run: StoredRun, columns: Stored) -> Iterator[Problem]:
    """Yearly losses are those of the units, and those of the stored curves by the stated method and tail."""
    name = "risk_annual_losses"
    table = run.get(name, "code", "hazard", "receptor", "units", "eal", "eal_method", "eal_tail", "protection")
    if table is None:
        return
    curves = run.get("risk_loss_curves", *_CURVE)
    for (hazard, receptor), part in table.groupby(["hazard", "receptor"], sort=False):
        stored = numbers(part, "eal")
        of_units = _of_units(columns, str(hazard), str(receptor), str(part["units"].iloc[0]))
        if of_units is not None:
            yield from run.compared(name, "eal", "risk_unit", stored, of_units.reindex(stored.index))
        if curves is not None:
            own = curves[(curves["hazard"] == hazard) & (curves["receptor"] == receptor)]
            yield from _by_curves(run, name, part, own)


def _of_units(columns: Stored, hazard: str, receptor: str, units: str) -> pd.Series[float] | None:
    lives = _OF_LIVES.get(units.removesuffix("/a"))
    if lives is not None:
        return columns.get((hazard, "", lives))
    return columns.get((hazard, receptor, "eal"), columns.get((hazard, "", "eal")))


def _by_curves(run: StoredRun, name: str, part: pd.DataFrame, curves: pd.DataFrame) -> Iterator[Problem]:
    stored = numbers(part, "eal")
    losses = curves.pivot_table(index="return_period", columns="code", values="loss", aggfunc="first").sort_index()
    first = part.iloc[0]
    method, tail = str(first["eal_method"]), str(first["eal_tail"]) != "none"
    try:
        made: dict[str, Any] = {}
        if _whole(str(first["protection"] or ""), losses):
            made["lower"], made["upper"], _ = risk.loss_bounds(losses, tail=tail)
            made["eal"] = risk.expected_annual_loss(losses, method=cast(Any, method), tail=tail)
    except RiskZoningError:
        return  # losses that are no curve are told by the rules of their rows
    for field, values in made.items():
        if field in part:
            now = pd.Series(np.asarray(values, dtype=np.float64), index=losses.columns).reindex(stored.index)
            yield from run.compared(name, field, "risk_loss_curves", numbers(part, field), now, _OF_SUMS)


def _whole(protection: str, losses: pd.DataFrame) -> bool:
    """Whether the stored curve has all that the yearly loss was made of: nothing of it lies below a protection."""
    if not protection:
        return True
    years = pd.to_numeric(protection.removesuffix("a").strip(), errors="coerce")
    return bool(np.isfinite(years) and years < float(losses.index.min()))
