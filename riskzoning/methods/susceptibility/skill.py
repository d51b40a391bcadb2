"""How well a model finds events on ground that it has not seen, and how dense they are there by score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.methods.ranges import spans
from riskzoning.methods.susceptibility.counting import Array, fold_blocks
from riskzoning.methods.susceptibility.factors import Factors, Facts
from riskzoning.methods.susceptibility.model import Ground, ModelFloor, Rules, Scores, Tables, train
from riskzoning.methods.susceptibility.pooling import density_curve
from riskzoning.methods.validation import ScoreCounts, class_check

# Bins of the scores of one fold: an AUC moves by less than 1e-3.
_FOLD_BINS = 4096


class FoldModels:
    """The models of all folds of all repeats, each trained on the blocks of the other folds."""

    def __init__(
        self,
        tables: Tables,
        breaks: Mapping[str, Sequence[float]],
        rules: Rules,
        *,
        names: Sequence[str],
        dealt: Array,
        floor: ModelFloor,
    ) -> None:
        self.dealt, self.number = dealt, int(dealt.max(initial=-1)) + 1
        self.models: list[Facts] = []
        for of_block in dealt:
            for fold in range(self.number):
                seen = {name: without_fold(tables[name], of_block, fold) for name in names}
                self.models.append(train(seen, breaks, rules, floor=floor))

    def of(self, repeat: int, block: Array) -> tuple[Array, Array]:
        """The fold of every cell, and the model that has not seen it."""
        fold = self.dealt[repeat][block]
        return fold, repeat * self.number + fold


def without_fold(table: tuple[pd.DataFrame, dict[int, int]], of_block: Array, fold: int) -> tuple[Any, dict[int, int]]:
    """The counts of a factor on the blocks of the other folds."""
    rows, goes = table
    return rows[of_block[rows["block"].to_numpy()] != fold], goes


def measured_skill(
    classes: Factors,
    model: Facts,
    ground: Ground,
    folds: FoldModels,
    *,
    weights: Mapping[str, float] | None = None,
    density_classes: int = 20,
) -> dict[str, Any]:
    """Range of the total, AUC in sample and by fold, relative density of events by score; in one pass.

    Only ``cells``, which is 0, where no cell has a total.
    """
    names = list(model)
    full, held = Scores([model], names, weights), Scores(folds.models or [model], names, weights)
    limits = (min(full.limits()[0], held.limits()[0]), max(full.limits()[1], held.limits()[1]))
    kernel = partial(_statistics, full=full, held=held, folds=folds, limits=limits)
    layers = [classes[name] for name in names]
    sums = fold_blocks(kernel, _add, ground.events, ground.within, ground.blocks, *layers)
    if not sums["cells"]:
        return {"cells": 0}
    sample, folded = sums["sample"], sums["folds"]
    aucs = [value for value in (counts.auc() for counts in folded) if np.isfinite(value)]
    pooled = _pooled(folded) if aucs else None
    based = sample if pooled is None else pooled
    # An event that is held out in every repeat is still one event.
    times = 1 if pooled is None else len(folds.dealt)
    at, density = density_curve(_middle(based), based.cells / times, based.events / times, classes=density_classes)
    return {
        "low": sums["low"],
        "high": sums["high"],
        "cells": int(sums["cells"]),
        "validation": {
            "auc_in_sample": _number(sample.auc()),
            "auc_holdout": float(np.mean(aucs)) if aucs else None,
            "auc_holdout_sd": float(np.std(aucs, ddof=1)) if len(aucs) > 1 else None,
        },
        "success": _tenths(sample),
        "prediction": None if pooled is None else _tenths(pooled),
        "curve": {"score": at, "density": density},
        "frequency_rises": _rises(based, sums["low"], sums["high"]),
    }


def _statistics(
    events: Array,
    within: Array,
    blocks: Array,
    *classes: Array,
    full: Scores,
    held: Scores,
    folds: FoldModels,
    limits: tuple[float, float],
) -> dict[str, Any]:
    """What one piece of the grid adds: extremes of the total, scores in sample, scores of every fold by its model."""
    inside = np.asarray(within) > 0
    hits, block = np.asarray(events)[inside] > 0, np.asarray(blocks)[inside]
    codes = [np.asarray(piece)[inside] for piece in classes]
    total = full.total(codes, 0)
    sample = ScoreCounts(*limits)
    sample.update(total, hits)
    counts = [ScoreCounts(*limits, bins=_FOLD_BINS) for _ in folds.models]
    for repeat in range(len(folds.dealt)):
        fold, which = folds.of(repeat, block)
        score = held.total(codes, which)
        for number in range(folds.number):
            here = fold == number
            counts[repeat * folds.number + number].update(score[here], hits[here])
    valid = total[np.isfinite(total)]
    return {
        "low": float(valid.min(initial=np.inf)),
        "high": float(valid.max(initial=-np.inf)),
        "cells": int(valid.size),
        "sample": sample,
        "folds": counts,
    }


def _add(one: Facts, two: Facts) -> dict[str, Any]:
    return {
        "low": min(one["low"], two["low"]),
        "high": max(one["high"], two["high"]),
        "cells": one["cells"] + two["cells"],
        "sample": one["sample"].merge(two["sample"]),
        "folds": [first.merge(second) for first, second in zip(one["folds"], two["folds"], strict=True)],
    }


def _pooled(folds: Sequence[ScoreCounts]) -> ScoreCounts:
    out = ScoreCounts(folds[0].low, folds[0].high, folds[0].bins)
    for counts in folds:
        out.merge(counts)
    return out


def _middle(counts: ScoreCounts) -> Array:
    return np.asarray(counts.low + (np.arange(counts.bins) + 0.5) * (counts.high - counts.low) / counts.bins)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _tenths(counts: ScoreCounts) -> list[float] | None:
    if not counts.events.sum():
        return None
    curve = counts.curve()
    return [float(share) for share in np.interp(np.arange(0.1, 1.01, 0.1), curve["area_share"], curve["event_share"])]


def _rises(counts: ScoreCounts, low: float, high: float) -> bool | None:
    """Whether events crowd in the higher of four equal classes of the total."""
    if not counts.events.sum() or not spans(low, high):
        return None
    code = np.clip(((_middle(counts) - low) / (high - low) * 4).astype(int), 0, 3) + 1
    rows = pd.DataFrame({"class": code, "event_area": counts.events, "area": counts.cells})
    return bool(class_check(rows.groupby("class", as_index=False).sum()).attrs["rises"])
