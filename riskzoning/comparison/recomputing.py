"""Indices of units made again from stored parts, some of one run and some of the other: what each change makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import risk, standards
from riskzoning.comparison.runs import ComparedRun
from riskzoning.errors import Journal, RiskZoningError, hearing
from riskzoning.names import MULTI, Index, Measure

_COMPOSED = "composed"
_OF_UNITS = ("graded", "sum", "topsis")


@dataclass(frozen=True)
class Recipe:
    """From which run (0 before, 1 after) each part of an index is taken.

    ``members``: the hazards of the composite: those before, those of both runs, those after.
    """

    hazard: int = 0
    exposure: int = 0
    vulnerability: int = 0
    form: int = 0
    receptors: int = 0
    members: str = "before"
    weights: int = 0
    combine: int = 0


# The order in which the parts of one run are put in the place of those of the other.
STEPS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("hazard", {"hazard": 1}),
    ("exposure", {"exposure": 1}),
    ("vulnerability", {"vulnerability": 1}),
    ("form", {"form": 1}),
    ("receptors", {"receptors": 1}),
    ("hazards_left", {"members": "both"}),
    ("weights", {"weights": 1}),
    ("hazards_added", {"members": "after"}),
    ("combination", {"combine": 1}),
)


def recipes() -> list[tuple[str, Recipe]]:
    """The parts in their order, each with the recipe in which it has just been exchanged."""
    out, recipe = [], Recipe()
    for part, change in STEPS:
        recipe = replace(recipe, **change)
        out.append((part, recipe))
    return out


@dataclass
class Kitchen:
    """Both runs with their units in one order; makes indices of them by recipes, each part once."""

    runs: tuple[ComparedRun, ComparedRun]
    units: tuple[pd.DataFrame, pd.DataFrame]
    _made: dict[object, pd.Series[float] | None] = field(default_factory=dict)

    @property
    def composed(self) -> bool:
        """Whether both runs compose the risk of units from their parts, as they are stored."""
        return all(_rule(run) == _COMPOSED for run in self.runs)

    def hazards(self, members: str) -> list[str]:
        """Hazards of the composite, in the order of the run that is asked for."""
        before, after = (list(map(str, run.weights.index)) for run in self.runs)
        if members == "both":
            return [name for name in before if name in after]
        return before if members == "before" else after

    def make(self, index: Index, recipe: Recipe) -> NDArray[np.float64] | None:
        """The index by a recipe; None where the parts are not stored, or do not go together."""
        try:
            with hearing(Journal()), standards.session(self.runs[recipe.form].tables):
                made = self._index(index, recipe)
        except (RiskZoningError, KeyError, ValueError):
            return None
        return None if made is None else np.asarray(made, dtype=np.float64)

    def _index(self, index: Index, recipe: Recipe) -> pd.Series[float] | None:
        if index.hazard == MULTI:
            return self._composite(index, recipe)
        if index.what == "risk" and index.receptor is None:
            return self._mean(index.hazard, recipe)
        return self._single(index, recipe)

    def _single(self, index: Index, recipe: Recipe) -> pd.Series[float] | None:
        """A hazard, or its risk for one receptor."""
        key = (index, recipe.hazard, recipe.exposure, recipe.vulnerability, recipe.form)
        if key not in self._made:
            composing = index.what == "risk" and self.composed
            self._made[key] = self._composed(index, recipe) if composing else self._stored(index.key, recipe.hazard)
        return self._made[key]

    def _stored(self, key: str, run: int) -> pd.Series[float] | None:
        """A column of a run; of the other one where the first has none: what is only there is taken as it is."""
        for frame in (self.units[run], self.units[1 - run]):
            if key in frame.columns:
                return frame[key].astype(float)
        return None

    def _composed(self, index: Index, recipe: Recipe) -> pd.Series[float] | None:
        assert index.receptor is not None
        severity = self._stored(Measure("exposed_hazard_index", index.hazard, index.receptor).key, recipe.hazard)
        exposed = self._stored(Measure("exposure_index", receptor=index.receptor).key, recipe.exposure)
        weak = self._stored(Measure("vulnerability_index", receptor=index.receptor).key, recipe.vulnerability)
        if severity is None or exposed is None:
            return None
        form = str(self.runs[recipe.form].section("risk").get("form", "gated"))
        known = None if weak is None else weak.fillna(1.0)
        made: pd.Series[float] = risk.risk_index(severity, exposed, known, form=form)  # type: ignore[arg-type]
        return made

    def _mean(self, hazard: str, recipe: Recipe) -> pd.Series[float] | None:
        """The stated mean of the receptors."""
        if not self.composed:
            return self._stored(Index(hazard, "risk").key, recipe.hazard)
        key = ("mean", hazard, recipe.hazard, recipe.exposure, recipe.vulnerability, recipe.form, recipe.receptors)
        if key not in self._made:
            run = self.runs[recipe.receptors]
            every = {name: self._single(Index(hazard, "risk", name), recipe) for name in run.receptors}
            parts = {name: values for name, values in every.items() if values is not None}
            with standards.session(run.tables):
                self._made[key] = (
                    risk.mean_receptor_index(parts, weights=run.receptor_weights(hazard)) if parts else None
                )
        return self._made[key]

    def _composite(self, index: Index, recipe: Recipe) -> pd.Series[float] | None:
        names = self.hazards(recipe.members)
        every = {name: self._index(replace(index, hazard=name, scheme=""), recipe) for name in names}
        parts = {name: values for name, values in every.items() if values is not None}
        if len(parts) < len(names) or not parts:
            return None
        stated = self.runs[recipe.weights].weights
        weights = stated.reindex(names).fillna(0.0)
        if not weights.sum() > 0:
            return None
        shares = dict(zip(names, (weights / weights.sum()).tolist(), strict=True))
        of_run = self.runs[recipe.combine].section("risk")
        method = str(of_run.get("combine", "weighted_sum"))
        if method in _OF_UNITS or of_run.get("chains") is not None:
            # Those look at all units, at losses, or at risks that are raised first.
            return None
        made: pd.Series[float] = risk.combine_hazards(parts, shares, method=method)  # type: ignore[arg-type]
        return made


def _rule(run: ComparedRun) -> str:
    stated = run.section("risk").get("unit_rule")
    return str(stated or ("area_mean" if run.section("risk").get("form") == "half_scaled" else _COMPOSED))
