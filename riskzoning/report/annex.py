"""Chapters of what the results rest on: data, their quality, what is missing or not verified; all units."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from riskzoning import standards
from riskzoning.names import MULTI
from riskzoning.report.facts import Facts
from riskzoning.report.numbers import cell, number_of, percent, scaled
from riskzoning.report.paper import Paper
from riskzoning.report.shading import Shaded
from riskzoning.surveys.titles import form_title

Cells = list[str | Shaded]
_INPUTS, _NOTES, _TABLES, _SOURCE = 60, 40, 60, 80
# Sums of many numbers differ by so much from their total, as a share of it.
_ROUNDING = 1e-9


def data(paper: Paper, facts: Facts) -> None:
    """What was asked, where, and with which data."""
    result = facts.result
    paper.heading(facts.say("data"))
    counts = [
        facts.say("units_of", count=len(facts.frame(level)), level=facts.level_name(level)) for level in result.levels
    ]
    step = abs(float(result.grid.resolution.x))
    lines = [
        facts.say("asked_units", units=facts.listed(counts)),
        *([facts.say("asked_boundaries", source=result.boundary_source)] if result.boundary_source else []),
        facts.say(
            "asked_grid",
            step=cell(step),
            crs=str(result.grid.crs),
            rows=cell(result.grid.shape[0]),
            columns=cell(result.grid.shape[1]),
        ),
        facts.say("asked_hazards", names=facts.listed([facts.hazard_name(hazard) for hazard in result.hazards])),
    ]
    if result.receptors:
        names = [standards.names("receptor", name, facts.lang) for name in result.receptors]
        lines.append(facts.say("asked_receptors", names=facts.listed(names)))
    for key, hazards in (("absent", result.not_applicable), ("left_out", result.composite[1])):
        if hazards:
            lines.append(
                facts.say(key, names=facts.listed([standards.names("hazard", one, facts.lang) for one in hazards]))
            )
    paper.bullets(lines)
    _inputs(paper, facts)
    _weights(paper, facts)
    _quality(paper, facts)


def _inputs(paper: Paper, facts: Facts) -> None:
    entries = facts.result.record.get("inputs", [])
    if not entries:
        return
    rows: list[Cells] = []
    for entry in entries[:_INPUTS]:
        about = " ".join(str(entry[key]) for key in ("quantity", "units") if entry.get(key))
        year = str(entry.get("year") or "")
        rows.append(
            [str(entry["name"]), Path(str(entry["path"])).name, about, year, str(entry.get("sha256") or "")[:8]]
        )
    columns = {"input": 1.6, "file": 2.6, "content": 1.9, "year": 0.7, "checksum": 1.0}
    # What no input says (a quantity, a year) has no column.
    kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    heads, widths = [list(columns)[at] for at in kept], [list(columns.values())[at] for at in kept]
    cells = [[row[at] for at in kept] for row in rows]
    paper.table(facts.say("inputs"), [facts.say(key) for key in heads], cells, widths=widths, left=len(kept))
    if len(entries) > _INPUTS:
        paper.text(facts.say("more_in", file="run.json"), faint=True)


def _weights(paper: Paper, facts: Facts) -> None:
    table = facts.table("weights", "hazard", "weight")
    if len(table) < 2:
        return
    shown = [key for key in ("ahp", "entropy", "weight", "effective") if key in table]
    rows: list[Cells] = [
        [
            facts.hazard_name(str(row["hazard"])),
            *("—" if pd.isna(row[key]) else f"{float(row[key]):.3f}" for key in shown),
        ]
        for row in table.to_dict("records")
    ]
    paper.table(facts.say("weights"), [facts.say("hazard"), *(facts.say(f"weight_{key}") for key in shown)], rows)
    if "effective" in shown and (table["effective"] < 0).any():
        paper.text(facts.say("weights_negative"), faint=True)


def _quality(paper: Paper, facts: Facts) -> None:
    table = facts.table("survey_quality", "form", "code", "rows", "errors", "warnings", "score")
    whole = table[table["code"].fillna("") == ""].sort_values(["score", "form"], kind="stable")
    if whole.empty:
        return
    paper.text(facts.say("quality_about"))
    rows: list[Cells] = [
        [
            form_title(str(row["form"]), facts.lang),
            *(cell(row[key]) for key in ("rows", "errors", "warnings")),
            f"{number_of(row['score']):.1f}",
        ]
        for row in whole.to_dict("records")
    ]
    columns = [facts.say(key) for key in ("form", "rows", "wrong_rows", "doubtful_rows", "score")]
    paper.table(facts.say("quality"), columns, rows, widths=[3, 1, 1.2, 1.2, 1])


def missing(paper: Paper, facts: Facts) -> None:
    """What a reader must know before the numbers are used."""
    record = facts.result.record
    paper.heading(facts.say("missing"))
    for key, problems in (("warnings", record.get("warnings", [])), ("dropped", record.get("dropped", []))):
        lines = list(_lines(facts, problems))
        if lines:
            paper.heading(facts.say(key, count=len(problems)), 2)
            paper.bullets(lines[:_NOTES], small=True)
            if len(lines) > _NOTES:
                paper.text(facts.say("more_in", file="run.json"), faint=True)
    _reconciliation(paper, facts)
    unverified = [row for row in standards.tables_of_numbers(record.get("tables_used", [])) if not row["verified"]]
    if unverified:
        paper.heading(facts.say("unverified", count=len(unverified)), 2)
        paper.text(facts.say("unverified_about"))
        rows: list[Cells] = [
            [
                str(row["name"]),
                facts.table_title(str(row["name"]), str(row["title"])),
                facts.called("status", str(row["status"])),
                textwrap.shorten(str(row["source"]), _SOURCE, placeholder=" …"),
            ]
            for row in unverified[:_TABLES]
        ]
        columns = [facts.say(key) for key in ("numbers", "content", "status", "source")]
        paper.table(facts.say("unverified_table"), columns, rows, widths=[1.7, 2.4, 0.9, 3.2], left=4)
        if len(unverified) > _TABLES:
            paper.text(facts.say("more_in", file="run.json"), faint=True)


def _lines(facts: Facts, problems: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Messages of the record, of each rule the first and how many more there are."""
    rules: dict[object, list[str]] = {}
    for problem in problems:
        rules.setdefault(problem.get("rule"), []).append(_line(facts, problem))
    for texts in rules.values():
        first, *more = dict.fromkeys(texts)
        yield f"{first}（{facts.say('and_alike', count=len(more))}）" if more else first


def _line(facts: Facts, problem: Mapping[str, object]) -> str:
    """A message of the record as sentences; hazards by their titles, which a reader of the report knows."""
    if "found" not in problem:
        return " ".join(str(problem[key]) for key in ("input", "action") if problem.get(key))
    thing, about, fix = (str(problem.get(key) or "").strip() for key in ("file", "found", "fix"))
    text = f"{thing}{about}。{fix}" if facts.lang == "zh" else f"{thing} {about}. {fix}"
    for key in (*facts.result.hazards, MULTI):
        title = facts.hazard_name(key)
        text = (
            text.replace(f"“{title}（{key}）”", f"“{title}”")
            .replace(f"“{key}”", f"“{title}”")
            .replace(f"'{key}'", f"'{title}'")
        )
    return text[:1].upper() + text[1:] if facts.lang == "en" else text


def _reconciliation(paper: Paper, facts: Facts) -> None:
    """Whether the units together are what the inputs hold."""
    columns = ("total_units", "unallocated", "total_input")
    table = facts.table("reconciliation", "quantity", "level", *columns, "difference")
    own = table[table["level"] == facts.finest]
    if own.empty:
        return
    paper.heading(facts.say("totals"), 2)
    rows: list[Cells] = []
    for row in own.to_dict("records"):
        factor, heading = scaled(str(row["quantity"]), facts.lang)
        sums = [cell(number_of(row[key]) / factor) for key in columns]
        rows.append([heading, *sums, _left_over(number_of(row["difference"]))])
    paper.table(
        facts.say("totals_table"),
        [facts.say(key) for key in ("quantity", "of_units", "unallocated", "of_input", "difference")],
        rows,
        widths=[2.6, 1.5, 1.4, 1.5, 1],
    )


def _left_over(share: float) -> str:
    """What the units and the unallocated leave of an input: rounding of sums is none of it."""
    return "0" if abs(share) <= _ROUNDING else percent(abs(share))


def units(paper: Paper, facts: Facts) -> None:
    """The grades of all units by hazard, level by level."""
    paper.heading(facts.say("annex"), numbered=False)
    hazards = [(hazard, index) for hazard in facts.hazards if (index := facts.whole(hazard)) is not None]
    for level in facts.result.levels[1:] or facts.result.levels:
        frame = facts.frame(level).sort_index()
        people = "population" in frame
        rows: list[Cells] = []
        for code, row in zip(frame.index, frame.to_dict("records"), strict=True):
            grades = [facts.graded(facts.classes(index), row.get(index.grade_key)) for _, index in hazards]
            rows.append(
                [str(code), facts.names.get(str(code), ""), *grades, *([cell(row["population"])] if people else [])]
            )
        columns = [facts.say("code"), facts.level_name(level), *(facts.short_name(hazard) for hazard, _ in hazards)]
        columns += [facts.say("people")] if people else []
        wide = [1.15, 1.5, *([0.95] * len(hazards)), *([1.0] if people else [])]
        paper.table(facts.say("annex_table", level=facts.level_name(level)), columns, rows, widths=wide, left=2)
