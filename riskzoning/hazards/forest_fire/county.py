"""Forest fire zoning of units by points (县级森林火险区划), and their capacity to fight fires (扑救能力)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.inputs import Facts, input_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.classification import grade_values
from riskzoning.methods.columns import named_columns

_COUNTY, _CAPACITY = "hazards/forest_fire_county", "hazards/forest_fire_capacity"


@takes()
def county_zoning(units: pd.DataFrame, rules: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Forest fire grade of units by points of factors (县级森林火险区划), crossed with their forest resource.

    Parameters
    ----------
    units : DataFrame
        One row a unit: a column for each factor, and ``resource`` where it is to be crossed; in Chinese or English.
        Numbers for factors with limits, words for factors with classes.
    rules : mapping, optional
        ``factors``: name -> ``{limits, points}`` (points has one more; ``closed: left``, the default, or ``right``) or
        ``{classes: {word: points}}``, each with ``weight`` (1); ``thresholds``: the two sums from which grade II and I
        begin; ``resources``: lower limits of class 2 and 3. What is left out comes from ``hazards/forest_fire_county``,
        which has no points: those of the standard are not known.

    Returns
    -------
    DataFrame
        Index of the units; ``points_<factor>``, ``score``, ``grade`` (3 is I, high; 1 is III, low; 0 where a factor is
        missing), ``grade_name``; with a resource ``resource_class`` and ``priority`` (3 重点, 2 次重点, 1 一般).

    Raises
    ------
    ConfigError
        There are no points, or they do not fit their limits.
    LayerError
        A factor is no column of the units, or a word has no points.

    References
    ----------
    Structure of LY/T 1063-2008, as told by others.

    Examples
    --------
    >>> rules = {"factors": {"burning_class": {"classes": {"难燃": 2, "易燃": 10}},
    ...     "temperature": {"limits": [5, 10], "points": [1, 3, 6]}}, "thresholds": [6, 12]}
    >>> units = pd.DataFrame({"burning_class": ["易燃", "难燃"], "temperature": [10.0, 4.0]}, index=["a", "b"])
    >>> county_zoning(units, rules)[["score", "grade", "grade_name"]].values.tolist()
    [[16.0, 3, 'Ⅰ'], [3.0, 1, 'Ⅲ']]
    """
    table = {**_table(_COUNTY), **(rules or {})}
    factors: Mapping[str, Facts] = table["factors"]
    _check_rules(table)
    thing = input_of("forest_fire", "county_factors")
    frame = named_columns(units, table["columns"], thing)
    missing = [name for name in factors if name not in frame.columns]
    if missing:
        present = [str(name) for name in units.columns]
        raise LayerError(Problem("forest_fire.county_columns", thing, missing=missing, present=present))
    points = {name: _factor_points(frame[name], rule, name) for name, rule in factors.items()}
    out = pd.DataFrame({f"points_{name}": values for name, values in points.items()}, index=frame.index)
    weights = [float(rule.get("weight", 1.0)) for rule in factors.values()]
    out["score"] = out.to_numpy(np.float64) @ np.array(weights)
    out["grade"] = _grades(out["score"], table["thresholds"])
    out["grade_name"] = [table["names"].get(int(grade), "") for grade in out["grade"]]
    if "resource" in frame.columns and len(table["resources"]) == 2:
        out["resource_class"] = _grades(pd.to_numeric(frame["resource"], errors="coerce"), table["resources"])
        matrix = np.array(table["priority"])
        known = (out["grade"] > 0) & (out["resource_class"] > 0)
        place = out["grade"].clip(lower=1) - 1, out["resource_class"].clip(lower=1) - 1
        out["priority"] = np.where(known, matrix[place], 0)
    return out


def _table(name: str) -> dict[str, Any]:
    """A table with its columns; what a study's own leaves out is that of the package."""
    shipped = standards.shipped_table(name)
    return {**shipped.info, **shipped.data, **standards.table(name).data}


def _grades(values: pd.Series, limits: Sequence[float]) -> Array:
    return np.asarray(grade_values(values, [*limits, np.inf], closed="left"), dtype=np.int64)


def _check_rules(table: Facts) -> None:
    thing, problems = Phrase("table", name=_COUNTY), []
    if not table["factors"]:
        raise ConfigError(Problem("forest_fire.county_rules", thing))
    for name, rule in table["factors"].items():
        limits, points = list(rule.get("limits", [])), list(rule.get("points", []))
        rising = all(low < high for low, high in itertools.pairwise(limits))
        if not rule.get("classes") and (len(points) != len(limits) + 1 or not limits or not rising):
            problems.append(Problem("forest_fire.county_points", thing, field=name, limits=limits, points=points))
    cuts = list(table["thresholds"])
    if len(cuts) != 2 or not cuts[0] < cuts[1]:
        problems.append(Problem("forest_fire.county_thresholds", thing, field="thresholds", thresholds=cuts))
    if problems:
        raise ConfigError(problems=problems)


def _factor_points(values: pd.Series, rule: Facts, name: str) -> Array:
    classes = rule.get("classes")
    if classes:
        words = values.map(lambda value: str(value).strip() if pd.notna(value) else None)
        known = {str(word): float(points) for word, points in classes.items()}
        strange = sorted({word for word in words.dropna() if word not in known})
        if strange:
            thing = input_of("forest_fire", "county_factors")
            raise LayerError(Problem("forest_fire.county_words", thing, field=name, words=strange, known=list(known)))
        return words.map(known).to_numpy(np.float64)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    side: Any = "left" if rule.get("closed") == "right" else "right"
    points = np.array(rule["points"], dtype=np.float64)[np.searchsorted(rule["limits"], numbers, side=side)]
    return np.where(np.isfinite(numbers), points, np.nan)


@takes()
def firefighting_capacity(units: pd.DataFrame) -> pd.DataFrame:
    """Capacity of units to fight forest fires, 0..1 (larger is stronger), from what they have by forest area.

    Parameters
    ----------
    units : DataFrame
        One row a unit: ``forest_km2`` and any of ``team_people firebreak_km watchtowers vehicles``, or an ``index``
        0..1 of one's own; in Chinese or English. What is not said leaves its weight to the others.

    Returns
    -------
    DataFrame
        Index of the units; ``index``, ``grade`` (1 weak .. 5 strong, 0 none) and ``status``: ``assessed``,
        ``no_forest``, ``not_assessed`` where nothing is said. Never 0 for what nobody has looked at.

    Raises
    ------
    LayerError
        No column says anything, or a value is negative, or an index lies outside 0..1.

    References
    ----------
    Table ``hazards/forest_fire_capacity``.

    Examples
    --------
    >>> units = pd.DataFrame({"forest_km2": [100.0, 0, 50], "team_people": [50.0, 5, None]})
    >>> firefighting_capacity(units).values.tolist()
    [[0.5, 3, 'assessed'], [nan, 0, 'no_forest'], [nan, 0, 'not_assessed']]
    """
    table = _table(_CAPACITY)
    thing = input_of("forest_fire", "firefighting")
    frame = named_columns(units, table["columns"], thing)
    values = _numbers(frame, ["index", "forest_km2", *table["indicators"]])
    _check_capacity(values, [str(name) for name in units.columns], list(table["indicators"]), thing)
    forest = values["forest_km2"] if "forest_km2" in values else pd.Series(np.nan, index=frame.index)
    total = pd.Series(0.0, index=frame.index)
    weight = pd.Series(0.0, index=frame.index)
    for name, rule in table["indicators"].items():
        if name in values:
            share = (values[name] / forest.where(forest > 0) / float(rule["full"])).clip(upper=1.0)
            total += share.fillna(0.0) * float(rule["weight"])
            weight += share.notna() * float(rule["weight"])
    index = total / weight.where(weight > 0)
    if "index" in values:
        index = values["index"].fillna(index)
    status = np.where(index.notna(), "assessed", np.where(forest == 0, "no_forest", "not_assessed"))
    grade = np.asarray(grade_values(index, [*table["grades"], np.inf], closed="left"), dtype=np.int64)
    return pd.DataFrame({"index": index, "grade": grade, "status": status})


def _numbers(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    there = [name for name in names if name in frame.columns]
    return frame[there].apply(pd.to_numeric, errors="coerce").astype(np.float64)


def _check_capacity(values: pd.DataFrame, present: list[str], indicators: list[str], thing: Phrase) -> None:
    said = [name for name in indicators if name in values]
    if "index" not in values and not (said and "forest_km2" in values):
        raise LayerError(Problem("forest_fire.capacity_columns", thing, present=present, known=indicators))
    problems = []
    for name in values:
        below = values[name] < 0
        if name == "index":
            below |= values[name] > 1
        if below.any():
            worst = float(values[name][below].iloc[0])
            row = int(np.flatnonzero(below.to_numpy())[0]) + 2
            rule = "forest_fire.capacity_index" if name == "index" else "forest_fire.capacity_negative"
            problems.append(Problem(rule, thing, row=row, field=str(name), count=int(below.sum()), value=worst))
    if problems:
        raise LayerError(problems=problems)


def unit_tables(inputs: Mapping[str, object]) -> dict[str, pd.DataFrame]:
    """The tables by unit that a study gives its factors or forces for, by key of the published table."""
    out: dict[str, pd.DataFrame] = {}
    factors, forces = inputs.get("county_factors"), inputs.get("firefighting")
    if isinstance(factors, pd.DataFrame) and len(factors):
        out["county"] = _with_codes(county_zoning(factors), factors, _COUNTY, "county_factors")
    if isinstance(forces, pd.DataFrame) and len(forces):
        out["capacity"] = _with_codes(firefighting_capacity(forces), forces, _CAPACITY, "firefighting")
    return out


def _with_codes(made: pd.DataFrame, given: pd.DataFrame, table: str, key: str) -> pd.DataFrame:
    thing = input_of("forest_fire", key)
    frame = named_columns(given, _table(table)["columns"], thing)
    if "code" not in frame.columns:
        present = [str(name) for name in given.columns]
        raise LayerError(Problem("forest_fire.unit_codes", thing, present=present))
    made = made.reset_index(drop=True)
    made.insert(0, "code", code_texts(frame["code"]))
    return made.sort_values("code", ignore_index=True, kind="stable")
