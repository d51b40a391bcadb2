"""The information-value model of landslide susceptibility: trained, validated on held-out ground, scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.hazards.geology.factors import FACTOR_KEYS, class_layer, factor_codes
from riskzoning.methods.classification import Histogram
from riskzoning.methods.susceptibility import class_counts, fold_blocks, information_value, score, total_score
from riskzoning.methods.validation import ScoreCounts, class_check

__all__ = ["class_values", "data_breaks", "factor_classes", "factor_layers", "score_total", "train", "validate"]

Factors = dict[str, xr.DataArray]


def factor_layers(inputs: Mapping[str, Any], names: Sequence[str] | None = None) -> Factors:
    """The factors that prepared inputs have, by name, in the order of ``hazards/geology_factors``.

    Parameters
    ----------
    inputs : mapping
        After ``prepare``.
    names : sequence of str, optional
        Only these.

    Raises
    ------
    LayerError
        A name is no factor, or its layer is missing.

    Examples
    --------
    >>> factor_layers({"slope": 1, "aspect": None, "ndvi": 2})
    {'slope': 1, 'ndvi': 2}
    """
    table = standards.table("hazards/geology_factors").data["factors"]
    found = {name: inputs.get(FACTOR_KEYS.get(name, name)) for name in table}
    missing = [name for name in names or () if found.get(name) is None]
    if missing:
        raise LayerError(
            Problem(
                "factors of hazard 'geology'",
                f"lack {first_few(missing)}",
                f"factors that are known and given: {', '.join(k for k, v in found.items() if v is not None)}",
                "Give the inputs, or leave the factors out of params.factors.",
                rule="geology.factors",
            )
        )
    return {name: layer for name, layer in found.items() if layer is not None and (names is None or name in names)}


def data_breaks(factors: Factors) -> dict[str, list[float]]:
    """Class limits of the factors that have none of their own: natural breaks of all cells, in one pass.

    Examples
    --------
    >>> data_breaks({})
    {}
    """
    table = standards.table("hazards/geology_factors").data["factors"]
    rules = {name: table[name] for name in factors if table[name]["kind"] == "data"}
    if not rules:
        return {}
    ranges = {name: (float(rule["low"]), float(rule["high"])) for name, rule in rules.items()}
    histograms = fold_blocks(partial(_histograms, ranges=ranges), _merged, *(factors[name].data for name in rules))
    found = {}
    for name, rule in rules.items():
        bounds = histograms[name].breaks("natural_breaks", rule["classes"]) if histograms[name].count else []
        # Upper bounds belong to their class, lower limits to theirs: the next number up starts the next class.
        found[name] = [float(np.nextafter(np.float32(bound), np.float32(np.inf))) for bound in bounds[:-1]]
    return found


def _histograms(*blocks: Any, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Histogram]:
    out = {}
    for (name, (low, high)), block in zip(ranges.items(), blocks):
        out[name] = Histogram(low, high)
        out[name].update(np.asarray(block))
    return out


def _merged(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name].merge(two[name]) for name in one}


def factor_classes(factors: Factors, breaks: Mapping[str, Sequence[float]]) -> Factors:
    """Class layers of the factors.

    Parameters
    ----------
    factors : mapping name -> layer
    breaks : mapping name -> lower limits
        Of the factors classed by the data.

    Examples
    --------
    >>> factor_classes({}, {})
    {}
    """
    table = standards.table("hazards/geology_factors").data["factors"]
    return {name: class_layer(layer, table[name], breaks.get(name)) for name, layer in factors.items()}


def train(
    classes: Factors,
    breaks: Mapping[str, Sequence[float]],
    events: xr.DataArray,
    *,
    holdout: xr.DataArray | None = None,
    study_area: xr.DataArray | None = None,
    floor: Any,
) -> dict[str, dict[str, Any]]:
    """Information value of every class of every factor, from the events and the ground of the training part.

    A class of an ordered factor that the training ground does not have takes the value of its nearest neighbour. A
    factor without a value in any training cell with a landslide is left out.

    Parameters
    ----------
    classes : mapping factor -> class layer
    breaks : mapping factor -> lower limits
    events : layer
        1 in cells with an event.
    holdout : layer, optional
        1 in cells that are kept out of the training.
    study_area : layer, optional
        1 in cells that the inventory covers.
    floor
        As in :func:`riskzoning.methods.susceptibility.information_value`.

    Returns
    -------
    dict
        factor -> ``codes values events area``, lists ready for JSON.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[1, 1, 2, 2]], dtype="uint8"), quantity="grade")
    >>> slides = layer_on(geobox, np.array([[0, 0, 1, 0]], dtype="uint8"), quantity="mask")
    >>> found = train({"slope": slope}, {}, slides, floor="min")["slope"]
    >>> found["codes"], [round(value, 4) for value in found["values"]]
    ([1, 2, 3, 4, 5, 6], [0.6931, 0.6931, 0.6931, 0.6931, 0.6931, 0.6931])
    """
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
        found = information_value(rows, floor=floor)
        codes = factor_codes(table[name], breaks.get(name)) or [int(code) for code in found.index]
        known = np.asarray(found.index, dtype=np.int64)
        value = {int(code): float(number) for code, number in zip(known, found["information_value"])}
        nearest = [int(known[np.argmin(np.abs(known - code))]) for code in codes]
        out[name] = {
            "codes": codes,
            "values": [value[code] for code in nearest],
            "events": [float(found["event_area"].get(code, 0.0)) for code in codes],
            "area": [float(found["area"].get(code, 0.0)) for code in codes],
        }
    return out


def _no_event(name: str) -> Problem:
    return Problem(
        "hazard 'geology'",
        f"finds no landslide of the training ground where '{name}' has a value",
        "an elevation, with a margin of one cell, that covers the landslides",
        "Check the extents of elevation, landslides and study area, or take a smaller holdout_share.",
        rule="geology.events",
    )


def class_values(model: Mapping[str, Any]) -> dict[str, dict[int, float]]:
    """Class code -> information value, for every factor of a calibration.

    Examples
    --------
    >>> class_values({"slope": {"codes": [1, 2], "values": [-0.5, 0.5]}})
    {'slope': {1: -0.5, 2: 0.5}}
    """
    return {name: dict(zip(entry["codes"], entry["values"])) for name, entry in model.items()}


def score_total(classes: Factors, model: Mapping[str, Any], weights: Mapping[str, float] | None) -> xr.DataArray:
    """Total information value of every cell; slope is required, other factors are made up for where they are missing.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[1, 2]], dtype="uint8"), quantity="grade")
    >>> score_total({"slope": slope}, {"slope": {"codes": [1, 2], "values": [-0.5, 0.5]}}, None).values.tolist()
    [[-0.5, 0.5]]
    """
    table = standards.table("hazards/geology_factors").data["factors"]
    needed = [name for name in classes if table[name].get("required")]
    total: xr.DataArray = total_score(classes, class_values(model), weights=weights, required=needed)
    return total


def validate(
    classes: Factors,
    model: Mapping[str, Any],
    weights: Mapping[str, float] | None,
    events: xr.DataArray,
    *,
    holdout: xr.DataArray | None = None,
    study_area: xr.DataArray | None = None,
) -> dict[str, Any]:
    """Range of the total, AUC on the training and on the held-out ground, correlated factors; in one pass.

    An area that is half plain gives a high AUC for telling plain from mountain; ``auc_holdout_slopes`` looks only at
    ground steeper than the first limit of slope.

    Returns
    -------
    dict
        ``low high`` (of the total over all cells), ``validation`` (``auc_in_sample``, ``auc_holdout`` and
        ``auc_holdout_slopes``, None without hold-out), ``success`` and ``prediction`` (share of the events in the
        tenths of the area with the highest totals), ``correlated`` (pairs with their coefficient),
        ``frequency_rises`` (whether the ratio rises over four classes).

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[1, 1, 2, 2]], dtype="uint8"), quantity="grade")
    >>> slides = layer_on(geobox, np.array([[0, 0, 1, 0]], dtype="uint8"), quantity="mask")
    >>> model = {"slope": {"codes": [1, 2], "values": [-0.5, 0.5]}}
    >>> found = validate({"slope": slope}, model, None, slides)
    >>> found["low"], found["high"], round(found["validation"]["auc_in_sample"], 4)
    (-0.5, 0.5, 0.8333)
    """
    values = class_values(model)
    shares = 1.0 if weights is None else 1.0 / len(model)
    lowest = min(min(entry.values()) for entry in values.values()) * len(values) * shares
    highest = max(max(entry.values()) for entry in values.values()) * len(values) * shares
    kernel = partial(_statistics, names=list(classes), values=values, limits=(lowest, highest))
    total = score_total(classes, model, weights)
    if study_area is not None:
        total = total.where(study_area > 0)
    held = holdout if holdout is not None else events * 0
    found = fold_blocks(kernel, _add, total, events, held, *classes.values())
    if not found["cells"]:
        raise LayerError(
            Problem(
                "hazard 'geology'",
                "has no cell with a total information value",
                "an elevation that covers the study area, with a margin of one cell",
                "Check the extent and the nodata value of the elevation.",
                rule="geology.empty",
            )
        )
    limit = float(standards.table("hazards/geology_factors").data["max_correlation"])
    trained, tested, slopes = found["train"], found["test"], found["slopes"]
    return {
        "low": found["low"],
        "high": found["high"],
        "cells": int(found["cells"]),
        "validation": {
            "auc_in_sample": _number(trained.auc()),
            "auc_holdout": _number(tested.auc()),
            "auc_holdout_slopes": _number(slopes.auc()),
        },
        "success": _tenths(trained),
        "prediction": _tenths(tested),
        "correlated": _correlated(found["moments"], list(classes), limit),
        "frequency_rises": _rises(trained, found["low"], found["high"]),
    }


def _statistics(total: Any, events: Any, held: Any, *blocks: Any, names: list[str], values: Any, limits: Any) -> Any:
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


def _add(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
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


def _correlated(moments: Any, names: list[str], limit: float) -> list[list[Any]]:
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
