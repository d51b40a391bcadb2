"""Water poured into the depressions of the ground: how deep it stands (内涝积水, volume fill)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid import cell_area
from riskzoning.hazards.cells import Array
from riskzoning.hazards.flood.depressions import Hollows, check_memory, find_hollows
from riskzoning.layers import check_layer, check_same_grid, describe
from riskzoning.layers.plausible import takes

MM = 1e-3


class Ponding(NamedTuple):
    """What :func:`ponding_depth` gives: the depths, and where the water of each return period is.

    Parameters
    ----------
    depth : DataArray
        ``flood_depth``, m.
    balance : DataFrame
        m3 ``poured``, ``stored`` and ``left``, by return period.

    Examples
    --------
    >>> Ponding._fields
    ('depth', 'balance')
    """

    depth: xr.DataArray
    balance: pd.DataFrame


@takes(dem="elevation", runoff="precipitation")
def ponding_depth(
    dem: xr.DataArray,
    runoff: xr.DataArray | float,
    *,
    min_upstream_area_km2: float | None = None,
    drainage: xr.DataArray | None = None,
) -> Ponding:
    """Depth of the water that gathers in depressions of the ground when so much of the rain runs off (洼地积水).

    The runoff of each cell follows the ground (D8) into the first depression on its way, fills it from its lowest
    cell on, and what is more spills into the next one; no water is made or lost. What reaches a river first, or the
    border of the DEM, has got away. Water in a depression is level: where it has several bottoms they fill as one. The
    time that water takes is left out, and what is smaller than a cell (an underpass) is not seen: use a DEM of the
    city as fine as there is.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, ``(y, x)``, projected or geographic; wider than the city by its catchments. It is held in
        memory as a whole, about 110 bytes a cell, which is checked before.
    runoff : number or DataArray
        mm of water on every cell (:func:`excess_rain`): a layer or a stack by return period on the grid of the DEM,
        or one number for all of it. NaN is none.
    min_upstream_area_km2 : float, optional
        Upstream area from which a cell is a river; default of ``hazards/flood_terrain``: 10.
    drainage : DataArray, optional
        Further cells of rivers and canals, mask on the grid of the DEM.

    Returns
    -------
    Ponding
        ``depth``: ``flood_depth`` (m), shaped as the runoff; 0 outside depressions, NaN where the DEM is. ``balance``:
        m3 ``poured``, ``stored`` and ``left`` by ``return_period`` (NaN for a single layer); stored + left = poured.

    Raises
    ------
    LayerError
        The DEM needs more memory than the machine has.
    GridMismatchError
        Runoff or rivers lie on another grid.

    References
    ----------
    Depressions and routes with pyflwdir (Wang and Liu 2006).

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> bowl = layer_on(geobox, [[5.0, 5, 5], [5, 1, 4], [5, 5, 5]], quantity="elevation")
    >>> depth, balance = ponding_depth(bowl, 100.0)  # four of nine cells drain into the bowl
    >>> float(depth.max()), balance.round(1).values.tolist()
    (0.4, [[9000.0, 4000.0, 5000.0]])
    """
    name = str(dem.name or "elevation")
    check_layer(dem, name=name, quantity="elevation")
    rain = runoff if isinstance(runoff, xr.DataArray) else None
    others = {"runoff": rain, "drainage": drainage}
    grid = check_same_grid(elevation=dem, **{key: layer for key, layer in others.items() if layer is not None})
    check_memory(dem.size, Phrase("layer", name=name))
    limit = standards.table("hazards/flood_terrain").data["min_upstream_area_km2"]
    limit = limit if min_upstream_area_km2 is None else min_upstream_area_km2
    if not limit > 0:
        raise LayerError(Problem("flood.drainage", Phrase("argument", name="min_upstream_area_km2"), area=float(limit)))
    heights = np.asarray(dem.data, dtype=np.float64)
    if not np.isfinite(heights).any():
        raise LayerError(Problem("layer.empty", Phrase("layer", name=name)))
    area = np.broadcast_to(cell_area(grid).to_numpy(), heights.shape)
    hollows = find_hollows(
        heights, area, transform=grid.affine, degrees=bool(grid.crs and grid.crs.geographic),
        channel_km2=float(limit), rivers=None if drainage is None else np.asarray(drainage.data),
    )  # fmt: skip
    return _ponded(dem, rain, runoff, hollows)


def _ponded(dem: xr.DataArray, rain: xr.DataArray | None, runoff: Any, hollows: Hollows) -> Ponding:
    """The filling of every return period, as layers and as a balance."""
    stacked = rain is not None and "return_period" in rain.dims
    periods = [float("nan")] if rain is None or not stacked else [float(year) for year in rain["return_period"].values]
    planes = [_plane(rain, runoff, at) for at in range(len(periods))]
    filled = [fill(hollows, plane) for plane in planes]
    balance = pd.DataFrame(
        [row for _, row in filled], columns=["poured", "stored", "left"], index=pd.Index(periods, name="return_period")
    )
    dry = np.where(np.isfinite(np.asarray(dem.data, dtype=np.float64)), 0.0, np.nan)
    depth = np.stack([values + dry for values, _ in filled])
    if rain is not None and stacked:
        layer = rain.copy(data=depth).rename("depth")
    else:
        layer = dem.copy(data=depth[0]).rename("depth")
    made_by = "volume fill of depressions"
    return Ponding(describe(layer, quantity="flood_depth", like=dem, method=made_by), balance)


def _plane(rain: xr.DataArray | None, runoff: Any, at: int) -> Array | float:
    if rain is None:
        return float(runoff)
    return np.asarray(rain.isel(return_period=at).data if "return_period" in rain.dims else rain.data, dtype=np.float64)


def fill(hollows: Hollows, runoff_mm: Array | float) -> tuple[Array, tuple[float, float, float]]:
    """Depths (m) of the depressions under so much runoff, and m3 poured, stored and left."""
    known = np.isfinite(hollows.ground)
    water = np.broadcast_to(np.asarray(runoff_mm, dtype=np.float64), hollows.shape).ravel() * MM * hollows.area
    water = np.where(known & (water > 0), water, 0.0)
    stored = _cascade(hollows, np.bincount(hollows.first, water, minlength=hollows.count + 1))
    level = _levels(hollows, stored)
    depth = np.where(hollows.number > 0, np.maximum(level[hollows.number] - hollows.ground, 0.0), 0.0)
    poured, held = float(water.sum()), float(stored.sum())
    return depth.reshape(hollows.shape), (poured, held, poured - held)


def _cascade(hollows: Hollows, inflow: Array) -> Array:
    """What stays in each depression when each spills what it cannot hold into the next one."""
    coming, stored = inflow.tolist(), np.zeros(len(inflow))
    capacity, onward = hollows.capacity.tolist(), hollows.next.tolist()
    for one in hollows.order.tolist():
        held = min(coming[one], capacity[one])
        stored[one] = held
        if onward[one]:
            coming[onward[one]] += coming[one] - held
    return stored


def _levels(hollows: Hollows, stored: Array) -> Array:
    """Level of the water in each depression (m, as the ground), by its volume curve; the bottom where it is empty."""
    cells = np.flatnonzero((hollows.number > 0) & np.isfinite(hollows.ground))
    cells = cells[np.lexsort((hollows.ground[cells], hollows.number[cells]))]
    owner, z, area = hollows.number[cells], hollows.ground[cells], hollows.area[cells]
    level = np.full(hollows.count + 1, -np.inf)
    if not len(cells):
        return level
    starts = np.flatnonzero(np.r_[True, np.diff(owner) > 0])
    run = np.cumsum(np.r_[True, np.diff(owner) > 0]) - 1
    above = z - z[starts][run]
    wide, weight = _running(area, starts, run), _running(area * above, starts, run)
    # Volume when the water just reaches a cell: those below it are wet up to its height.
    reached = above * wide - weight <= stored[owner]
    wet = np.add.reduceat(reached, starts)
    last = starts + np.maximum(wet, 1) - 1
    some = stored[owner[starts]] > 0
    high = z[starts] + (stored[owner[starts]] + weight[last]) / wide[last]
    level[owner[starts]] = np.where(some, high, z[starts])
    return level


def _running(values: Array, starts: Sequence[int] | Array, run: Array) -> Array:
    """Running sums that begin anew with each run."""
    total = np.cumsum(values)
    before = (total - values)[np.asarray(starts)]
    return np.asarray(total - before[run])
