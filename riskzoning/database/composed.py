"""What is composed of indices and grades: risks of units, prevention, capacity, hidden dangers; computed once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from riskzoning import capacity, hidden_dangers, risk, standards
from riskzoning.database.derived import derived
from riskzoning.database.stored_run import StoredRun, numbers
from riskzoning.database.together import together
from riskzoning.errors import Journal, Problem, RiskZoningError, hearing
from riskzoning.hidden_dangers.index import graded
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure, column_of
from riskzoning.zoning.prevention import prevention_grades

_LIMITS = "grades/risk_index"
_FLAGS = ("priority", "capacity_building")


def recomposed_units(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """What units have that is composed of what else they have."""
    with hearing(Journal()):
        yield from _risks(run, tidy)
        yield from _beside(run, tidy)
        yield from _prevention(run, tidy)
        yield from _grassroots(run)
        yield from _blocks(run)
        yield from _dangers(run)
        yield from derived(run, _columns(tidy))


def _columns(tidy: pd.DataFrame) -> dict[tuple[str, str, str], pd.Series[float]]:
    """Values by hazard, receptor and indicator; index: code."""
    groups = tidy.groupby(["hazard", "receptor", "indicator"], sort=False)
    return {
        (str(hazard), str(receptor), str(indicator)): numbers(part, "value")
        for (hazard, receptor, indicator), part in groups
    }


def _risks(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """The risk of a hazard and receptor from its parts, its mean over receptors, and all hazards together."""
    if not run.composed:
        return
    columns = _columns(tidy)
    risks = {key[:2]: values for key, values in columns.items() if key[2] == "risk_index" and values.notna().any()}
    for (hazard, receptor), stored in risks.items():
        if hazard == MULTI:
            continue
        if receptor:
            parts, computed = "exposed_hazard_index, exposure_index", _of_parts(run, columns, hazard, receptor)
        else:
            parts, computed = "risk_index", _of_receptors(run, risks, hazard)
        if computed is not None:
            key = column_of(hazard, receptor, "risk_index").key
            yield from run.compared("risk_unit", key, parts, stored, computed.reindex(stored.index))
    of_all = tidy[(tidy["hazard"] == MULTI) & (tidy["indicator"] == "risk_index")]
    yield from together(run, columns, of_all)


def _of_parts(run: StoredRun, columns: dict[Any, Any], hazard: str, receptor: str) -> pd.Series[float] | None:
    severity = columns.get((hazard, receptor, Measure("exposed_hazard_index", hazard, receptor).indicator))
    exposed = columns.get(("", receptor, Measure("exposure_index", receptor=receptor).indicator))
    weak = columns.get(("", receptor, Measure("vulnerability_index", receptor=receptor).indicator))
    if severity is None or exposed is None:
        return None
    exposed = exposed.reindex(severity.index)
    known = None if weak is None else weak.reindex(severity.index).fillna(1.0)
    try:
        made = _formed(run, hazard, (severity, exposed, known))
    except RiskZoningError:
        # Parts that are no indices are told by the rules of their rows.
        return None
    return made


def _formed(run: StoredRun, hazard: str, parts: tuple[Any, Any, Any]) -> pd.Series[float] | None:
    """The parts in the form of the study; by the matrix where the breaks of the hazard are stored."""
    made: pd.Series[float]
    if run.form != "matrix":
        made = risk.risk_index(*parts, form=run.form)
        return made
    breaks = run.get("risk_breaks", "index", "applied_to", "grade", "upper_bound", "closed")
    if breaks is None or run.replaced("damage/risk_matrix") or run.replaced("damage/combination"):
        return None
    own = breaks[(breaks["index"] == Index(hazard, "hazard").key) & (breaks["applied_to"] == "grid")]
    if own.empty:
        return None
    bounds = own.sort_values("grade")["upper_bound"].to_numpy(dtype=np.float64)
    matrix, closed = run.matrix or f"risk_{len(bounds)}x5", str(own["closed"].iloc[0])
    made = risk.risk_by_matrix(*parts, matrix, breaks=bounds, closed=cast(Literal["right", "left"], closed))
    return made


def _of_receptors(run: StoredRun, risks: dict[Any, Any], hazard: str) -> pd.Series[float] | None:
    each = {receptor: values for (name, receptor), values in risks.items() if name == hazard and receptor}
    if not each or run.replaced("weights/receptors") or run.replaced("weights/receptors_of"):
        return None
    index = next(iter(each.values())).index
    try:
        made: pd.Series[float] = risk.mean_receptor_index(
            {receptor: values.reindex(index) for receptor, values in each.items()},
            weights=run.receptor_weights(hazard, list(each)),
        )
    except RiskZoningError:
        return None
    return made


def _beside(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """The highest grade of a unit, and the number of its hazards that count as high, by the fixed limits."""
    weights = run.get("risk_weights", "hazard")
    if weights is None or run.replaced(_LIMITS):
        return
    table, columns = standards.shipped_table(_LIMITS), _columns(tidy)
    risks = {hazard: columns.get((str(hazard), "", "risk_index")) for hazard in weights["hazard"]}
    if any(values is None for values in risks.values()):
        return
    frame = pd.DataFrame(risks)
    limits = (*map(float, table.data["limits"]), 1.0)
    grades = frame.apply(lambda column: grade_values(column.to_numpy(), limits, closed=table.info["closed"]))
    made = {"max_grade": grades.max(axis=1), "high_count": (grades >= float(table.data["high"])).sum(axis=1)}
    for what, computed in made.items():
        stored = columns.get((MULTI, "", what))
        if stored is not None:
            key = Measure(what, MULTI).key
            yield from run.compared("risk_unit", key, "risk_index", stored, computed.reindex(stored.index))


def _prevention(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """Grades of prevention from those of risk, capacity and hidden dangers."""
    name = "zone_prevention_units"
    table = run.get(name, "code", "risk_grade", "grade", "need")
    if table is None or run.replaced("zoning/prevention"):
        return
    stored = table.set_index("code")
    codes = stored.index
    risk_grade = numbers(table, "risk_grade").fillna(0)
    multi = tidy[(tidy["hazard"] == MULTI) & (tidy["receptor"] == "") & (tidy["indicator"] == "risk_index")]
    if len(multi):
        own = numbers(multi.drop_duplicates("code"), "grade").reindex(codes)
        yield from run.compared(name, "risk_grade", "risk_unit", risk_grade, own)
    rows = run.get("cap_index", "code", "block", "grade")
    if rows is not None and (rows["block"] == "township").any():
        rows = rows[rows["block"].isin(["township", "both", "combined"])]
    of_capacity, of_danger = _grades_of(rows, codes), _grades_of(run.get("dgr_index", "code", "grade"), codes)
    try:
        made = prevention_grades(risk_grade, of_capacity, of_danger)
    except RiskZoningError:
        return
    parts = "risk_grade, cap_index, dgr_index"
    for column in ("need", "grade", *(flag for flag in _FLAGS if flag in table)):
        yield from run.compared(name, column, parts, numbers(table, column), made[column].astype(float))


def _grades_of(table: pd.DataFrame | None, codes: pd.Index) -> pd.Series[float] | None:
    if table is None:
        return None
    own = table[table["code"].isin(codes)].drop_duplicates("code")
    return numbers(own, "grade").reindex(codes) if len(own) else None


def _grassroots(run: StoredRun) -> Iterator[Problem]:
    """Capacity of townships and of their communities from the stored indicators."""
    table = run.get("cap_index", "code", "level", "block", "index", "grade", "d_plus", "d_minus")
    values = run.get("cap_indicators", "code", "block", "indicator", "value")
    if table is None or values is None or any(run.replaced(f"capacity/{name}") for name in ("grassroots", "grades")):
        return
    for block in ("township", "community"):
        own, parts = table[table["block"] == block], values[values["block"] == block]
        weights = capacity.grassroots_weights(block)
        matrix = parts.pivot_table(index="code", columns="indicator", values="value", dropna=False)
        if own.empty or not set(matrix.columns) <= set(weights):
            continue
        try:
            made = capacity.capacity_index(
                matrix, {name: weight for name, weight in weights.items() if name in matrix.columns}
            )
        except RiskZoningError:
            continue
        for column in ("index", "d_plus", "d_minus", "grade"):
            stored = numbers(own, column)
            yield from run.compared("cap_index", column, "cap_indicators", stored, made[column].reindex(stored.index))


def _blocks(run: StoredRun) -> Iterator[Problem]:
    """Capacity of counties: of townships and communities, and of all blocks."""
    table, base = run.get("cap_index", "code", "level", "block", "index"), run.get("base_admin", "code", "parent")
    if table is None or base is None or any(run.replaced(f"capacity/{name}") for name in ("grassroots", "blocks")):
        return
    parents = base.drop_duplicates("code").set_index("code")["parent"]
    indices = {str(block): numbers(part, "index") for block, part in table.groupby("block")}
    means = {
        name: values.groupby(parents.reindex(values.index).to_numpy()).mean()
        for name, values in indices.items()
        if name in ("township", "community")
    }
    if "both" in indices and len(means) == 2:
        made = capacity.grassroots_index(
            indices["township"], indices["community"], {str(code): str(parent) for code, parent in parents.items()}
        )
        yield from _against(run, indices["both"], made, "township, community")
    counties = {name: values for name, values in indices.items() if name in capacity.BLOCKS}
    if "all" in indices and counties:
        made = capacity.combined_blocks(pd.DataFrame({**means, **counties}))["index"]
        yield from _against(run, indices["all"], made, ", ".join((*means, *counties)))


def _against(run: StoredRun, stored: pd.Series[float], made: pd.Series[float], parts: str) -> list[Problem]:
    return run.compared("cap_index", "index", parts, stored, made.reindex(stored.index))


def _dangers(run: StoredRun) -> Iterator[Problem]:
    """Hidden dangers: the index from the records, the grade from the index."""
    table = run.get("dgr_index", "code", "level", "index", "grade")
    if table is None:
        return
    points, base = run.get("dgr_point", "level", "people", "status"), run.get("base_admin", "code", "area_km2")
    for level, part in table.groupby("level", sort=False):
        index = numbers(part, "index")
        yield from run.compared("dgr_index", "grade", "index", numbers(part, "grade"), graded(index).astype(float))
        unit = {"township": "town9", "county": "adcode6"}.get(str(level), "")
        if points is None or base is None or unit not in points or run.replaced("hidden_dangers/levels"):
            continue
        areas = numbers(base, "area_km2")[lambda values: ~values.index.duplicated()].reindex(index.index)
        made = hidden_dangers.danger_index(
            points, {str(code): float(area) for code, area in areas.items()}, unit=unit, today="2000-01-01"
        )
        yield from run.compared("dgr_index", "index", "dgr_point", index, made["index"].reindex(index.index), 1e-3)
