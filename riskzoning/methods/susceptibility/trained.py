"""A model of susceptibility from factors, events and the ground that counts: what it rests on, its scores of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers import check_same_grid, describe, grid_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.collinear import collinear_losers
from riskzoning.methods.susceptibility.counting import Array, fold_blocks
from riskzoning.methods.susceptibility.empty import tell_empty
from riskzoning.methods.susceptibility.factors import Factors, Facts
from riskzoning.methods.susceptibility.fitting import Counted, model_classes
from riskzoning.methods.susceptibility.folds import block_numbers
from riskzoning.methods.susceptibility.learners import LEARNT, METHODS, Learnt, Method, Options, learnt, values_of
from riskzoning.methods.susceptibility.measured import measured_layers, predictor_of
from riskzoning.methods.susceptibility.model import (
    STATISTICS,
    Ground,
    Rules,
    all_blocks,
    correlated,
    single_skill,
    train,
)
from riskzoning.methods.susceptibility.predictors import Predictor
from riskzoning.methods.susceptibility.sampling import Sample, columns_of, gathered

# Above it a coefficient of logistic regression says little by itself.
_MOST_INFLATED = 10.0
_QUANTITY = {"information_value": "information_value", "logistic_regression": "susceptibility"}
_QUANTITY |= {"random_forest": "susceptibility"}


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model of susceptibility.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    names : tuple of str
        The factors that it uses.
    rates : DataFrame
        A row for each class of each factor: ``factor class event_area area density frequency_ratio information_value
        certainty_factor w_plus w_minus contrast studentised_contrast floored``, and ``value``, which the class counts
        for in this model (NaN in a random forest).
    contributions : DataFrame
        A row for each factor: ``auc`` of its classes alone, ``low high`` between which it moves the score, and
        ``share`` of all factors (of the spread over the events and other cells of the ground; in a random forest of
        the impurity that its splits take away).
    facts : dict
        As JSON holds them: ``events cells skipped dropped`` and what the method adds (``coefficients vif base_rate``).
    breaks : mapping
        Limits of the factors whose limits come from the data.
    rules : Rules
    predictor : Predictor
        Scores of class codes.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 600, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[1, 1, 1, 2, 2, 2]], dtype="uint8"), quantity="mask")
    >>> slides = layer_on(geobox, np.array([[0, 1, 0, 1, 1, 0]], dtype="uint8"), quantity="mask")
    >>> model = fit("frequency_ratio", {"slope": slope}, slides)
    >>> model.rates["event_area"].tolist(), model.contributions.index.tolist()
    ([1.0, 2.0], ['slope'])
    """

    method: Method
    names: tuple[str, ...]
    rates: pd.DataFrame
    contributions: pd.DataFrame
    facts: dict[str, Any]
    breaks: Mapping[str, Sequence[float]]
    rules: Rules
    predictor: Predictor

    def predict(self, factors: Factors) -> xr.DataArray:
        """The score of every cell; lazy where a factor is.

        Parameters
        ----------
        factors : mapping name -> layer
            As they were given to :func:`fit`, of this ground or of another.

        Returns
        -------
        layer
            float64. Probability of an event cell (``susceptibility``) of logistic regression and random forest, else
            the sum, or the folded certainty. NaN where no factor has a value, or one without which there is none.

        Raises
        ------
        LayerError
            A factor is missing.
        GridMismatchError
            The layers lie on different grids.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 600, 100), crs="EPSG:4547", resolution=100)
        >>> slope = layer_on(geobox, np.array([[1, 1, 1, 2, 2, 0]], dtype="uint8"), quantity="mask")
        >>> slides = layer_on(geobox, np.array([[0, 1, 0, 1, 1, 0]], dtype="uint8"), quantity="mask")
        >>> fit("frequency_ratio", {"slope": slope}, slides, options=Options(floor="min")).predict(
        ...     {"slope": slope}).values.round(3).tolist()
        [[0.556, 0.556, 0.556, 1.667, 1.667, nan]]
        """
        classes = self.classes(factors)
        values = list(measured_of(self, factors, classes).values())
        out = xr.apply_ufunc(
            partial(_scored, predictor=self.predictor, needed=self._needed()),
            *classes.values(),
            *values,
            dask="parallelized",
            output_dtypes=[np.float64],
            join="override",
            keep_attrs=False,
        )
        quantity = _QUANTITY.get(self.method, "susceptibility_score")
        return describe(out, quantity=quantity, like=classes[self.names[0]])

    def classes(self, factors: Factors) -> Factors:
        """The factors of the model as class layers, with the limits that it was trained with.

        Parameters
        ----------
        factors : mapping name -> layer

        Raises
        ------
        LayerError, GridMismatchError
            As :meth:`predict`.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
        >>> state = {"breaks": {}, "codes": [[1, 2]], "values": [[-0.5, 0.7]], "combine": "sum", "weights": [1.0],
        ...          "intercept": 0.0}
        >>> rules = Rules({"slope": {"kind": "breaks", "breaks": [15]}}, 1, 0.7, 20)
        >>> model = Model.from_state("information_value", ["slope"], state, rules)
        >>> slope = layer_on(geobox, np.array([[9.0, 30.0]]), quantity="slope")
        >>> model.classes({"slope": slope})["slope"].values.tolist()
        [[1, 2]]
        """
        lacking = [name for name in self.names if name not in factors]
        if lacking:
            raise LayerError(Problem("susceptibility.factors", Phrase("factors"), names=lacking))
        check_same_grid(**{name: factors[name] for name in self.names})
        return model_classes(factors, {name: {"breaks": self.breaks.get(name)} for name in self.names}, self.rules)

    def scores(self, codes: Array) -> Array:
        """Scores of cells by the codes of their classes.

        Parameters
        ----------
        codes : array, shape (cells, factors)
            0 = no data. Of a model of ``inputs="values"`` the values, NaN = no data.

        Examples
        --------
        >>> state = {"breaks": {}, "codes": [[1, 2]], "values": [[-0.5, 0.7]], "combine": "sum", "weights": [1.0],
        ...          "intercept": 0.0}
        >>> rules = Rules({"slope": {"kind": "class"}}, 1, 0.7, 20)
        >>> Model.from_state("information_value", ["slope"], state, rules).scores(np.array([[2], [0]])).tolist()
        [0.7, nan]
        """
        there = np.isfinite(codes).T if self.predictor.measured else ()
        return _scored(*there, *codes.T, predictor=self.predictor, needed=self._needed())

    def _needed(self) -> list[bool]:
        return [bool(self.rules.factors[name].get("required")) for name in self.names]

    def state(self) -> dict[str, Any]:
        """What :meth:`from_state` needs to predict again, as JSON holds it.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
        >>> slope = layer_on(geobox, np.array([[1, 1, 2, 2]], dtype="uint8"), quantity="mask")
        >>> slides = layer_on(geobox, np.array([[0, 1, 1, 0]], dtype="uint8"), quantity="mask")
        >>> fit("certainty_factor", {"slope": slope}, slides).state()["combine"]
        'certainty'
        """
        return {"breaks": {name: list(limits) for name, limits in self.breaks.items()}, **self.predictor.state()}

    @classmethod
    def from_state(cls, method: Method, names: Sequence[str], state: Facts, rules: Rules) -> Model:
        """A model that predicts as the one did whose state it is; without its tables.

        Parameters
        ----------
        method : str
        names : sequence of str
            Factors, in the order of the model.
        state : mapping
            From :meth:`state`.
        rules : Rules

        Examples
        --------
        >>> state = {"breaks": {}, "codes": [[1, 2]], "values": [[-0.5, 0.7]], "combine": "sum", "weights": [1.0],
        ...          "intercept": 0.0}
        >>> rules = Rules({"slope": {"kind": "class"}}, 1, 0.7, 20)
        >>> Model.from_state("information_value", ["slope"], state, rules).names
        ('slope',)
        """
        empty = pd.DataFrame()
        return cls(method, tuple(names), empty, empty, {}, dict(state["breaks"]), rules, predictor_of(state))


def measured_of(model: Model, factors: Factors, classes: Factors) -> Factors:
    """The factors as values, where a model takes them so; none where it takes their classes."""
    if not model.predictor.measured:
        return {}
    return measured_layers({name: factors[name] for name in model.names}, classes, model.rules.factors)


def sample_scores(model: Model, sample: Sample) -> Array:
    """Scores of the cells of a sample, by codes or values as the model takes them."""
    return model.scores(columns_of(model.names, sample, measured=model.predictor.measured))


def _scored(*blocks: Array, predictor: Predictor, needed: Sequence[bool]) -> Array:
    count = len(needed)
    codes = np.stack([np.nan_to_num(np.asarray(block)).astype(np.int64) for block in blocks[:count]], axis=-1)
    shape = codes.shape[:-1]
    flat = codes.reshape(-1, count)
    columns = flat
    if predictor.measured:
        values = np.stack([np.asarray(block, dtype=np.float64) for block in blocks[count:]], axis=-1)
        columns = np.where(flat > 0, values.reshape(-1, count), np.nan)
    score = predictor.scores(columns)
    lost = (flat[:, np.asarray(needed)] == 0).any(axis=1)
    return np.asarray(np.where(lost, np.nan, score).reshape(shape))


@dataclass(frozen=True, eq=False)
class Basis:
    """What models of all methods rest on: classes counted once, a sample, factors that can be used."""

    counted: Counted
    sample: Sample
    usable: tuple[str, ...]
    losers: tuple[tuple[str, str, float], ...]
    skipped: tuple[str, ...]

    def names(self, method: str, options: Options) -> tuple[str, ...]:
        """Factors of a method: of sums, without those that say the same as a better one."""
        if method in LEARNT or options.weights is not None:
            return self.usable
        gone = {lost for lost, _, _ in self.losers}
        return tuple(name for name in self.usable if name not in gone)


def basis(factors: Factors, ground: Ground, rules: Rules | None, options: Options) -> Basis:
    """Count, draw, and leave out what cannot be learnt from, telling each thing that is left out."""
    if not factors:
        raise LayerError(Problem("susceptibility.no_factor", Phrase("factors")))
    check_same_grid(events=ground.events, **factors)
    known = rules or Rules({name: {"kind": "class"} for name in factors}, 1, 0.7, 20)
    lacking = [name for name in factors if name not in known.factors]
    if lacking:
        raise LayerError(Problem("susceptibility.rules", Phrase("factors"), names=lacking))
    counted = Counted.of(factors, ground, known)
    measured = measured_layers(factors, counted.classes, known.factors) if options.inputs == "values" else None
    count = max(options.background, 4 * options.ratio * _most(counted))
    sample = gathered(counted.classes, ground, count=count, seed=options.seed, measured=measured)
    _check_events(sample, ground.events)
    usable = _usable(counted, sample)
    _tell_classes(counted, usable, options)
    _check_weights(usable, options)
    values = train({name: counted.tables[name] for name in usable}, counted.breaks, known, floor=options.floor)
    pairs = correlated(counted.classes, values, ground.within, limit=known.max_correlation)
    losers = [] if options.weights else collinear_losers(pairs, single_skill(counted.tables, values))
    skipped = tuple(name for name in factors if name not in usable)
    return Basis(counted, sample, usable, tuple(losers), skipped)


def ground_of(events: xr.DataArray, within: xr.DataArray | None, options: Options) -> Ground:
    """The ground that counts: where events are known, and inside."""
    if within is not None:
        check_same_grid(events=events, within=within)
    known: Any = np.isfinite(events)
    inside = known if within is None else known & (within > 0)
    inside = describe(inside.astype(np.uint8), quantity="mask", like=events)
    blocks = block_numbers(grid_of(events), options.block_m, lazy=isinstance(inside.data, da.Array))
    return Ground(events, inside, blocks)


def _most(counted: Counted) -> float:
    return max((float(rows["event_area"].sum()) for rows, _ in counted.tables.values()), default=0.0)


def _check_events(sample: Sample, events: xr.DataArray) -> None:
    """There are events on the ground, and cells without; events elsewhere are told."""
    thing = Phrase("events_layer")
    if not sample.events:
        raise LayerError(Problem("susceptibility.no_event", thing))
    if sample.events == sample.cells:
        raise LayerError(Problem("susceptibility.events", thing))
    every = int(fold_blocks(_hits, np.add, events))
    if every > sample.events:
        values: dict[str, Any] = {"outside": every - sample.events, "events": every}
        note(Problem("susceptibility.events_outside", thing, severity="warning", **values))


def _hits(events: Array) -> Array:
    return np.asarray((np.asarray(events) > 0).sum())


def _usable(counted: Counted, sample: Sample) -> tuple[str, ...]:
    """Factors that can be learnt from; the reason why another cannot is told, and refused where none can."""
    reasons: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in counted.classes:
        rows = all_blocks(counted.tables[name][0])
        events, classes = int(rows["event_area"].sum()), int((rows["area"] > 0).sum())
        if not events:
            reasons[name] = ("susceptibility.factor_without_events", {})
        elif classes < 2:
            reasons[name] = ("susceptibility.factor_constant", {})
        elif events < classes:
            reasons[name] = ("susceptibility.factor_few_events", {"events": events, "classes": classes})
    usable = tuple(name for name in counted.classes if name not in reasons)
    severity: Any = "warning" if usable else "error"
    problems = [
        Problem(rule, Phrase("susceptibility_factor", name=name), severity=severity, **values)
        for name, (rule, values) in reasons.items()
    ]
    if not usable:
        raise LayerError(problems=problems)
    for problem in problems:
        note(problem)
    if any(name not in usable and counted.rules.factors[name].get("required") for name in counted.classes):
        raise LayerError(problems=problems)
    _tell_gaps(counted, usable, sample)
    return usable


def _tell_gaps(counted: Counted, usable: Sequence[str], sample: Sample) -> None:
    """Cells and events of the ground where a factor has no value."""
    for name in usable:
        rows = counted.tables[name][0]
        area, events = float(rows["area"].sum()), float(rows["event_area"].sum())
        if area < sample.cells:
            values: dict[str, Any] = {"share": 1 - area / sample.cells, "events": int(sample.events - events)}
            thing = Phrase("susceptibility_factor", name=name)
            note(Problem("susceptibility.gaps", thing, severity="warning" if values["events"] else "info", **values))


def _tell_classes(counted: Counted, usable: Sequence[str], options: Options) -> None:
    """Classes without an event, and factors all of whose events are in one class."""
    for name in usable:
        rows = all_blocks(counted.tables[name][0]).set_index("class")
        hit = rows["event_area"] > 0
        if int(hit.sum()) == 1:
            values: dict[str, Any] = {"name": int(rows.index[hit][0]), "events": int(rows["event_area"].sum())}
            thing = Phrase("susceptibility_factor", name=name)
            note(Problem("susceptibility.one_class", thing, severity="warning", **values))
    tell_empty(counted.tables, counted.breaks, counted.rules, usable, options.floor)


def _check_weights(usable: Sequence[str], options: Options) -> None:
    if options.weights is None:
        return
    lacking = [name for name in usable if name not in options.weights]
    if lacking:
        raise LayerError(Problem("susceptibility.factors", Phrase("factors"), names=lacking))
    shares = np.array([float(options.weights[name]) for name in usable])
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise LayerError(Problem("weights.sum", Phrase("factor_weights"), total=float(shares.sum())))


@takes()
def fit(
    method: Method,
    factors: Factors,
    events: xr.DataArray,
    within: xr.DataArray | None = None,
    *,
    rules: Rules | None = None,
    options: Options | None = None,
) -> Model:
    """Learn where events are: one of six models, all from the same classes on the same ground.

    ``information_value``, ``frequency_ratio``, ``weights_of_evidence`` add up what the classes of a cell are worth
    (I, FR, contrast), ``certainty_factor`` folds them, ``logistic_regression`` weighs information values, and
    ``random_forest`` grows trees on the classes. Of factors that say the same the sums keep the better one.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    factors : mapping name -> layer
        Class layers (integers, 0 = no data); with ``rules`` the factors themselves, which are then cut into classes.
        On one grid, projected; numpy or dask.
    events : layer
        Above 0 where an event is; a cell counts once. NaN is outside.
    within : layer, optional
        Above 0 on the ground that counts; default: where events are known.
    rules : Rules, optional
        Kind and limits of the factors, fewest cells of a class, correlation that is too much.
    options : Options, optional

    Returns
    -------
    Model

    Raises
    ------
    LayerError
        No event on the ground, nothing but events, or no factor that can be learnt from: it is constant, has no value
        where events are, or fewer events than classes. Where another factor is left, such a one is left out and told.
    GridMismatchError
        The layers lie on different grids.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 4000, 100), crs="EPSG:4547", resolution=100)
    >>> steep = layer_on(geobox, np.repeat([[1, 2]], 20, axis=1).astype("uint8"), quantity="mask")
    >>> slid = np.zeros((1, 40), dtype="uint8")
    >>> slid[0, [3, 25, 31, 38]] = 1
    >>> model = fit("information_value", {"slope": steep}, layer_on(geobox, slid, quantity="mask"))
    >>> model.rates[["class", "event_area", "value"]].round(2).values.tolist()
    [[1.0, 1.0, -0.51], [2.0, 3.0, 0.34]]
    """
    options = options or Options()
    check_method(method)
    given = basis(factors, ground_of(events, within, options), rules, options)
    return model_of(method, given, options)


def check_method(method: str) -> None:
    """One of the six."""
    if method not in METHODS:
        thing = Phrase("parameter", name="method")
        raise LayerError(Problem("susceptibility.method", thing, method=method, known=list(METHODS)))


def model_of(method: Method, given: Basis, options: Options) -> Model:
    """The model of a method on what all methods rest on."""
    names, counted = given.names(method, options), given.counted
    made = learnt(method, names, counted.tables, counted, (options, given.sample))
    for lost, kept, r in given.losers if names != given.usable else ():
        thing = Phrase("susceptibility_factor", name=lost)
        limit = counted.rules.max_correlation
        note(Problem("dropped.susceptibility_factor", thing, severity="info", kept=kept, r=r, limit=limit))
    inflated = {name: value for name, value in made.facts.get("vif", {}).items() if value > _MOST_INFLATED}
    if inflated:
        values: dict[str, Any] = {
            "factors": [Phrase("named_number", name=name, value=value) for name, value in inflated.items()]
        }
        thing = Phrase("logistic_regression")
        note(Problem("susceptibility.inflated", thing, severity="warning", limit=_MOST_INFLATED, **values))
    rates = _rates(names, counted, made, options)
    return Model(
        method,
        names,
        rates,
        _contributions(names, given, made, options),
        {
            "events": given.sample.events,
            "cells": given.sample.cells,
            "skipped": list(given.skipped),
            "dropped": [list(one) for one in given.losers] if names != given.usable else [],
            **made.facts,
        },
        {name: list(counted.breaks[name]) for name in names if name in counted.breaks},
        counted.rules,
        made.predictor,
    )


def _rates(names: Sequence[str], counted: Counted, made: Learnt, options: Options) -> pd.DataFrame:
    """Every statistic of every class, and what it counts for in the model."""
    parts = []
    for name in names:
        rows = all_blocks(counted.tables[name][0])
        tables = [function(rows, floor=options.floor) for function, _, _ in STATISTICS.values()]
        joined = pd.concat(tables, axis=1)
        joined = joined.loc[:, ~joined.columns.duplicated()]
        value = made.values.get(name, {})
        joined.insert(0, "factor", name)
        parts.append(joined.assign(value=[value.get(int(code), np.nan) for code in joined["class"]]))
    columns = ["factor", "class", "event_area", "area", "density", "frequency_ratio", "information_value"]
    columns += ["certainty_factor", "w_plus", "w_minus", "contrast", "studentised_contrast", "floored", "value"]
    return pd.concat(parts, ignore_index=True)[columns]


def _contributions(names: Sequence[str], given: Basis, made: Learnt, options: Options) -> pd.DataFrame:
    """How far each factor finds events alone, between what it moves the score, and its share."""
    plain = values_of("information_value", names, given.counted.tables, given.counted, options.floor)
    alone = single_skill(
        {name: given.counted.tables[name] for name in names},
        {name: {"codes": list(one), "values": list(one.values())} for name, one in plain.items()},
    )
    rows = {}
    for name in names:
        counts, value = all_blocks(given.counted.tables[name][0]), made.values.get(name)
        weight = 1.0 if options.weights is None or "coefficients" in made.facts else float(options.weights[name])
        rows[name] = {
            "auc": alone[name],
            "low": np.nan,
            "high": np.nan,
            "share": made.facts.get("importance", {}).get(name),
        }
        if value:
            at = weight * np.array([value[int(code)] for code in counts["class"]])
            area = counts["area"].to_numpy(dtype=np.float64)
            spread = float(np.sqrt(max(np.average(at**2, weights=area) - np.average(at, weights=area) ** 2, 0.0)))
            rows[name] |= {"low": float(at.min()), "high": float(at.max()), "share": spread}
    out = pd.DataFrame.from_dict(rows, orient="index").astype(np.float64)
    out.index.name = "factor"
    total = float(out["share"].sum())
    return out.assign(share=out["share"] / total if total > 0 else out["share"])
