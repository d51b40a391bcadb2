"""The six models, learnt from counted classes: four from tables, two (regression, forest) from cells of a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.counting import Array
from riskzoning.methods.susceptibility.fitting import Counted
from riskzoning.methods.susceptibility.measured import Columns, MeasuredForest, MeasuredLine, is_class
from riskzoning.methods.susceptibility.model import STATISTICS, ModelFloor, Tables, class_values, train
from riskzoning.methods.susceptibility.predictors import ClassTotals, Combine, Forest, Predictor
from riskzoning.methods.susceptibility.sampling import Sample, columns_of, far_from_events

Method: TypeAlias = Literal[
    "information_value",
    "frequency_ratio",
    "certainty_factor",
    "weights_of_evidence",
    "logistic_regression",
    "random_forest",
]
METHODS: tuple[Method, ...] = (
    "information_value",
    "frequency_ratio",
    "certainty_factor",
    "weights_of_evidence",
    "logistic_regression",
    "random_forest",
)
LEARNT = ("logistic_regression", "random_forest")
# What logistic regression and random forest learn from.
Inputs: TypeAlias = Literal["information_value", "certainty_factor", "classes", "values"]
INPUTS: tuple[Inputs, ...] = ("information_value", "certainty_factor", "classes", "values")


@dataclass(frozen=True)
class Options:
    """Choices of a model of susceptibility; each method takes those that concern it.

    Parameters
    ----------
    floor : {"shrink", "laplace", "min"} or number
        What a class with few events or none gets (:func:`information_value`).
    weights : mapping factor -> weight, optional
        Of the sums of information value, frequency ratio and weights of evidence; without them every factor counts 1.
        With them no factor is taken out for being like another.
    inputs : {"information_value", "certainty_factor", "classes", "values"}
        What logistic regression takes of a class: its value, or a coefficient of its own. ``values``: it and the random
        forest take the factors as they are measured (slope in degrees, distance in m, up to twice the last limit of
        their classes), and a column for each class of those in no order (rock, aspect).
    ratio : float
        Cells without an event that logistic regression and random forest learn from, for each with one.
    buffer_m : float
        They lie so far (m) from every event.
    penalty : float
        Of large standardised coefficients of logistic regression (ridge).
    trees, least_leaf : int
        Trees of the random forest, and cells of their smallest leaf.
    folds, repeats : int
        Skill is measured on so many folds of whole blocks of ground, dealt anew in each repeat.
    block_m : float
        Edge of a block, m.
    background : int
        Cells without an event on which skill is measured; all where there are fewer.
    seed : int
        Of folds, sample and trees: the same seed gives the same numbers.

    Examples
    --------
    >>> Options(trees=200).ratio
    5.0
    """

    floor: ModelFloor = "shrink"
    weights: Mapping[str, float] | None = None
    inputs: Inputs = "information_value"
    ratio: float = 5.0
    buffer_m: float = 500.0
    penalty: float = 1.0
    trees: int = 500
    least_leaf: int = 3
    folds: int = 5
    repeats: int = 5
    block_m: float = 5000.0
    background: int = 20_000
    seed: int = 0

    def __post_init__(self) -> None:
        """Choices that cannot be are refused, all at once."""
        checks = {
            "inputs": self.inputs in INPUTS,
            "ratio": self.ratio > 0,
            "buffer_m": self.buffer_m >= 0,
            "penalty": self.penalty > 0,
            "trees": self.trees >= 1,
            "least_leaf": self.least_leaf >= 1,
            "folds": self.folds >= 2,
            "repeats": self.repeats >= 1,
            "block_m": self.block_m > 0,
            "background": self.background >= 1,
        }
        wrong = [name for name, good in checks.items() if not good]
        problems = [
            Problem("susceptibility.option", Phrase("parameter", name=name), value=str(getattr(self, name)))
            for name in wrong
        ]
        if problems:
            raise LayerError(problems=problems)


@dataclass(frozen=True)
class Learnt:
    """A predictor with what a reader wants to know of how it came about."""

    predictor: Predictor
    values: Mapping[str, Mapping[int, float]]
    facts: dict[str, Any] = field(default_factory=dict)


def learnt(
    method: Method, names: Sequence[str], tables: Tables, counted: Counted, given: tuple[Options, Any]
) -> Learnt:
    """The model of a method; ``given`` are the options and, for what learns from cells, the sample of the ground."""
    options, sample = given
    if method in STATISTICS:
        return _class_model(method, names, tables, counted, options)
    drawn = training_sample(sample, options)
    if options.inputs == "values":
        return _measured(method, names, counted, drawn, options)
    if method == "random_forest":
        return _forest(names, drawn, options)
    return _regression(names, tables, counted, drawn, options)


def training_sample(sample: Sample, options: Options) -> Sample:
    """All events, and cells without one far from them, as many times as asked for."""
    others = (sample.cells - sample.events) or 1
    wanted = options.ratio * max(int(sample.event.sum()), 1) / others
    far = far_from_events(sample, options.buffer_m)
    # Which cells are drawn does not depend on how many the skill is measured on.
    drawn = sample.rows(sample.event | (far & (sample.chance < wanted)))
    if not drawn.event.any() or drawn.event.all():
        thing = Phrase("training_sample")
        values: dict[str, Any] = {
            "events": int(drawn.event.sum()),
            "others": int((~drawn.event).sum()),
            "buffer": options.buffer_m,
        }
        raise LayerError(Problem("susceptibility.sample", thing, **values))
    return drawn


def values_of(
    method: str, names: Sequence[str], tables: Tables, counted: Counted, floor: ModelFloor
) -> dict[str, dict[int, float]]:
    """Class code -> statistic for every factor; one that has no event on the ground left says nothing."""
    chosen = {name: tables[name] for name in names}
    model = train(chosen, counted.breaks, counted.rules, floor=floor, statistic=method)
    known = class_values(model)
    return {name: known.get(name, {}) for name in names}


def _class_model(method: Method, names: Sequence[str], tables: Tables, counted: Counted, options: Options) -> Learnt:
    values = values_of(method, names, tables, counted, options.floor)
    combine: Combine = "certainty" if method == "certainty_factor" else "sum"
    weights = None if options.weights is None else np.array([options.weights[name] for name in names])
    return Learnt(ClassTotals.of(list(values.values()), combine, weights), values)


def _forest(names: Sequence[str], drawn: Sample, options: Options) -> Learnt:
    tau = drawn.events / drawn.cells
    forest = Forest.of(
        columns_of(names, drawn), drawn.event, trees=options.trees, seed=options.seed, least=options.least_leaf, tau=tau
    )
    importance = dict(zip(names, map(float, forest.trees.feature_importances_), strict=True))
    return Learnt(forest, {}, {**_counts(drawn), "importance": importance})


def _regression(names: Sequence[str], tables: Tables, counted: Counted, drawn: Sample, options: Options) -> Learnt:
    codes = columns_of(names, drawn)
    if options.inputs == "classes":
        members = [(name, to, _members(counted, name, to)) for name in names for to in _codes(counted, name)]
        columns = [np.isin(codes[:, names.index(name)], inside) for name, _, inside in members]
        x = np.column_stack(columns).astype(np.float64)
    else:
        values = values_of(options.inputs, names, tables, counted, options.floor)
        x = np.nan_to_num(ClassTotals.of(list(values.values()), "sum").looked_up(codes))
    slopes, intercept = fitted_line(x, drawn.event, options.penalty)
    intercept = prior_corrected(intercept, drawn.events / drawn.cells, float(drawn.event.mean()))
    facts = {**_counts(drawn), "intercept": intercept, "coefficients": {}, "vif": {}}
    if options.inputs == "classes":
        values = {name: {} for name in names}
        for (name, _, inside), slope in zip(members, slopes, strict=True):
            values[name].update(dict.fromkeys(inside, float(slope)))
    else:
        slope_of = dict(zip(names, map(float, slopes), strict=True))
        values = {name: {code: slope_of[name] * one for code, one in values[name].items()} for name in names}
        facts |= {"coefficients": slope_of, "vif": inflation(x, names)}
    return Learnt(ClassTotals.of(list(values.values()), "logistic", None, intercept), values, facts)


def _measured(method: Method, names: Sequence[str], counted: Counted, drawn: Sample, options: Options) -> Learnt:
    """Logistic regression or random forest on the factors as they are measured."""
    values, tau = columns_of(names, drawn, measured=True), drawn.events / drawn.cells
    columns = Columns.of(values, [is_class(counted.rules.factors[name]) for name in names])
    owners = np.array(columns.owners())
    if method == "random_forest":
        choices = {"trees": options.trees, "seed": options.seed, "least": options.least_leaf, "tau": tau}
        forest = MeasuredForest.of(columns, values, drawn.event, choices)
        shares = np.bincount(owners, weights=forest.trees.feature_importances_, minlength=len(names))
        return Learnt(forest, {}, {**_counts(drawn), "importance": dict(zip(names, map(float, shares), strict=True))})
    x = columns.table(values)
    slopes, intercept = fitted_line(x, drawn.event, options.penalty)
    intercept = prior_corrected(intercept, tau, float(drawn.event.mean()))
    moved = {name: float((x[:, owners == at] @ slopes[owners == at]).std()) for at, name in enumerate(names)}
    plain = [at for at, codes in enumerate(columns.classes) if not codes]
    of_plain = np.isin(owners, plain)
    known = [names[at] for at in plain]
    facts = {
        **_counts(drawn),
        "intercept": intercept,
        "coefficients": dict(zip(known, map(float, slopes[of_plain]), strict=True)),
        "vif": inflation(x[:, of_plain], known),
        "importance": moved,
    }
    return Learnt(MeasuredLine(columns, slopes, intercept), {}, facts)


def _members(counted: Counted, name: str, to: int) -> list[int]:
    """A class and the small ones that were joined to it."""
    return sorted({to, *(code for code, other in counted.tables[name][1].items() if other == to)})


def _codes(counted: Counted, name: str) -> list[int]:
    return sorted({int(code) for code in counted.tables[name][0]["class"]})


def _counts(drawn: Sample) -> dict[str, Any]:
    events = int(drawn.event.sum())
    return {"events": events, "others": int(drawn.event.size - events), "base_rate": drawn.events / drawn.cells}


def fitted_line(x: Array, event: Array, penalty: float) -> tuple[Array, float]:
    """Slopes and intercept of logistic regression in the units of the columns; what does not vary has slope 0."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = x.mean(axis=0), x.std(axis=0)
    varies = spread > 1e-12
    if not varies.any():
        share = float(event.mean())
        return np.zeros(x.shape[1]), float(np.log(share / (1 - share)))
    scaled = (x[:, varies] - middle[varies]) / spread[varies]
    line = LogisticRegression(C=1 / penalty, max_iter=1000, tol=1e-8).fit(scaled, event)
    slopes = np.zeros(x.shape[1])
    slopes[varies] = line.coef_[0] / spread[varies]
    return slopes, float(line.intercept_[0] - slopes @ middle)


@takes()
def prior_corrected(intercept: float, tau: float, share: float) -> float:
    """The intercept of logistic regression from a sample brought to the ground (King and Zeng).

    Parameters
    ----------
    intercept : float
        As fitted on the sample.
    tau : float
        Share of the cells of the ground that have an event, above 0 and below 1.
    share : float
        Share of the cells of the sample that have one.

    Raises
    ------
    LayerError
        A share is not between 0 and 1.

    References
    ----------
    King and Zeng (2001), Logistic regression in rare events data, Political Analysis 9; cited, not read.

    Examples
    --------
    >>> round(prior_corrected(0.0, 0.01, 0.5), 6)
    -4.59512
    """
    if not (0 < tau < 1 and 0 < share < 1):
        raise LayerError(Problem("susceptibility.prior", Phrase("base_rate"), tau=tau, share=share))
    return float(intercept - np.log((1 - tau) / tau * share / (1 - share)))


def inflation(x: Array, names: Sequence[str]) -> dict[str, float]:
    """How far each column is told by the others (VIF, variance inflation)."""
    spread = x.std(axis=0)
    keep = np.flatnonzero(spread > 1e-12)
    if keep.size < 2:
        return {}
    scaled = (x[:, keep] - x[:, keep].mean(axis=0)) / spread[keep]
    # A pair that is one and the same has no inverse, and is inflated without limit.
    r = scaled.T @ scaled / len(x)
    inverse = np.diag(np.linalg.inv(r + 1e-12 * np.eye(keep.size)))
    return {names[int(at)]: round(float(value), 3) for at, value in zip(keep, inverse, strict=True)}
