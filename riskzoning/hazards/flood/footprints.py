"""Buildings that cut holes in depths, so that they look dry: what water stands at them."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import dask.array as da
import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy import ndimage

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.layers import check_layer, describe, grid_of
from riskzoning.layers.plausible import takes

Rule = Literal["nearest_wet", "zero", "buffer"]
_M_A_DEGREE = 111_000.0


@takes("depths", depths="flood_depth")
def water_at_buildings(
    depths: xr.DataArray, buildings: gpd.GeoDataFrame, *, rule: Rule | None = None, within: float | None = None
) -> xr.DataArray:
    """Depths with the holes filled that buildings cut into them (建筑物处水深).

    Models leave buildings out of their ground: a cell under a building has no data or no water, whatever stands at
    its walls. Only cells that a building touches and that are dry or without data change.

    Parameters
    ----------
    depths : DataArray
        ``flood_depth``, m, a layer or a stack with ``return_period``; numpy or dask.
    buildings : GeoDataFrame
        Footprints (or points), any CRS.
    rule : {"nearest_wet", "zero", "buffer"}, optional
        ``nearest_wet``: the depth of the nearest wet cell beside the building. ``buffer``: the largest depth around
        it. ``zero``: no data becomes dry. Default of ``hazards/flood_footprints``: nearest_wet.
    within : float, optional
        m: for ``nearest_wet`` how much farther than the edge of the building the wet cell may be (10), for ``buffer``
        how far around it (20).

    Returns
    -------
    DataArray
        As ``depths``; no return period has less water than a more frequent one in the cells that were filled. How
        many cells and buildings got water is told, of lazy depths by a look at the rarest return period. On cells of
        more than 20 m buildings make no holes: nothing is filled, which is told.

    Raises
    ------
    LayerError
        Another rule, or a distance below 0.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 25, 5), crs="EPSG:4547", resolution=5)
    >>> depths = layer_on(grid, [[0.8, np.nan, 0.0, 0.0, 0.0]], quantity="flood_depth")
    >>> house = gpd.GeoDataFrame(geometry=[box(6, 1, 14, 4)], crs="EPSG:4547")
    >>> water_at_buildings(depths, house, rule="nearest_wet").values.tolist()
    [[0.8, 0.8, 0.8, 0.0, 0.0]]
    >>> water_at_buildings(depths, house, rule="zero").values.tolist()
    [[0.8, 0.0, 0.0, 0.0, 0.0]]
    """
    check_layer(depths, name=str(depths.name or "depths"), quantity="flood_depth")
    table = standards.table("hazards/flood_footprints").data
    rule = table["rule"] if rule is None else rule
    if rule not in ("nearest_wet", "zero", "buffer"):
        raise LayerError(Problem("flood.footprint_rule", Phrase("argument", name="rule"), way=str(rule)))
    usual = {"nearest_wet": "slack_m", "buffer": "buffer_m"}.get(rule)
    metres = float(table[usual]) if within is None and usual else float(within or 0.0)
    if not metres >= 0:
        raise LayerError(Problem("curve.floor", Phrase("argument", name="within"), height=metres))
    box = grid_of(depths)
    cell = _cell(box)
    thing = Phrase("buildings")
    if max(cell) > float(table["most_cell_m"]):
        facts: dict[str, Any] = {"cell": max(cell), "most": float(table["most_cell_m"])}
        note(Problem("flood.footprints_coarse", thing, severity="warning", **facts))
        return depths
    numbers = _numbered(buildings, box)
    filled = _on_stack(depths, numbers > 0, rule, metres, cell, float(table["reach_m"]))
    _tell(depths, filled, numbers, rule)
    return describe(filled, quantity="flood_depth", like=depths, buildings=rule)


def _cell(box: GeoBox) -> tuple[float, float]:
    """Height and width of a cell, m."""
    factor = _M_A_DEGREE if box.crs is not None and box.crs.geographic else 1.0
    return abs(float(box.affine.e)) * factor, abs(float(box.affine.a)) * factor


def _numbered(buildings: gpd.GeoDataFrame, box: GeoBox) -> Array:
    """The number of a building that touches each cell, from 1; 0 without any."""
    placed = buildings[buildings.geometry.notna() & ~buildings.geometry.is_empty]
    if placed.empty:
        return np.zeros(tuple(box.shape), dtype=np.int64)
    frame = gpd.GeoDataFrame({"at": np.arange(1, len(placed) + 1)}, geometry=placed.geometry.array, crs=placed.crs)
    layer = grids.rasterise(frame.to_crs(str(box.crs)), box, column="at", quantity="station_value", touched=True)
    return np.nan_to_num(np.asarray(layer.data)).astype(np.int64)


def _on_stack(
    depths: xr.DataArray, mask: Array, rule: Rule, metres: float, cell: tuple[float, float], reach: float
) -> xr.DataArray:
    """The kernel on a layer or stack, block by block with a margin where it is lazy."""
    stacked = "return_period" in depths.dims
    stack = depths if stacked else depths.expand_dims("return_period")
    stack = stack.transpose("return_period", "y", "x")
    work = partial(_filled, rule=rule, metres=metres, cell=cell)
    data = stack.data
    if isinstance(data, da.Array):
        data = data.rechunk({0: -1})
        wanted = [int(np.ceil((reach + metres) / size)) + 1 for size in cell]
        margin = [min(cells, side) for cells, side in zip(wanted, data.shape[1:], strict=True)]
        there = da.from_array(mask, chunks=data.chunks[1:])[None]
        overlap = {0: 0, 1: margin[0], 2: margin[1]}
        made = da.map_overlap(
            work, data, there, depth=overlap, boundary={0: "none", 1: "nearest", 2: "nearest"}, dtype=data.dtype
        )
    else:
        made = work(np.asarray(data), mask[None])
    out = stack.copy(data=made)
    return out.transpose(*depths.dims) if stacked else out.isel(return_period=0, drop=True)


def _filled(depths: Array, mask: Array, *, rule: Rule, metres: float, cell: tuple[float, float]) -> Array:
    """Depths of ascending return periods with the dry or missing cells of buildings filled."""
    there = np.broadcast_to(mask[0], depths.shape[1:]).astype(bool)
    out = depths.copy()
    if not there.any():
        return out
    for at, depth in enumerate(depths):
        holes = there & ~(depth > 0)
        known = ~there & np.isfinite(depth)
        if holes.any():
            out[at][holes] = _water(depth, known, rule, metres, cell)[holes]
        if at:
            # A rarer flood may reach a nearer and shallower cell: it is no shallower at the building.
            out[at][holes] = np.fmax(out[at][holes], out[at - 1][holes])
    return out


def _water(depth: Array, known: Array, rule: Rule, metres: float, cell: tuple[float, float]) -> Array:
    """What stands at each cell if it belongs to a building."""
    if rule == "zero" or not known.any():
        return np.where(np.isnan(depth) & (rule == "zero"), 0.0, depth)
    edge, to_edge = ndimage.distance_transform_edt(~known, sampling=cell, return_indices=True)
    around = np.where(known, depth, 0.0)
    if rule == "buffer":
        rows, columns = (int(metres // size) for size in cell)
        y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
        disk = np.hypot(y * cell[0], x * cell[1]) <= metres
        return ndimage.maximum_filter(around, footprint=disk, mode="constant")[tuple(to_edge)]
    wet = around > 0
    if not wet.any():
        return np.zeros_like(depth)
    distance, to_wet = ndimage.distance_transform_edt(~wet, sampling=cell, return_indices=True)
    return np.where(distance - edge <= metres, around[tuple(to_wet)], 0.0)


def _tell(depths: xr.DataArray, filled: xr.DataArray, numbers: Array, rule: Rule) -> None:
    """How many cells and buildings have water, or are dry, that had none or no data before."""
    before, after = depths, filled
    if "return_period" in depths.dims:
        rarest = int(np.argmax(depths["return_period"].values))
        before, after = (layer.isel(return_period=rarest, drop=True) for layer in (depths, filled))
    old, new = np.asarray(before.data), np.asarray(after.data)
    changed = (numbers > 0) & ~((old == new) | (np.isnan(old) & np.isnan(new)))
    wet = changed & (new > 0)
    facts: dict[str, Any] = {
        "way": Phrase(f"footprints_{rule}"), "cells": int(changed.sum()), "wet": int(wet.sum()),
        "buildings": int(np.unique(numbers[changed]).size), "total": int(np.unique(numbers[numbers > 0]).size),
    }  # fmt: skip
    note(Problem("flood.footprints", Phrase("buildings"), severity="info", input="buildings", **facts))
