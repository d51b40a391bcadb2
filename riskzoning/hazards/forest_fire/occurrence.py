"""Where fires start: a model trained on the fires of the record over burnable ground, and whether it may count.

The engine is that of all susceptibilities (:mod:`riskzoning.methods.susceptibility`). The model takes the place of
nearness of people and density of earlier fires in the danger score, as an expected rate of fires on the same fixed
scale; but only where it foretells fires on ground that it has not seen, and better than the danger score does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Problem, note
from riskzoning.hazards.cells import Array, by_cell
from riskzoning.hazards.forest_fire.models import learnt_model, newest_skill, occurrence_rules, stored_score
from riskzoning.hazards.forest_fire.scores import burnable_share, history_score
from riskzoning.hazards.inputs import Facts, input_of
from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import (
    Counted,
    Factors,
    Ground,
    Method,
    Options,
    Training,
    block_numbers,
    class_values,
    fitted,
    fold_blocks,
    model_classes,
    total_score,
)
from riskzoning.methods.validation import ScoreCounts

_KEYS = {"roads": "roads_distance", "settlements": "settlements_distance", "tombs": "tombs_distance"}
_TABLE = "hazards/forest_fire_factors"


def occurrence_factors(layers: Mapping[str, xr.DataArray]) -> Factors:
    """The factors that prepared inputs have, by name, in the order of the table."""
    present = {name: layers.get(_KEYS.get(name, name)) for name in occurrence_rules().factors}
    return {name: layer for name, layer in present.items() if layer is not None}


def burnable_ground(layers: Mapping[str, xr.DataArray], block_m: float) -> Ground:
    """The ground that can burn and that the record covers, and the fires on it."""
    share = burnable_share(layers.get("landcover"), layers.get("fuel_type"))
    within: xr.DataArray = by_cell(_burns, share, quantity="mask", dtype=np.uint8)
    if "study_area" in layers:
        within = within * (layers["study_area"] > 0)
    blocks = block_numbers(grid_of(within), block_m, lazy=isinstance(within.data, da.Array))
    return Ground(layers["fire_cells"], within, blocks)


def _burns(share: Array) -> Array:
    return (np.nan_to_num(share) > 0).astype(np.uint8)


def trained_occurrence(
    layers: Mapping[str, xr.DataArray],
    danger: xr.DataArray,
    training: Training,
    method: Method = "information_value",
) -> dict[str, Any]:
    """The model with its skill and that of the danger score, and whether it is ``used``; a note says why not."""
    ground = burnable_ground(layers, training.block_m)
    limits = standards.table(_TABLE).data
    cells, fires = fold_blocks(_extent, np.add, ground.within, ground.events)
    facts: dict[str, Any] = {"fires": int(fires), "cells": int(cells), "used": False, "validation": {}}
    thing, least = input_of("forest_fire", "fire_points"), int(limits["least_fires"])
    if fires < least or training.folds < 2:
        if training.folds >= 2:
            note(Problem("forest_fire.few_fires", thing, severity="info", fires=int(fires), least=least))
        return facts
    score = _skill_of(danger, ground)
    model = _model(method, layers, ground, training)
    skill = {"auc_danger_score": score, **model.pop("validation", {})}
    facts |= {**model, "validation": {name: value for name, value in skill.items() if value is not None}}
    mean, deviation = skill.get("auc_holdout"), skill.get("auc_holdout_sd")
    if mean is None or deviation is None:
        note(Problem("forest_fire.few_blocks", thing, severity="info", fires=int(fires), block=training.block_m / 1000))
        return facts
    facts["used"] = mean >= float(limits["least_auc"]) and mean - deviation > 0.5 and mean > score
    if not facts["used"]:
        values = {"auc": mean, "deviation": deviation, "score": score, "least": float(limits["least_auc"])}
        note(Problem("forest_fire.no_skill", thing, severity="warning", fires=int(fires), **values))
    return facts


def _model(method: Method, layers: Mapping[str, xr.DataArray], ground: Ground, training: Training) -> dict[str, Any]:
    """The model of a method with its skill on folds of ground, and in the newest years where these are kept apart."""
    factors = occurrence_factors(layers)
    options = Options(
        folds=training.folds, repeats=training.repeats, block_m=training.block_m, seed=training.seed,
        floor=training.floor, trees=int(standards.table(_TABLE).data["trees"]),
    )  # fmt: skip
    if method == "information_value":
        model = fitted(Counted.of(factors, ground, occurrence_rules()), training)
    elif len(np.unique(_fire_blocks(ground))) < 2:
        model = {"validation": {}}
    else:
        model = learnt_model(method, factors, ground, options)[0]
    newest = newest_skill(method, factors, layers, ground.within, options)
    return {**model, "validation": {**model.get("validation", {}), **newest}}


def _fire_blocks(ground: Ground) -> Array:
    """The blocks of the ground in which fires are."""
    parts = fold_blocks(_blocks_of, _joined_blocks, ground.within, ground.events, ground.blocks)
    return np.asarray(parts)


def _blocks_of(within: Array, events: Array, blocks: Array) -> Array:
    return np.unique(np.asarray(blocks)[(np.asarray(within) > 0) & (np.asarray(events) > 0)])


def _joined_blocks(one: Array, other: Array) -> Array:
    return np.union1d(one, other)


def _extent(within: Array, events: Array) -> Array:
    inside = np.asarray(within) > 0
    return np.array([inside.sum(), (inside & (np.asarray(events) > 0)).sum()])


def _skill_of(danger: xr.DataArray, ground: Ground) -> float:
    """AUC of the danger score without the earlier fires: nothing of it was learnt, so that nothing is held out."""
    counts: ScoreCounts = fold_blocks(_counted, ScoreCounts.merge, danger, ground.within, ground.events)
    return counts.auc()


def _counted(score: Array, within: Array, events: Array) -> ScoreCounts:
    inside = np.asarray(within) > 0
    counts = ScoreCounts(0.0, 1.0)
    counts.update(np.asarray(score)[inside], np.asarray(events)[inside])
    return counts


def occurrence_score(layers: Mapping[str, xr.DataArray], facts: Facts, *, density: float, reference: float) -> Any:
    """Score of the expected fires: the density of the record (1/km2) spread by the model, on the fixed scale."""
    if "state" in facts:
        total: xr.DataArray = stored_score(facts, occurrence_factors(layers))
    else:
        model = facts["factors"]
        classes = model_classes(occurrence_factors(layers), model, occurrence_rules())
        total = total_score(classes, class_values(model))
    kernel = partial(_expected, points=facts["curve"]["score"], values=facts["curve"]["density"], mean=density)
    expected: xr.DataArray = by_cell(kernel, total, quantity="event_density")
    return history_score(expected, reference=reference)


def _expected(total: Array, *, points: Array, values: Array, mean: float) -> Array:
    return np.where(np.isnan(total), np.nan, mean * np.interp(np.nan_to_num(total), points, values))
