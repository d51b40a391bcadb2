"""Stage ``adjusted``: risk of units beside what capacity leaves of it, and units compared by what is surveyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from riskzoning import risk, standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.methods.classification import grade_values
from riskzoning.names import Index
from riskzoning.pipeline.state import Graded, Made, Run, Zoned
from riskzoning.results import IndexBreaks

_COLUMNS = [
    "code", "level", "hazard", "risk_index", "risk_grade", "capacity", "capacity_grade", "adjusted_index",
    "adjusted_grade", "form", "beta", "status",
]  # fmt: skip
# Of several blocks of capacity, that which says most of a unit comes first.
_BLOCKS = ("all", "both", "combined", "township", "community")
_NOT = "not_assessed"


def adjusted(run: Run, made: Made) -> Zoned:
    """The tables ``risk_by_capacity`` and ``unit_comparison``, where the study asks for them."""
    tables: dict[str, pd.DataFrame] = {}
    graded, study = made.of(Graded), run.setting.study
    if not graded.units:
        return Zoned({}, tables)
    surveyed = made.tables()
    if study.risk.capacity is not None:
        table = risk_by_capacity(run, graded, surveyed)
        if len(table):
            tables["risk_by_capacity"] = table
    if study.risk.combine == "topsis":
        tables["unit_comparison"] = _compared(run, graded, made)
    return Zoned({}, tables)


def capacity_of_units(table: pd.DataFrame | None, codes: pd.Index) -> pd.DataFrame:
    """``index`` and ``grade`` of capacity by unit, of the block that says most of it; NaN where none is surveyed."""
    out = pd.DataFrame({"index": float("nan"), "grade": float("nan")}, index=codes)
    if table is None or not {"code", "index", "grade"} <= set(table.columns):
        return out
    blocks = table["block"] if "block" in table else pd.Series("all", index=table.index)
    for block in reversed(_BLOCKS):
        own = table[(blocks == block) & table["index"].notna()].drop_duplicates("code").set_index("code")
        out.update(own[["index", "grade"]].astype(float).reindex(codes))
    return out


def risk_by_capacity(run: Run, graded: Graded, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Risk of each unit and hazard beside what is left of it with the capacity of the unit.

    A hazard with a table ``<hazard>_capacity`` of its own has that capacity; the general one stands for all others.
    """
    asked = run.setting.study.risk.capacity
    assert asked is not None
    usual = float(standards.table("damage/combination").data["capacity_beta"])
    beta = usual if asked.beta is None else asked.beta
    indices = [index for index in graded.indices if index.what == "risk" and index.receptor is None]
    if asked.hazards:
        indices = [index for index in indices if index.hazard in asked.hazards]
    parts, assessed = [], 0
    for level, frame in graded.units.items():
        for index in (one for one in indices if one.key in frame):
            held = capacity_of_units(tables.get(f"{index.hazard}_capacity", tables.get("capacity")), frame.index)
            assessed += int(held["index"].notna().sum())
            values = frame[index.key].astype(float)
            left = risk.capacity_discount(values, held["index"], form=asked.form, beta=beta)
            grades = frame[index.grade_key].astype(int)
            parts.append(
                pd.DataFrame(
                    {
                        "code": frame.index, "level": level, "hazard": index.hazard, "risk_index": values.to_numpy(),
                        "risk_grade": grades.to_numpy(), "capacity": held["index"].to_numpy(),
                        "capacity_grade": held["grade"].fillna(0).astype(int).to_numpy(),
                        "adjusted_index": left.to_numpy(),
                        "adjusted_grade": _graded(left, graded.breaks.get(index)).to_numpy(), "form": asked.form,
                        "beta": beta if asked.form == "partial" else float("nan"),
                        "status": held["index"].notna().map({True: "assessed", False: _NOT}).to_numpy(),
                    }
                )
            )  # fmt: skip
    if not assessed:
        note(Problem("adjusted.no_capacity", Phrase("units"), severity="warning", field="risk.capacity"))
    return pd.concat(parts, ignore_index=True)[_COLUMNS] if parts else pd.DataFrame(columns=_COLUMNS)


def _graded(values: pd.Series[float], cut: IndexBreaks | None) -> pd.Series[Any]:
    """Grades by the breaks of the plain risk, so that both columns mean the same; 0 where those are no intervals."""
    if cut is None or cut.units.by_share or not cut.units.bounds:
        return pd.Series(0, index=values.index)
    return pd.Series(grade_values(values, cut.units.bounds, closed=cut.units.closed), index=values.index).astype(int)


def _compared(run: Run, graded: Graded, made: Made) -> pd.DataFrame:
    """Units of the finest level by TOPSIS on the risk of each hazard, hidden dangers, history and lack of capacity."""
    level = next(one for one in run.setting.levels if one in graded.units)
    frame, tables = graded.units[level], made.tables()
    stated = tables["weights"].set_index("hazard")["weight"].astype(float)
    weights = {str(name): float(weight) for name, weight in stated.items()}
    criteria = {name: frame[Index(name, "risk").key].astype(float) for name in weights}
    blocks = {"risk": list(criteria)}
    for name, table in (("hidden_dangers", tables.get("hidden_dangers")), ("history", tables.get("history"))):
        column = _index_of(table, frame.index)
        if column is not None:
            criteria[name], weights[name], blocks[name] = column, 1.0, [name]
    held = capacity_of_units(tables.get("capacity"), frame.index)["index"]
    if held.notna().any():
        criteria["lack_of_capacity"], weights["lack_of_capacity"] = 1.0 - held, 1.0
        blocks["lack_of_capacity"] = ["lack_of_capacity"]
    # What is surveyed counts alike: the risk as a whole, hidden dangers, history, the lack of capacity.
    chosen = {name: weights[name] / len(blocks) for names in blocks.values() for name in names}
    table = pd.DataFrame(criteria)
    close = risk.closeness_of_units(table, chosen, list(frame.index))
    out = table.assign(closeness=close, rank=close.rank(ascending=False, method="min"))
    out = out.rename(columns={name: Index(name, "risk").key for name in blocks["risk"]})
    out.insert(0, "level", level)
    return out.rename_axis("code").reset_index().sort_values("code", ignore_index=True)


def _index_of(table: pd.DataFrame | None, codes: pd.Index) -> pd.Series[float] | None:
    """A surveyed index of the units, scaled by its largest value; None where it says nothing of them."""
    if table is None or not {"code", "index"} <= set(table.columns):
        return None
    rows = table[table["hazard"] == "ALL"] if "hazard" in table else table
    own = rows.drop_duplicates("code").set_index("code")["index"].astype(float).reindex(codes)
    most = float(own.max())
    return own / most if most > 0 else None
