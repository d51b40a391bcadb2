"""Chapters of what was assessed: the summary, each hazard with its map and grades, what lies in each grade."""

from __future__ import annotations

import pandas as pd

from riskzoning import standards
from riskzoning.exposure.kinds import kind_names
from riskzoning.hazards import HAZARDS
from riskzoning.names import MULTI, Index, Measure
from riskzoning.report.facts import Class, Facts
from riskzoning.report.numbers import cell, percent, scaled, worded
from riskzoning.report.paper import Paper
from riskzoning.report.pictures import Pictures
from riskzoning.report.shading import Shaded

_TOP, _NAMED = 8, 5
_BY_GRADE = ("code", "level", "hazard", "quantity", "grade", "value")

_RULES = ("level", "hazard", "receptor", "indicator", "rule", "units", "differing", "share", "lower", "higher", "far")


def summary(paper: Paper, facts: Facts) -> None:
    """The three questions of a planner: where it is worst, what is in danger there, what to do."""
    paper.heading(facts.say("summary"))
    for title, lines in (
        ("where_worst", [*_worst(facts), *_losses(facts)]),
        ("what_exposed", [*_high_units(facts), *_objects(facts)]),
        ("what_to_do", [*_weak(facts), *_dangers(facts), *_targets(facts), *_zones(facts)]),
    ):
        if lines:
            paper.text(facts.say(title), bold=True)
            paper.bullets(lines)
    paper.text(facts.say("summary_note"), faint=True)


def _chief(facts: Facts) -> Index | None:
    """The index that ranks the units: of all hazards together, or of the only one."""
    return facts.whole(facts.hazards[-1]) if facts.hazards else None


def _worst(facts: Facts) -> list[str]:
    index = _chief(facts)
    if index is None:
        return []
    frame = facts.frame(facts.finest)
    best = frame[frame[index.key].notna()].sort_values(index.key, ascending=False, kind="stable").head(_NAMED)
    names = [facts.named(str(code)) for code in best.index]
    level, title = facts.level_name(facts.finest), index.hazard_title(facts.lang)
    return [facts.say("worst", hazard=title, level=level, names=facts.listed(names))] if names else []


def _losses(facts: Facts) -> list[str]:
    column, whole = Measure("eal", MULTI).key, facts.frame(facts.result.levels[0])
    if column not in whole or not float(total := whole[column].sum()) > 0:
        return []
    own = {hazard: Measure("eal", hazard).key for hazard in facts.result.hazards}
    parts = [
        facts.say("part", name=facts.hazard_name(hazard), value=worded(float(whole[key].sum()), facts.lang))
        for hazard, key in own.items()
        if key in whole
    ]
    return [facts.say("losses", total=worded(total, facts.lang), parts=facts.listed(parts))]


def _high_units(facts: Facts) -> list[str]:
    """Units in the upper two classes, with their people."""
    index = _chief(facts)
    if index is None or index.classes < 3:
        return []
    frame = facts.frame(facts.finest)
    grades = frame[index.grade_key].fillna(0).astype(int)
    high = grades >= index.classes - 1
    classes = facts.classes(index)
    values = {"grade": classes[1].name, "hazard": index.hazard_title(facts.lang), "units": int(high.sum())}
    text = facts.say("high_units", all=len(frame), level=facts.level_name(facts.finest), **values)
    if "population" in frame and float(total := frame["population"].sum()) > 0:
        people = float(frame.loc[high, "population"].sum())
        text += facts.say("with_people", people=worded(people, facts.lang), share=percent(people / total))
    return [text + facts.say("stop")]


def _objects(facts: Facts) -> list[str]:
    table = facts.objects
    high = table[table["max_grade"] >= facts.exposed_from()]
    if table.empty:
        return []
    counts = high["kind"].value_counts(sort=True)
    kinds = [facts.say("of_kind", kind=kind_names(str(kind))[facts.lang], count=int(n)) for kind, n in counts.items()]
    grade = next(item.name for item in facts.five if item.grade == facts.exposed_from())
    values = {"grade": grade, "count": cell(len(high)), "all": cell(len(table))}
    if high.empty:
        return [facts.say("no_high_objects", **values)]
    # Which hazard it is decides what is to be done.
    main = high["main_hazard"].value_counts(sort=True) if "main_hazard" in high else pd.Series(dtype=int)
    hazards = [facts.say("of_kind", kind=facts.hazard_name(str(hazard)), count=int(n)) for hazard, n in main.items()]
    return [facts.say("high_objects", kinds=facts.listed(kinds[:6]), hazards=facts.listed(hazards), **values)]


def _weak(facts: Facts) -> list[str]:
    """Units of weak capacity, and those of them where the risk is high."""
    table = facts.table("capacity", "code", "level", "block", "grade")
    own = table[(table["level"] == facts.finest) & (table["grade"].isin([1, 2]))]
    weak = list(dict.fromkeys(own["code"].astype(str)))
    index = _chief(facts)
    if not weak or index is None:
        return []
    grades = facts.frame(facts.finest)[index.grade_key].fillna(0).astype(int)
    both = [code for code in weak if code in grades.index and grades[code] >= index.classes - 1]
    lines = [facts.say("weak", count=len(weak), level=facts.level_name(facts.finest))]
    if both:
        names = facts.listed([facts.named(code) for code in both], most=8)
        lines.append(facts.say("weak_and_high", count=len(both), names=names))
    return lines


def _dangers(facts: Facts) -> list[str]:
    table = facts.table("hidden_dangers", "code", "level", "dangers", "major", "people", "unresolved")
    own = table[table["level"] == facts.middle]
    if own.empty:
        return []
    total = float(own["dangers"].sum())
    still = float((own["dangers"] * pd.to_numeric(own["unresolved"], errors="coerce").fillna(0)).sum())
    people = worded(float(own["people"].sum()), facts.lang)
    share = percent(still / total) if total else percent(0)
    return [facts.say("dangers", count=cell(total), major=cell(float(own["major"].sum())), people=people, share=share)]


def _targets(facts: Facts) -> list[str]:
    table = facts.table("targets", "indicator", "target", "value", "met", "units")
    missed = table[table["met"].eq(False)]
    words = [
        facts.say(
            "missed",
            name=facts.indicator(str(row["indicator"])),
            value=cell(row["value"]),
            target=cell(row["target"]),
            units=facts.target_units(str(row["units"])),
        )
        for row in missed.to_dict("records")
    ]
    return [facts.say("targets_missed", names=facts.listed(words))] if words else []


def _zones(facts: Facts) -> list[str]:
    zones = facts.result.zones.get("zone_prevention")
    if zones is None or not {"grade", "hazard", "name"} <= set(zones.columns):
        return []
    first = zones[(zones["grade"] == 3) & (zones["hazard"] == MULTI)]
    column = "name_en" if facts.lang == "en" and "name_en" in first else "name"
    names = facts.listed([str(name) for name in first[column]], most=8)
    return [facts.say("first_zones", count=len(first), names=names)] if len(first) else []


def hazard_chapters(paper: Paper, facts: Facts, pictures: Pictures) -> None:
    """One chapter for the hazards, a section each; all of them together in the end."""
    paper.heading(facts.say("hazards"))
    for number, hazard in enumerate(facts.hazards):
        index = facts.whole(hazard)
        assert index is not None
        title = facts.say("section_multi") if hazard == MULTI else facts.hazard_name(hazard)
        paper.heading(title, 2, new_page=number > 0)
        if hazard in HAZARDS:
            paper.text(facts.say("method", text=str(HAZARDS[hazard].method[facts.lang])))
        if hazard == MULTI:
            _combination(paper, facts)
        _map(paper, facts, pictures, index)
        _units_by_grade(paper, facts, index)
        _ranking(paper, facts, index)
    # Short tables of the same form: together, not each on a page of its own behind its map.
    others = [
        (index, rows) for hazard in facts.hazards if (index := facts.whole(hazard)) and (rows := _rules(facts, index))
    ]
    if others:
        paper.heading(facts.say("section_rules"), 2, new_page=True)
    for index, rows in others:
        _by_rules(paper, facts, index, rows)


def _combination(paper: Paper, facts: Facts) -> None:
    """How the hazards were brought together, and with which weights."""
    stated = facts.result.record.get("study", {}).get("risk", {}).get("combine")
    if stated is None:
        return
    words = standards.names("combine", str(stated), facts.lang)
    table = facts.table("weights", "hazard", "weight")
    weights = [
        facts.say("weight_of", hazard=facts.hazard_name(str(hazard)), weight=float(weight))
        for hazard, weight in zip(table["hazard"], table["weight"], strict=True)
    ]
    paper.text(facts.say("method", text=words))
    if weights:
        paper.text(facts.say("weights_of_hazards", weights=facts.listed(weights)))


def _rules(facts: Facts, index: Index) -> list[list[str | Shaded]]:
    """How many of the smallest units each other rule of grading would grade otherwise; nothing where none does."""
    table = facts.table("rule_disagreement", *_RULES)
    own = table[
        (table["level"] == facts.finest) & (table["hazard"] == index.hazard)
        & (table["receptor"].fillna("") == "") & (table["indicator"] == index.grade_quantity) & (table["units"] > 0)
    ]  # fmt: skip
    if own.empty or not (own["differing"] > 0).any():
        return []
    return [
        [
            standards.names("unit_rule", str(row["rule"]), facts.lang), cell(row["units"]), cell(row["differing"]),
            percent(float(row["share"])), cell(row["lower"]), cell(row["higher"]), cell(row["far"]),
        ]
        for _, row in own.iterrows()
    ]  # fmt: skip


def _by_rules(paper: Paper, facts: Facts, index: Index, rows: list[list[str | Shaded]]) -> None:
    keys = ("unit_rule", "units_compared", "graded_otherwise", "share", "graded_lower", "graded_higher", "graded_far")
    title = facts.say("by_rules", hazard=index.hazard_title(facts.lang), level=facts.level_name(facts.finest))
    paper.table(title, [facts.say(key) for key in keys], rows, widths=[2.8, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def _map(paper: Paper, facts: Facts, pictures: Pictures, index: Index) -> None:
    image = pictures.of(index)
    title = facts.say("map_of", index=f"{index.hazard_title(facts.lang)} {index.title(facts.lang)}")
    if image is None:
        paper.text(facts.say("no_map"), faint=True)
    else:
        paper.picture(image, title, width=14.6)


def _units_by_grade(paper: Paper, facts: Facts, index: Index) -> None:
    """How many units, how many people and how much ground are in each class."""
    frame, level = facts.frame(facts.finest), facts.level_name(facts.finest)
    grades = frame[index.grade_key].fillna(0).astype(int)
    people = frame["population"] if "population" in frame else pd.Series(float("nan"), index=frame.index)
    area = _areas(facts).reindex(frame.index.astype(str)).to_numpy()
    by = pd.DataFrame({"grade": grades.to_numpy(), "people": people.to_numpy(dtype=float), "area": area})
    sums = by.groupby("grade").agg(units=("grade", "size"), people=("people", "sum"), area=("area", "sum"))
    totals = by[["people", "area"]].sum()
    rows: list[list[str | Shaded]] = []
    for item in [*facts.classes(index), None]:
        grade = 0 if item is None else item.grade
        if item is None and grade not in sums.index:
            continue
        units, persons, ground = sums.loc[grade] if grade in sums.index else (0, 0.0, 0.0)
        shown: str | Shaded = facts.say("ungraded") if item is None else Shaded(item.name, item.colour)
        shares = [
            percent(part / whole) if whole > 0 else ""
            for part, whole in ((persons, totals["people"]), (ground, totals["area"]))
        ]
        rows.append([shown, cell(units), cell(persons) if totals["people"] > 0 else cell(None), shares[0],
                     cell(ground) if totals["area"] > 0 else cell(None), shares[1]])  # fmt: skip
    keys = ("grade", "unit_count", "people", "share", "area", "share")
    columns = [facts.say(key, level=level) for key in keys]
    paper.table(
        facts.say(
            "units_by_grade", index=index.grade_title(facts.lang), hazard=index.hazard_title(facts.lang), level=level
        ),
        columns,
        rows,
    )


def _areas(facts: Facts) -> pd.Series:
    """Ground of each unit: what of it lies in all classes of a hazard."""
    table = facts.table("exposure_by_grade", *_BY_GRADE)
    own = table[(table["quantity"] == "area_km2") & (table["level"] == facts.finest)]
    if own.empty:
        return pd.Series(dtype=float)
    first = own[own["hazard"] == own["hazard"].iloc[0]]
    return first.groupby(first["code"].astype(str))["value"].sum()


def _ranking(paper: Paper, facts: Facts, index: Index) -> None:
    """The units of the highest index."""
    frame = facts.frame(facts.finest)
    best = frame[frame[index.key].notna()].sort_values(index.key, ascending=False, kind="stable").head(_TOP)
    if len(frame) < 2 or best.empty:
        return
    classes, loss = facts.classes(index), Measure("eal", index.hazard).key
    factor, heading = scaled("eal", facts.lang)
    columns = [
        facts.say("rank"),
        facts.level_name(facts.finest),
        facts.say("grade"),
        facts.say("index"),
        facts.say("people"),
        heading,
    ]
    with_loss = loss in best and bool(best[loss].notna().any())
    rows: list[list[str | Shaded]] = []
    for place, (code, row) in enumerate(best.iterrows(), start=1):
        cells = [
            str(place),
            facts.named(str(code)),
            facts.graded(classes, row[index.grade_key]),
            f"{row[index.key]:.3f}",
            cell(row.get("population")),
        ]
        rows.append([*cells, cell(row[loss] / factor)] if with_loss else cells)
    wide = [0.6, 2.6, 1.0, 1.0, 1.4, 1.6] if with_loss else [0.6, 2.6, 1.0, 1.0, 1.4]
    title = facts.say(
        "ranking", hazard=index.hazard_title(facts.lang), level=facts.level_name(facts.finest), count=len(best)
    )
    paper.table(title, columns if with_loss else columns[:-1], rows, widths=wide, left=2)


def exposure_by_grade(paper: Paper, facts: Facts) -> None:
    """For every exposed count a table: hazards, and how much lies in each of their classes."""
    table = facts.table("exposure_by_grade", *_BY_GRADE)
    whole = table[table["level"] == facts.result.levels[0]]
    if whole.empty:
        return
    paper.heading(facts.say("exposure"))
    paper.text(facts.say("exposure_about"))
    for quantity in dict.fromkeys(whole["quantity"]):
        own = whole[whole["quantity"] == quantity]
        factor, heading = scaled(str(quantity), facts.lang)
        sums = own.pivot_table(index="hazard", columns="grade", values="value", aggfunc="sum").fillna(0.0)
        if not float(sums.to_numpy().sum()) > 0:
            continue
        hazards = [str(hazard) for hazard in dict.fromkeys(own["hazard"])]
        most = max(len(_hazard_classes(facts, hazard)) for hazard in hazards)
        rows = [_exposed_row(facts, hazard, sums.loc[hazard], factor, most) for hazard in hazards]
        columns = [
            facts.say("hazard"),
            *(facts.say("class_of", number=number) for number in range(1, most + 1)),
            facts.say("ungraded"),
            facts.say("total"),
        ]
        wide = [1.5, *([1.2] * most), 1.0, 1.2]
        paper.table(facts.say("exposed_table", quantity=heading), columns, rows, widths=wide)


def _hazard_classes(facts: Facts, hazard: str) -> dict[int, Class]:
    index = facts.hazard_index(hazard)
    return {} if index is None else {item.grade: item for item in facts.classes(index)}


def _exposed_row(facts: Facts, hazard: str, sums: pd.Series, factor: float, most: int) -> list[str | Shaded]:
    """A hazard and what lies in each class, on its colours; one of fewer classes leaves the last empty."""
    classes = _hazard_classes(facts, hazard)
    cells: list[str | Shaded] = [facts.hazard_name(hazard)]
    for grade in range(1, most + 1):
        item = classes.get(grade)
        cells.append("" if item is None else Shaded(f"{item.name}\n{cell(sums.get(grade, 0.0) / factor)}", item.colour))
    return [*cells, cell(sums.get(0, 0.0) / factor), cell(float(sums.sum()) / factor)]
