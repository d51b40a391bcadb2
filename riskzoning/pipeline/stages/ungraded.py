"""Why a unit has no grade: a row for each unit and index, in words (table ``no_grade``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.errors import Phrase
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.state import Assessed, Run
from riskzoning.zoning.scales import UnitGrades

_COLUMNS = ["code", "name", "level", "hazard", "receptor", "indicator", "valid_share", "reason", "text"]
_PREFIX = "reason_"
_NO_VALUE = "reason_no_value"
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Level:
    """The units of a level that the reasons are asked of, with all that they have."""

    run: Run
    assessed: Assessed
    name: str
    frame: pd.DataFrame
    _unknown: dict[str, Mask] = field(default_factory=dict)

    @cached_property
    def own(self) -> pd.DataFrame:
        """The columns of the units, in their order."""
        return self.assessed.units.loc[self.frame.index]

    @cached_property
    def off_grid(self) -> Mask:
        """Which units have no ground on the grid."""
        areas = self.run.setting.coverage.areas.reindex(self.frame.index).to_numpy(dtype=np.float64)
        return np.asarray(~(areas > 0))

    def unknown(self, key: str) -> Mask:
        """Where a column has no value; nowhere, where there is no such column."""
        if key not in self._unknown:
            none = np.zeros(len(self.frame), dtype=bool)
            self._unknown[key] = self.own[key].isna().to_numpy(dtype=bool) if key in self.own else none
        return self._unknown[key]

    def share(self, index: Index) -> NDArray[np.float64]:
        """Share of the ground of the units on which the hazard (all hazards) has a value."""
        key = (Measure("valid_share") if index.hazard == MULTI else Measure("valid_share", index.hazard)).key
        shares = self.own[key] if key in self.own else pd.Series(np.nan, self.own.index)
        return np.asarray(shares, dtype=np.float64)

    def no_hazard(self, index: Index) -> Mask:
        """Where the hazard, or every hazard, has no value."""
        if index.hazard != MULTI:
            return self.unknown(Index(index.hazard, "hazard").key)
        single = [Index(item.hazard, "hazard").key for item in self.run.setting.study.hazards]
        return np.logical_and.reduce([self.unknown(key) for key in single])

    def no_exposure(self, index: Index) -> Mask:
        """Where a risk lacks what is exposed: the count of the receptor, or those of all receptors."""
        if index.what != "risk":
            return np.zeros(len(self.frame), dtype=bool)
        receptors = [index.receptor] if index.receptor else list(self.run.setting.study.exposure.receptors)
        unknown = [
            self.unknown(Measure("exposure_index", receptor=one).key)
            | self.unknown(replace(index, receptor=one).key) & ~self.no_hazard(index)
            for one in receptors
        ]
        return np.logical_and.reduce(unknown) if unknown else np.zeros(len(self.frame), dtype=bool)


def no_grade_table(
    run: Run,
    assessed: Assessed,
    frames: Mapping[str, pd.DataFrame],
    grades: Mapping[Index, UnitGrades],
    absent: Sequence[tuple[Index, ...]],
) -> dict[str, pd.DataFrame]:
    """The table ``no_grade``; none where every unit has every grade.

    ``frames`` are the units of each level with their grades (0: none), ``absent`` the indices of hazards that do not
    exist here.
    """
    # Plain frames: each column of one with geometries costs several times as much.
    levels = [_Level(run, assessed, name, pd.DataFrame(frame)) for name, frame in frames.items()]
    parts = [part for level in levels for part in _of_level(level, grades, absent)]
    if not parts:
        return {}
    return {"no_grade": pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS})}


def _of_level(
    level: _Level, grades: Mapping[Index, UnitGrades], absent: Sequence[tuple[Index, ...]]
) -> Iterator[Mapping[str, NDArray[Any]]]:
    """The rows of a level, index by index."""
    for index, made in grades.items():
        none = level.frame[index.grade_key].to_numpy() == 0
        if none.any():
            yield _rows(level, index, none, _reasons(level, index, made)[none])
    every = np.ones(len(level.frame), dtype=bool)
    why = np.full(len(level.frame), Phrase("reason_not_applicable"), dtype=object)
    for index in (index for hazard in absent for index in hazard):
        yield _rows(level, index, every, why)


def _reasons(level: _Level, index: Index, made: UnitGrades) -> NDArray[Any]:
    """Why each unit would have no grade: what stands first in the way comes last."""
    why = np.full(len(level.frame), Phrase(_NO_VALUE), dtype=object)
    every = [phrase for said in made.reasons.values() for phrase in said]
    # Where no breaks could be made nobody has a grade, whatever the level.
    few = next((phrase for phrase in every if phrase.key == "reason_few_units"), None)
    why[~level.unknown(index.key)] = few or Phrase("reason_no_class")
    why[level.unknown(index.key) & level.no_exposure(index)] = Phrase("reason_no_exposure")
    why[level.no_hazard(index)] = Phrase("reason_no_hazard" if index.hazard == MULTI else "reason_no_hazard_data")
    said = made.reasons.get(level.name, pd.Series(dtype=object))
    for at, phrase in zip(level.frame.index.get_indexer(said.index), said, strict=True):
        if at >= 0 and phrase.key != _NO_VALUE:
            why[at] = phrase
    why[level.off_grid] = Phrase("reason_off_grid")
    return why


def _rows(level: _Level, index: Index, none: Mask, why: NDArray[Any]) -> Mapping[str, NDArray[Any]]:
    lang = level.run.setting.study.language
    texts = {phrase: phrase.text(lang) for phrase in dict.fromkeys(why)}
    about = {
        "level": level.name, "hazard": index.hazard, "receptor": index.receptor or "", "indicator": index.grade_quantity
    }  # fmt: skip
    return {
        "code": level.frame.index.to_numpy(dtype=object)[none],
        "name": level.frame["name"].to_numpy(dtype=object)[none],
        **{name: np.full(len(why), value, dtype=object) for name, value in about.items()},
        "valid_share": level.share(index)[none],
        "reason": np.array([phrase.key.removeprefix(_PREFIX) for phrase in why], dtype=object),
        "text": np.array([texts[phrase] for phrase in why], dtype=object),
    }
