"""What a run stored, computed again from the parts that it stored: grades, composites, totals, shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, cast

import numpy as np
import pandas as pd

from riskzoning.database.composed import recomposed_units
from riskzoning.database.composites import recomposed, tables_of_rules
from riskzoning.database.frames import same
from riskzoning.database.schema import GEOMETRY
from riskzoning.database.stored_run import StoredRun, numbers, with_ground
from riskzoning.database.zone_sums import zones_resummed
from riskzoning.errors import Problem
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, column_of
from riskzoning.results import Breaks
from riskzoning.zoning.scales import wide

# Layers are stored as 32-bit floats: sums of them are equal to this much.
_CLOSE = 1e-5
_WHOLE = 0.9999
# Tables that are looked at, beside the layers of units.
_NEEDED = (
    "base_admin", "risk_unit", "risk_breaks", "risk_weights", "meta_reconciliation", "meta_tables_used",
    "risk_hazard_chains", "risk_by_capacity", "risk_annual_losses", "risk_loss_curves",
    "exposure_by_grade", "cap_index", "cap_indicators", "dgr_index",
    "zone_region", "zone_prevention", "zone_prevention_units",
)  # fmt: skip
# Survey records that indices are computed from.
NEEDED_FORMS = ("dgr_point",)


def needed() -> tuple[str, ...]:
    """The tables that are looked at, beside the layers of units."""
    return tuple(dict.fromkeys((*_NEEDED, *tables_of_rules())))


def recomputed(run: StoredRun) -> Iterator[Problem]:
    """Every stored value of a run that its parts contradict."""
    tidy = run.get("risk_unit", "code", "level", "hazard", "receptor", "indicator", "value")
    if tidy is not None:
        tidy = tidy.assign(receptor=tidy["receptor"].fillna("").replace("all", ""))
        yield from _grades(run, tidy)
        yield from _together(run, tidy)
        yield from _units(run, tidy)
        yield from _named(run, tidy["level"].unique())
        yield from _children(run, tidy)
        yield from _totals(run, tidy)
        yield from _by_grade(run, tidy)
        yield from recomposed_units(run, tidy)
        yield from zones_resummed(run, tidy)
    yield from _capacity(run)
    yield from recomposed(run)


def _grades(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """Grades of units are those of the stored breaks. One unit alone in its level has its grade from those below."""
    breaks = run.get("risk_breaks", "index", "applied_to", "rule", "grade", "upper_bound", "closed")
    if breaks is None:
        return
    of_units = breaks[breaks["applied_to"] == "units"]
    for (hazard, receptor, indicator), part in tidy.groupby(["hazard", "receptor", "indicator"], sort=False):
        column = column_of(str(hazard), str(receptor), str(indicator))
        rows = of_units[(of_units["index"] == column.key) & of_units["upper_bound"].notna()].sort_values("grade")
        if rows.empty or not isinstance(column, Index) or Breaks(str(rows["rule"].iloc[0])).by_share:
            continue
        alone = part.groupby("level")["code"].transform("size") == 1
        many = part[~alone]
        closed = cast(Literal["right", "left"], str(rows["closed"].iloc[0]))
        expected = grade_values(
            numbers(many, "value").to_numpy(), rows["upper_bound"].to_numpy(dtype=np.float64), closed=closed
        )
        stored = numbers(many, "grade").fillna(0).to_numpy()
        wrong = np.flatnonzero(np.asarray(expected) != stored)
        if wrong.size:
            codes = [str(code) for code in many["code"].iloc[wrong]]
            was, now = float(stored[wrong[0]]), float(np.asarray(expected)[wrong[0]])
            yield run.differs("risk_unit", column.grade_key, "risk_breaks", codes, was, now)


def _together(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """All hazards together are the hazards by their weights, where every hazard has data on all of the ground."""
    weights = run.get("risk_weights", "hazard", "weight")
    if weights is None or not run.weighted:
        return
    shares = pd.Series(weights["weight"].to_numpy(dtype=np.float64), index=weights["hazard"])
    valid = tidy[tidy["indicator"] == "valid_share"].groupby("code")["value"].min()
    for (receptor, indicator), part in tidy.groupby(["receptor", "indicator"], sort=False):
        composite = column_of(MULTI, str(receptor), str(indicator)) if MULTI in set(part["hazard"]) else None
        if not isinstance(composite, Index):
            continue
        if run.composed and composite.what == "risk":
            # Those are composed of the units' own, whatever the ground is.
            continue
        table = part.pivot_table(index="code", columns="hazard", values="value", dropna=False)
        hazards = [hazard for hazard in shares.index if hazard in table]
        if len(hazards) != len(shares) or not hazards:
            continue
        known = table[[MULTI, *hazards]].notna().all(axis=1) & (valid.reindex(table.index).fillna(1) >= _WHOLE)
        computed = (table[hazards] * shares[hazards]).sum(axis=1) / shares[hazards].sum()
        wrong = known & ((computed - table[MULTI]).abs() > _CLOSE)
        if wrong.any():
            codes = [str(code) for code in table.index[wrong]]
            key = composite.key
            was, now = float(table[MULTI][codes[0]]), float(computed[codes[0]])
            yield run.differs("risk_unit", key, "risk_weights", codes, was, now)


def _units(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """The layers of units are the tidy table, turned."""
    for level, part in tidy.groupby("level", sort=False):
        name = f"unit_{level}"
        layer = run.get(name, "code")
        if layer is None:
            yield Problem("database.tables", run.thing(name), missing=[name])
            continue
        stored = pd.DataFrame(layer.drop(columns=GEOMETRY, errors="ignore")).set_index("code")
        turned = wide(part).drop(columns="level")
        for field in turned.columns.intersection(stored.columns):
            one = pd.to_numeric(stored[field].reindex(turned.index), errors="coerce").astype("float64")
            two = pd.to_numeric(turned[field], errors="coerce").astype("float64")
            wrong = ~((one == two) | (one.isna() & two.isna())).to_numpy()
            if wrong.any():
                codes = [str(code) for code in turned.index[wrong]]
                yield run.differs(name, str(field), "risk_unit", codes, float(one[codes[0]]), float(two[codes[0]]))


def _named(run: StoredRun, levels: Iterable[object]) -> Iterator[Problem]:
    """The units of a layer have the names, parents and outlines that they have in the table of units."""
    base = run.get("base_admin", "code", "level")
    if base is None:
        return
    base = with_ground(base)
    for level in levels:
        layer = run.get(f"unit_{level}", "code")
        if layer is None:
            continue
        known = base[base["level"] == level].drop_duplicates("code").set_index("code")
        stored = layer.drop_duplicates("code").set_index("code").reindex(known.index)
        for column in ("name", "parent", GEOMETRY):
            if column in stored and column in known:
                wrong = ~same(pd.DataFrame(stored[[column]]), pd.DataFrame(known[[column]]))
                if wrong.any():
                    codes = [str(code) for code in known.index[wrong]]
                    yield Problem(
                        "database.unit_differs",
                        run.thing(f"unit_{level}"),
                        field=column,
                        column=column,
                        count=len(codes),
                        code=codes[0],
                        parts="base_admin",
                    )


def _children(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """What is counted in a unit is the sum over the units below it."""
    base, totals = run.get("base_admin", "code", "parent"), run.get("meta_reconciliation", "quantity")
    if base is None or totals is None:
        return
    parents = base.drop_duplicates("code").set_index("code")["parent"]
    for quantity in sorted(set(map(str, totals["quantity"]))):
        part = tidy[(tidy["indicator"] == quantity) & (tidy["hazard"] == "") & (tidy["receptor"] == "")]
        values = numbers(part, "value")
        sums = values.groupby(parents.reindex(values.index).to_numpy()).sum(min_count=1)
        both = sums.index.intersection(values.index)
        wrong = ~np.isclose(values[both], sums[both], rtol=1e-6, atol=1e-6, equal_nan=True)
        if wrong.any():
            codes = [str(code) for code in both[wrong]]
            was, now = float(values[codes[0]]), float(sums[codes[0]])
            yield run.differs("risk_unit", quantity, "base_admin", codes, was, now)


def _totals(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """The totals of a level in the reconciliation are the sums of its units."""
    totals = run.get("meta_reconciliation", "quantity", "level", "total_units")
    if totals is None:
        return
    plain = tidy[(tidy["hazard"] == "") & (tidy["receptor"] == "")]
    sums = plain.groupby(["indicator", "level"])["value"].sum(min_count=1)
    for quantity, level, stored in totals[["quantity", "level", "total_units"]].itertuples(index=False):
        computed = sums.get((quantity, level), np.nan)
        if np.isfinite(computed) and not np.isclose(stored, computed, rtol=1e-6):
            was, now = float(stored), float(computed)
            yield run.differs("meta_reconciliation", str(quantity), "risk_unit", [str(level)], was, now)


def _by_grade(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """What lies in the grades of a hazard adds up to what the unit has."""
    table = run.get("exposure_by_grade", "code", "hazard", "quantity", "value")
    if table is None:
        return
    plain = tidy[(tidy["hazard"] == "") & (tidy["receptor"] == "")].drop_duplicates(["code", "indicator"])
    sums = numbers(table, "value", "code", "hazard", "quantity").groupby(level=[0, 1, 2], sort=False).sum(min_count=1)
    of_unit = [sums.index.get_level_values(level) for level in (0, 2)]
    whole = numbers(plain, "value", "code", "indicator").reindex(pd.MultiIndex.from_arrays(of_unit)).to_numpy()
    yield from run.compared("exposure_by_grade", "value", "risk_unit", sums, whole, 1e-5)


def _capacity(run: StoredRun) -> Iterator[Problem]:
    """A capacity index is the distance to the worst by both distances."""
    table = run.get("cap_index", "code", "index", "d_plus", "d_minus")
    if table is None:
        return
    index, plus, minus = (numbers(table, name) for name in ("index", "d_plus", "d_minus"))
    with np.errstate(invalid="ignore", divide="ignore"):
        computed = minus / (plus + minus)
    wrong = (index.notna() & computed.notna() & ((index - computed).abs() > 1e-6)).to_numpy()
    if wrong.any():
        codes = [str(code) for code in index.index[wrong]]
        at = int(np.flatnonzero(wrong)[0])
        yield run.differs("cap_index", "index", "cap_index", codes, float(index.iloc[at]), float(computed.iloc[at]))
