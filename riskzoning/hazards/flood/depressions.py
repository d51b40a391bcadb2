"""Depressions of the ground: filled surfaces, which cells drain into which, and how one spills into the next.

Water knows no blocks: the whole DEM is held in memory, in one piece.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import dask.array as da
import numpy as np
import xarray as xr
from affine import Affine
from dask.delayed import delayed
from scipy import ndimage

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.flood.drainage import bridged
from riskzoning.layers import check_layer, describe
from riskzoning.layers.plausible import takes

_MISSING = -9999.0
_M2_PER_KM2 = 1e6
# Shallower than this (m) a hollow is rounding of the DEM.
_HOLLOW = 1e-4
# Memory at the peak, bytes a cell: 72 of routing (measured on 4 and 16 million cells), the rest layers beside it.
BYTES_A_CELL = 110
# Share of the memory of the machine that one DEM may take.
_SHARE_OF_MACHINE = 0.6


@takes(dem="elevation")
def fill_depressions(
    dem: xr.DataArray, *, max_depth: float | None = None, connectivity: Literal[4, 8] = 8
) -> xr.DataArray:
    """The ground with every closed depression raised to its lowest outlet (填洼).

    The whole DEM is held in memory, about 110 bytes a cell, also when it is lazy (then in one task).

    Parameters
    ----------
    dem : DataArray
        Elevation, m, ``(y, x)``; NaN stays NaN, and its border lets water out.
    max_depth : float, optional
        m; a depression deeper than this is left as it is. Default: all are filled.
    connectivity : {8, 4}
        Whether water passes between cells that touch at a corner only.

    Returns
    -------
    DataArray
        ``elevation``, nowhere below ``dem``.

    Raises
    ------
    LayerError
        The DEM needs more memory than the machine has, or an option is not known.

    References
    ----------
    Wang, L., Liu, H. (2006), IJGIS 20; computed with pyflwdir.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> bowl = layer_on(geobox, [[5.0, 5, 5], [5, 1, 4], [5, 5, 5]], quantity="elevation")
    >>> fill_depressions(bowl).values[1].tolist()
    [5.0, 4.0, 4.0]
    """
    check_layer(dem, name=str(dem.name or "elevation"), quantity="elevation")
    if connectivity not in (4, 8):
        raise LayerError(Problem("flood.connectivity", Phrase("argument", name="connectivity"), value=connectivity))
    if max_depth is not None and not max_depth > 0:
        raise LayerError(Problem("flood.max_depth", Phrase("argument", name="max_depth"), value=float(max_depth)))
    check_memory(dem.size, Phrase("layer", name=str(dem.name or "elevation")))
    kernel = partial(_filled, max_depth=-1.0 if max_depth is None else float(max_depth), connectivity=connectivity)
    if isinstance(dem.data, da.Array):
        whole = delayed(kernel, pure=True)(dem.data)
        values: Any = da.from_delayed(whole, shape=dem.shape, dtype=np.float64).rechunk(dem.data.chunks)
    else:
        values = kernel(np.asarray(dem.data))
    return describe(dem.copy(data=values), quantity="elevation", like=dem)


def _filled(dem: Array, *, max_depth: float, connectivity: int) -> Array:
    from pyflwdir.dem import fill_depressions as filling  # compiles on import

    z = np.asarray(dem, dtype=np.float64)
    if not np.isfinite(z).any():
        return np.full(z.shape, np.nan)
    surface = np.where(np.isfinite(z), z, _MISSING)
    filled, _ = filling(surface, nodata=_MISSING, max_depth=max_depth, connectivity=connectivity)
    return np.where(np.isfinite(z), np.maximum(filled, z), np.nan)


def check_memory(cells: int, thing: Phrase) -> None:
    """Refuse a DEM whose routing would not fit into the memory of the machine."""
    there = _machine_bytes()
    needed = cells * BYTES_A_CELL
    if there is not None and needed > there * _SHARE_OF_MACHINE:
        raise LayerError(Problem("flood.memory", thing, cells=cells, needed=needed / 1e9, there=there / 1e9))


def _machine_bytes() -> int | None:
    """Memory of the machine; None where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


@dataclass(frozen=True)
class Hollows:
    """The depressions of a DEM, numbered from 1; arrays over cells are flat, arrays over depressions start with 0.

    ``ground``: elevation (m above the lowest cell), holes bridged, NaN outside. ``number``: depression of each cell, 0
    for none. ``first``: the depression that the water of a cell reaches first, 0 where it gets away. ``capacity``: m3
    up to the outlet. ``next``: the depression that the outlet leads to, 0 for none. ``order``: upstream ones first.
    """

    shape: tuple[int, int]
    area: Array
    ground: Array
    number: Array
    first: Array
    capacity: Array
    next: Array
    order: Array

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.capacity) - 1


def find_hollows(
    dem: Array, area: Array, *, transform: Affine, degrees: bool, channel_km2: float, rivers: Array | None = None
) -> Hollows:
    """Depressions, what drains into each, and where each spills; what reaches a river first has got away.

    ``area`` are the cells in m2; rivers are cells outside depressions with an upstream area of ``channel_km2`` and
    more, and those of ``rivers``.
    """
    import pyflwdir
    from pyflwdir.dem import fill_depressions as filling

    z = np.asarray(dem, dtype=np.float64)
    missing = ~np.isfinite(z)
    ground = bridged(z - np.nanmin(z), missing)
    known = ~np.isnan(ground)
    surface = np.where(known, ground, _MISSING)
    filled, d8 = filling(surface, nodata=_MISSING)
    deep = np.where(known, filled - surface, 0.0)
    number, count = ndimage.label(deep > _HOLLOW, structure=np.ones((3, 3)), output=np.int32)
    flow = pyflwdir.from_array(d8, ftype="d8", transform=transform, latlon=degrees, check_ftype=False)
    river = flow.accuflux(area / _M2_PER_KM2, nodata=_MISSING) >= channel_km2
    if rivers is not None:
        river |= np.nan_to_num(np.asarray(rivers)) > 0
    away = count + 1
    marks = np.where(number > 0, number, np.where(river & known, away, 0)).astype(np.int32)
    first = flow.fillnodata(marks, nodata=0, direction="up")
    first = np.where(first == away, 0, first).ravel()
    capacity = np.bincount(number.ravel(), (deep * area).ravel(), minlength=count + 1)
    capacity[0] = 0.0
    onward, order = _spills(flow, number.ravel(), first, count)
    rows, columns = z.shape
    return Hollows((rows, columns), area.ravel(), ground.ravel(), number.ravel(), first, capacity, onward, order)


def _spills(flow: Any, number: Array, first: Array, count: int) -> tuple[Array, Array]:
    """Of each depression the one that its outlet leads to, and all of them in the order in which water comes down.

    The outlet is the way out with the fewest cells to the border of the DEM, so that nothing runs in circles.
    """
    down, rank = flow.idxs_ds, flow.rank.ravel()
    cells = np.flatnonzero(number)
    out = cells[number[down[cells]] != number[cells]]
    by_rank = out[np.lexsort((out, rank[out], number[out]))]
    owner, at = np.unique(number[by_rank], return_index=True)
    onward, distance = np.zeros(count + 1, dtype=np.int64), np.zeros(count + 1, dtype=np.int64)
    onward[owner], distance[owner] = first[down[by_rank[at]]], rank[by_rank[at]]
    return onward, 1 + np.argsort(-distance[1:], kind="stable")
