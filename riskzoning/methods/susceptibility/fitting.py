"""From factors and events to a model: counted once, without factors that say the same, its skill from folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskzoning.errors import LayerError, speaking
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.collinear import collinear_losers
from riskzoning.methods.susceptibility.counting import Array
from riskzoning.methods.susceptibility.empty import tell_empty
from riskzoning.methods.susceptibility.factors import Factors, Facts, data_breaks, factor_classes
from riskzoning.methods.susceptibility.folds import block_folds
from riskzoning.methods.susceptibility.model import (
    Ground,
    ModelFloor,
    Rules,
    Tables,
    class_tables,
    correlated,
    single_skill,
    train,
)
from riskzoning.methods.susceptibility.skill import FoldModels, measured_skill


@dataclass(frozen=True)
class Training:
    """Choices of a training.

    Parameters
    ----------
    floor : {"shrink", "laplace", "min"} or number
        What a class with few events or none gets (:func:`information_value`).
    folds, repeats : int
        The skill is measured on so many folds of whole blocks, dealt anew in each repeat; fewer than 2 folds for none.
    block_m : float
        Edge of a block, m.
    seed : int

    Examples
    --------
    >>> Training(folds=10).repeats
    5
    """

    floor: ModelFloor = "shrink"
    folds: int = 5
    repeats: int = 5
    block_m: float = 5000.0
    seed: int = 0


@dataclass(frozen=True)
class Counted:
    """Factors as classes on their ground, and the cells and event cells of every class in every block.

    Parameters
    ----------
    classes : mapping name -> class layer
    breaks : mapping name -> limits
        Of the factors whose limits come from the data.
    tables : mapping name -> (counts, joined classes)
    ground : Ground
    rules : Rules

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[3.0, 9.0, 20.0, 30.0]]), quantity="slope")
    >>> slides = layer_on(geobox, np.array([[0, 0, 1, 1]], dtype="uint8"), quantity="mask")
    >>> ground = Ground(slides, layer_on(geobox, np.ones((1, 4), dtype="uint8"), quantity="mask"), np.arange(4)[None])
    >>> rules = Rules({"slope": {"kind": "breaks", "breaks": [15]}}, 1, 0.7, 20)
    >>> counted = Counted.of({"slope": slope}, ground, rules)
    >>> counted.classes["slope"].values.tolist(), counted.events_by_block().tolist(), counted.without_events()
    ([[1, 1, 2, 2]], [0, 0, 1, 1], [])
    """

    classes: Factors
    breaks: Mapping[str, Sequence[float]]
    tables: Tables
    ground: Ground
    rules: Rules

    @classmethod
    def of(cls, factors: Factors, ground: Ground, rules: Rules) -> Counted:
        """In one pass for the limits that come from the data, and one to count."""
        breaks = data_breaks(factors, rules.factors, ground.within)
        classes = factor_classes(factors, rules.factors, breaks)
        return cls(classes, breaks, class_tables(classes, ground, rules), ground, rules)

    def without_events(self) -> list[str]:
        """Factors that have no value where events are."""
        return [name for name in self.classes if name not in self.tables or not _events(self.tables, name) > 0]

    def events_by_block(self) -> Array:
        """Events of every block on the ground of the factor that knows most of them."""
        rows = max((table for table, _ in self.tables.values()), key=lambda table: float(table["event_area"].sum()))
        return np.bincount(rows["block"], weights=rows["event_area"]).astype(np.int64)


def _events(tables: Tables, name: str) -> float:
    return float(tables[name][0]["event_area"].sum())


@takes()
def fitted(counted: Counted, training: Training, weights: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The model, without factors that say the same as a better one, and its skill.

    Parameters
    ----------
    counted : Counted
        With an event on the ground of one factor at least.
    training : Training
    weights : mapping name -> weight, optional
        Say how much each factor counts: then nothing is taken out, and the weights of absent factors are shared.

    Returns
    -------
    dict
        ``factors`` (codes, values, events, area, breaks of each), ``weights floor skipped dropped correlated
        small_classes holdout``; and ``cells low high validation`` (``auc_in_sample auc_holdout auc_holdout_sd``),
        ``success prediction curve frequency_rises``. ``cells`` is 0, and the rest is not there, where no cell has a
        total.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[3.0, 20.0, 9.0, 30.0]]), quantity="slope")
    >>> slides = layer_on(geobox, np.array([[0, 1, 0, 1]], dtype="uint8"), quantity="mask")
    >>> every = layer_on(geobox, np.ones((1, 4), dtype="uint8"), quantity="mask")
    >>> ground = Ground(slides, every, np.array([[0, 0, 1, 1]]))
    >>> counted = Counted.of({"slope": slope}, ground, Rules({"slope": {"kind": "breaks", "breaks": [15]}}, 1, 0.7, 20))
    >>> model = fitted(counted, Training(folds=2, repeats=1))
    >>> model["factors"]["slope"]["events"], model["validation"]["auc_holdout"]
    ([0.0, 2.0], 1.0)
    """
    rules, tables = counted.rules, counted.tables
    model = train(tables, counted.breaks, rules, floor=training.floor)
    pairs = correlated(counted.classes, model, counted.ground.within, limit=rules.max_correlation)
    losers = [] if weights else collinear_losers(pairs, single_skill(tables, model))
    model = {name: entry for name, entry in model.items() if name not in {lost for lost, _, _ in losers}}
    shares = None if weights is None else _shared(weights, list(model))
    dealt, split = _dealt(counted.events_by_block(), training)
    folds = FoldModels(tables, counted.breaks, rules, names=list(model), dealt=dealt, floor=training.floor)
    skill = measured_skill(
        counted.classes, model, counted.ground, folds, weights=shares, density_classes=rules.density_classes
    )
    tell_empty(tables, counted.breaks, rules, model, training.floor)
    for name, entry in model.items():
        entry["breaks"] = counted.breaks.get(name)
    return {
        "factors": model,
        "weights": shares,
        "floor": training.floor,
        "skipped": counted.without_events(),
        "dropped": [list(loser) for loser in losers],
        "correlated": [list(pair) for pair in pairs] if weights else [],
        "small_classes": _small(model, tables, rules),
        "holdout": split,
        **skill,
    }


@takes()
def model_classes(factors: Factors, model: Facts, rules: Rules) -> Factors:
    """Class layers of the factors of a fitted model, with the limits that it was trained with.

    Parameters
    ----------
    factors : mapping name -> layer
        At least those of the model.
    model : mapping
        ``factors`` of :func:`fitted`.
    rules : Rules
        That it was trained by.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> height = layer_on(geobox, np.array([[120.0, 900.0]]), quantity="elevation")
    >>> rules = Rules({"height": {"kind": "data"}}, 30, 0.7, 20)
    >>> model_classes({"height": height}, {"height": {"breaks": [500.0]}}, rules)["height"].values.tolist()
    [[1, 2]]
    """
    breaks = {name: entry["breaks"] for name, entry in model.items() if entry.get("breaks") is not None}
    return factor_classes({name: factors[name] for name in model}, rules.factors, breaks)


def _shared(weights: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    total = sum(weights[name] for name in names)
    return {name: weights[name] / total for name in names}


def _dealt(events: Array, training: Training) -> tuple[Array, dict[str, Any]]:
    """Into which fold every block goes in every repeat; none where none is asked for or the events are in one block."""
    none = np.zeros((0, 1), dtype=np.int64)
    if training.folds < 2:
        return none, {"note": "no hold-out asked for: every skill is in-sample"}
    try:
        dealt = block_folds(events, folds=training.folds, repeats=training.repeats, seed=training.seed)
    except LayerError as error:
        # The record is in English whatever language is spoken.
        with speaking("en"):
            return none, {"note": f"no hold-out: {error.problems[0].found}"}
    split = {
        "folds": int(dealt.max()) + 1,
        "repeats": training.repeats,
        "block_m": training.block_m,
        "seed": training.seed,
    }
    return dealt, {"events": int(events.sum()), "blocks_with_events": int((events > 0).sum()), **split}


def _small(model: Facts, tables: Tables, rules: Rules) -> list[list[Any]]:
    """Classes of fewer cells than a class should have: joined to a neighbour, or left as they are."""
    out: list[list[Any]] = []
    for name, entry in model.items():
        goes = tables[name][1]
        out += [[name, code, to] for code, to in goes.items() if code != to]
        alone = [code for code, area in zip(entry["codes"], entry["area"], strict=True) if 0 < area < rules.least_cells]
        out += [[name, code, code] for code in alone if code not in goes]
    return out
