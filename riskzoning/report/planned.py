"""The chapter of zones: regions, prevention zones with their measures, plans that meet risk, what losses take up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from riskzoning import standards
from riskzoning.names import MULTI
from riskzoning.report.facts import Facts
from riskzoning.report.numbers import cell, percent, scaled, whole
from riskzoning.report.paper import Paper
from riskzoning.report.shading import Shaded

_ROWS, _TIERS = 30, 2
_PRIORITY = {3: "#d7191c", 2: "#fdae61", 1: "#a6d96a"}
Cells = list[str | Shaded]


def zones(paper: Paper, facts: Facts) -> None:
    """Nothing where the study has no zones."""
    regions = _zoned(facts, "zone_region", "tier", "leading_hazards", "area_km2", "population")
    prevention = _zoned(facts, "zone_prevention", "hazard", "grade", "measures", "area_km2", "population")
    conflicts = facts.table("planning_conflicts", "plan", "class", "risk_grade", "area_km2", "population", "text")
    used = facts.table("risk_capacity", "code", "level", "gdp_yuan", "eal", "capacity", "used")
    if not (len(regions) or len(prevention) or len(conflicts) or len(used)):
        return
    paper.heading(facts.say("zones"))
    _regions(paper, facts, regions)
    _prevention(paper, facts, prevention)
    _conflicts(paper, facts, conflicts)
    _used(paper, facts, used[used["level"] == facts.middle])


def _zoned(facts: Facts, name: str, *columns: str) -> pd.DataFrame:
    """The table of a layer of zones; empty where there is none or a column is missing."""
    layer = facts.result.zones.get(name)
    if layer is None or not {"name", *columns} <= set(layer.columns):
        return pd.DataFrame(columns=["name", *columns])
    return pd.DataFrame(layer.drop(columns="geometry"))


def _name(facts: Facts, row: Mapping[Any, Any]) -> str:
    other = row.get("name_en") if facts.lang == "en" else None
    return str(other or row["name"])


def _hazards(facts: Facts, keys: object) -> str:
    """Names of hazards that stand with semicolons between them."""
    return facts.listed([facts.hazard_name(key) for key in str(keys or "").split(";") if key and key != "nan"])


def _regions(paper: Paper, facts: Facts, table: pd.DataFrame) -> None:
    """The regions of the upper tiers."""
    own = table[pd.to_numeric(table["tier"], errors="coerce") <= _TIERS].head(_ROWS)
    rows: list[Cells] = [
        [
            cell(row["tier"]),
            _name(facts, row),
            _hazards(facts, row["leading_hazards"]),
            cell(row["area_km2"]),
            whole(row["population"]),
        ]
        for row in own.to_dict("records")
    ]
    if rows:
        columns = [facts.say(key) for key in ("tier", "name", "leading", "area", "people")]
        title = facts.say("regions", shown=len(rows), count=len(table))
        paper.table(title, columns, rows, widths=[0.5, 3.2, 1.8, 1.1, 1.1], left=3)


def _prevention(paper: Paper, facts: Facts, table: pd.DataFrame) -> None:
    """How many zones of each priority by hazard, and those of the first with their measures."""
    if table.empty:
        return
    names = standards.table("names/report").data["priority"]
    grades = pd.to_numeric(table["grade"], errors="coerce")
    rows: list[Cells] = []
    for hazard in [key for key in (*facts.result.hazards, MULTI) if key in set(table["hazard"])]:
        counts = grades[table["hazard"] == hazard].value_counts()
        people = pd.to_numeric(table["population"], errors="coerce")[(table["hazard"] == hazard) & (grades == 3)].sum()
        rows.append(
            [facts.hazard_name(hazard), *(cell(int(counts.get(grade, 0))) for grade in _PRIORITY), cell(round(people))]
        )
    heads = [Shaded(str(names[grade][facts.lang]), colour) for grade, colour in _PRIORITY.items()]
    columns = [facts.say("hazard"), *(head.text for head in heads), facts.say("first_people")]
    paper.table(facts.say("prevention_counts"), columns, rows, widths=[2, 1, 1, 1, 1.4])
    first = table[(grades == 3) & (table["hazard"] == MULTI)].head(_ROWS)
    listed: list[Cells] = [
        [
            _name(facts, row),
            facts.reads(str(row["measures"] or ""), "zoning/measures"),
            cell(row["area_km2"]),
            whole(row["population"]),
        ]
        for row in first.to_dict("records")
    ]
    if listed:
        columns = [facts.say(key) for key in ("name", "measures", "area", "people")]
        paper.table(facts.say("prevention_first", count=len(first)), columns, listed, widths=[2.8, 3, 1.1, 1.1], left=2)


def _conflicts(paper: Paper, facts: Facts, table: pd.DataFrame) -> None:
    """Plans that risk stands against, the gravest and then the largest first; what is routine is no conflict."""
    if "conflict" in table:
        table = table[table["conflict"] > 0]
    keys = ["conflict", "area_km2"] if "conflict" in table else ["area_km2"]
    rows: list[Cells] = [
        [
            facts.plan_class(str(row["class"]), str(row["plan"])),
            facts.named(str(row["region"])) if row.get("region") else "",
            facts.graded(facts.five, row["risk_grade"]),
            cell(row["area_km2"]),
            whole(row["population"]),
            facts.reads(str(row["text"]), "zoning/planning"),
        ]
        for row in table.sort_values(keys, ascending=False, kind="stable").head(_ROWS).to_dict("records")
    ]
    if rows:
        columns = [facts.say(key) for key in ("plan", "place", "grade", "area", "people", "said")]
        title = facts.say("conflicts", shown=len(rows), count=len(table))
        paper.table(title, columns, rows, widths=[1.4, 1.1, 0.8, 1.0, 1.0, 2.9], left=2)


def _used(paper: Paper, facts: Facts, table: pd.DataFrame) -> None:
    """Which part of what a unit can bear its expected losses take up."""
    factor, heading = scaled("eal", facts.lang)
    ordered = table.sort_values("used", ascending=False, kind="stable").head(_ROWS)
    rows: list[Cells] = [
        [facts.named(str(row["code"])), *_money((row["eal"], row["capacity"]), factor), percent(row["used"])]
        for row in ordered.to_dict("records")
    ]
    if rows:
        columns = [facts.level_name(facts.middle), heading, facts.say("bearable"), facts.say("used")]
        paper.table(facts.say("risk_capacity"), columns, rows, widths=[2, 1.4, 1.4, 1])


def _money(values: Sequence[object], factor: float) -> list[str]:
    numbers = pd.to_numeric(pd.Series(list(values)), errors="coerce") / factor
    return [cell(round(float(value), 6)) for value in numbers]
