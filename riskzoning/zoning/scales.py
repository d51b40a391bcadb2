"""Township, county, city: grades of units, totals that reconcile, and the table of units in its tidy and wide form."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.methods.classification import classify, grade_values
from riskzoning.methods.classification.grades import check_breaks
from riskzoning.names import Column, Index, column_of
from riskzoning.results import level_order

Values = Mapping[str, "pd.Series[float]"]
_NO_REASON: pd.Series[Any] = pd.Series([], index=[], dtype=object)
_TIDY = ("code", "level", "hazard", "receptor", "indicator", "value", "units", "grade")


@dataclass(frozen=True)
class Classing:
    """How an index is cut into classes: by a scheme from its values, or by upper bounds that are given."""

    scheme: str = "natural_breaks"
    k: int = 5
    breaks: Sequence[float] = ()
    closed: Literal["right", "left"] = "right"
    multiples: tuple[float, ...] = (-2, -1, 1, 2)
    ddof: int = 1
    exclude_zero: bool = False

    def bounds(self, values: pd.Series[float]) -> NDArray[np.float64]:
        """The upper bounds of the classes, lowest first."""
        if len(self.breaks):
            return check_breaks(self.breaks)
        return classify(
            values, self.scheme, k=self.k, closed=self.closed,
            multiples=self.multiples, ddof=self.ddof, exclude_zero=self.exclude_zero,
        ).breaks  # fmt: skip


@dataclass(frozen=True, eq=False)
class UnitGrades:
    """Grades of the units of all levels by one set of breaks; ``reasons`` say why a unit has none or its own."""

    codes: Mapping[str, pd.Series[Any]]
    breaks: NDArray[np.float64]
    scheme: str
    closed: Literal["right", "left"]
    reasons: Mapping[str, pd.Series[Any]] = field(default_factory=dict)


def unit_index(statistics: pd.DataFrame, quantities: Mapping[str, str]) -> pd.DataFrame:
    """One value per unit and layer out of zonal statistics: the sum of a count, the mean of anything else.

    ``valid_share`` is the smallest of the layers that are no counts.
    """
    out: dict[str, pd.Series[float]] = {}
    shares, problems = [], []
    for layer, quantity in quantities.items():
        wanted = "sum" if standards.quantity(quantity).kind == "count" else "mean"
        if (layer, wanted) not in statistics.columns:
            problems.append(Problem("scales.statistic", Phrase("layer", name=layer), statistic=wanted))
            continue
        out[layer] = statistics[(layer, wanted)]
        if wanted == "mean" and (layer, "valid_share") in statistics.columns:
            shares.append(statistics[(layer, "valid_share")])
    if problems:
        raise LayerError(problems=problems)
    table = pd.DataFrame(out, index=statistics.index)
    if shares:
        table["valid_share"] = pd.concat(shares, axis=1).min(axis=1)
    return table


def grade_units(
    values: Values,
    classing: Classing | None = None,
    *,
    parents: pd.Series[Any] | None = None,
    areas: pd.Series[float] | None = None,
    levels: Sequence[str] | None = None,
) -> UnitGrades:
    """Grades of one index for the units of all levels, comparable between levels: breaks come from the finest one.

    A level with one unit takes its grade from the units below (table ``grades/rules``). Fewer than three units with a
    value and no breaks given: nobody gets a grade. ``levels``, finest first, where their order is known already.
    """
    rule = classing or Classing()
    levels = _finest_first(values, parents) if levels is None else levels
    finest = values[levels[0]].astype(float) if levels else pd.Series(dtype=float)
    known, least = int(np.isfinite(finest).sum()), int(_rules()["minimum_units"])
    few = not len(rule.breaks) and known < least
    bounds = np.empty(0) if few else rule.bounds(finest)
    why = Phrase("reason_few_units", known=known, least=least) if few else None
    every = {level: values[level].to_numpy(dtype=np.float64) for level in levels}
    # All levels are cut at once: units are few, and what there is to do for each cut is much.
    cut = np.split(
        _cut(list(every.values()), bounds, rule.closed), np.cumsum([len(own) for own in every.values()])[:-1]
    )
    codes: dict[str, pd.Series[Any]] = {}
    reasons: dict[str, pd.Series[Any]] = {}
    for at, level in enumerate(levels):
        index, numbers = values[level].index, every[level]
        codes[level] = pd.Series(cut[at], index=index)
        unknown = np.isnan(numbers)
        said: dict[Any, Phrase | None] = {}
        if few or unknown.any():
            said = {code: Phrase("reason_no_value") if no else why for code, no in zip(index, unknown, strict=True)}
        if len(numbers) == 1 and at > 0 and len(bounds) and np.isfinite(numbers).all():
            code = index[0]
            grade, said[code] = _from_children(code, codes[levels[at - 1]], levels[at - 1], parents, areas)
            codes[level] = pd.Series([grade], index=index, dtype=np.uint8)
        spoken = {code: reason for code, reason in said.items() if reason is not None}
        reasons[level] = pd.Series(list(spoken.values()), index=list(spoken), dtype=object) if spoken else _NO_REASON
    return UnitGrades(codes, bounds, "fixed" if len(rule.breaks) else rule.scheme, rule.closed, reasons)


def _cut(parts: Sequence[NDArray[Any]], bounds: NDArray[np.float64], closed: Any) -> NDArray[np.uint8]:
    """Classes of all values, one after the other."""

    together = np.concatenate(parts) if parts else np.empty(0)
    return np.asarray(grade_values(together, bounds, closed=closed), dtype=np.uint8)


def grade_from_shares(shares: pd.DataFrame, *, share: float | None = None) -> pd.Series[Any]:
    """Grade of a unit from its area per class (columns 1, 2, ...): the highest g such that g and more hold a fifth."""
    columns = sorted(column for column in shares.columns if int(column) > 0)
    areas = shares[columns].fillna(0.0).to_numpy(dtype=np.float64)
    grades = _of_shares(areas, np.array([int(column) for column in columns]), share)
    return pd.Series(grades, index=shares.index)


def _of_shares(areas: NDArray[Any], classes: NDArray[Any], share: float | None = None) -> NDArray[np.uint8]:
    """The same of plain numbers: rows units, columns ``classes``, lowest first."""
    least = float(_rules()["single_unit_area_share"] if share is None else share)
    total = areas.sum(axis=1, keepdims=True)
    above = areas[:, ::-1].cumsum(axis=1)[:, ::-1] / np.where(total > 0, total, np.nan)
    enough = above >= least - 1e-12
    return np.asarray(np.where(enough, classes, 0).max(axis=1, initial=0), dtype=np.uint8)


def three_high_one_low(
    history: pd.Series[float],
    hidden_danger: pd.Series[float],
    risk_grade: pd.Series[Any],
    capacity_grade: pd.Series[Any],
) -> pd.DataFrame:
    """Units with much loss, many hidden dangers, high risk and low capacity (三高一低); what is missing is false.

    Indices: larger is worse; grades 1..5, a larger capacity is stronger. Limits: table ``grades/three_high``.
    """
    rule = standards.table("grades/three_high").data
    out = pd.DataFrame(index=risk_grade.index)
    for name, series in (("high_loss", history), ("high_danger", hidden_danger)):
        numbers = series.reindex(out.index).astype(float)
        # A quintile of equal values is none.
        limit = numbers.quantile(1 - rule["top_share"])
        out[name] = (numbers >= limit) & (numbers > numbers.min())
    out["high_risk"] = risk_grade.fillna(0) >= rule["risk_grade"]
    capacity = capacity_grade.reindex(out.index).fillna(0)
    out["low_capacity"] = (capacity > 0) & (capacity <= rule["capacity_grade"])
    several = out[["high_loss", "high_danger", "high_risk", "low_capacity"]].sum(axis=1) >= rule["flags"]
    out["key_unit"] = several | (out["high_risk"] & out["low_capacity"])
    return out


def unit_table(units: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """The tidy table of units from the wide one: one row per unit and column, in the order of units and columns.

    A column that the table lacks makes no rows; grades without their index make rows without a value.
    """
    frame = units.set_index("code") if "code" in units.columns else units
    level = frame["level"] if "level" in frame.columns else pd.Series("", index=frame.index)
    shown = [column for column in dict.fromkeys(columns) if set(_keys(column)) & set(map(str, frame.columns))]
    if not shown:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _TIDY})
    shape = (len(frame), len(shown))
    values, grades, missing = np.full(shape, np.nan), np.zeros(shape, np.int64), np.ones(shape, dtype=bool)
    for place, column in enumerate(shown):
        for key, is_grade in zip(_keys(column), (False, True), strict=False):
            if key in frame.columns and is_grade:
                own = frame[key].astype("Int64").array
                grades[:, place], missing[:, place] = own.fillna(0).to_numpy(dtype=np.int64), own.isna()
            elif key in frame.columns:
                values[:, place] = frame[key].astype(float).to_numpy()
    about = {
        name: np.array([getattr(column, name) or "" for column in shown], dtype=object)
        for name in ("hazard", "receptor", "indicator", "units")
    }
    rows = {name: np.tile(given, len(frame)) for name, given in about.items()}
    rows["code"] = np.repeat(frame.index.astype(str).to_numpy(dtype=object), len(shown))
    rows["level"] = np.repeat(level.to_numpy(dtype=object), len(shown))
    rows["value"] = values.ravel()
    table = pd.DataFrame(rows).assign(grade=pd.arrays.IntegerArray(grades.ravel(), missing.ravel()))
    return table[list(_TIDY)]


def _keys(column: Column) -> tuple[str, ...]:
    """The columns of the wide table that a column stands in: its value, and for an index its grade."""
    return (column.key, column.grade_key) if isinstance(column, Index) else (column.key,)


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """The wide table of units from the tidy one: index ``code``, ``level``, one column per indicator and grade."""
    units = table.drop_duplicates("code").set_index("code")
    out: dict[str, pd.Series[Any]] = {"level": units["level"]}
    for (hazard, receptor, indicator), part in table.groupby(["hazard", "receptor", "indicator"], sort=False):
        column = column_of(str(hazard), str(receptor), str(indicator))
        rows = part.set_index("code")
        out[column.key] = rows["value"].reindex(units.index)
        if isinstance(column, Index) and rows["grade"].notna().any():
            out[column.grade_key] = rows["grade"].reindex(units.index)
    return pd.DataFrame(out, index=units.index)


def _finest_first(values: Values, parents: pd.Series[Any] | None) -> list[str]:
    if not values:
        return []
    levels = np.repeat([str(level) for level in values], [len(series) for series in values.values()])
    codes = np.concatenate([series.index.to_numpy(dtype=object) for series in values.values()])
    frame = pd.DataFrame({"level": levels}, index=codes)
    if parents is not None:
        frame["parent"] = parents[~parents.index.duplicated()].reindex(frame.index)
    return list(reversed(level_order(frame)))


def grading_rule(key: str) -> float:
    """A number of the table ``grades/rules``."""
    return float(_rules()[key])


def _rules() -> Mapping[str, float]:
    rules: Mapping[str, float] = standards.table("grades/rules").data
    return rules


def _from_children(
    code: Hashable, grades: pd.Series[Any], level: str, parents: pd.Series[Any] | None, areas: pd.Series[float] | None
) -> tuple[int, Phrase]:
    own = np.ones(len(grades), dtype=bool)
    if parents is not None:
        below = parents.reindex(grades.index).to_numpy(dtype=object) == code
        own = below if below.any() else own
    area = np.ones(len(grades)) if areas is None else areas.reindex(grades.index).fillna(0.0).to_numpy(dtype=np.float64)
    held = np.bincount(grades.to_numpy(dtype=np.int64)[own], weights=area[own])
    grade = int(_of_shares(held[None, 1:], np.arange(1, len(held)))[0])
    if not grade:
        return 0, Phrase("reason_no_child", level=level)
    share = float(_rules()["single_unit_area_share"])
    rule = "reason_by_area" if areas is not None else "reason_by_number"
    return grade, Phrase(rule, level=level, share=share)
