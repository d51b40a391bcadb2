"""A run as a database has it, for what looks whether its values fit together."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning.config.weighing import receptor_weights
from riskzoning.errors import Phrase, Problem
from riskzoning.risk.index import Form as IndexForm

# Options of the risk that say nothing of how a risk is composed of its parts, and those that are followed here.
_ELSEWHERE = {"eal_method", "eal_tail", "protection"}
_FOLLOWED = {"capacity", "chains", "combine", "form", "matrix", "receptor_weights", "unit_rule"}
Combination = Literal["weighted_sum", "weighted_product", "maximum", "graded", "union", "sum", "inform", "topsis"]
# Methods that are defined for units; the indices of the cells, and what the first leaves of the units, are added.
_OF_UNITS = ("graded", "sum", "topsis")


@dataclass(frozen=True)
class StoredRun:
    """The tables of one run; ``thing`` names one of them as people know it; ``study`` is what the run was asked for."""

    tables: Mapping[str, pd.DataFrame]
    thing: Callable[[str], Phrase]
    study: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, *columns: str) -> pd.DataFrame | None:
        """A table that is there, with rows and with these columns."""
        frame = self.tables.get(name)
        return frame if frame is not None and len(frame) and set(columns) <= set(frame.columns) else None

    @property
    def _risk(self) -> Mapping[str, Any]:
        return self.study.get("risk") or {}

    @property
    def weighted(self) -> bool:
        """Whether all hazards together are the sum of the hazards by their weights."""
        plain = self.combination in ("weighted_sum", "graded") and not self.chains
        return bool(self._risk.get("combine") and self.added and (self.composed or plain))

    @property
    def composed(self) -> bool:
        """Whether the risks of units are composed of the parts of the units, by rules that are known here."""
        unknown = {key for key, value in self._risk.items() if value} - _ELSEWHERE - _FOLLOWED
        rule = self._risk.get("unit_rule") or ("area_mean" if self.form == "half_scaled" else "composed")
        return bool(self._risk) and not unknown and rule == "composed"

    @property
    def form(self) -> IndexForm | Literal["matrix"]:
        """How hazard, exposure and vulnerability make a risk."""
        return cast(IndexForm, self._risk.get("form", "gated"))

    @property
    def combination(self) -> Combination:
        """How the hazards make the risk of all of them."""
        return cast(Combination, self._risk.get("combine", "weighted_sum"))

    @property
    def added(self) -> bool:
        """Whether indices of all hazards in a cell are their sum by weights."""
        return self.combination == "weighted_sum" or self.combination in _OF_UNITS

    @property
    def matrix(self) -> str | None:
        """The risk matrix that the study names."""
        name = self._risk.get("matrix")
        return None if name is None else str(name)

    @property
    def chains(self) -> bool:
        """Whether hazards are raised by those that trigger them."""
        return self._risk.get("chains") is not None

    @property
    def capacity(self) -> Mapping[str, Any] | None:
        """How capacity takes something off the risk of units."""
        return cast("Mapping[str, Any] | None", self._risk.get("capacity"))

    def receptor_weights(self, hazard: str, receptors: Collection[str]) -> dict[str, float] | None:
        """The weights of the receptors in the risk of a hazard, where they are not the usual ones."""
        stated = self._risk.get("receptor_weights") or {}
        return receptor_weights(hazard, hazards=self.study.get("hazards") or (), stated=stated, receptors=receptors)

    def replaced(self, table: str) -> bool:
        """Whether the study had its own numbers in place of a table of standards."""
        used = self.get("meta_tables_used", "name", "replaced_by")
        if used is None:
            return False
        own = used.loc[used["name"] == table, "replaced_by"]
        return bool((own.fillna("") != "").any())

    def differs(
        self, name: str, field: str, parts: str, codes: list[str], stored: float | str, computed: float | str
    ) -> Problem:
        """A problem of stored values that are not what their parts give; the first of them is shown."""
        return Problem(
            "database.recomputed",
            self.thing(name),
            field=field,
            column=field,
            count=len(codes),
            code=codes[0],
            parts=parts,
            stored=stored,
            computed=computed,
        )

    def compared(
        self, name: str, field: str, parts: str, stored: pd.Series[Any], computed: ArrayLike, within: float = 1e-6
    ) -> list[Problem]:
        """The problem of a column (index: what names its rows) against what its parts give; NaN there is not judged."""
        was, now = np.asarray(stored, dtype=np.float64), np.asarray(computed, dtype=np.float64)
        wrong = np.isfinite(now) & ~np.isclose(was, now, rtol=within, atol=1e-6)
        at = np.flatnonzero(wrong)
        if not at.size:
            return []
        codes = [_words(key) for key in stored.index[at]]
        return [self.differs(name, field, parts, codes, float(was[at[0]]), float(now[at[0]]))]


def _words(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def numbers(frame: pd.DataFrame, name: str, *key: str) -> pd.Series[float]:
    """A column as numbers, by the columns that name its rows."""
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    names = key or ("code",)
    index = pd.Index(frame[names[0]]) if len(names) == 1 else pd.MultiIndex.from_frame(pd.DataFrame(frame[[*names]]))
    return pd.Series(values, index=index)


def with_ground(units: pd.DataFrame) -> pd.DataFrame:
    """The units of ``base_admin`` that have ground of their own; those of statistics have none."""
    return units[units["stat_only"].fillna(0).astype(float) == 0] if "stat_only" in units else units


def study_of(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """The study as a row of ``meta_run`` records it."""
    try:
        study = json.loads(str(run.get("record") or "{}")).get("study", {})
    except ValueError:
        return {}
    return study if isinstance(study, dict) else {}
