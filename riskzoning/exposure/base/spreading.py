"""Totals of units -> count layer whose sums over the units, by exact area share, are those totals again.

A cell cut by a border belongs to several units: its content counts for each by area share (as in zonal statistics).
To meet every total the contents of such cells are balanced (see :func:`balance`); inside a unit the content stays
proportional to the weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy import sparse

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.coverage.table import build_table, prepared_shapes
from riskzoning.errors import AdminError, LayerError, Phrase, Problem, note
from riskzoning.exposure.base.balancing import ACCEPTED, balance
from riskzoning.layers import check_layer, check_same_grid, describe, grid_of, layer_on
from riskzoning.layers.plausible import takes

Array = np.ndarray[Any, Any]

_BAND = 512
# A cell counts as covered when less than this share of it lies outside all units.
_WHOLE = 1e-9


@takes()
def spread_totals(
    totals: pd.Series[Any] | Mapping[str, float],
    weights: xr.DataArray | None,
    units: gpd.GeoDataFrame,
    *,
    quantity: str,
    grid: GeoBox | None = None,
    source: str = "",
) -> xr.DataArray:
    """Spread totals of units over cells by weight (空间化); sums by exact area shares meet every total to 1e-9.

    Inside a unit a cell gets total x w / sum(w). Cells shared by units hold w times a geometric mean of the units'
    densities, so that all totals are met. Cells at the outer border, partly outside all units, stay 0, so that the sum
    of the layer is the sum of the totals; they are used only by units that have no other cell.

    Parameters
    ----------
    totals : Series or mapping
        Code -> total in the unit of ``quantity``, 0 or more.
    weights : DataArray, optional
        What the total follows (residents, floor area, built-up share), 0 or more, ``(y, x)``; NaN and negative count
        as 0. None spreads by area and needs ``grid``.
    units : GeoDataFrame
        Administrative units, index ``code``; further levels may be in it. All units of the levels named in ``totals``
        must have a total. They should not overlap.
    quantity : str
        A count of the vocabulary.
    grid : GeoBox, optional
        Where ``weights`` must lie.

    Returns
    -------
    DataArray
        float64, NaN outside the units; lazy when the weights are lazy (they are read once beforehand). ``attrs`` has
        ``uniform`` and ``unmet``: codes of units without weight, and of units whose total no content meets.

    Warns
    -----
    RiskZoningWarning
        Units without weight (spread by area) and units whose total is not met (smaller than a cell).

    Raises
    ------
    AdminError
        Codes that are unknown, missing, or outside the grid.
    LayerError, GridMismatchError
        The weights or the totals are not what they should be.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> town = gpd.GeoDataFrame({"level": ["township"]}, index=["410702001"], geometry=[box(0, 0, 300, 100)], crs=4547)
    >>> floor_area = layer_on(geobox, np.array([[2.0, 3.0, 5.0]]), quantity="building_area")
    >>> spread_totals({"410702001": 1000}, floor_area, town, quantity="population").values.tolist()
    [[200.0, 300.0, 500.0]]
    """
    weights, grid = _weights(weights, grid, quantity)
    named, frame = _matched(totals, units, quantity)
    shares = _shares(grid, frame, len(named))
    plan, uniform, unmet = _plan(named.to_numpy(), weights, shares, named.index)
    for rule, codes in (("exposure.even", uniform), ("exposure.unmet", unmet)):
        if codes:
            note(Problem(rule, Phrase("unit_totals", name=quantity), severity="warning", count=len(codes), codes=codes))
    data: Any = weights.data
    if isinstance(data, da.Array):
        values: Any = da.map_blocks(partial(_lazy_block, plan=plan), data, dtype=np.float64)
    else:
        values = np.empty(weights.shape)
        for first in range(0, weights.shape[0], _BAND):
            values[first : first + _BAND] = _block(data[first : first + _BAND], first, 0, plan)
    out = layer_on(grid, values, quantity=quantity, name=quantity)
    return describe(
        out, quantity=quantity, like=weights, source=source, uniform=", ".join(uniform), unmet=", ".join(unmet)
    )


def _weights(weights: xr.DataArray | None, grid: GeoBox | None, quantity: str) -> tuple[xr.DataArray, GeoBox]:
    if standards.quantity(quantity).kind != "count":
        raise LayerError(Problem("exposure.no_count", Phrase("quantity", name=quantity)))
    if weights is None:
        if grid is None:
            raise LayerError(Problem("exposure.weights", Phrase("unit_totals", name=quantity)))
        weights = grids.cell_area(grid)
    check_layer(weights, name=str(weights.name or "weights"))
    if weights.ndim != 2:
        thing = Phrase("layer", name=str(weights.name or "weights"))
        raise LayerError(Problem("exposure.dims", thing, dims=[str(dim) for dim in weights.dims]))
    if grid is not None:
        check_same_grid(grid=grid, weights=weights)
    return weights, grid_of(weights)


def _matched(
    totals: pd.Series[Any] | Mapping[str, float], units: gpd.GeoDataFrame, quantity: str
) -> tuple[pd.Series[Any], gpd.GeoDataFrame]:
    """Totals in the order of the units, and those units; every code must be known and have a finite total."""
    series = pd.to_numeric(pd.Series(totals), errors="coerce")
    series.index = series.index.astype(str)
    codes = pd.Index(units.index.astype(str))
    wanted = codes
    if "level" in units.columns:
        levels = set(units["level"][codes.isin(series.index)])
        wanted = codes[units["level"].isin(levels).to_numpy()]
    bad = series[~(np.isfinite(series) & (series >= 0))]
    rows = (
        ("exposure.totals_unknown", series.index[~series.index.isin(codes)]),
        ("exposure.totals_missing", wanted[~wanted.isin(series.index)]),
        ("exposure.totals_bad", bad.index),
        ("exposure.totals_double", series.index[series.index.duplicated()].unique()),
    )
    thing, measure = Phrase("unit_totals", name=quantity), standards.quantity(quantity).units
    problems = [Problem(rule, thing, codes=which.tolist(), units=measure) for rule, which in rows if len(which)]
    if problems:
        raise AdminError(problems=problems)
    kept = codes.isin(series.index)
    return series.loc[codes[kept]].astype(np.float64), units[kept]


class _Shares(NamedTuple):
    """Cells by unit: ``runs`` (row, first, last, unit) wholly inside one unit; the others with their area shares."""

    runs: Array
    cells: Array
    fractions: sparse.csr_array
    shape: tuple[int, int]


def _shares(grid: GeoBox, units: gpd.GeoDataFrame, count: int) -> _Shares:
    table = build_table(grid, prepared_shapes(units, grid), "fraction")
    rows, columns = tuple(grid.shape)
    every = np.arange(rows, dtype=np.int64)
    runs = np.column_stack([np.repeat(every, np.diff(table.run_start)), table.runs])
    cell_row, fractions = np.repeat(every, np.diff(table.cell_start)), table.fractions
    runs = runs[np.lexsort((runs[:, 1], runs[:, 0]))]
    key = runs[:, 0] * columns + runs[:, 1]
    end = runs[:, 0] * columns + runs[:, 2]
    overlap = np.flatnonzero(end[:-1] > key[1:])
    if overlap.size:
        pair = units.index[runs[overlap[0], 3]], units.index[runs[overlap[0] + 1, 3]]
        raise AdminError(Problem("exposure.overlap", Phrase("units"), first=str(pair[0]), second=str(pair[1])))
    flat = cell_row * columns + table.cells[:, 0]
    own, position = np.unique(flat, return_inverse=True)
    # A border cell of one unit that lies wholly in another one (slivers, enclaves) counts in full there.
    under = np.searchsorted(key, own, side="right") - 1
    hit = (under >= 0) & (own < end[under]) if len(key) else np.zeros(len(own), dtype=bool)
    parts = (
        np.concatenate([fractions, np.ones(int(hit.sum()))]),
        (np.concatenate([position, np.flatnonzero(hit)]), np.concatenate([table.cells[:, 1], runs[under[hit], 3]])),
    )
    return _Shares(runs, own, sparse.csr_array(parts, shape=(len(own), count)), (rows, columns))


@dataclass(frozen=True)
class _Plan:
    """What a block needs to turn weights into contents."""

    runs: Array
    columns: int
    factor: Array
    even: Array
    cells: Array
    contents: Array


def _plan(
    totals: Array, weights: xr.DataArray, shares: _Shares, codes: pd.Index[Any]
) -> tuple[_Plan, list[str], list[str]]:
    """The contents, the codes of units spread evenly and of those whose total is not met."""
    inside, number, border = _sums(weights, shares, len(totals))
    empty = totals == 0
    border, even = _usable(empty, inside, number, border, shares.fractions)
    inside = np.where(even, number, inside)
    lost = ~empty & (inside + shares.fractions.T @ border == 0)
    if lost.any():
        raise _outside(codes[lost])
    active = np.flatnonzero(~empty)
    fractions = shares.fractions[:, active].tocsr()
    balanced = balance(totals[active], inside[active], fractions, border)
    # Weight in shared cells only may be too little; such units take their own cells as well, evenly.
    helped = active[(balanced.gap > ACCEPTED) & (inside[active] == 0) & (number[active] > 0)]
    if helped.size:
        even[helped], inside[helped] = True, number[helped]
        balanced = balance(totals[active], inside[active], fractions, border)
    factor = np.zeros(len(totals))
    factor[active] = np.where(inside[active] > 0, balanced.factor, 0.0)
    unmet = empty & (shares.fractions.T @ balanced.shared > 0)
    unmet[active] = balanced.gap > ACCEPTED
    plan = _Plan(shares.runs, shares.shape[1], factor, even, shares.cells, balanced.shared)
    return plan, [str(code) for code in codes[even]], [str(code) for code in codes[unmet]]


def unit_weights(weights: xr.DataArray, units: gpd.GeoDataFrame) -> Array:
    """Sum of the weights by unit, cells cut by a border by their area share."""
    shares = _shares(grid_of(weights), units, len(units))
    inside, _, border = _sums(weights, shares, len(units))
    return np.asarray(inside + shares.fractions.T @ border)


def _usable(
    empty: Array, inside: Array, number: Array, border: Array, fractions: sparse.csr_array
) -> tuple[Array, Array]:
    """Weights of the shared cells that may hold something, and the units that are spread evenly."""

    def touching(chosen: Array) -> Array:
        return np.asarray(fractions @ chosen.astype(np.float64)).ravel() > 0

    covered = np.asarray(fractions.sum(axis=1)).ravel()
    # Nothing goes where a unit without a total or the outside has a part.
    usable = (covered >= 1.0 - _WHOLE) & ~touching(empty)
    reach = fractions.T @ usable.astype(np.float64)
    even = ~empty & (inside + fractions.T @ (border * usable) == 0)
    only_outer = ~empty & (number == 0) & (reach == 0)
    opened = touching(only_outer)
    evenly = (touching(even & (number == 0)) & usable) | opened
    border = np.where(usable | opened, border, 0.0)
    return np.where(evenly & (border == 0), 1.0, border), even


def _outside(codes: pd.Index[Any]) -> AdminError:
    return AdminError(Problem("exposure.outside", Phrase("units"), codes=[str(code) for code in codes]))


def _sums(weights: xr.DataArray, shares: _Shares, count: int) -> tuple[Array, Array, Array]:
    """Weights inside each unit, number of its own cells, weights of the shared cells; one pass over bands of rows."""
    inside, number, border = np.zeros(count), np.zeros(count), np.zeros(len(shares.cells))
    columns = shares.shape[1]
    for first in range(0, shares.shape[0], _BAND):
        band = _positive(np.asarray(weights.isel(y=slice(first, first + _BAND)).to_numpy()))
        labels = _labels(shares.runs, first, band.shape[0], 0, columns)
        low, high = np.searchsorted(shares.cells, (first * columns, (first + band.shape[0]) * columns))
        at = shares.cells[low:high] - first * columns
        border[low:high] = band.ravel()[at]
        labels.ravel()[at] = -1
        own = labels >= 0
        inside += np.bincount(labels[own], weights=band[own], minlength=count)
        number += np.bincount(labels[own], minlength=count)
    return inside, number, border


def _positive(values: Array) -> Array:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(values) & (values > 0), values, 0.0)


def _labels(runs: Array, top: int, height: int, left: int, width: int) -> Array:
    """Unit of every cell of a window, -1 where none has the cell for itself."""
    out = np.full((height, width), -1, dtype=np.int64)
    low, high = np.searchsorted(runs[:, 0], (top, top + height))
    row, unit = runs[low:high, 0] - top, runs[low:high, 3]
    first = np.clip(runs[low:high, 1] - left, 0, width)
    length = np.clip(runs[low:high, 2] - left, 0, width) - first
    start = np.repeat(row * width + first, length)
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    out.ravel()[start + step] = np.repeat(unit, length)
    return out


def _lazy_block(block: Array, *, plan: _Plan, block_info: Any = None) -> Array:
    (top, _), (left, _) = block_info[0]["array-location"]
    return _block(block, top, left, plan)


def _block(block: Array, top: int, left: int, plan: _Plan) -> Array:
    height, width = block.shape
    weight = _positive(block)
    labels = _labels(plan.runs, top, height, left, width)
    weight = np.where((labels >= 0) & plan.even[labels], 1.0, weight)
    out = np.where(labels >= 0, plan.factor[labels] * weight, np.nan)
    low, high = np.searchsorted(plan.cells, (top * plan.columns, (top + height) * plan.columns))
    row, column = np.divmod(plan.cells[low:high], plan.columns)
    here = (column >= left) & (column < left + width)
    out[row[here] - top, column[here] - left] = plan.contents[low:high][here]
    return out
