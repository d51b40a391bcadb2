"""Skill of models of susceptibility on ground that they have not seen: the same folds of whole blocks for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.counting import Array
from riskzoning.methods.susceptibility.factors import Factors
from riskzoning.methods.susceptibility.folds import block_folds
from riskzoning.methods.susceptibility.learners import LEARNT, METHODS, Method, Options, learnt
from riskzoning.methods.susceptibility.model import Ground, Rules, Tables
from riskzoning.methods.susceptibility.pooling import density_curve
from riskzoning.methods.susceptibility.predictors import Predictor
from riskzoning.methods.susceptibility.sampling import Sample, columns_of, gathered
from riskzoning.methods.susceptibility.skill import without_fold
from riskzoning.methods.susceptibility.trained import (
    Basis,
    Model,
    basis,
    check_method,
    ground_of,
    measured_of,
    model_of,
    sample_scores,
)
from riskzoning.methods.validation import class_check

_DRAWS = 200
_CLASSES = 5


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a model finds events on ground that it has not seen.

    Parameters
    ----------
    method : str
    auc, sd : float
        Mean and standard deviation of the AUC of the held-out folds.
    low, high : float
        Between which the mean lies in 95 of 100 draws of the blocks.
    in_sample : float
        AUC on the ground that it was trained on: how much of it is memory.
    folds : DataFrame
        ``repeat fold events auc``.
    success, prediction : DataFrame
        ``score area_share event_share`` from the highest score down, on ground that was seen and on ground that was
        not; ``attrs["area"]`` is the area under the curve.
    classes : DataFrame
        Five classes of equal area of the held-out score: ``event_area area event_share area_share frequency_ratio``;
        ``attrs["rises"]``: whether events crowd in the higher.
    curve : mapping
        ``score density``: density of events relative to the mean, never falling with the held-out score.
    brier : float
        Mean squared error of the held-out probability; NaN for scores that are none.
    reliability : DataFrame
        ``cells probability frequency`` of ten classes of probability; empty for scores that are none.
    base_rate : float
        Share of the cells of the ground that have an event.
    importance : DataFrame
        By factor, ``drop`` of the held-out AUC when its classes are shuffled, and its ``sd``; empty unless asked for.

    Examples
    --------
    >>> table = pd.DataFrame()
    >>> skill = Evaluation("frequency_ratio", 0.7, 0.1, 0.6, 0.8, 0.75, table, table, table, table, {}, float("nan"),
    ...                    table, 0.01, table)
    >>> skill.row()["auc"]
    0.7
    """

    method: Method
    auc: float
    sd: float
    low: float
    high: float
    in_sample: float
    folds: pd.DataFrame
    success: pd.DataFrame
    prediction: pd.DataFrame
    classes: pd.DataFrame
    curve: Mapping[str, list[float]]
    brier: float
    reliability: pd.DataFrame
    base_rate: float
    importance: pd.DataFrame

    def row(self) -> dict[str, Any]:
        """The numbers of a comparison: skill, and the share of the events in the most susceptible tenths.

        Examples
        --------
        >>> table = pd.DataFrame()
        >>> skill = Evaluation("random_forest", 0.7, 0.1, 0.6, 0.8, 0.75, table, table, table, table, {}, 0.01,
        ...                    table, 0.01, table)
        >>> skill.row()["in_sample"]
        0.75
        """
        known = len(self.prediction) > 0
        return {
            "auc": self.auc,
            "sd": self.sd,
            "low": self.low,
            "high": self.high,
            "in_sample": self.in_sample,
            "prediction_area": self.prediction.attrs.get("area", float("nan")),
            "events_in_10": share_at(self.prediction, 0.1) if known else float("nan"),
            "events_in_20": share_at(self.prediction, 0.2) if known else float("nan"),
            "rises": self.classes.attrs.get("rises"),
            "brier": self.brier,
        }


@takes()
def evaluate(
    method: Method,
    factors: Factors,
    events: xr.DataArray,
    within: xr.DataArray | None = None,
    *,
    rules: Rules | None = None,
    options: Options | None = None,
    importance: bool = False,
) -> Evaluation:
    """Train without a part of the ground and look there, again and again.

    Parameters
    ----------
    method, factors, events, within, rules, options
        As for :func:`fit`; ``folds``, ``repeats``, ``block_m`` and ``background`` of the options are used here.
    importance : bool
        Shuffle each factor on the held-out ground of the first repeat, to see what is lost.

    Returns
    -------
    Evaluation

    Raises
    ------
    LayerError
        As :func:`fit`; or the events lie in fewer than two blocks.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 4000, 100), crs="EPSG:4547", resolution=100)
    >>> steep = layer_on(geobox, np.tile([[1, 2]], 20).astype("uint8"), quantity="mask")
    >>> slid = np.zeros((1, 40), dtype="uint8")
    >>> slid[0, [3, 8, 25, 31]] = 1
    >>> skill = evaluate("information_value", {"slope": steep}, layer_on(geobox, slid, quantity="mask"),
    ...                  options=Options(folds=2, repeats=2, block_m=1000))
    >>> len(skill.folds), skill.low <= skill.auc <= skill.high
    (4, True)
    """
    options = options or Options()
    check_method(method)
    return _evaluation(
        method, basis(factors, ground_of(events, within, options), rules, options), options, importance=importance
    )


@takes()
def compare(
    factors: Factors,
    events: xr.DataArray,
    within: xr.DataArray | None = None,
    *,
    methods: Sequence[Method] = METHODS,
    rules: Rules | None = None,
    options: Options | None = None,
) -> dict[str, Evaluation]:
    """Several models on the same factors, ground, blocks and folds.

    Parameters
    ----------
    factors, events, within, rules, options
        As for :func:`fit`; the ground is counted once for all.
    methods : sequence of str

    Returns
    -------
    dict method -> Evaluation
        ``pd.DataFrame({name: one.row() for name, one in out.items()}).T`` is a table.

    Raises
    ------
    LayerError
        As :func:`evaluate`.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 4000, 100), crs="EPSG:4547", resolution=100)
    >>> steep = layer_on(geobox, np.tile([[1, 2]], 20).astype("uint8"), quantity="mask")
    >>> slid = np.zeros((1, 40), dtype="uint8")
    >>> slid[0, [3, 8, 25, 31]] = 1
    >>> list(compare({"slope": steep}, layer_on(geobox, slid, quantity="mask"), methods=["frequency_ratio"],
    ...              options=Options(folds=2, repeats=1, block_m=1000)))
    ['frequency_ratio']
    """
    options = options or Options()
    for method in methods:
        check_method(method)
    given = basis(factors, ground_of(events, within, options), rules, options)
    return {method: _evaluation(method, given, options, importance=False) for method in methods}


@takes()
def calibrated(
    method: Method, factors: Factors, ground: Ground, rules: Rules, options: Options | None = None
) -> dict[str, Any]:
    """A model and its skill as a hazard keeps them: as JSON holds it, in the shape of what :func:`fitted` gives.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    factors : mapping name -> layer
    ground : Ground
    rules : Rules
    options : Options, optional

    Returns
    -------
    dict
        ``method names state`` (for :meth:`Model.from_state`), ``contributions`` (of each factor), ``skipped dropped
        cells low high validation success prediction curve frequency_rises holdout``. Where events lie in fewer than
        two blocks the skill is in-sample, as ``holdout`` says.

    Raises
    ------
    LayerError
        As :func:`fit`.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 4000, 100), crs="EPSG:4547", resolution=100)
    >>> steep = layer_on(geobox, np.tile([[1, 2]], 20).astype("uint8"), quantity="mask")
    >>> slid = np.zeros((1, 40), dtype="uint8")
    >>> slid[0, [3, 8, 25, 31]] = 1
    >>> every = layer_on(geobox, np.ones((1, 40), dtype="uint8"), quantity="mask")
    >>> ground = Ground(layer_on(geobox, slid, quantity="mask"), every, np.arange(40)[None] // 10)
    >>> kept = calibrated("certainty_factor", {"slope": steep}, ground, Rules({"slope": {"kind": "class"}}, 1, 0.7, 20),
    ...                   Options(folds=2, repeats=1))
    >>> kept["names"], kept["holdout"]["folds"]
    (['slope'], 2)
    """
    options = options or Options()
    check_method(method)
    given = basis(factors, ground, rules, options)
    model = model_of(method, given, options)
    sample = given.sample
    seen = sample_scores(model, sample)
    out = {
        "method": method,
        "names": list(model.names),
        "state": model.state(),
        "contributions": {str(name): _plain(row) for name, row in model.contributions.to_dict("index").items()},
        "skipped": model.facts["skipped"],
        "dropped": model.facts["dropped"],
        "cells": sample.cells,
        "low": float(np.nanmin(seen)),
        "high": float(np.nanmax(seen)),
    }
    split: dict[str, Any] = {
        "folds": options.folds,
        "repeats": options.repeats,
        "block_m": options.block_m,
        "seed": options.seed,
    }
    hit = np.unique(sample.block[sample.event]).size
    if hit < 2:
        success = rate_curve(seen, sample.event, sample.weights())
        curve, classes = _by_score(seen, sample.event, sample.weights())
        skill = {"auc_in_sample": success.attrs["auc"], "auc_holdout": None, "auc_holdout_sd": None}
        holdout: dict[str, Any] = {"note": f"no hold-out: the events lie in {hit} block"}
        return {**out, **_kept(skill, success, None, curve, classes), "holdout": holdout}
    skill_of = _evaluation(method, given, options, importance=False)
    skill = {"auc_in_sample": skill_of.in_sample, "auc_holdout": skill_of.auc, "auc_holdout_sd": skill_of.sd}
    kept = _kept(skill, skill_of.success, skill_of.prediction, skill_of.curve, skill_of.classes)
    split |= {"folds": int(skill_of.folds["fold"].max()) + 1, "interval": [skill_of.low, skill_of.high]}
    return {**out, **kept, "holdout": {"events": sample.events, "blocks_with_events": hit, **split}}


def _plain(row: Mapping[Any, float]) -> dict[str, float | None]:
    return {str(name): float(value) if np.isfinite(value) else None for name, value in row.items()}


def _kept(
    skill: Mapping[str, float | None],
    success: pd.DataFrame,
    prediction: pd.DataFrame | None,
    curve: Mapping[str, list[float]],
    classes: pd.DataFrame,
) -> dict[str, Any]:
    tenths = [share / 10 for share in range(1, 11)]
    return {
        "validation": {
            name: value if value is not None and np.isfinite(value) else None for name, value in skill.items()
        },
        "success": [share_at(success, area) for area in tenths],
        "prediction": None if prediction is None else [share_at(prediction, area) for area in tenths],
        "curve": dict(curve),
        "frequency_rises": bool(classes.attrs["rises"]),
    }


@takes()
def prediction_rate(
    model: Model,
    factors: Factors,
    events: xr.DataArray,
    within: xr.DataArray | None = None,
    *,
    options: Options | None = None,
) -> pd.DataFrame:
    """How a fitted model finds other events: of newer years, or of another place.

    Parameters
    ----------
    model : Model
    factors, events, within
        As for :func:`fit`, with events that the model has not seen.
    options : Options, optional
        ``background`` and ``seed``.

    Returns
    -------
    DataFrame
        ``score area_share event_share`` from the highest score down; ``attrs`` has ``area`` under the curve, ``auc``
        and the number of ``events``.

    Raises
    ------
    LayerError
        There is no event, or nothing but events.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> state = {"breaks": {}, "codes": [[1, 2]], "values": [[-0.5, 0.7]], "combine": "sum", "weights": [1.0],
    ...          "intercept": 0.0}
    >>> rules = Rules({"slope": {"kind": "class"}}, 1, 0.7, 20)
    >>> slope = layer_on(geobox, np.array([[1, 1, 2, 2]], dtype="uint8"), quantity="mask")
    >>> newer = layer_on(geobox, np.array([[0, 0, 1, 0]], dtype="uint8"), quantity="mask")
    >>> model = Model.from_state("information_value", ["slope"], state, rules)
    >>> round(prediction_rate(model, {"slope": slope}, newer).attrs["auc"], 3)
    0.833
    """
    options = options or Options()
    classes = model.classes(factors)
    ground = ground_of(events, within, options)
    measured = measured_of(model, factors, classes) or None
    sample = gathered(classes, ground, count=options.background, seed=options.seed, measured=measured)
    if not sample.events or sample.events == sample.cells:
        rule = "susceptibility.events" if sample.events else "susceptibility.no_event"
        raise LayerError(Problem(rule, Phrase("events_layer")))
    return rate_curve(sample_scores(model, sample), sample.event, sample.weights())


def _evaluation(method: Method, given: Basis, options: Options, *, importance: bool) -> Evaluation:
    model = model_of(method, given, options)
    sample = given.sample
    codes = columns_of(model.names, sample, measured=model.predictor.measured)
    seen = sample_scores(model, sample)
    dealt = _dealt(given, options)
    held, drops = np.full((len(dealt), len(seen)), np.nan), []
    rng = np.random.default_rng(options.seed)
    for repeat, inside, predictor in _folds(method, given, model.names, dealt, options):
        held[repeat, inside] = predictor.scores(codes[inside])
        if importance and repeat == 0:
            drops.append(_shuffled(predictor, codes[inside], sample.rows(inside), rng))
    rows = [
        {"repeat": repeat, "fold": fold, "events": int((inside & sample.event).sum()), "auc": value}
        for repeat, of_block in enumerate(dealt)
        for fold in range(int(of_block.max()) + 1)
        for inside in (of_block[sample.block] == fold,)
        for value in (weighted_auc(held[repeat, inside], sample.event[inside], sample.weights()[inside]),)
    ]
    folds = pd.DataFrame(rows)
    low, high = _interval(held, dealt, sample, options.seed)
    pooled, curve, classes = _pooled(held, sample)
    probable = method in LEARNT
    return Evaluation(
        method=method,
        auc=float(folds["auc"].mean()),
        sd=float(folds["auc"].std(ddof=1)),
        low=low,
        high=high,
        in_sample=weighted_auc(seen, sample.event, sample.weights()),
        folds=folds,
        success=rate_curve(seen, sample.event, sample.weights()),
        prediction=pooled,
        classes=classes,
        curve=curve,
        brier=_brier(held, sample) if probable else float("nan"),
        reliability=_reliability(held, sample) if probable else pd.DataFrame(),
        base_rate=sample.events / sample.cells,
        importance=_importance(model.names, drops),
    )


def _dealt(given: Basis, options: Options) -> Array:
    """Into which fold every block goes in every repeat, the events dealt evenly."""
    blocks = int(given.sample.block.max()) + 1
    events = np.bincount(given.sample.block[given.sample.event], minlength=blocks)
    return block_folds(events, folds=options.folds, repeats=options.repeats, seed=options.seed)


def _folds(
    method: Method, given: Basis, names: Sequence[str], dealt: Array, options: Options
) -> Iterator[tuple[int, Array, Predictor]]:
    """Repeat, the cells of a fold, and the predictor that has not seen them."""
    sample = given.sample
    for repeat, of_block in enumerate(dealt):
        of_row = of_block[sample.block]
        for fold in range(int(of_block.max()) + 1):
            seen: Tables = {name: without_fold(given.counted.tables[name], of_block, fold) for name in names}
            rest = sample.rows(of_row != fold)
            made = learnt(method, names, seen, given.counted, (options, rest))
            yield repeat, of_row == fold, made.predictor


def weighted_auc(scores: Array, event: Array, weights: Array) -> float:
    """AUC of cells that stand for several; NaN without events or without other cells. NaN scores are left out."""
    known = np.isfinite(scores)
    place = np.unique(scores[known], return_inverse=True)[1]
    return _ranked_auc(place, event[known], weights[known])


def _ranked_auc(place: Array, event: Array, weights: Array) -> float:
    hits = np.bincount(place, weights=weights * event)
    others = np.bincount(place, weights=weights * ~event)
    if not hits.sum() > 0 or not others.sum() > 0:
        return float("nan")
    below = np.cumsum(others) - others
    return float(hits @ (below + 0.5 * others) / hits.sum() / others.sum())


def _interval(held: Array, dealt: Array, sample: Sample, seed: int) -> tuple[float, float]:
    """Of the mean AUC when the blocks are drawn anew: what other ground of the same kind might have given."""
    blocks, at = np.unique(sample.block, return_inverse=True)
    chance = np.full(blocks.size, 1 / blocks.size)
    draws = np.random.default_rng(seed).multinomial(blocks.size, chance, size=_DRAWS)
    weights, values = sample.weights(), []
    for scores, of_block in zip(held, dealt, strict=True):
        of_row = np.where(np.isfinite(scores), of_block[sample.block], -1)
        for fold in range(int(of_block.max()) + 1):
            rows = of_row == fold
            place = np.unique(scores[rows], return_inverse=True)[1]
            event, heavy, block = sample.event[rows], weights[rows], at[rows]
            values.append([_ranked_auc(place, event, heavy * draw[block]) for draw in draws])
    table = np.array(values)
    known = np.isfinite(table).any(axis=0)
    if not known.any():
        return float("nan"), float("nan")
    low, high = np.percentile(np.nanmean(table[:, known], axis=0), [2.5, 97.5])
    return float(low), float(high)


def rate_curve(scores: Array, event: Array, weights: Array) -> pd.DataFrame:
    """Share of the events against share of the ground, from the highest score down."""
    known = np.isfinite(scores)
    levels, place = np.unique(-scores[known], return_inverse=True)
    area = np.bincount(place, weights=weights[known])
    hits = np.bincount(place, weights=weights[known] * event[known])
    across = np.concatenate([[0.0], np.cumsum(area) / area.sum()])
    up = np.concatenate([[0.0], np.cumsum(hits) / hits.sum()])
    frame = pd.DataFrame({"score": np.concatenate([[np.inf], -levels]), "area_share": across, "event_share": up})
    frame.attrs = {
        "area": float(np.sum(np.diff(across) * (up[1:] + up[:-1]) / 2)),
        "auc": weighted_auc(scores, event, weights),
        "events": int(event[known].sum()),
    }
    return frame


def share_at(curve: pd.DataFrame, area: float) -> float:
    """Share of the events on the most susceptible part of the ground."""
    return float(np.interp(area, curve["area_share"], curve["event_share"]))


def _pooled(held: Array, sample: Sample) -> tuple[pd.DataFrame, dict[str, list[float]], pd.DataFrame]:
    """Prediction curve, curve of density and classes of equal area, the repeats together."""
    scores, event = held.ravel(), np.tile(sample.event, len(held))
    weights = np.tile(sample.weights(), len(held))
    prediction = rate_curve(scores, event, weights)
    curve, classes = _by_score(scores, event, weights / len(held))
    return prediction, curve, classes


def _by_score(scores: Array, event: Array, weights: Array) -> tuple[dict[str, list[float]], pd.DataFrame]:
    """Density of events by score, and classes of equal area with their events."""
    known = np.isfinite(scores)
    levels, place = np.unique(scores[known], return_inverse=True)
    area = np.bincount(place, weights=weights[known])
    hits = np.bincount(place, weights=weights[known] * event[known])
    at, density = density_curve(levels, area, hits)
    middle = np.cumsum(area) - area / 2
    code = np.minimum((middle / area.sum() * _CLASSES).astype(int), _CLASSES - 1) + 1
    table = pd.DataFrame({"class": code, "event_area": hits, "area": area})
    return {"score": at, "density": density}, class_check(table.groupby("class", as_index=False).sum())


def _mean_score(held: Array) -> Array:
    known = np.isfinite(held)
    with np.errstate(invalid="ignore"):
        return np.where(known.any(axis=0), np.nan_to_num(held).sum(axis=0) / known.sum(axis=0), np.nan)


def _brier(held: Array, sample: Sample) -> float:
    chance = _mean_score(held)
    known = np.isfinite(chance)
    error = (chance[known] - sample.event[known]) ** 2
    return float(np.average(error, weights=sample.weights()[known]))


def _reliability(held: Array, sample: Sample) -> pd.DataFrame:
    """Ten classes of the held-out probability: what was said, and how often it came true."""
    chance, weights = _mean_score(held), sample.weights()
    known = np.isfinite(chance)
    order = np.argsort(chance[known], kind="stable")
    heavy = weights[known][order]
    place = np.minimum(((np.cumsum(heavy) - heavy / 2) / heavy.sum() * 10).astype(int), 9)
    cells = np.bincount(place, weights=heavy, minlength=10)
    with np.errstate(invalid="ignore"):
        said = np.bincount(place, weights=heavy * chance[known][order], minlength=10) / cells
        came = np.bincount(place, weights=heavy * sample.event[known][order], minlength=10) / cells
    return pd.DataFrame({"cells": cells, "probability": said, "frequency": came})


def _shuffled(predictor: Predictor, codes: Array, sample: Sample, rng: np.random.Generator) -> Array:
    """By how much the AUC falls when the classes of a factor are shuffled."""
    weights = sample.weights()
    whole = weighted_auc(predictor.scores(codes), sample.event, weights)
    out = np.zeros(codes.shape[1])
    for at in range(codes.shape[1]):
        mixed = codes.copy()
        mixed[:, at] = rng.permutation(mixed[:, at])
        out[at] = whole - weighted_auc(predictor.scores(mixed), sample.event, weights)
    return out


def _importance(names: Sequence[str], drops: Sequence[Array]) -> pd.DataFrame:
    if not drops:
        return pd.DataFrame(columns=["drop", "sd"])
    table = np.array(drops)
    known = table[np.isfinite(table).all(axis=1)]
    frame = pd.DataFrame({"drop": known.mean(axis=0), "sd": known.std(axis=0)}, index=pd.Index(names, name="factor"))
    return frame.sort_values("drop", ascending=False)
