"""Chapters of what surveys list: exposed objects, capacity, hidden dangers, the record of disasters, zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from riskzoning import standards
from riskzoning.exposure.kinds import kind_names
from riskzoning.report.facts import Class, Facts
from riskzoning.report.numbers import cell, percent
from riskzoning.report.paper import Paper
from riskzoning.report.past import recorded
from riskzoning.report.planned import zones
from riskzoning.report.shading import Shaded
from riskzoning.surveys.titles import form_title

_LISTED, _UNITS = 30, 15
Cells = list[str | Shaded]


def chapters(paper: Paper, facts: Facts) -> None:
    """Those for which the run has tables."""
    _objects(paper, facts)
    _capacity(paper, facts)
    _dangers(paper, facts)
    recorded(paper, facts)
    zones(paper, facts)


def _objects(paper: Paper, facts: Facts) -> None:
    table = facts.objects
    if table.empty:
        return
    paper.heading(facts.say("objects"))
    paper.text(facts.say("objects_about", count=cell(len(table))))
    paper.text(facts.say("grades_differ"))
    counts = pd.crosstab(table["kind"], table["max_grade"]).reindex(columns=range(6), fill_value=0)
    high = counts.loc[:, facts.exposed_from() :].sum(axis=1)
    order = sorted(counts.index, key=lambda kind: (-int(high[kind]), str(kind)))
    rows: list[Cells] = [
        [
            kind_names(str(kind))[facts.lang],
            *(cell(int(counts.loc[kind].get(grade, 0))) for grade in (5, 4, 3, 2, 1, 0)),
            cell(int(counts.loc[kind].sum())),
        ]
        for kind in order
    ]
    columns = [facts.say("kind"), *(item.name for item in facts.five), facts.say("ungraded"), facts.say("total")]
    paper.table(facts.say("objects_by_grade"), columns, rows, widths=[2.4, 1, 1, 1, 1, 1, 1, 1])
    _extent(paper, facts)
    _high(paper, facts, table)


def _extent(paper: Paper, facts: Facts) -> None:
    """Kilometres of lines and square kilometres of areas by grade of each hazard."""
    table = facts.table("objects_extent", "kind", "hazard", "quantity", "grade", "value")
    for quantity, title in (("length_km", "lines_by_grade"), ("area_km2", "areas_by_grade")):
        own = table[table["quantity"] == quantity]
        sums = own.groupby(["kind", "hazard", "grade"], sort=False)["value"].sum()
        rows: list[Cells] = []
        for kind, hazard in dict.fromkeys(zip(own["kind"], own["hazard"], strict=True)):
            values = sums[kind, hazard]
            row = [kind_names(str(kind))[facts.lang], facts.hazard_name(str(hazard))]
            rows.append(
                [
                    *row,
                    *(cell(float(values.get(grade, 0.0))) for grade in range(1, 6)),
                    cell(float(values.get(0, 0.0))),
                    cell(float(values.sum())),
                ]
            )
        if rows:
            columns = [
                facts.say("kind"),
                facts.say("hazard"),
                *(facts.say("class_of", number=n) for n in range(1, 6)),
                facts.say("ungraded"),
                facts.say("total"),
            ]
            paper.table(facts.say(title), columns, rows, widths=[1.5, 1.6, 1, 1, 1, 1, 1, 1, 1], left=2)


def _high(paper: Paper, facts: Facts, table: pd.DataFrame) -> None:
    """The objects of the highest grades, one a row."""
    high = table[table["max_grade"] >= facts.exposed_from()]
    shown = high.head(_LISTED)
    if shown.empty:
        return
    rows: list[Cells] = []
    for row in shown.to_dict("records"):
        town = str(row.get("town9") or row.get("adcode6") or "")
        hazard = facts.hazard_name(str(row["main_hazard"])) if row.get("main_hazard") else ""
        name = str(row["name"]) or str(row.get("object_id", ""))
        rows.append(
            [
                kind_names(str(row["kind"]))[facts.lang],
                name,
                facts.named(town) if town else "",
                facts.graded(facts.five, row["max_grade"]),
                hazard,
                cell(row["people"]),
            ]
        )
    columns = [facts.say(key) for key in ("kind", "name", "place", "grade", "main_hazard", "people_here")]
    title = facts.say("objects_listed", shown=len(shown), count=cell(len(high)))
    paper.table(title, columns, rows, widths=[1.5, 2.6, 2.2, 0.9, 1.4, 1.0], left=3)
    if len(high) > len(shown):
        paper.text(facts.say("more_in", file="tables/objects.csv"), faint=True)


def _capacity(paper: Paper, facts: Facts) -> None:
    table = facts.table("capacity", "code", "level", "block", "index", "grade")
    if table.empty:
        return
    paper.heading(facts.say("capacity"))
    paper.text(facts.say("capacity_about"))
    names = standards.table("grades/schemes").data["capacity_5"]["names"]
    grades = [
        Class(g, str(names[g][facts.lang]), colour)
        for g, colour in zip(range(1, 6), ("#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641"))
    ]
    for level in dict.fromkeys(table["level"]):
        _capacity_of(paper, facts, table[table["level"] == level], str(level), grades)
    _reach(paper, facts)
    teams = facts.table("teams_too_small", "name", "people", "required", "missing")
    if len(teams):
        rows: list[Cells] = [
            [str(row["name"]), *(cell(row[key]) for key in ("people", "required", "missing"))]
            for row in teams.head(_LISTED).to_dict("records")
        ]
        columns = [facts.say(key) for key in ("team", "members", "required", "lacking")]
        paper.table(facts.say("teams", count=len(teams)), columns, rows, widths=[3, 1, 1, 1])


def _reach(paper: Paper, facts: Facts) -> None:
    """Who has a shelter near, and who is reached in time, in the whole area."""
    shelters = facts.table("shelter_coverage", "level", "kind", "radius_m", "people", "covered", "share")
    own = shelters[shelters["level"] == facts.result.levels[0]]
    kinds = standards.table("capacity/shelters").data
    rows: list[Cells] = [
        [
            _shelter(kinds, str(row["kind"]), facts.lang),
            cell(row["radius_m"]),
            cell(row["covered"]),
            percent(row["share"]),
        ]
        for row in own.to_dict("records")
    ]
    if rows:
        columns = [facts.say(key) for key in ("shelter_kind", "radius", "covered", "share")]
        paper.table(facts.say("shelter_reach"), columns, rows, widths=[2, 1, 1.2, 1])
    access = facts.table("access", "level", "place", "mode", "minutes", "covered", "share")
    own = access[access["level"] == facts.result.levels[0]]
    rows = [
        [
            facts.called("places", form_title(str(row["place"]), facts.lang)),
            cell(row["minutes"]),
            cell(row["covered"]),
            percent(row["share"]),
        ]
        for row in own.to_dict("records")
    ]
    if rows:
        columns = [facts.say(key) for key in ("place_kind", "minutes", "covered", "share")]
        paper.table(facts.say("reach"), columns, rows, widths=[2, 1, 1.2, 1])


def _capacity_of(paper: Paper, facts: Facts, table: pd.DataFrame, level: str, grades: Sequence[Class]) -> None:
    """The weakest units of a level, block by block; all of them where they are few."""
    blocks = list(dict.fromkeys(table["block"]))
    wide = table.assign(code=table["code"].astype(str)).pivot_table(
        index="code", columns="block", values=["index", "grade"], aggfunc="first"
    )
    weakest = pd.DataFrame(wide["index"]).mean(axis=1).sort_values(kind="stable").index[:_UNITS]
    rows: list[Cells] = []
    for code in weakest:
        cells: Cells = [facts.named(str(code))]
        for block in blocks:
            index = wide.loc[code, ("index", block)] if ("index", block) in wide else float("nan")
            grade = wide.loc[code, ("grade", block)] if ("grade", block) in wide else None
            cells.append(_index_and_grade(index, facts.graded(grades, grade)))
        rows.append(cells)
    columns = [facts.level_name(level)]
    columns += [facts.say("block", name=facts.called("blocks", str(block))) for block in blocks]
    title = facts.say("weakest", level=facts.level_name(level), shown=len(rows), count=len(wide))
    paper.table(title, columns, rows, widths=[2.4 if len(blocks) < 4 else 1.5, *([1.6] * len(blocks))])


def _index_and_grade(index: float, grade: str | Shaded) -> str | Shaded:
    """An index and its grade in one cell: beside each other, six blocks would leave no room for English words."""
    if pd.isna(index):
        return cell(None)
    number = f"{float(index):.3f}"
    return Shaded(f"{number} {grade.text}", grade.colour) if isinstance(grade, Shaded) else number


def _shelter(kinds: Mapping[str, Any], kind: str, lang: str) -> str:
    return str(kinds[kind]["en"]) if lang == "en" and kind in kinds else kind


def _dangers(paper: Paper, facts: Facts) -> None:
    table = facts.table(
        "hidden_dangers", "code", "level", "grade", "dangers", "major", "people", "unresolved", "overdue"
    )
    if table.empty:
        return
    paper.heading(facts.say("hidden_dangers"))
    paper.text(facts.say("dangers_about"))
    keys = ("dangers", "major", "people")
    for level in [level for level in (facts.middle, facts.finest) if level in set(table["level"])]:
        own = table[(table["level"] == level) & (table["dangers"] > 0)]
        first = own.sort_values(["grade", "people"], ascending=False, kind="stable").head(_UNITS)
        rows: list[Cells] = [
            [
                facts.named(str(row["code"])),
                facts.graded(facts.five, row["grade"]),
                *(cell(row[key]) for key in keys),
                percent(row["unresolved"]),
                percent(row["overdue"]),
            ]
            for row in first.to_dict("records")
        ]
        columns = [
            facts.level_name(level),
            *(facts.say(key) for key in ("grade", "count", "major", "threatened", "unresolved", "overdue")),
        ]
        title = facts.say("dangers_of", level=facts.level_name(level), shown=len(rows), count=len(own))
        paper.table(title, columns, rows, widths=[2.4, 0.9, 0.9, 0.9, 1.3, 1.2, 1.2])
        if level == facts.finest:
            break
