"""Rules by which a unit gets its grade, side by side: from its cells, its parts, its people, its children.

Each gives the grade and the number behind it: an index, or the share of the ground that decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from riskzoning.errors import Journal, hearing
from riskzoning.methods.classification import classify, grade_values
from riskzoning.results import Breaks
from riskzoning.zoning.scales import grade_from_shares, grading_rule

# In the order of the table; a run lists those that it can.
RULES = ("class_share", "composed", "area_mean", "exposed_mean", "any_cell", "children", "own_breaks")
# One cell decides or the children do: these say how far a grade may go, not that the others are wrong.
_CAUTIOUS = ("any_cell", "children")
# A share of a cell below it is rounding of a border.
_TOUCH = 1e-9


@dataclass(frozen=True, eq=False)
class Ruled:
    """Grades of units by one rule and the numbers behind them."""

    rule: str
    grades: pd.Series[Any]
    values: pd.Series[float]


@dataclass(frozen=True, eq=False)
class Compared:
    """Grades by a rule, the published ones, and what they are grades of: columns of the table."""

    about: Mapping[str, str]
    ruled: Ruled
    published: pd.Series[Any]


def by_class_share(ground: pd.DataFrame) -> Ruled:
    """The highest class that, with those above, holds a fifth of the ground; its number is the share that does.

    ``ground``: units x classes (1, 2 ...), in any unit of area.
    """
    grades = grade_from_shares(ground)
    return Ruled("class_share", grades, _share_from(ground, grades))


def by_any_cell(ground: pd.DataFrame) -> Ruled:
    """The highest class that any cell has, however little of it lies in the unit; its number is that little."""
    touched = ground.to_numpy(dtype=np.float64) > _TOUCH
    classes = ground.columns.to_numpy(dtype=np.int64)
    grades = pd.Series(np.where(touched, classes, 0).max(axis=1, initial=0).astype(np.uint8), index=ground.index)
    return Ruled("any_cell", grades, _share_from(ground, grades))


def by_value(rule: str, values: pd.Series[float], breaks: Breaks) -> Ruled:
    """The class in which a number lies."""
    return Ruled(rule, grade_values(values.astype(float), breaks.bounds, closed=breaks.closed), values.astype(float))


def by_children(
    grades: pd.Series[Any], parents: pd.Series[Any], areas: pd.Series[float], codes: Sequence[str] | pd.Index
) -> Ruled:
    """The highest grade that, with those above, a fifth of the ground of the children has.

    ``grades``, ``parents`` and ``areas`` are those of the children.
    """
    own = pd.Index(codes)
    above, grade = own.get_indexer(pd.Index(parents)), grades.to_numpy(dtype=np.int64)
    counted = (above >= 0) & (grade > 0)
    held = np.zeros((len(own), max(int(grade.max(initial=0)), 1)))
    np.add.at(held, (above[counted], grade[counted] - 1), areas.to_numpy(dtype=np.float64)[counted])
    ground = pd.DataFrame(held, index=own, columns=range(1, held.shape[1] + 1))
    made = grade_from_shares(ground)
    return Ruled("children", made, _share_from(ground, made))


def by_own_breaks(
    values: pd.Series[float], scheme: str, k: int, closed: Literal["right", "left"] = "right"
) -> Ruled | None:
    """Classes cut from the units of one level alone; None for too few of them."""
    known = values.astype(float)
    if int(np.isfinite(known).sum()) < int(grading_rule("minimum_units")):
        return None
    # That units of a level are few or alike is no news: the rule stands beside others.
    with hearing(Journal()):
        made = classify(known, scheme, k=k, closed=closed)
    return Ruled("own_breaks", made.codes, known)


def _share_from(ground: pd.DataFrame, grades: pd.Series[Any]) -> pd.Series[float]:
    """The share of each unit that has its grade or more; NaN without a grade."""
    areas, classes = ground.to_numpy(dtype=np.float64), ground.columns.to_numpy(dtype=np.int64)
    above = np.where(classes[None, :] >= grades.to_numpy(dtype=np.int64)[:, None], areas, 0.0).sum(axis=1)
    total = areas.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.Series(np.where(grades > 0, above / total, np.nan), index=ground.index)


def side_by_side(codes: pd.Index, compared: Sequence[Compared]) -> pd.DataFrame:
    """Rows of the units, one after the other: what is compared, rule, grade, value, distance from the published grade.

    ``difference`` is NaN where either has no grade; units that a rule does not know have no grade by it.
    """
    shape = (len(codes), len(compared))
    grades, values, own = np.zeros(shape, np.int64), np.full(shape, np.nan), np.zeros(shape, np.int64)
    # Many rules stand on the same units: where these lie is looked up once.
    places: dict[int, np.ndarray] = {}
    for place, one in enumerate(compared):
        for index in (one.ruled.grades.index, one.published.index):
            if id(index) not in places:
                places[id(index)] = index.get_indexer(codes)
        at, there = places[id(one.ruled.grades.index)], places[id(one.published.index)]
        known = at >= 0
        grades[known, place] = one.ruled.grades.to_numpy()[at[known]]
        values[known, place] = one.ruled.values.to_numpy(dtype=np.float64)[at[known]]
        own[there >= 0, place] = one.published.fillna(0).to_numpy()[there[there >= 0]]
    apart = np.where((grades > 0) & (own > 0), grades - own, np.nan)
    names = dict.fromkeys(name for one in compared for name in one.about)
    about = {name: np.array([one.about[name] for one in compared], dtype=object) for name in names}
    about["rule"] = np.array([one.ruled.rule for one in compared], dtype=object)
    columns = {name: np.tile(texts, len(codes)) for name, texts in about.items()}
    rows = {"code": np.repeat(codes.astype(str).to_numpy(dtype=object), len(compared)), **columns}
    return pd.DataFrame({**rows, "grade": grades.ravel(), "value": values.ravel(), "difference": apart.ravel()})


def disagreement(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """How many units a rule grades otherwise than they are published, by the columns ``by`` and the rule.

    ``differing share`` count any difference, ``far far_share`` more than one grade; ``lower higher`` say which way.
    """
    known = table[table["difference"].notna()]
    apart = known["difference"].astype(int)
    marks = known[[*by, "rule"]].assign(
        units=1, differing=apart != 0, lower=apart < 0, higher=apart > 0, far=apart.abs() > 1
    )
    out = marks.groupby([*by, "rule"], sort=False).sum().reset_index()
    counts = ["units", "differing", "lower", "higher", "far"]
    out[counts] = out[counts].astype("int64")
    out["share"], out["far_share"] = out["differing"] / out["units"], out["far"] / out["units"]
    return out[[*by, "rule", "units", "differing", "share", "lower", "higher", "far", "far_share"]]


def far_apart(table: pd.DataFrame) -> Mapping[str, list[str]]:
    """Units in which a rule that is no bound differs by more than a grade from the published one, by rule."""
    far = table[(table["difference"].abs() > 1) & ~table["rule"].isin(_CAUTIOUS)]
    return {str(rule): sorted(part["code"].unique()) for rule, part in far.groupby("rule", sort=False)}
