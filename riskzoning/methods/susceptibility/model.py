"""The information-value model: learnt from the ground that counts, from every fold of it, and its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import Phrase
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.collinear import Pair, correlated_pairs, table_auc
from riskzoning.methods.susceptibility.counting import Array, fold_blocks
from riskzoning.methods.susceptibility.factors import UNORDERED, Factors, Facts, factor_codes
from riskzoning.methods.susceptibility.folds import counts_by_block
from riskzoning.methods.susceptibility.pooling import merge_small
from riskzoning.methods.susceptibility.statistics import statistic as statistic_of

ModelFloor: TypeAlias = Literal["shrink", "laplace", "min"] | float
# What a class counts for: the statistic, its column, and what says neither more nor less than the average.
STATISTICS: Mapping[str, tuple[Callable[..., pd.DataFrame], str, float]] = {
    "information_value": (partial(statistic_of, "information_value"), "information_value", 0.0),
    "frequency_ratio": (partial(statistic_of, "frequency_ratio"), "frequency_ratio", 1.0),
    "certainty_factor": (partial(statistic_of, "certainty_factor"), "certainty_factor", 0.0),
    "weights_of_evidence": (partial(statistic_of, "weights_of_evidence"), "contrast", 0.0),
}
# Of each factor: cells and event cells by block and class, and which small class went to which.
Tables: TypeAlias = dict[str, tuple[pd.DataFrame, dict[int, int]]]


@dataclass(frozen=True)
class Rules:
    """How a hazard's model is made: its factors (kind and class limits), and what is too little to learn from.

    Parameters
    ----------
    factors : mapping name -> facts
        ``kind`` is ``breaks`` or ``distance`` (with ``breaks``), ``data`` (natural breaks: ``classes low high``),
        ``sectors`` (directions) or ``class`` (codes as they are).
    least_cells : float
        Cells of the smallest class of an ordered factor that is left alone.
    max_correlation : float
        Of two factors which may both stay.
    density_classes : int
        Classes of equal area of the density of events by score.
    about : Phrase, optional
        Whose factors they are, for messages.

    Examples
    --------
    >>> table = {"factors": {"slope": {"kind": "breaks", "breaks": [8, 15]}}, "least_cells": 30,
    ...          "max_correlation": 0.7, "density_classes": 20}
    >>> Rules.of(table).least_cells
    30.0
    """

    factors: Mapping[str, Facts]
    least_cells: float
    max_correlation: float
    density_classes: int
    about: Phrase | None = None

    @classmethod
    def of(cls, table: Facts, about: Phrase | None = None) -> Rules:
        """From a table of the standards."""
        return cls(
            table["factors"],
            float(table["least_cells"]),
            float(table["max_correlation"]),
            int(table["density_classes"]),
            about,
        )


@dataclass(frozen=True)
class Ground:
    """What a model is trained on.

    Parameters
    ----------
    events : layer
        Above 0 where an event is; a cell counts once.
    within : layer
        Above 0 in the cells that count.
    blocks : array of int
        Number of the block of every cell (:func:`block_numbers`).

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> mask = layer_on(geobox, np.array([[1, 0]], dtype="uint8"), quantity="mask")
    >>> int(Ground(mask, mask, np.zeros((1, 2), dtype=int)).within.sum())
    1
    """

    events: xr.DataArray
    within: xr.DataArray
    blocks: Any


def class_tables(classes: Factors, ground: Ground, rules: Rules) -> Tables:
    """Cells and event cells of every class in every block of the ground, small classes of ordered factors joined."""
    tables: Tables = {}
    for name, rows in counts_by_block(classes, ground.events, ground.blocks, within=ground.within).items():
        goes: dict[int, int] = {}
        if rules.factors[name]["kind"] not in UNORDERED:
            whole = all_blocks(rows)
            area = dict(zip(whole["class"].astype(int).tolist(), whole["area"].tolist(), strict=True))
            goes = merge_small(area, least=rules.least_cells)
        kept = rows["class"].map(goes).fillna(rows["class"]).astype(np.int64)
        tables[name] = (rows.assign(**{"class": kept}), goes)
    return tables


def train(
    tables: Tables,
    breaks: Mapping[str, Sequence[float]],
    rules: Rules,
    *,
    floor: ModelFloor,
    statistic: str = "information_value",
) -> dict[str, dict[str, Any]]:
    """What every class of every factor counts for; a factor without an event on its ground is left out."""
    out = {}
    for name, (blocks, goes) in tables.items():
        rows = all_blocks(blocks)
        if not rows["event_area"].sum() > 0:
            continue
        facts = rules.factors[name]
        codes = factor_codes(facts, breaks.get(name)) or [int(code) for code in rows["class"]]
        counts = rows.set_index("class")
        out[name] = {
            "codes": codes,
            "values": _values_of(codes, rows, goes, ordered=facts["kind"] not in UNORDERED, how=(statistic, floor)),
            "events": [float(counts["event_area"].get(code, 0.0)) for code in codes],
            "area": [float(counts["area"].get(code, 0.0)) for code in codes],
        }
    return out


def all_blocks(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells and event cells by class, the blocks together."""
    # A model is trained again and again without a part of the ground: whole numbers add up exactly as plain arrays.
    classes, at = np.unique(rows["class"].to_numpy(), return_inverse=True)
    counted = {name: rows[name].to_numpy() for name in ("event_area", "area")}
    sums = {name: np.bincount(at, values, classes.size).astype(values.dtype) for name, values in counted.items()}
    return pd.DataFrame({"class": classes, **sums})


def _values_of(
    codes: Sequence[int], rows: pd.DataFrame, goes: Mapping[int, int], *, ordered: bool, how: tuple[str, ModelFloor]
) -> list[float]:
    """The value of each code; one that was not seen takes that of the nearest, a rock that was not seen the mean."""
    function, column, neutral = STATISTICS[how[0]]
    values = function(rows, floor=how[1])[column]
    known, numbers = np.asarray(values.index, dtype=np.int64), values.to_numpy()
    seen, out = set(known.tolist()), []
    for code in (goes.get(code, code) for code in codes):
        if code not in seen and not ordered:
            out.append(neutral)
        else:
            out.append(float(numbers[np.argmin(np.abs(known - code))]))
    return out


@takes()
def class_values(model: Facts) -> dict[str, dict[int, float]]:
    """Class code -> information value, for every factor of a model; what :func:`total_score` takes.

    Parameters
    ----------
    model : mapping
        ``factors`` of :func:`fitted`.

    Examples
    --------
    >>> class_values({"slope": {"codes": [1, 2], "values": [-0.5, 0.25]}})
    {'slope': {1: -0.5, 2: 0.25}}
    """
    return {name: dict(zip(entry["codes"], entry["values"])) for name, entry in model.items()}


def correlated(classes: Factors, model: Facts, within: xr.DataArray, *, limit: float) -> list[Pair]:
    """Pairs of factors whose information values correlate over the ground."""
    names = list(model)
    scores = Scores([model], names, None)
    moments = fold_blocks(partial(_moments, scores=scores), np.add, within, *(classes[name] for name in names))
    return correlated_pairs(moments, names, limit=limit)


def _moments(within: Array, *blocks: Array, scores: Scores) -> Array:
    inside = np.asarray(within) > 0
    values = np.stack([scores.of(at, np.asarray(block)[inside])[0] for at, block in enumerate(blocks)])
    values = values[:, np.isfinite(values).all(axis=0)]
    ones = np.vstack([values, np.ones(values.shape[1])])
    return ones @ ones.T


def single_skill(tables: Tables, model: Facts) -> dict[str, float]:
    """AUC of each factor alone, on its own ground."""
    out = {}
    for name in model:
        rows = all_blocks(tables[name][0])
        value = class_values(model)[name]
        out[name] = table_auc([value[int(code)] for code in rows["class"]], rows["area"], rows["event_area"])
    return out


class Scores:
    """Values of the classes for several models at once: those of the folds, or the one of all ground."""

    def __init__(self, models: Sequence[Facts], names: Sequence[str], weights: Mapping[str, float] | None) -> None:
        self.shares = np.array([1.0 if weights is None else weights[name] for name in names])
        self.codes, self.values = [], []
        known = [class_values(model) for model in models]
        for name in names:
            codes = sorted({code for values in known for code in values.get(name, {})})
            # A factor or class that a model has not seen counts as the mean.
            rows = [[values.get(name, {}).get(code, 0.0) for code in codes] for values in known]
            self.codes.append(np.array(codes))
            # The last column is a cell without a class.
            self.values.append(np.column_stack([np.array(rows, dtype=float), np.full(len(models), np.nan)]))

    def of(self, factor: int, block: Array) -> Array:
        """Scores of the cells by one factor, a row for each model."""
        return np.asarray(self.values[factor][:, self._place(factor, block)])

    def _place(self, factor: int, block: Array) -> Array:
        codes = self.codes[factor]
        place = np.minimum(np.searchsorted(codes, block), codes.size - 1)
        return np.where(codes[place] == block, place, codes.size)

    def total(self, blocks: Sequence[Array], models: Array | int) -> Array:
        """Weighted sum of each cell by the model named for it, made up where a factor is missing."""
        total, present = np.zeros(blocks[0].shape), np.zeros(blocks[0].shape)
        for at, block in enumerate(blocks):
            value = self.values[at][models, self._place(at, block)]
            known = ~np.isnan(value)
            total += np.where(known, self.shares[at] * value, 0.0)
            present += self.shares[at] * known
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(present > 0, total * (self.shares.sum() / present), np.nan))

    def limits(self) -> tuple[float, float]:
        """Between which every total lies."""
        # Where a factor is missing the others are scaled up: no factor is farther out than the farthest value.
        low, high = min(map(np.nanmin, self.values)), max(map(np.nanmax, self.values))
        return float(low * self.shares.sum()), float(high * self.shares.sum())
