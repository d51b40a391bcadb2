"""The information-value model of landslide susceptibility: trained on susceptible ground, and its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.geology.factors import FACTOR_KEYS, class_layer, factor_codes
from riskzoning.hazards.inputs import Facts
from riskzoning.layers import grid_of
from riskzoning.methods.classification import Histogram
from riskzoning.methods.susceptibility import (
    block_numbers,
    correlated_pairs,
    counts_by_block,
    fold_blocks,
    information_value,
    merge_small,
    table_auc,
    total_score,
)

Floor = Literal["shrink", "laplace", "min"] | float
Factors = dict[str, xr.DataArray]
# Of each factor: cells and event cells by block and class, and which small class went to which.
Tables = dict[str, tuple[pd.DataFrame, dict[int, int]]]
Pair = tuple[str, str, float]
_HAZARD = Phrase("hazard", name="geology")
_UNORDERED = ("class", "sectors")


def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = standards.table("hazards/geology_factors").data
    return rules


@dataclass(frozen=True)
class Ground:
    """What a model is trained on: event cells, the cells that count (1), the number of the block of every cell."""

    events: xr.DataArray
    within: xr.DataArray
    blocks: Any


def training_ground(layers: Mapping[str, xr.DataArray], block_m: float) -> Ground:
    """The susceptible ground that the inventory covers."""
    domain, area = layers["domain"], layers.get("study_area")
    within = domain if area is None else domain * (area > 0)
    blocks = block_numbers(grid_of(domain), block_m, lazy=isinstance(domain.data, da.Array))
    return Ground(layers["landslide_cells"], within, blocks)


def factor_layers(layers: Mapping[str, xr.DataArray], names: Sequence[str] | None = None) -> Factors:
    """The factors that prepared inputs have, by name, in the order of ``hazards/geology_factors``."""
    table = _rules()["factors"]
    present = {name: layers.get(FACTOR_KEYS.get(name, name)) for name in table}
    missing = [name for name in names or () if present.get(name) is None]
    if missing:
        raise LayerError(
            Problem("geology.factors", _HAZARD, missing=missing, given=[k for k, v in present.items() if v is not None])
        )
    return {name: layer for name, layer in present.items() if layer is not None and (names is None or name in names)}


def data_breaks(factors: Factors, within: xr.DataArray) -> dict[str, list[float]]:
    """Class limits of the factors that have none of their own: natural breaks of the cells that count, in one pass."""
    table = _rules()["factors"]
    rules = {name: table[name] for name in factors if table[name]["kind"] == "data"}
    if not rules:
        return {}
    ranges = {name: (float(rule["low"]), float(rule["high"])) for name, rule in rules.items()}
    kernel = partial(_histograms, ranges=ranges)
    histograms = fold_blocks(kernel, _merged, within.data, *(factors[name].data for name in rules))
    limits = {}
    for name, rule in rules.items():
        bounds = histograms[name].breaks("natural_breaks", rule["classes"]) if histograms[name].count else []
        # Upper bounds belong to their class, lower limits to theirs: the next number up starts the next class.
        limits[name] = [float(np.nextafter(np.float32(bound), np.float32(np.inf))) for bound in bounds[:-1]]
    return limits


def _histograms(within: Array, *blocks: Array, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Histogram]:
    out = {}
    for (name, (low, high)), block in zip(ranges.items(), blocks):
        out[name] = Histogram(low, high)
        out[name].update(np.where(np.asarray(within) > 0, np.asarray(block), np.nan))
    return out


def _merged(one: Facts, two: Facts) -> dict[str, Any]:
    return {name: one[name].merge(two[name]) for name in one}


def factor_classes(factors: Factors, breaks: Mapping[str, Sequence[float]]) -> Factors:
    """Class layers of the factors."""
    table = _rules()["factors"]
    return {name: class_layer(layer, table[name], breaks.get(name)) for name, layer in factors.items()}


def class_tables(classes: Factors, ground: Ground) -> Tables:
    """Cells and event cells of every class in every block of the ground, small classes of ordered factors joined."""
    table = _rules()["factors"]
    tables: Tables = {}
    for name, rows in counts_by_block(classes, ground.events, ground.blocks, within=ground.within).items():
        goes: dict[int, int] = {}
        if table[name]["kind"] not in _UNORDERED:
            whole = _all_blocks(rows)
            area = dict(zip(whole["class"].astype(int).tolist(), whole["area"].tolist(), strict=True))
            goes = merge_small(area, least=float(_rules()["least_cells"]))
        kept = rows["class"].map(goes).fillna(rows["class"]).astype(np.int64)
        tables[name] = (rows.assign(**{"class": kept}), goes)
    return tables


def train(
    tables: Tables, breaks: Mapping[str, Sequence[float]], *, floor: Floor, strict: bool = True
) -> dict[str, dict[str, Any]]:
    """Information value of every class of every factor; a factor without an event on its ground is left out."""
    table = _rules()["factors"]
    out = {}
    for name, (blocks, goes) in tables.items():
        rows = _all_blocks(blocks)
        if not rows["event_area"].sum() > 0:
            if strict and table[name].get("required"):
                raise LayerError(_no_event(name))
            continue
        codes = factor_codes(table[name], breaks.get(name)) or [int(code) for code in rows["class"]]
        counts = rows.set_index("class")
        out[name] = {
            "codes": codes,
            "values": _values_of(codes, rows, goes, table[name]["kind"], floor),
            "events": [float(counts["event_area"].get(code, 0.0)) for code in codes],
            "area": [float(counts["area"].get(code, 0.0)) for code in codes],
        }
    return out


def _all_blocks(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby("class", as_index=False, sort=True)[["event_area", "area"]].sum()


def _values_of(
    codes: Sequence[int], rows: pd.DataFrame, goes: Mapping[int, int], kind: str, floor: Floor
) -> list[float]:
    """The value of each code; one that was not seen takes that of the nearest, a rock that was not seen the mean."""
    values = information_value(rows, floor=floor)["information_value"]
    known = np.asarray(values.index, dtype=np.int64)
    out = []
    for code in (goes.get(code, code) for code in codes):
        if code not in values.index and kind in _UNORDERED:
            out.append(0.0)
        else:
            out.append(float(values.loc[known[np.argmin(np.abs(known - code))]]))
    return out


def _no_event(name: str) -> Problem:
    return Problem("geology.events", _HAZARD, factor=name)


def class_values(model: Facts) -> dict[str, dict[int, float]]:
    """Class code -> information value, for every factor of a calibration."""
    return {name: dict(zip(entry["codes"], entry["values"])) for name, entry in model.items()}


def score_total(classes: Factors, model: Facts, weights: Mapping[str, float] | None) -> xr.DataArray:
    """Total information value of every cell; slope is required, other factors are made up for where missing."""
    table = _rules()["factors"]
    needed = [name for name in classes if table[name].get("required")]
    total: xr.DataArray = total_score(classes, class_values(model), weights=weights, required=needed)
    return total


def correlated(classes: Factors, model: Facts, within: xr.DataArray) -> list[Pair]:
    """Pairs of factors whose information values correlate over the ground."""
    names = list(model)
    scores = Scores([model], names, None)
    moments = fold_blocks(partial(_moments, scores=scores), np.add, within, *(classes[name] for name in names))
    return correlated_pairs(moments, names, limit=float(_rules()["max_correlation"]))


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
        rows = _all_blocks(tables[name][0])
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
