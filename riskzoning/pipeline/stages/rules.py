"""Grades of the units by every rule that could have been chosen, and what lies in each grade of risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import risk
from riskzoning.coverage.class_sums import ClassAccumulator, ClassSums
from riskzoning.errors import Phrase, Problem, note
from riskzoning.limits import LISTED_UNITS
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.composed import AREA, composed_risks
from riskzoning.pipeline.stages.spoken import index_phrase
from riskzoning.pipeline.stages.streaming import Values
from riskzoning.pipeline.state import Assessed, Run
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.results import VILLAGE, Breaks
from riskzoning.zoning.rules import (
    Compared,
    Ruled,
    by_any_cell,
    by_children,
    by_class_share,
    by_own_breaks,
    by_value,
    disagreement,
    far_apart,
    side_by_side,
)
from riskzoning.zoning.scales import UnitGrades

ByIndex = Mapping[Index, Breaks]
# What is made of some indices, and kept: rows of units, counts, what is far apart.
_PARTS = ("listed", "summary", "apart")
_ABOUT = ["level", "hazard", "receptor", "indicator"]


class RuleSink:
    """Feeds what the units have of the classes of every index; ``weighing`` names the count that stands for each.

    Where units rank among themselves (``ranked``), cells are also cut where the units are: their own ranks are others.
    """

    def __init__(
        self, run: Run, breaks: ByIndex, weighing: Mapping[Index, str | None], ranked: Mapping[Index, UnitGrades]
    ) -> None:
        self._weighing = {index: weighing[index] for index in breaks}
        self._ranked = {index: made for index, made in ranked.items() if index in breaks and len(made.breaks)}
        classes = {index.key: len(rule.bounds) for index, rule in breaks.items()}
        classes |= {_ranked_key(index): len(made.breaks) for index, made in self._ranked.items()}
        self._sums = ClassAccumulator(run.setting.coverage, classes, threads=run.machine.workers)

    @property
    def names(self) -> tuple[str, ...]:
        """The layers that it takes."""
        keys = [key for index in self._weighing for key in (index.key, index.grade_key)]
        return (*keys, *dict.fromkeys(count for count in self._weighing.values() if count is not None))

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        bands = {
            index.key: (values[index.grade_key], values[index.key], None if count is None else values[count])
            for index, count in self._weighing.items()
        }
        for index, made in self._ranked.items():
            cut = grade_values(values[index.key], made.breaks, closed=made.closed)
            bands[_ranked_key(index)] = (cut, values[index.key], None)
        self._sums.update(first_row, bands)

    def sums(self) -> dict[str, ClassSums]:
        """What has been added up, by the key of the index."""
        return self._sums.result()


def _ranked_key(index: Index) -> str:
    return f"{index.key}@units"


def weighing_counts(indices: ByIndex, receptors: Mapping[str, str]) -> dict[Index, str | None]:
    """The count that stands for each index: that of its receptor, people where it has none, or what there is."""
    usual = receptors.get("population") or next(iter(receptors.values()), None)
    return {index: receptors.get(index.receptor or "", usual) for index in indices}


@dataclass(frozen=True)
class RuledUnits:
    """The units of a run and all that rules grade them by."""

    run: Run
    assessed: Assessed
    breaks: ByIndex
    grades: Mapping[Index, UnitGrades]
    sums: Mapping[str, ClassSums]

    def ground(self, index: Index) -> pd.DataFrame:
        """The ground of the units by class of an index as units are cut, 1, 2 ..., in cells."""
        held = self.sums.get(_ranked_key(index), self.sums[index.key]).ground[:, 1:]
        return pd.DataFrame(held, index=self.assessed.units.index, columns=range(1, held.shape[1] + 1))

    def column(self, values: np.ndarray) -> pd.Series[float]:
        """Numbers of the units as a column."""
        return pd.Series(values, index=self.assessed.units.index)


def rule_tables(ruled: RuledUnits) -> dict[str, pd.DataFrame]:
    """The tables ``grades_by_rule`` and ``rule_disagreement``, and the note of what is far apart.

    The part of the single hazards is kept: other weights leave it as it is.
    """
    setting = ruled.run.setting
    if not ruled.grades or not setting.levels:
        return {}
    single = [index for index in ruled.grades if index.hazard != MULTI]
    together = [index for index in ruled.grades if index.hazard == MULTI]
    parts = [frames_once(ruled.run, "rules", lambda: (_tables(ruled, single), {}))] if single else []
    parts += [_tables(ruled, together)] if together else []
    order = _Order(ruled)
    listed, summary, apart = (order.merged([part[name] for part in parts]) for name in _PARTS)
    _tell(setting.levels[0], len(setting.codes(setting.levels[0])), apart, list(ruled.grades))
    columns = ["code", *_ABOUT, "rule", "grade", "value", "difference"]
    return {"grades_by_rule": listed[columns], "rule_disagreement": summary}


def _tables(ruled: RuledUnits, indices: Sequence[Index]) -> Frames:
    """Of some indices: what is listed of the units, how many are graded otherwise, and what of that is far apart."""
    setting, values = ruled.run.setting, _values(ruled)
    everywhere = {index: _of_all_units(ruled, index, values[index]) for index in indices}
    villages = (VILLAGE,) if len(setting.villages) else ()
    tables = {level: _compared(ruled, level, everywhere) for level in (*setting.levels[::-1], *villages)}
    summary = pd.concat([disagreement(table, _ABOUT) for table in tables.values()], ignore_index=True)
    listed = pd.concat([_listed(table, len(setting.codes(level))) for level, table in tables.items()])
    listed["difference"] = listed["difference"].astype("Int64")
    apart = _apart(tables[setting.levels[0]])
    return dict(zip(_PARTS, (listed.reset_index(drop=True), summary, apart), strict=True))


class _Order:
    """The order of levels, units and indices in the tables of a run."""

    def __init__(self, ruled: RuledUnits) -> None:
        setting = ruled.run.setting
        levels = (*setting.levels[::-1], *((VILLAGE,) if len(setting.villages) else ()))
        self._levels = {level: at for at, level in enumerate(levels)}
        codes = [str(code) for level in levels for code in setting.codes(level).sort_values()]
        self._codes = {code: at for at, code in enumerate(dict.fromkeys(codes))}
        keys = [(index.hazard, index.receptor or "", index.grade_quantity) for index in ruled.grades]
        self._indices = pd.MultiIndex.from_tuples(keys)

    def merged(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Parts of a table as if all their indices had been looked at together."""
        parts = [part for part in parts if len(part)] or parts[:1]
        table = pd.concat(parts, ignore_index=True)
        if len(parts) < 2:
            return table
        about = pd.MultiIndex.from_frame(table[["hazard", "receptor", "indicator"]])
        keys: list[np.ndarray] = [np.asarray(self._indices.get_indexer(about))]
        keys += [table["code"].map(self._codes).to_numpy()] if "code" in table else []
        keys += [table["level"].map(self._levels).to_numpy()] if "level" in table else []
        return table.iloc[np.lexsort(keys)].reset_index(drop=True)


def tell_absent(ruled: RuledUnits) -> None:
    """Say which hazards have no cell with a value in any unit: that is no data, not safety."""
    hazards = [index for index in ruled.assessed.indices if index.what == "hazard" and index.hazard != MULTI]
    for index in (index for index in hazards if ruled.assessed.units[index.key].isna().all()):
        note(Problem("stage.hazard_without_cells", Phrase("hazard", name=index.hazard), severity="warning"))


def _compared(ruled: RuledUnits, level: str, everywhere: Mapping[Index, list[Ruled]]) -> pd.DataFrame:
    """The units of a level by every index and rule."""
    compared, below = [], _below(ruled, level)
    for index in everywhere:
        grades = ruled.grades[index]
        about = {"level": level, "hazard": index.hazard, "receptor": index.receptor or ""}
        about["indicator"] = index.grade_quantity
        rules = [*everywhere[index], *_of_larger_units(ruled, index, level, below)]
        compared += [Compared(about, rule, grades.codes[level]) for rule in rules]
    return side_by_side(ruled.run.setting.codes(level).sort_values(), compared)


def _listed(table: pd.DataFrame, units: int) -> pd.DataFrame:
    """Of a level with very many units, only those that a rule grades otherwise by more than a grade."""
    return table if units <= LISTED_UNITS else table[table["difference"].abs() > 1]


def _of_all_units(ruled: RuledUnits, index: Index, values: Mapping[str, pd.Series[float]]) -> list[Ruled]:
    """The rules that grade a unit of any level by its own ground, parts and people."""
    grades, ground = ruled.grades[index], ruled.ground(index)
    cut = Breaks("", tuple(map(float, grades.breaks)), grades.closed)
    return [by_class_share(ground), *(by_value(rule, values[rule], cut) for rule in values), by_any_cell(ground)]


def _of_larger_units(ruled: RuledUnits, index: Index, level: str, below: Below | None) -> Iterator[Ruled]:
    """The rules that need units below, or that see the units of one level alone."""
    if below is None:
        return
    setting, grades = ruled.run.setting, ruled.grades[index]
    codes = setting.codes(level)
    yield by_children(grades.codes[below.level], below.parents, below.areas, codes)
    if not ruled.breaks[index].given:
        values = ruled.assessed.units.loc[codes, index.key]
        own = by_own_breaks(values, setting.study.zoning.scheme, index.classes, grades.closed)
        if own is not None:
            yield own


@dataclass(frozen=True, eq=False)
class Below:
    """The units of the level below, as grades of that level list them: who stands above each, and its ground."""

    level: str
    parents: pd.Series[Any]
    areas: pd.Series[float]


def _below(ruled: RuledUnits, level: str) -> Below | None:
    setting = ruled.run.setting
    place = setting.all_levels.index(level) if level in setting.all_levels else 0
    if not place:
        return None
    children = setting.all_levels[place - 1]
    codes = next(iter(ruled.grades.values())).codes[children].index
    return Below(children, setting.units.loc[codes, "parent"], setting.coverage.areas.loc[codes])


def _values(ruled: RuledUnits) -> dict[Index, dict[str, pd.Series[float]]]:
    """The numbers by which units can be graded, by index and rule."""
    composed, exposed = _composed(ruled), _exposed(ruled)
    return {
        index: {
            **({"composed": composed[index]} if index in composed else {}),
            "area_mean": _area_mean(ruled, index),
            **({"exposed_mean": exposed[index]} if index in exposed else {}),
        }
        for index in ruled.grades
    }


def _area_mean(ruled: RuledUnits, index: Index) -> pd.Series[float]:
    """Means over the ground; those that are published as they are, since a break may lie on one of them."""
    published = index.what == "hazard" or ruled.run.setting.study.risk.rule_of_units == "area_mean"
    return ruled.assessed.units[index.key] if published else ruled.column(ruled.sums[index.key].mean)


def _composed(ruled: RuledUnits) -> dict[Index, pd.Series[float]]:
    """Risks composed of the parts of the units, whatever rule the study has chosen."""
    study, units = ruled.run.setting.study, ruled.assessed.units
    risks = [index for index in ruled.grades if index.what == "risk"]
    if study.risk.rule_of_units == "composed":
        return {index: units[index.key] for index in risks}
    if study.risk.form == "half_scaled":
        return {}
    hazards = [index for index in ruled.grades if index.what == "hazard" and index.hazard != MULTI]
    parts = {str(name): units[name] for name in units.columns}
    made = composed_risks(study, parts, hazards, _receptors(risks))
    own = {index: made[index.key] for index in risks if index.key in made}
    return own | _composites(ruled, own)


def _exposed(ruled: RuledUnits) -> dict[Index, pd.Series[float]]:
    """Indices of the cells weighted by what is exposed in them: where nothing is, there is no risk."""
    study = ruled.run.setting.study
    means = {index: ruled.column(ruled.sums[index.key].weighted) for index in ruled.grades}
    ground = {index: ruled.column(ruled.sums[index.key].mean) for index in ruled.grades}
    out: dict[Index, pd.Series[float]] = {}
    for index in (index for index in means if index.what == "hazard" and means[index].notna().any()):
        out[index] = means[index].fillna(ground[index])
    for index in (index for index in means if index.what == "risk" and index.hazard != MULTI and index.receptor):
        out[index] = means[index].fillna(ground[index] * 0.0)
    for index in (index for index in means if index.what == "risk" and index.hazard != MULTI and not index.receptor):
        each = {one.receptor: out[one] for one in out if one.receptor and one.hazard == index.hazard}
        if each:
            named = {str(receptor): values for receptor, values in each.items()}
            out[index] = risk.mean_receptor_index(named, weights=study.receptor_weights(index.hazard))
    return out | _composites(ruled, out)


def _composites(ruled: RuledUnits, own: Mapping[Index, pd.Series[float]]) -> dict[Index, pd.Series[float]]:
    """All hazards together, of the risks of each."""
    stated, method = ruled.assessed.weights, ruled.run.setting.study.risk.combine_cells
    if method != ruled.run.setting.study.risk.combine or ruled.run.setting.study.risk.chains is not None:
        # What stands on another scale, or on raised risks, is no other reading of the same.
        return {}
    weights = dict(zip(stated["hazard"].astype(str), stated["weight"].astype(float), strict=True))
    out: dict[Index, pd.Series[float]] = {}
    for index in (index for index in ruled.grades if index.what == "risk" and index.hazard == MULTI):
        each = {name: own.get(replace(index, hazard=name)) for name in weights}
        known = {name: values for name, values in each.items() if values is not None}
        if known and len(known) == len(each):
            out[index] = risk.combine_hazards(known, weights, method=method)
    return out


def _receptors(risks: list[Index]) -> list[str]:
    return list(dict.fromkeys(index.receptor for index in risks if index.receptor))


def _apart(table: pd.DataFrame) -> pd.DataFrame:
    """In how many units of a level each rule is more than a grade apart, where it is (receptors left out)."""
    rows = [
        {"hazard": hazard, "receptor": "", "indicator": indicator, "rule": rule, "count": len(codes)}
        for (hazard, indicator), part in table[table["receptor"] == ""].groupby(["hazard", "indicator"], sort=False)
        for rule, codes in far_apart(part).items()
    ]
    return pd.DataFrame(rows, columns=["hazard", "receptor", "indicator", "rule", "count"])


def _tell(level: str, units: int, apart: pd.DataFrame, indices: Sequence[Index]) -> None:
    """Say of which grades of a level the rules are more than a grade apart, and in how many units."""
    called = {(index.hazard, index.grade_quantity): index_phrase(index) for index in indices if index.receptor is None}
    told = [
        Phrase(
            "rule_apart",
            name=called[row["hazard"], row["indicator"]],
            rule=Phrase(f"rule_{row['rule']}"),
            count=int(row["count"]),
        )
        for row in apart.to_dict("records")
    ]
    if told:
        thing = Phrase("grades_of_level", level=level)
        note(Problem("stage.rules_apart", thing, severity="info", count=units, apart=told))


def risk_by_grade(ruled: RuledUnits, sums: pd.DataFrame, counts: Mapping[Index, str | None]) -> dict[str, pd.DataFrame]:
    """The table ``risk_by_grade``: ground and people in each grade of risk of the units.

    Grade 0 has no data; the rows of a unit add up to its total.
    """
    setting = ruled.run.setting
    areas = setting.coverage.areas / 1e6
    cell = abs(setting.grid.affine.a * setting.grid.affine.e) / 1e6
    parts = []
    for index in (index for index in ruled.grades if index.what == "risk" and index.receptor is None):
        held = {AREA: (ruled.sums[index.key].ground * cell, areas)}
        count = counts[index]
        if count is not None and count in sums:
            held[count] = (ruled.sums[index.key].held, sums[count].fillna(0.0))
        for level in reversed(setting.levels):
            codes = setting.codes(level)
            if len(codes) > LISTED_UNITS:
                continue
            at = ruled.assessed.units.index.get_indexer(codes)
            for quantity, (values, totals) in held.items():
                rows = _by_grade(values[at], totals.loc[codes])
                parts.append(rows.assign(level=level, hazard=index.hazard, quantity=quantity))
    names = ["code", "level", "hazard", "quantity", "grade", "value", "share"]
    return {"risk_by_grade": pd.concat(parts, ignore_index=True)[names]} if parts else {}


def _by_grade(values: np.ndarray, totals: pd.Series[float]) -> pd.DataFrame:
    """What units have in each class; what no class has is without data."""
    whole = totals.to_numpy(dtype=np.float64)
    known = values[:, 1:]
    rest = whole - known.sum(axis=1)
    # What is left of two equal sums is rounding, not people.
    rest = np.where(np.abs(rest) > 1e-9 * np.abs(whole), rest, 0.0)
    every = np.column_stack([rest, known])
    shares = every / np.where(whole > 0, whole, np.nan)[:, None]
    codes, grades = np.meshgrid(totals.index.astype(str), range(every.shape[1]), indexing="ij")
    columns = {"code": codes, "grade": grades, "value": every, "share": shares}
    return pd.DataFrame({name: column.ravel() for name, column in columns.items()})
