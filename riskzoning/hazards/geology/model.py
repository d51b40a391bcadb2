"""The information-value model of landslide susceptibility: trained, validated on held-out ground, scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.geology.factors import FACTOR_KEYS, class_layer, factor_codes
from riskzoning.hazards.inputs import Facts
from riskzoning.methods.classification import Histogram
from riskzoning.methods.susceptibility import class_counts, fold_blocks, information_value, score, total_score
from riskzoning.methods.validation import ScoreCounts, class_check

Floor = Literal["laplace", "min"] | float
Factors = dict[str, xr.DataArray]
_HAZARD = Phrase("hazard", name="geology")


def factor_layers(layers: Mapping[str, xr.DataArray], names: Sequence[str] | None = None) -> Factors:
    """The factors that prepared inputs have, by name, in the order of ``hazards/geology_factors``."""
    table = standards.table("hazards/geology_factors").data["factors"]
    present = {name: layers.get(FACTOR_KEYS.get(name, name)) for name in table}
    missing = [name for name in names or () if present.get(name) is None]
    if missing:
        raise LayerError(
            Problem("geology.factors", _HAZARD, missing=missing, given=[k for k, v in present.items() if v is not None])
        )
    return {name: layer for name, layer in present.items() if layer is not None and (names is None or name in names)}


def data_breaks(factors: Factors) -> dict[str, list[float]]:
    """Class limits of the factors that have none of their own: natural breaks of all cells, in one pass."""
    table = standards.table("hazards/geology_factors").data["factors"]
    rules = {name: table[name] for name in factors if table[name]["kind"] == "data"}
    if not rules:
        return {}
    ranges = {name: (float(rule["low"]), float(rule["high"])) for name, rule in rules.items()}
    histograms = fold_blocks(partial(_histograms, ranges=ranges), _merged, *(factors[name].data for name in rules))
    limits = {}
    for name, rule in rules.items():
        bounds = histograms[name].breaks("natural_breaks", rule["classes"]) if histograms[name].count else []
        # Upper bounds belong to their class, lower limits to theirs: the next number up starts the next class.
        limits[name] = [float(np.nextafter(np.float32(bound), np.float32(np.inf))) for bound in bounds[:-1]]
    return limits


def _histograms(*blocks: Array, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Histogram]:
    out = {}
    for (name, (low, high)), block in zip(ranges.items(), blocks):
        out[name] = Histogram(low, high)
        out[name].update(np.asarray(block))
    return out


def _merged(one: Facts, two: Facts) -> dict[str, Any]:
    return {name: one[name].merge(two[name]) for name in one}


def factor_classes(factors: Factors, breaks: Mapping[str, Sequence[float]]) -> Factors:
    """Class layers of the factors."""
    table = standards.table("hazards/geology_factors").data["factors"]
    return {name: class_layer(layer, table[name], breaks.get(name)) for name, layer in factors.items()}


def train(
    classes: Factors,
    breaks: Mapping[str, Sequence[float]],
    events: xr.DataArray,
    *,
    holdout: xr.DataArray | None = None,
    study_area: xr.DataArray | None = None,
    floor: Floor,
) -> dict[str, dict[str, Any]]:
    """Information value of every class of every factor, from the events and the ground of the training part."""
    table = standards.table("hazards/geology_factors").data["factors"]
    within = study_area
    if holdout is not None:
        within = 1 - holdout if study_area is None else (1 - holdout) * (study_area > 0)
    counts = class_counts(classes, events, within=within)
    out = {}
    for name, rows in counts.items():
        if not rows["event_area"].sum() > 0:
            if table[name].get("required"):
                raise LayerError(_no_event(name))
            continue
        values = information_value(rows, floor=floor)
        codes = factor_codes(table[name], breaks.get(name)) or [int(code) for code in values.index]
        known = np.asarray(values.index, dtype=np.int64)
        value = {int(code): float(number) for code, number in zip(known, values["information_value"])}
        nearest = [int(known[np.argmin(np.abs(known - code))]) for code in codes]
        out[name] = {
            "codes": codes,
            "values": [value[code] for code in nearest],
            "events": [float(values["event_area"].get(code, 0.0)) for code in codes],
            "area": [float(values["area"].get(code, 0.0)) for code in codes],
        }
    return out


def _no_event(name: str) -> Problem:
    return Problem("geology.events", _HAZARD, factor=name)


def class_values(model: Facts) -> dict[str, dict[int, float]]:
    """Class code -> information value, for every factor of a calibration."""
    return {name: dict(zip(entry["codes"], entry["values"])) for name, entry in model.items()}


def score_total(classes: Factors, model: Facts, weights: Mapping[str, float] | None) -> xr.DataArray:
    """Total information value of every cell; slope is required, other factors are made up for where missing."""
    table = standards.table("hazards/geology_factors").data["factors"]
    needed = [name for name in classes if table[name].get("required")]
    total: xr.DataArray = total_score(classes, class_values(model), weights=weights, required=needed)
    return total


def validate(
    classes: Factors,
    model: Facts,
    weights: Mapping[str, float] | None,
    events: xr.DataArray,
    *,
    holdout: xr.DataArray | None = None,
    study_area: xr.DataArray | None = None,
) -> dict[str, Any]:
    """Range of the total, AUC on the training and on the held-out ground, correlated factors; in one pass."""
    values = class_values(model)
    shares = 1.0 if weights is None else 1.0 / len(model)
    lowest = min(min(entry.values()) for entry in values.values()) * len(values) * shares
    highest = max(max(entry.values()) for entry in values.values()) * len(values) * shares
    kernel = partial(_statistics, names=list(classes), values=values, limits=(lowest, highest))
    total = score_total(classes, model, weights)
    if study_area is not None:
        total = total.where(study_area > 0)
    held = holdout if holdout is not None else events * 0
    sums = fold_blocks(kernel, _add, total, events, held, *classes.values())
    if not sums["cells"]:
        raise LayerError(Problem("geology.empty", _HAZARD))
    limit = float(standards.table("hazards/geology_factors").data["max_correlation"])
    trained, tested, slopes = sums["train"], sums["test"], sums["slopes"]
    return {
        "low": sums["low"],
        "high": sums["high"],
        "cells": int(sums["cells"]),
        "validation": {
            "auc_in_sample": _number(trained.auc()),
            "auc_holdout": _number(tested.auc()),
            "auc_holdout_slopes": _number(slopes.auc()),
        },
        "success": _tenths(trained),
        "prediction": _tenths(tested),
        "correlated": _correlated(sums["moments"], list(classes), limit),
        "frequency_rises": _rises(trained, sums["low"], sums["high"]),
    }


def _statistics(
    total: Array,
    events: Array,
    held: Array,
    *blocks: Array,
    names: list[str],
    values: Mapping[str, Mapping[int, float]],
    limits: tuple[float, float],
) -> Any:
    """What one block adds: extremes of the total, scores of training and of held-out cells, moments of the factors."""
    train_counts, test_counts, slope_counts = (ScoreCounts(*limits) for _ in range(3))
    good = np.isfinite(total)
    train_counts.update(total[good & (held == 0)], events[good & (held == 0)])
    test_counts.update(total[good & (held > 0)], events[good & (held > 0)])
    if "slope" in names:
        steep = good & (held > 0) & (np.asarray(blocks[names.index("slope")]) > 1)
        slope_counts.update(total[steep], events[steep])
    scores = np.stack([score(np.asarray(block)[good], values[name]) for name, block in zip(names, blocks)])
    scores = scores[:, np.isfinite(scores).all(axis=0)]
    ones = np.vstack([scores, np.ones(scores.shape[1])])
    valid = total[good]
    return {
        "low": float(valid.min(initial=np.inf)),
        "high": float(valid.max(initial=-np.inf)),
        "cells": int(good.sum()),
        "train": train_counts,
        "test": test_counts,
        "slopes": slope_counts,
        "moments": ones @ ones.T,
    }


def _add(one: Facts, two: Facts) -> dict[str, Any]:
    return {
        "low": min(one["low"], two["low"]),
        "high": max(one["high"], two["high"]),
        "cells": one["cells"] + two["cells"],
        "train": one["train"].merge(two["train"]),
        "test": one["test"].merge(two["test"]),
        "slopes": one["slopes"].merge(two["slopes"]),
        "moments": one["moments"] + two["moments"],
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _tenths(counts: ScoreCounts) -> list[float] | None:
    if not counts.events.sum():
        return None
    curve = counts.curve()
    return [float(share) for share in np.interp(np.arange(0.1, 1.01, 0.1), curve["area_share"], curve["event_share"])]


def _correlated(moments: Array, names: list[str], limit: float) -> list[list[Any]]:
    count = moments[-1, -1]
    if count < 2:
        return []
    mean = moments[:-1, -1] / count
    covariance = moments[:-1, :-1] / count - np.outer(mean, mean)
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = covariance / np.outer(spread, spread)
    return [
        [names[i], names[j], round(float(r[i, j]), 3)]
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if np.isfinite(r[i, j]) and abs(r[i, j]) > limit
    ]


def _rises(counts: ScoreCounts, low: float, high: float) -> bool | None:
    """Whether events crowd in the higher of four equal classes of the total, on the training ground."""
    if not counts.events.sum() or high <= low:
        return None
    middle = counts.low + (np.arange(counts.bins) + 0.5) * (counts.high - counts.low) / counts.bins
    code = np.clip(((middle - low) / (high - low) * 4).astype(int), 0, 3) + 1
    rows = pd.DataFrame({"class": code, "event_area": counts.events, "area": counts.cells})
    return bool(class_check(rows.groupby("class", as_index=False).sum()).attrs["rises"])
