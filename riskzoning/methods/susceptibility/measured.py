"""Factors as they are measured, not as classes: the layers, their columns, and the two models that learn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from riskzoning.methods.susceptibility.counting import Array
from riskzoning.methods.susceptibility.factors import UNORDERED, Factors, Facts
from riskzoning.methods.susceptibility.predictors import ClassTotals, Forest, Predictor, grown, logistic

# Beyond so many times its last limit a value says no more: there is no line within reach.
_BEYOND = 2.0


def measured_layers(factors: Factors, classes: Factors, table: Facts) -> Factors:
    """Values of the factors whose classes stand in an order, and the classes of the others (rock, aspect)."""
    return {
        name: layer if is_class(table[name]) else _bounded(factors[name], table[name])
        for name, layer in classes.items()
    }


def is_class(factor: Facts) -> bool:
    """Whether a factor has classes in no order, so that its numbers are names."""
    return factor["kind"] in UNORDERED


def _bounded(layer: xr.DataArray, factor: Facts) -> xr.DataArray:
    if "breaks" in factor:
        return layer.clip(max=_BEYOND * float(max(factor["breaks"])))
    return layer.clip(factor.get("low"), factor.get("high"))


@dataclass(frozen=True, eq=False)
class Columns:
    """How values of factors become columns: numbers as they are, and a column for each class of class factors."""

    middles: tuple[float, ...]
    classes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, values: Array, unordered: Sequence[bool]) -> Columns:
        """From the values of a sample, shape (cells, factors); NaN where a factor has none."""
        known = [column[np.isfinite(column)] for column in values.T]
        middles = [float(np.median(one)) if one.size else 0.0 for one in known]
        codes = [tuple(map(int, np.unique(one))) if named else () for one, named in zip(known, unordered, strict=True)]
        return cls(tuple(middles), tuple(codes))

    def table(self, values: Array) -> Array:
        """Columns of cells: the middle of the sample stands for a missing number, a missing class is none of them."""
        parts: list[Array] = []
        for at, codes in enumerate(self.classes):
            column = values[:, at]
            if codes:
                parts.extend((column == code).astype(np.float64) for code in codes)
            else:
                parts.append(np.where(np.isfinite(column), column, self.middles[at]))
        return np.column_stack(parts)

    def owners(self) -> list[int]:
        """The factor of each column."""
        return [at for at, codes in enumerate(self.classes) for _ in range(len(codes) or 1)]

    def state(self) -> dict[str, Any]:
        return {"middles": list(self.middles), "classes": [list(codes) for codes in self.classes]}

    @classmethod
    def from_state(cls, state: Facts) -> Columns:
        return cls(tuple(state["middles"]), tuple(tuple(codes) for codes in state["classes"]))


@dataclass(frozen=True, eq=False)
class MeasuredLine:
    """Logistic regression of measured values."""

    columns: Columns
    slopes: Array
    intercept: float
    measured: bool = True

    def scores(self, columns: Array) -> Array:
        """NaN where no factor has a value."""
        chance = logistic(self.intercept + self.columns.table(columns) @ self.slopes)
        return np.where(np.isfinite(columns).any(axis=1), chance, np.nan)

    def state(self) -> dict[str, Any]:
        return {**self.columns.state(), "slopes": self.slopes.tolist(), "intercept": self.intercept}


@dataclass(frozen=True, eq=False)
class MeasuredForest:
    """A random forest of measured values; its shares of votes are brought from the sample to the ground."""

    columns: Columns
    trees: Any
    learnt: Facts
    shift: float
    measured: bool = True

    @classmethod
    def of(cls, columns: Columns, values: Array, event: Array, choices: Facts) -> MeasuredForest:
        """Grown on a sample; ``choices`` are ``trees seed least tau``."""
        trees = grown(columns.table(values), event, choices)
        written = [[None if np.isnan(one) else one for one in row] for row in np.asarray(values).tolist()]
        learnt = {**columns.state(), "sample": written, "event": np.asarray(event).astype(int).tolist(), **choices}
        return cls(columns, trees, learnt, float(np.log(choices["tau"] / (1 - choices["tau"]))))

    def scores(self, columns: Array) -> Array:
        """NaN where no factor has a value."""
        if not len(columns):
            return np.zeros(0)
        known = np.isfinite(columns).any(axis=1)
        out = np.full(len(columns), np.nan)
        if known.any():
            votes = self.trees.predict_proba(self.columns.table(columns[known]).astype(np.float32))[:, 1]
            with np.errstate(divide="ignore"):
                out[known] = logistic(np.log(votes / (1 - votes)) + self.shift)
        return out

    def state(self) -> dict[str, Any]:
        return dict(self.learnt)


def predictor_of(state: Facts) -> Predictor:
    """A predictor from what :meth:`Predictor.state` gave."""
    if "combine" in state:
        return ClassTotals.from_state(state)
    return _measured(state) if "middles" in state else Forest.from_state(state)


def _measured(state: Facts) -> Predictor:
    columns = Columns.from_state(state)
    if "slopes" in state:
        return MeasuredLine(columns, np.array(state["slopes"]), float(state["intercept"]))
    values = np.array([[np.nan if one is None else one for one in row] for row in state["sample"]], dtype=np.float64)
    choices = {name: state[name] for name in ("trees", "seed", "least", "tau")}
    return MeasuredForest.of(columns, values, np.array(state["event"], dtype=bool), choices)
