"""Factors of a susceptibility as class layers: by limits, by natural breaks of the data, by sectors, or as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from riskzoning.layers import describe
from riskzoning.methods.classification import Histogram, grade_values
from riskzoning.methods.susceptibility.counting import Array, fold_blocks

Facts: TypeAlias = Mapping[str, Any]
Factors: TypeAlias = dict[str, xr.DataArray]

# Kinds whose class numbers stand in no order.
UNORDERED = ("class", "sectors")
_FAR = 1e8


def class_layer(values: xr.DataArray, factor: Facts, breaks: Sequence[float] | None = None) -> xr.DataArray:
    """The classes of a factor, 1, 2, ...; 0 where it has no value."""
    kind = factor["kind"]
    if kind == "class":
        return values
    if kind == "sectors":
        out = xr.apply_ufunc(_sectors, values, dask="parallelized", output_dtypes=[np.uint8], keep_attrs=False)
        return describe(out, quantity="grade", like=values)
    limits = list(factor["breaks"] if breaks is None else breaks)
    codes: xr.DataArray = grade_values(values, [*limits, max([_FAR, *(10 * limit for limit in limits)])], closed="left")
    return codes


def _sectors(aspect: Array) -> Any:
    """1 north, 2 north-east ... 8 north-west, 9 flat."""
    known = np.isfinite(aspect)
    turned = np.where(known, aspect, 0.0)
    sector = np.floor((turned + 22.5) % 360 / 45) + 1
    return np.where(known, np.where(turned < 0, 9, sector), 0).astype(np.uint8)


def factor_codes(factor: Facts, breaks: Sequence[float] | None = None) -> list[int]:
    """All class codes of a factor in their order; none for class layers, whose codes the data say."""
    if factor["kind"] == "class":
        return []
    if factor["kind"] == "sectors":
        return list(range(1, 10))
    limits = factor["breaks"] if breaks is None else breaks
    return list(range(1, len(limits) + 2))


def factor_classes(factors: Factors, table: Mapping[str, Facts], breaks: Mapping[str, Sequence[float]]) -> Factors:
    """Class layers of the factors by the facts that a table has of them, with the limits that come from the data."""
    return {name: class_layer(layer, table[name], breaks.get(name)) for name, layer in factors.items()}


def data_breaks(factors: Factors, table: Mapping[str, Facts], within: xr.DataArray) -> dict[str, list[float]]:
    """Class limits of the factors that have none of their own: natural breaks of the cells that count, in one pass."""
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
