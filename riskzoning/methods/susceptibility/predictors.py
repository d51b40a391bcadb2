"""What a fitted model says of cells by the codes of their classes: totals of class values, and trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from riskzoning.methods.susceptibility.counting import Array
from riskzoning.methods.susceptibility.factors import Facts
from riskzoning.methods.susceptibility.scoring import combined

Combine: TypeAlias = Literal["sum", "certainty", "logistic"]


class Predictor(Protocol):
    """Scores of cells from the codes of their classes, or from measured values where ``measured`` says so.

    ``state`` is what a calibration keeps, as JSON holds it.
    """

    @property
    def measured(self) -> bool: ...

    def scores(self, columns: Array, /) -> Array: ...

    def state(self) -> dict[str, Any]: ...


@dataclass(frozen=True, eq=False)
class ClassTotals:
    """Values of classes put together: added up, folded as certainty factors, or added up to log-odds."""

    codes: tuple[Array, ...]
    values: tuple[Array, ...]
    combine: Combine
    weights: Array
    intercept: float = 0.0
    measured: bool = False

    @classmethod
    def of(
        cls, values: Sequence[Mapping[int, float]], combine: Combine, weights: Array | None = None, intercept: float = 0
    ) -> ClassTotals:
        """From class code -> value of every factor, in the order of the columns."""
        tables = [sorted(one.items()) for one in values]
        codes = tuple(np.array([code for code, _ in table], dtype=np.int64) for table in tables)
        numbers = tuple(np.array([value for _, value in table], dtype=np.float64) for table in tables)
        shares = np.ones(len(tables)) if weights is None else np.asarray(weights, dtype=np.float64)
        return cls(codes, numbers, combine, shares, float(intercept))

    def looked_up(self, codes: Array) -> Array:
        """The value of the class of every cell by every factor; NaN where it has none."""
        out = np.full(codes.shape, np.nan)
        for at, (known, values) in enumerate(zip(self.codes, self.values, strict=True)):
            if known.size:
                place = np.minimum(np.searchsorted(known, codes[:, at]), known.size - 1)
                out[:, at] = np.where(known[place] == codes[:, at], values[place], np.nan)
        return out

    def scores(self, codes: Array) -> Array:
        """NaN where no factor has a value; else what is missing is made up (sums) or says nothing."""
        values = self.looked_up(codes)
        there = ~np.isnan(values)
        if self.combine == "certainty":
            folded = np.zeros(len(values))
            for at in range(values.shape[1]):
                folded = combined(folded, np.nan_to_num(values[:, at]))
            return np.where(there.any(axis=1), folded, np.nan)
        total = np.nan_to_num(values) @ self.weights
        if self.combine == "logistic":
            return np.where(there.any(axis=1), logistic(self.intercept + total), np.nan)
        present = there @ self.weights
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(present > 0, total * (self.weights.sum() / present), np.nan)

    def state(self) -> dict[str, Any]:
        return {
            "codes": [known.tolist() for known in self.codes],
            "values": [values.tolist() for values in self.values],
            "combine": self.combine,
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_state(cls, state: Facts) -> ClassTotals:
        values = [dict(zip(codes, numbers)) for codes, numbers in zip(state["codes"], state["values"], strict=True)]
        return cls.of(values, state["combine"], np.array(state["weights"]), state["intercept"])


@dataclass(frozen=True, eq=False)
class Forest:
    """A random forest of class codes; its shares of votes are brought from the sample to the ground."""

    trees: Any
    learnt: Facts
    shift: float
    measured: bool = False

    @classmethod
    def of(cls, codes: Array, event: Array, *, trees: int, seed: int, least: int, tau: float) -> Forest:
        """Grown on a sample; the same trees from the same sample and seed."""
        choices = {"trees": trees, "seed": seed, "least": least, "tau": tau}
        model = grown(codes, event, choices)
        learnt = {"codes": np.asarray(codes).tolist(), "event": np.asarray(event).astype(int).tolist()}
        # Balanced weights vote as if every second cell had an event.
        return cls(model, {**learnt, **choices}, float(np.log(tau / (1 - tau))))

    def scores(self, codes: Array) -> Array:
        """NaN where no factor has a value; alike cells are asked once."""
        if not len(codes):
            return np.zeros(0)
        alike, place = np.unique(np.asarray(codes, dtype=np.float32), axis=0, return_inverse=True)
        votes = self.trees.predict_proba(alike)[:, 1]
        with np.errstate(divide="ignore"):
            chance = logistic(np.log(votes / (1 - votes)) + self.shift)
        return np.where((alike != 0).any(axis=1), chance, np.nan)[np.ravel(place)]

    def state(self) -> dict[str, Any]:
        return dict(self.learnt)

    @classmethod
    def from_state(cls, state: Facts) -> Forest:
        codes, event = np.array(state["codes"]), np.array(state["event"], dtype=bool)
        choices = {name: state[name] for name in ("trees", "seed", "least", "tau")}
        return cls.of(codes, event, **choices)


def grown(table: Array, event: Array, choices: Facts) -> Any:
    """Trees of a sample; ``choices`` are ``trees seed least``."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        choices["trees"],
        max_features="sqrt",
        class_weight="balanced",
        min_samples_leaf=choices["least"],
        random_state=choices["seed"],
    )
    return model.fit(np.asarray(table, dtype=np.float32), np.asarray(event))


def logistic(log_odds: Array) -> Array:
    """Probability of log-odds, without overflow at either end."""
    odds = np.exp(-np.abs(log_odds))
    return np.where(np.asarray(log_odds) >= 0, 1 / (1 + odds), odds / (1 + odds))
