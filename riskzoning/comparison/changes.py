"""What changed between two runs: a row for each unit, index and cause, whose steps lead from one value to the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from riskzoning.comparison.differences import BREAK, CODE, METHOD, PARAMETER, WEIGHT, Because, Differences, Feed
from riskzoning.comparison.path import MADE_AGAIN, SAME, WHOLE, Ends, Grades, Leg, Numbers, legs, moved, regraded
from riskzoning.comparison.recomputing import Kitchen, Recipe, recipes
from riskzoning.comparison.runs import ComparedRun, compared
from riskzoning.comparison.units import Matched, matched
from riskzoning.exposure import RECEPTORS
from riskzoning.names import MULTI, Column, Index, Measure, indices_of
from riskzoning.results import Breaks, StudyResult

COLUMNS = (
    "code", "name", "level", "hazard", "receptor", "indicator", "step", "before", "after", "change", "grade_before",
    "grade_after", "cause", "part", "detail",
)  # fmt: skip
_UNIT = "unit"
# The weights of receptors for one hazard alone.
_OF_RECEPTORS = re.compile(r"hazards\.\w+\.receptors(\.|$)")


@dataclass(frozen=True)
class Comparison:
    """Two runs and the table of what changed between them.

    Parameters
    ----------
    before, after : ComparedRun
    changes : DataFrame
        As :func:`compare_runs` gives it.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> both = compare(toy_result(), toy_result())
    >>> len(both.changes), both.after.levels
    (0, ('city', 'county', 'township'))
    """

    before: ComparedRun
    after: ComparedRun
    changes: pd.DataFrame


def compare_runs(run_a: StudyResult | str | Path, run_b: StudyResult | str | Path) -> pd.DataFrame:
    """What changed between two runs, unit by unit, with its cause; no row where nothing did.

    A value that changed for several reasons has a row for each: the steps lead from the value of the first run to that
    of the second, so that their changes add up to the whole. They are taken in the order input, table, parameter,
    method, weight, break, each computed from the stored parts of both runs: the composite of the first run made with
    the weights of the second is the step ``weight``, its value graded by the breaks of the second the step ``break``.

    Parameters
    ----------
    run_a, run_b : StudyResult or path
        Results, or folders of runs with their tables; before and after.

    Returns
    -------
    DataFrame
        ``code name level hazard receptor indicator``: what changed (``unit``: the unit itself). ``step before after
        change``: number and values of the step, in the units of the indicator; NaN where there is none.
        ``grade_before grade_after``: grades at both ends of the step, 0 = none, missing for what has no grades.
        ``cause``: ``code`` (unit new, lost, renamed), ``input`` (a file or what the study says of it), ``table`` (of
        standards), ``parameter`` (a key of the study), ``method`` (form, rule or combination of risk), ``weight``,
        ``break``, ``program`` (another version); several joined by ";" where a run between them would be needed to
        tell them apart. ``part``: what of the index was exchanged; ``detail``: names of the files, keys and weights.

    Raises
    ------
    ConfigError
        A folder without the record and the tables of a run.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> changes = compare_runs(toy_result(), toy_result(seed=2))
    >>> list(changes.columns[:6])
    ['code', 'name', 'level', 'hazard', 'receptor', 'indicator']
    """
    return compare(run_a, run_b).changes


def compare(run_a: StudyResult | str | Path, run_b: StudyResult | str | Path) -> Comparison:
    """Both runs, as they are compared, with the table of changes.

    Parameters
    ----------
    run_a, run_b : StudyResult or path
        As for :func:`compare_runs`.

    Raises
    ------
    ConfigError
        A folder without the record and the tables of a run.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> compare(toy_result(), toy_result()).before.receptors
    ('population',)
    """
    before, after = compared(run_a), compared(run_b)
    sides = matched(before, after)
    differences = Differences.between(before, after)
    units = before.units.loc[sides.before].set_axis(sides.after), after.units.loc[sides.after]
    walk = _Walk(Kitchen((before, after), units), differences)
    parts = [*_unit_rows(before, after, sides)]
    for column in _columns(before, after):
        parts += walk.rows(column)
    return Comparison(before, after, _table(parts, after, before))


def _columns(before: ComparedRun, after: ComparedRun) -> list[Column]:
    """The indices, losses and exposed counts that either run may have for its units."""
    hazards = list(dict.fromkeys([*after.hazards, *before.hazards]))
    receptors = list(dict.fromkeys([*after.receptors, *before.receptors]))
    counts = [Measure(count.name) for name in receptors for count in RECEPTORS[name].counts if name in RECEPTORS]
    losses = [Measure("eal", hazard) for hazard in (*hazards, MULTI)]
    deaths = [Measure("deaths", hazard) for hazard in hazards]
    return [*indices_of([Index(name, "hazard") for name in hazards], receptors), *losses, *deaths, *counts]


@dataclass
class _Walk:
    """Goes from the values of one run to those of the other, part by part."""

    kitchen: Kitchen
    differences: Differences
    _reasons: dict[object, Because] = field(default_factory=dict)

    def rows(self, column: Column) -> list[pd.DataFrame]:
        """The rows of one indicator: none where no unit changed."""
        frames = self.kitchen.units
        there = [column.key in frame.columns for frame in frames]
        if not all(there):
            return self._in_one_run(column, there) if any(there) else []
        values = _numbers(frames[0], column), _numbers(frames[1], column)
        if not isinstance(column, Index):
            where = moved(*values, SAME)
            leg = Leg(column.indicator, where, *values, None, None)
            return [_rows(column, frames[0].index, leg, self._whole(column))] if where.any() else []
        grades = _grades(frames[0], column), _grades(frames[1], column)
        cuts = [run.breaks.get(column.key) for run in self.kitchen.runs]
        ends = Ends(values, grades, cuts[0], same_cut=cuts[0] == cuts[1])
        if not (moved(*values, SAME) | (grades[0] != grades[1])).any():
            return []
        made = self._made(column, values)
        out = [_rows(column, frames[0].index, leg, self._why(column, leg.part)) for leg in legs(ends, made)]
        last = regraded(ends, made)
        if last.where.any():
            why = self._why(column, WHOLE) if ends.same_cut else Because(BREAK, _cut(cuts[0], cuts[1]))
            out.append(_rows(column, frames[0].index, last._replace(part="grade" if ends.same_cut else BREAK), why))
        return out

    def _in_one_run(self, column: Column, there: list[bool]) -> list[pd.DataFrame]:
        """An indicator that only one of the runs has: a hazard or a receptor that came or went."""
        frames = self.kitchen.units
        old, new = (_numbers(frame, column) for frame in frames)
        before, after = (_grades(frame, column) if isinstance(column, Index) else None for frame in frames)
        where = np.isfinite(old if there[0] else new)
        why = self.differences.because(Feed(keys=("hazards", "exposure", "risk")))
        return [_rows(column, frames[0].index, Leg(_UNIT, where, old, new, before, after), why)]

    def _made(self, index: Index, values: tuple[Numbers, Numbers]) -> list[tuple[str, Numbers]]:
        """The index with more and more parts of the second run; nothing where it cannot be made again."""
        start = self.kitchen.make(index, Recipe())
        every = [(part, self.kitchen.make(index, recipe)) for part, recipe in recipes()]
        made = [(part, values) for part, values in every if values is not None]
        if start is None or len(made) < len(every):
            return []
        if moved(start, values[0], MADE_AGAIN).any() or moved(made[-1][1], values[1], MADE_AGAIN).any():
            return []
        return made

    def _why(self, index: Index, part: str) -> Because:
        key = (index, part)
        if key not in self._reasons:
            self._reasons[key] = self._reason(index, part)
        return self._reasons[key]

    def _reason(self, index: Index, part: str) -> Because:
        """What stands behind a part of an index that was exchanged."""
        differ = self.differences
        if part == "weights":
            return Because(WEIGHT, self._weights())
        if part in ("hazards_left", "hazards_added"):
            return Because(PARAMETER, _listed(self.kitchen, part))
        if part in ("form", "combination"):
            of_risk = [key for key in differ.keys if key.startswith("risk.")]
            return Because(METHOD, ", ".join(of_risk))
        if part == "receptors":
            return self._receptors()
        if part == WHOLE:
            return self._whole(index)
        feeds = self._hazards(index), self._exposed(index)
        if part == "exposure" or part == "vulnerability":
            return differ.because(feeds[1], feeds[0], differ.ground)
        if index.what == "hazard":
            return differ.because(feeds[0], differ.ground)
        # How severe a hazard is where the exposed are depends on both.
        return differ.because(feeds[0] | feeds[1], differ.ground)

    def _hazards(self, index: Index) -> Feed:
        names = [index.hazard] if index.hazard != MULTI else self.kitchen.hazards("both")
        whole = Feed()
        for name in names:
            whole = whole | self.differences.hazard(name)
        return whole

    def _exposed(self, index: Index) -> Feed:
        every = list(dict.fromkeys(name for run in self.kitchen.runs for name in run.receptors))
        return self.differences.exposure([index.receptor] if index.receptor else every)

    def _receptors(self) -> Because:
        differ = self.differences
        sets = [set(run.receptors) for run in self.kitchen.runs]
        if sets[0] != sets[1]:
            return Because(PARAMETER, ", ".join(f"exposure.{name}" for name in sorted(sets[0] ^ sets[1])))
        stated = [key for key in differ.keys if key.startswith("risk.receptor_weights") or _OF_RECEPTORS.match(key)]
        tables = [name for name in differ.tables if name in ("weights/receptors", "weights/receptors_of")]
        return Because(WEIGHT, ", ".join([*stated, *tables]))

    def _whole(self, column: Column) -> Because:
        """What stands behind a value that cannot be taken apart: everything that differs in what it is made of."""
        differ = self.differences
        if column.hazard is None:
            of = [name for name in RECEPTORS if column.key in [count.name for count in RECEPTORS[name].counts]]
            return differ.because(differ.exposure(of), differ.ground)
        feed = self._hazards(Index(column.hazard, "risk")) if column.hazard != MULTI else self._of_all()
        if not (isinstance(column, Index) and column.what == "hazard"):
            feed = feed | self._exposed(Index(column.hazard, "risk", column.receptor)) | Feed(keys=("risk",))
        why = differ.because(feed, differ.ground)
        weighed = isinstance(column, Index) and column.hazard == MULTI and self._weighs()
        if not weighed:
            return why
        if not differ.files and not [key for key in differ.keys if not key.startswith("weights.")]:
            return Because(WEIGHT, self._weights())
        return Because(f"{why.cause};{WEIGHT}", f"{why.detail}, {self._weights()}")

    def _of_all(self) -> Feed:
        return self._hazards(Index(MULTI, "risk"))

    def _weighs(self) -> bool:
        before, after = (run.weights for run in self.kitchen.runs)
        return not (before.index.equals(after.index) and np.allclose(before, after, rtol=0, atol=SAME))

    def _weights(self) -> str:
        """The weights of both runs, and what the study says otherwise; computed ones may follow from the data."""
        before, after = (run.weights for run in self.kitchen.runs)
        names = [str(name) for name in dict.fromkeys([*before.index, *after.index])]
        pairs = [(name, float(before.get(name, 0.0)), float(after.get(name, 0.0))) for name in names]
        said = [f"{name} {old:.3f} → {new:.3f}" for name, old, new in pairs if abs(old - new) > SAME]
        return ", ".join([*said, *self.differences.weights])


def _numbers(frame: pd.DataFrame, column: Column) -> Numbers:
    if column.key not in frame.columns:
        return np.full(len(frame), np.nan)
    return frame[column.key].to_numpy(dtype=np.float64)


def _grades(frame: pd.DataFrame, index: Index) -> Grades:
    if index.grade_key not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64)
    return frame[index.grade_key].fillna(0).to_numpy(dtype=np.int64)


def _cut(old: Breaks | None, new: Breaks | None) -> str:
    """Rule and bounds of both runs."""
    return " → ".join(
        "-" if cut is None else f"{cut.rule} {'/'.join(f'{bound:.4g}' for bound in cut.bounds)}" for cut in (old, new)
    )


def _listed(kitchen: Kitchen, part: str) -> str:
    before, after = set(kitchen.hazards("before")), set(kitchen.hazards("after"))
    names = sorted(before - after if part == "hazards_left" else after - before)
    return ", ".join(f"hazards.{name}" for name in names)


def _rows(column: Column, codes: pd.Index, leg: Leg, why: Because) -> pd.DataFrame:
    """One step of one indicator, for the units that take it."""
    at = np.flatnonzero(leg.where)
    none = pd.array([pd.NA] * len(at), dtype="Int64")
    grades = [
        none if side is None else pd.array(side[at], dtype="Int64") for side in (leg.grade_before, leg.grade_after)
    ]
    first, then = leg.before[at], leg.after[at]
    return pd.DataFrame(
        {
            "code": codes[at].astype(str), "hazard": column.hazard or "", "receptor": column.receptor or "",
            "indicator": column.indicator, "before": first, "after": then, "change": then - first,
            "grade_before": grades[0], "grade_after": grades[1], "cause": why.cause, "part": leg.part,
            "detail": why.detail,
        }
    )  # fmt: skip


def _unit_rows(before: ComparedRun, after: ComparedRun, sides: Matched) -> Iterator[pd.DataFrame]:
    """Units that are new, lost, or have another code or name; with the indices of those that stand alone."""
    for code, text in sides.said.items():
        yield _one_unit(code, text)
    for run, codes, is_new in ((before, sides.gone, False), (after, sides.new, True)):
        told = [code for code in codes if code not in sides.said]
        for code in told:
            yield _one_unit(code, "")
        frame = run.units.loc[codes]
        indices = indices_of([Index(name, "hazard") for name in run.hazards], run.receptors)
        for index in (index for index in indices if index.key in frame.columns and len(codes)):
            values, grades = _numbers(frame, index), _grades(frame, index)
            nothing, none = np.full(len(values), np.nan), np.zeros(len(values), dtype=np.int64)
            ends_ = (nothing, values, none, grades) if is_new else (values, nothing, grades, none)
            yield _rows(index, frame.index, Leg(_UNIT, np.ones(len(values), bool), *ends_), Because(CODE, ""))


def _one_unit(code: str, detail: str) -> pd.DataFrame:
    row = {"code": code, "hazard": "", "receptor": "", "indicator": _UNIT, "cause": CODE, "part": _UNIT}
    return pd.DataFrame([{**row, "before": np.nan, "after": np.nan, "change": np.nan, "detail": detail}])


def _table(parts: Sequence[pd.DataFrame], after: ComparedRun, before: ComparedRun) -> pd.DataFrame:
    """All rows in the order of units, indicators and steps."""
    if not parts:
        return _typed(pd.DataFrame({name: [] for name in COLUMNS}))
    table = pd.concat(parts, ignore_index=True)
    about: dict[str, tuple[str, str]] = {}
    for run in (after, before):
        for code, name, level in zip(run.units.index, run.units["name"], run.units["level"], strict=True):
            about.setdefault(str(code), (str(name), str(level)))
    codes = [str(code) for code in table["code"]]
    table["name"], table["level"] = [about[code][0] for code in codes], [about[code][1] for code in codes]
    order = {code: place for place, code in enumerate(about)}
    table["_at"] = [order[code] for code in codes]
    table = table.sort_values("_at", kind="stable", ignore_index=True)
    of_one = table.groupby(["code", "hazard", "receptor", "indicator"], sort=False)
    table["step"] = of_one.cumcount() + 1
    return _typed(table[list(COLUMNS)])


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: table[name].astype("float64") for name in ("before", "after", "change")}
    grades = {name: table[name].astype("Int64") for name in ("grade_before", "grade_after")}
    return table.astype(object).assign(step=table["step"].astype("int64"), **numbers, **grades)
