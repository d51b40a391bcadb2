"""What every chapter of the report asks: names, classes, tables, counts; numbers come from the tables of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LANGUAGES, counted
from riskzoning.names import MULTI, Index
from riskzoning.report.numbers import GAP
from riskzoning.report.shading import Shaded
from riskzoning.results import StudyResult
from riskzoning.surveys.titles import form_title

_FORMS = "survey_forms/"


@dataclass(frozen=True)
class Class:
    """A class of an index: its number, name and colour."""

    grade: int
    name: str
    colour: str


@dataclass(frozen=True)
class Facts:
    """A result, read in a language."""

    result: StudyResult
    lang: str

    def say(self, key: str, **values: object) -> str:
        """A sentence or a word of the report."""
        text = str(standards.table("names/report").data["words"][key][self.lang])
        return counted(text, values, self.lang).format(**values)

    def listed(self, names: Sequence[str], *, most: int = 0) -> str:
        """Names one after the other; after ``most`` of them how many more there are."""
        comma = self.say("comma")
        if most and len(names) > most:
            return self.say("and_more", names=comma.join(names[:most]), count=len(names) - most)
        return comma.join(names)

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """A table of the run, empty where there is none or where it lacks a column."""
        table = self.result.tables.get(name)
        if table is None or not set(columns) <= set(table.columns):
            return pd.DataFrame(columns=list(columns))
        return pd.DataFrame(table)

    # ---- units ----
    @property
    def finest(self) -> str:
        """The level of the smallest units."""
        return self.result.levels[-1]

    @property
    def middle(self) -> str:
        """The level above the finest, or the finest itself where there is no other but the whole."""
        levels = self.result.levels
        return levels[-2] if len(levels) > 2 else levels[-1]

    def level_name(self, level: str) -> str:
        """What a level is called."""
        return self.result.level_name(level, self.lang)

    def frame(self, level: str) -> gpd.GeoDataFrame:
        """The units of a level."""
        return self.result.units[level]

    @cached_property
    def names(self) -> dict[str, str]:
        """Code -> name of every unit."""
        frames = (self.result.units[level] for level in self.result.levels)
        return {str(code): str(name) for frame in frames for code, name in unit_names(frame).items()}

    def named(self, code: str) -> str:
        """A unit as people call it, with the one above it."""
        parent = self.parents.get(code, "")
        return (
            f"{self.names.get(parent, '')} {self.names.get(code, code)}".strip()
            if self.shows_parent(code)
            else self.names.get(code, code)
        )

    def shows_parent(self, code: str) -> bool:
        """Whether the unit is of the finest of several levels: the same name occurs in many of those above."""
        return len(self.result.levels) > 2 and code in self.frame(self.finest).index

    @cached_property
    def parents(self) -> dict[str, str]:
        """Code -> code of the unit above."""
        frames = (self.result.units[level] for level in self.result.levels)
        return {str(code): str(parent) for frame in frames for code, parent in frame["parent"].items()}

    # ---- hazards and classes ----
    @cached_property
    def hazards(self) -> list[str]:
        """Hazards that have an index of the units, all of them together last."""
        return [hazard for hazard in (*self.result.hazards, MULTI) if self.whole(hazard) is not None]

    def whole(self, hazard: str) -> Index | None:
        """The index that a hazard is zoned by: its risk, without anything exposed the hazard itself."""
        own = [index for index in self.result.indices if index.hazard == hazard and index.receptor is None]
        own.sort(key=lambda index: index.what != "risk")
        columns = set(self.frame(self.finest).columns)
        return next((index for index in own if index.grade_key in columns), None)

    def hazard_index(self, hazard: str) -> Index | None:
        """The index of the hazard itself."""
        own = [index for index in self.result.indices if (index.hazard, index.what) == (hazard, "hazard")]
        return own[0] if own else None

    def hazard_name(self, hazard: str) -> str:
        """What a hazard is called."""
        index = self.whole(hazard) or self.hazard_index(hazard)
        return index.hazard_title(self.lang) if index else standards.names("hazard", hazard, self.lang)

    def short_name(self, hazard: str) -> str:
        """What a hazard is called where there is little room."""
        own = standards.table("names/common").data["hazard_short"].get(hazard)
        return str(own[self.lang]) if own else self.hazard_name(hazard)

    def classes(self, index: Index) -> list[Class]:
        """Classes of an index, the highest first."""
        names = standards.table("grades/schemes").data[index.scheme]["names"]
        colours = standards.palette_colours(index.palette, index.classes, zero=index.has_none)
        return [Class(g, str(names[g][self.lang]), colours[g - 1]) for g in range(index.classes, 0, -1)]

    @cached_property
    def five(self) -> list[Class]:
        """The five classes that all hazards meet in, the highest first."""
        names = standards.table("grades/schemes").data["risk_5"]["names"]
        colours = standards.palette_colours("risk_5", 5)
        return [Class(g, str(names[g][self.lang]), colours[g - 1]) for g in range(5, 0, -1)]

    def graded(self, classes: Sequence[Class], grade: Any) -> str | Shaded:
        """A cell of a table with the name and the colour of a grade."""
        if grade is None or pd.isna(grade):
            return GAP
        own = next((item for item in classes if item.grade == int(grade)), None)
        return GAP if own is None else Shaded(own.name, own.colour)

    def indicator(self, key: str) -> str:
        """What an indicator of the plan is called."""
        names = standards.table("grades/plan_targets").data
        return str(names[key][self.lang]) if key in names else key

    def target_units(self, units: str) -> str:
        """Units of a target in words."""
        own = standards.table("names/report").data["target_units"]
        return str(own.get(units, units)) if self.lang == "zh" else units

    def table_title(self, name: str, title: str) -> str:
        """What a table of standards is called: a survey form as the form is, one of the study's own by its title."""
        titles = standards.table("names/report").data["table_titles"]
        if self.lang != "zh" or name in titles:
            return str(titles[name]) if self.lang == "zh" else title
        form = name.removeprefix(_FORMS)
        called = form_title(form, self.lang) if form != name else name
        return self.say("survey_form", name=called) if called not in (form, name) else title

    def plan_class(self, key: str, plan: str) -> str:
        """What a class of plans is called; one of the study's own by the name of its plan."""
        classes = standards.table("zoning/planning").data["classes"]
        return str(classes[key][self.lang]) if key in classes else plan

    def called(self, part: str, key: str) -> str:
        """A word of a part of ``names/report``; what is not there stays as it is."""
        words = standards.table("names/report").data[part]
        return str(words[key][self.lang]) if key in words else key

    def reads(self, text: str, name: str) -> str:
        """Words of a table of standards, which stand in the language of the run, in that of the report."""
        known = {entry[other]: entry for entry in _spoken(standards.table(name).data) for other in LANGUAGES}
        if text in known:
            return str(known[text][self.lang])
        parts = text.replace(", ", "、").split("、")
        if not any(part in known for part in parts):
            return text
        return {"zh": "、", "en": ", "}[self.lang].join(
            str(known[part][self.lang]) if part in known else part for part in parts
        )

    # ---- surveys ----
    @cached_property
    def objects(self) -> pd.DataFrame:
        """The table of objects."""
        return self.table("objects", "kind", "name", "max_grade", "people")

    def exposed_from(self) -> int:
        """The grade of five from which an object is exposed."""
        return int(standards.table("exposure/objects").data["exposed_from"])


def _spoken(data: object) -> Iterator[Mapping[str, str]]:
    """Every entry of a table, however deep, that has its words in both languages."""
    if isinstance(data, Mapping):
        if set(LANGUAGES) <= set(data):
            yield data
        for inner in data.values():
            yield from _spoken(inner)
