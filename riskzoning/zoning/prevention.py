"""Grades of prevention from risk and need, the flags beside them, and the measures that they ask for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes

FLAGS = ("priority", "capacity_building")
_TABLE = "zoning/prevention"


@takes()
def prevention_grades(
    risk_grade: pd.Series[Any], capacity_grade: pd.Series[Any] | None = None, danger_grade: pd.Series[Any] | None = None
) -> pd.DataFrame:
    """Grade of prevention (防治等级) of units from their risk and what they need.

    Need is the greater of what capacity and hidden dangers ask for; a part that is missing is left out, both missing
    count as medium. Table ``zoning/prevention``.

    Parameters
    ----------
    risk_grade : Series
        1 low .. 5 high; 0 or NaN: not assessed, no grade.
    capacity_grade : Series, optional
        5 strong .. 1 weak by the same index; 0 or NaN: unknown.
    danger_grade : Series, optional
        1 .. 5 severe, 0 none; NaN: unknown.

    Returns
    -------
    DataFrame
        ``grade`` (3 重点, 2 次重点, 1 一般, 0 none), ``priority``, ``capacity_building`` (flags), ``need`` (1 low, 2
        medium, 3 high), ``need_known`` (what it rests on: ``capacity``, ``hidden_dangers``, both or nothing).

    Raises
    ------
    LayerError
        Grades outside their range.

    Examples
    --------
    >>> risk, capacity = pd.Series({"a": 5, "b": 3}), pd.Series({"a": 1, "b": 5})
    >>> prevention_grades(risk, capacity)[["grade", "priority"]].values.tolist()
    [[3, True], [1, False]]
    """
    rules = standards.table(_TABLE).data
    risk = _grades(risk_grade, "risk_grade", 5)
    index = risk_grade.index
    parts: list[NDArray[np.float64]] = []
    known = pd.DataFrame(False, index=index, columns=["capacity", "hidden_dangers"])
    for name, key, argument, given in (
        ("capacity", "need_of_capacity", "capacity_grade", capacity_grade),
        ("hidden_dangers", "need_of_danger", "danger_grade", danger_grade),
    ):
        if given is None:
            continue
        grades = _grades(given.reindex(index), argument, 5, missing=-1)
        asked = pd.Series(grades).map({int(grade): float(value) for grade, value in rules[key].items()})
        known[name] = asked.notna().to_numpy()
        parts.append(np.asarray(asked, dtype=np.float64))
    greatest = np.fmax.reduce([np.full(len(index), np.nan), *parts])
    need = np.asarray(np.where(np.isnan(greatest), float(rules["unknown_need"]), greatest), dtype=np.int64)
    out = pd.DataFrame(_looked_up(rules["matrix"], risk, need), index=index)
    out["need"] = need
    names = [str(name) for name in known.columns]
    out["need_known"] = [";".join(itertools.compress(names, row)) for row in known.to_numpy(dtype=bool).tolist()]
    return out


def codes_of(grades: pd.DataFrame) -> NDArray[np.int64]:
    """Grade and flags as one number that rises with the grade; 0 without a grade."""
    flags = [grades[name].to_numpy(dtype=bool) for name in FLAGS]
    return np.asarray(4 * grades["grade"].to_numpy(dtype=np.int64) + 2 * flags[0] + flags[1], dtype=np.int64)


def code_of(grade: int) -> int:
    """The number of a grade without flags."""
    return 4 * grade


def grades_of(codes: NDArray[np.int64]) -> pd.DataFrame:
    """Grade and flags out of their numbers."""
    return pd.DataFrame({"grade": codes // 4, FLAGS[0]: codes // 2 % 2 == 1, FLAGS[1]: codes % 2 == 1})


def codes_by_risk(need: NDArray[np.int64], risk: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of grade and flags where need and grade of risk are known."""
    return codes_of(pd.DataFrame(_looked_up(standards.table(_TABLE).data["matrix"], risk, need)))


def _looked_up(
    matrix: Mapping[int, list[list[Any]]], risk: NDArray[np.int64], need: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    grade = np.zeros((6, 4), np.int64)
    flags = {name: np.zeros((6, 4), bool) for name in FLAGS}
    for row, cells in matrix.items():
        for column, cell in enumerate(cells, start=1):
            grade[int(row), column] = int(cell[0])
            for name in cell[1:]:
                flags[name][int(row), column] = True
    return {"grade": grade[risk, need], **{name: values[risk, need] for name, values in flags.items()}}


def _grades(given: pd.Series[Any], name: str, most: int, missing: int = 0) -> NDArray[np.int64]:
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isnan(numbers) & ((numbers < 0) | (numbers > most) | (numbers != np.floor(numbers)))
    if wrong.any():
        codes = [str(code) for code in given.index[wrong]]
        raise LayerError(Problem("prevention.grades", Phrase("column", name=name), codes=codes, most=most))
    return np.where(np.isnan(numbers), missing, numbers).astype(np.int64)


def measures(hazard: str, grade: int, function: str = "any", flags: tuple[str, ...] = ()) -> list[str]:
    """Keys of the measures (table ``zoning/measures``) for a hazard, a grade of prevention and a land function."""
    table = standards.table("zoning/measures").data
    rows = table["measures"].get(hazard, table["measures"]["other"])
    by_function = rows.get(int(grade), {})
    own = by_function.get(function, by_function.get("any", []))
    return list(dict.fromkeys([*own, *(key for flag in flags for key in table["flags"].get(flag, []))]))


def measure_text(keys: list[str], lang: str) -> str:
    """Measures as people read them."""
    names = standards.table("zoning/measures").data["names"]
    return ("、" if lang == "zh" else ", ").join(str(names[key][lang]) for key in keys)
