"""The chapter of the past: targets of the plan and the record, losses by kind of disaster, units and return period."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskzoning import standards
from riskzoning.report.facts import Facts
from riskzoning.report.numbers import cell, scaled
from riskzoning.report.paper import Paper
from riskzoning.report.shading import Shaded

_ALL, _MEASURE = "ALL", "loss_constant_yuan"
_KEYS = ("events", "affected", "dead_missing", "loss_constant_yuan")
Cells = list[str | Shaded]


def recorded(paper: Paper, facts: Facts) -> None:
    """Nothing without a record."""
    targets = facts.table("targets", "indicator", "target", "units", "value", "met", "basis")
    history = facts.table("history", "code", "level", "hazard", "hazard_name", *_KEYS)
    if targets.empty and history.empty:
        return
    paper.heading(facts.say("history"))
    if len(targets):
        rows: list[Cells] = []
        for row in targets.to_dict("records"):
            name = facts.indicator(str(row["indicator"]))
            met = "" if pd.isna(row["met"]) else facts.say("yes" if row["met"] else "no")
            modelled = row.get("modelled", float("nan"))
            rows.append(
                [
                    name,
                    f"< {cell(row['target'])}",
                    cell(row["value"]),
                    met,
                    cell(modelled),
                    facts.target_units(str(row["units"])),
                    _basis(facts, row.get("first_year"), row.get("last_year")),
                ]
            )
        columns = [facts.say(key) for key in ("indicator", "target", "recorded", "met", "modelled", "unit", "basis")]
        paper.table(facts.say("targets"), columns, rows, widths=[2.6, 0.9, 0.9, 0.8, 0.9, 1.4, 1.8])
        _modelled(paper, facts, targets)
    if len(history):
        _by_kind(paper, facts, history[history["level"] == facts.result.levels[0]])
        _by_unit(paper, facts, history[(history["level"] == facts.middle) & (history["hazard"] == _ALL)])
        _rare(paper, facts)


def _modelled(paper: Paper, facts: Facts, targets: pd.DataFrame) -> None:
    """Why modelled values stand beside other recorded ones."""
    if "modelled_about" not in targets:
        return
    rows = targets[(targets["modelled_about"].fillna("") != "") & targets["value"].notna()]
    lines = [
        facts.say("modelled_why", indicator=facts.indicator(str(row["indicator"])), why=row["modelled_about"])
        for row in rows.to_dict("records")
    ]
    if lines:
        paper.bullets(lines, small=True)


def _basis(facts: Facts, first: Any, last: Any) -> str:
    """What the value of a target rests on, in words."""
    if pd.isna(first) or pd.isna(last):
        return facts.say("not_recorded")
    return facts.say("recorded_years", first=int(first), last=int(last))


def _by_kind(paper: Paper, facts: Facts, rows: pd.DataFrame) -> None:
    """The whole area by kind of disaster."""
    if rows.empty:
        return
    names = [_disaster(facts, str(row["hazard"]), str(row["hazard_name"])) for row in rows.to_dict("records")]
    years = f"{cell_year(rows, 'first_year', min)}–{cell_year(rows, 'last_year', max)}"
    paper.table(
        facts.say("history_kinds", years=years), [facts.say("disaster"), *_heads(facts)], _amounts(facts, rows, names)
    )


def _disaster(facts: Facts, code: str, name: str) -> str:
    """A kind of recorded disasters by its code, whatever language the table speaks; one unknown by its name."""
    if code == _ALL:
        return facts.say("all_disasters")
    kinds = standards.table("history/levels").data
    return str(kinds[code][facts.lang]) if code in kinds else name


def cell_year(rows: pd.DataFrame, column: str, choose: object) -> str:
    """The first or last year of rows; nothing where they do not say."""
    years = pd.to_numeric(rows[column], errors="coerce").dropna() if column in rows else pd.Series(dtype=float)
    return "" if years.empty else str(int(choose(years)))  # type: ignore[operator]


def _by_unit(paper: Paper, facts: Facts, rows: pd.DataFrame) -> None:
    """The units by their losses, all disasters together."""
    if rows.empty:
        return
    ordered = rows.sort_values(_MEASURE, ascending=False, kind="stable").head(24)
    names = [facts.named(str(code)) for code in ordered["code"]]
    level = facts.level_name(facts.middle)
    paper.table(facts.say("history_units", level=level), [level, *_heads(facts)], _amounts(facts, ordered, names))


def _heads(facts: Facts) -> list[str]:
    return [facts.say("events"), facts.say("affected"), facts.say("dead"), scaled("loss", facts.lang)[1]]


def _amounts(facts: Facts, rows: pd.DataFrame, names: list[str]) -> list[Cells]:
    factor = scaled("loss", facts.lang)[0]
    out: list[Cells] = []
    for name, row in zip(names, rows.to_dict("records"), strict=True):
        loss = pd.to_numeric(row[_MEASURE], errors="coerce") / factor
        out.append([name, *(cell(row[key]) for key in _KEYS[:-1]), cell(loss)])
    return out


def _rare(paper: Paper, facts: Facts) -> None:
    """Losses of a year that is reached once in so many, by each method."""
    table = facts.table("history_return_periods", "level", "hazard", "measure", "method", "return_period", "value")
    own = table[
        (table["level"] == facts.result.levels[0]) & (table["hazard"] == _ALL) & (table["measure"] == _MEASURE)
        & (table["method"] != "observed")
    ]  # fmt: skip
    if own.empty:
        return
    factor, heading = scaled("loss", facts.lang)
    wide = own.pivot_table(index="return_period", columns="method", values="value", aggfunc="first")
    rows: list[Cells] = [
        [facts.say("years", count=cell(period)), *(cell(value / factor) for value in values)]
        for period, values in zip(wide.index, wide.to_numpy(dtype=float), strict=True)
    ]
    paper.table(
        facts.say("history_rare", heading=heading),
        [facts.say("return_period"), *(facts.called("methods", str(name)) for name in wide.columns)],
        rows,
    )
