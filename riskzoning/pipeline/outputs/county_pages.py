"""Pages of the atlas for each unit of the middle level: its parts on a map, with their grades of every hazard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.maps.backdrop import backdrop_of
from riskzoning.maps.county_pages import MOST_ROWS, WINDOW, Cell, CountyPage
from riskzoning.maps.fonts import with_cjk_font
from riskzoning.maps.frame import Frame
from riskzoning.maps.furniture import words
from riskzoning.maps.surroundings import SIZES, letters_of
from riskzoning.names import MULTI, WORKS, Measure
from riskzoning.report.facts import Class, Facts
from riskzoning.report.numbers import cell, scaled, worded

# Names may be larger than on the sheet of the whole.
_LARGER = 1.35
_EAL = Measure("eal", MULTI).key


def county_pages(facts: Facts, size: str) -> Iterator[CountyPage]:
    """A page for each unit between the whole and the smallest parts, in the order of their codes; none without such."""
    levels = facts.result.levels
    hazards = [MULTI, *(hazard for hazard in facts.hazards if hazard != MULTI)]
    hazards = [hazard for hazard in hazards if facts.whole(hazard) is not None]
    if len(levels) < 2 or facts.middle == facts.finest or not hazards:
        return
    parts = facts.frame(facts.finest)
    order = _order(facts, facts.middle, hazards[0])
    for code in facts.frame(facts.middle).index:
        own = parts[parts["parent"].astype(str) == str(code)]
        if len(own):
            yield _page(facts, str(code), own, hazards, size, order)


def _order(facts: Facts, level: str, hazard: str) -> dict[str, int]:
    """Place of each unit of a level by the index of a hazard, the highest first."""
    index, frame = facts.whole(hazard), facts.frame(level)
    if index is None or index.key not in frame:
        return {}
    values = frame[index.key].dropna().sort_values(ascending=False, kind="stable")
    return {str(code): place for place, code in enumerate(values.index, start=1)}


def _page(
    facts: Facts, code: str, own: gpd.GeoDataFrame, hazards: Sequence[str], size: str, order: dict[str, int]
) -> CountyPage:
    lead = facts.whole(hazards[0])
    assert lead is not None
    classes = facts.classes(lead)
    if lead.key in own:
        own = own.sort_values(lead.key, ascending=False, kind="stable")
    shown = own.head(MOST_ROWS)
    grades = own[lead.grade_key] if lead.grade_key in own else pd.Series(np.nan, index=own.index)
    unit, crs, level = facts.names.get(code, code), str(facts.result.grid.crs), facts.level_name(facts.finest)
    quantities = [name for name in ("population", _EAL) if name in own]
    cut = facts.say("atlas_county_cut", shown=len(shown), count=len(own)) if len(shown) < len(own) else ""
    return CountyPage(
        title=facts.say("atlas_county", unit=unit, level=level),
        subtitle=_subtitle(facts, code, hazards[0], order),
        units=own[["geometry"]].to_crs(crs),
        colours=[_of(classes, grade).colour for grade in grades],
        backdrop=_backdrop(facts, code, own, size),
        legend=[*((one.name, one.colour) for one in classes), (words("no_data", facts.lang), _of([], np.nan).colour)],
        heads=_heads(facts, quantities, hazards),
        rows=[_row(facts, shown.loc[at], quantities, hazards) for at in shown.index],
        numbers=len(quantities),
        note=facts.say("atlas_county_note") + cut,
    )  # fmt: skip


def _scaled(quantity: str, lang: str) -> tuple[float, str]:
    return scaled("eal" if quantity == _EAL else quantity, lang)


def _row(facts: Facts, unit: Any, quantities: Sequence[str], hazards: Sequence[str]) -> list[Cell]:
    numbers = [Cell(cell(_rounded(unit[name], _scaled(name, facts.lang)[0]))) for name in quantities]
    grades = []
    for hazard in hazards:
        index = facts.whole(hazard)
        assert index is not None
        own = _of(facts.classes(index), unit.get(index.grade_key))
        grades.append(Cell(own.name if own.grade else "", own.colour))
    return [Cell(facts.names.get(str(unit.name), str(unit.name))), *numbers, *grades]


def _heads(facts: Facts, quantities: Sequence[str], hazards: Sequence[str]) -> list[str]:
    """Headings of the columns; hazards have their short names, so that none is broken in a word."""
    short = [facts.short_name(hazard) for hazard in hazards]
    return [facts.say("name"), *(_scaled(quantity, facts.lang)[1] for quantity in quantities), *short]


def _rounded(value: Any, factor: float) -> Any:
    return value if pd.isna(value) else round(float(value) / factor, 4)


def _of(classes: Sequence[Class], grade: Any) -> Class:
    """The class of a grade; no data has a colour of its own."""
    known = None if grade is None or pd.isna(grade) else next((one for one in classes if one.grade == int(grade)), None)
    return known or Class(0, "", str(standards.table("palettes/grades").data["no_data"]))


def _subtitle(facts: Facts, code: str, hazard: str, order: dict[str, int]) -> str:
    """What the unit is as a whole: its grade and place among its kind, people, loss of a year."""
    row, index = facts.frame(facts.middle).loc[code], facts.whole(hazard)
    assert index is not None
    own = _of(facts.classes(index), row.get(index.grade_key))
    said = []
    if own.grade:
        said.append(facts.say("atlas_county_grade", hazard=facts.hazard_name(hazard), grade=own.name))
    if code in order:
        said.append(facts.say("atlas_county_place", place=order[code], count=len(order)))
    for name, key in (("population", "atlas_county_people"), (_EAL, "atlas_county_loss")):
        if name in row and pd.notna(row[name]):
            said.append(facts.say(key, value=worded(float(row[name]), facts.lang)))
    return facts.say("atlas_county_joint").join(said)


def _backdrop(facts: Facts, code: str, own: gpd.GeoDataFrame, size: str) -> Any:
    """Lines, names, rivers and works of one unit, at the largest round scale."""
    result, crs = facts.result, str(facts.result.grid.crs)
    whole = facts.frame(facts.middle).loc[[code], ["name", "geometry"]]
    outlines = pd.concat([whole.assign(level="city"), own[["name", "geometry"]].assign(level="township")])
    width, height = (25.4 * side for side in SIZES[size])
    bounds = whole.to_crs(crs).total_bounds
    frame = Frame.around(bounds, width=WINDOW[2] * width, height=WINDOW[3] * height)
    works = {kind: result.context[kind] for kind in WORKS if kind in result.context}
    # Names are measured with the font that they are drawn with.
    with with_cjk_font():
        made = backdrop_of(
            frame, crs, outlines=outlines, rivers=result.context.get("rivers"), size=size,
            scale=_LARGER * letters_of(size), works=works,
        )  # fmt: skip
    names = {}
    for level, rank in ((facts.middle, "city"), (facts.finest, "township")):
        if level in result.level_names:
            names[rank] = {lang: result.level_name(level, lang) for lang in ("zh", "en")}
        elif rank == "city":
            names[rank] = dict(standards.table("names/maps").data["county"])
    return replace(made, level_names=names)
