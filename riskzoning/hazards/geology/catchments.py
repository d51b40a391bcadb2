"""Catchments and slope units from a DEM: pieces of ground that water divides, beside cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid.lattice import metres_per_unit
from riskzoning.hazards.cells import Array, valid_values
from riskzoning.hazards.geology.grading import melton_ratio
from riskzoning.layers import describe, grid_of
from riskzoning.layers.plausible import takes

_MISSING = -9999.0
_KINDS = ("flood", "debris_flood", "debris_flow")


@takes()
def debris_flow_catchments(elevation: xr.DataArray, *, least_km2: float = 1.0) -> gpd.GeoDataFrame:
    """Catchments with their Melton ratio (relief over the root of the area), which says what comes down them.

    The DEM is cut into catchments of about ``least_km2`` and the pieces between them (pyflwdir). Area and relief of a
    row are of **all** ground that drains through its outlet, its own piece and those above.

    Parameters
    ----------
    elevation : layer
        m, on a projected grid, wider than the study area; the whole of it is held in memory.
    least_km2 : float
        Area from which a stream makes a catchment of its own.

    Returns
    -------
    GeoDataFrame
        ``catchment own_km2 area_km2 relief_m melton kind headwater geometry`` (own piece); ``kind`` is ``flood``,
        ``debris_flood`` (0.3 to 0.6) or ``debris_flow`` (above 0.6); ``headwater``: nothing drains into it from others.

    Raises
    ------
    LayerError
        The grid is geographic, the area is not above 0, or no cell has a height.

    References
    ----------
    Limits of the Melton ratio as commonly cited (Wilford and others 2004; not read): ``hazards/geology_grades``.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 3000, 3000), crs="EPSG:4547", resolution=100)
    >>> y, x = np.mgrid[:30, :30]
    >>> gully = layer_on(geobox, 2000.0 - 60 * y + 25 * abs(x - 15), quantity="elevation")
    >>> debris_flow_catchments(gully, least_km2=4).sort_values("area_km2")[["area_km2", "kind"]].values[-1].tolist()
    [9.0, 'debris_flow']
    """
    flow, heights, cell_m2 = _flow(elevation, least_km2)
    labels, outlets = flow.subbasins_area(least_km2)
    number = labels.max(initial=0)
    flat, z = labels.ravel(), heights.ravel()
    inside = flat > 0
    own = np.bincount(flat[inside], minlength=number + 1)[1:] * cell_m2
    top = np.full(number + 1, -np.inf)
    np.maximum.at(top, flat[inside], z[inside])
    place = {int(flat[at]): int(at) for at in outlets}
    order = sorted(place, key=lambda label: flow.rank.ravel()[place[label]], reverse=True)
    area, above = np.concatenate([[0.0], own]), np.zeros(number + 1, dtype=np.int64)
    for label in order:
        down = int(flat[flow.idxs_ds[place[label]]])
        if down not in (0, label):
            area[down] += area[label]
            top[down] = max(top[down], top[label])
            above[down] += 1
    rows = pd.DataFrame({"catchment": order})
    at = np.array(order, dtype=np.intp)
    relief = top[at] - z[[place[label] for label in order]]
    ratio = melton_ratio(relief, area[at])
    limits = standards.table("hazards/geology_grades").data["melton"]
    code = np.searchsorted([limits["debris_flood"], limits["debris_flow"]], ratio, side="left")
    rows = rows.assign(
        own_km2=own[at - 1] / 1e6,
        area_km2=area[at] / 1e6,
        relief_m=relief,
        melton=ratio,
        kind=[_KINDS[one] for one in code],
        headwater=above[at] == 0,
    )
    return gpd.GeoDataFrame(rows, geometry=_outlines(labels, order, elevation), crs=grid_of(elevation).crs)


def _outlines(labels: Array, order: list[int], layer: xr.DataArray) -> list[Any]:
    """The polygon of every label."""
    from rasterio.features import shapes

    parts: dict[int, list[Any]] = {label: [] for label in order}
    for shape, value in shapes(labels.astype(np.int32), mask=labels > 0, transform=grid_of(layer).affine):
        if int(value) in parts:
            parts[int(value)].append(shapely.geometry.shape(shape))
    return [shapely.union_all(parts[label]) for label in order]


def _flow(elevation: xr.DataArray, least_km2: float, sign: float = 1.0) -> tuple[Any, Array, float]:
    """Where water goes, the heights, and the area of a cell (m2)."""
    import pyflwdir  # compiles on import: only where water is led

    thing = Phrase("layer", name=str(elevation.name or "elevation"))
    grid = grid_of(elevation)
    unit = metres_per_unit(grid, thing=thing, need=Phrase("need_wetness"))
    if not (np.isfinite(least_km2) and least_km2 > 0):
        raise LayerError(Problem("geology.catchment_area", Phrase("parameter", name="least_km2"), value=least_km2))
    heights = np.asarray(valid_values(elevation, quantity="elevation").values, dtype=np.float32)
    known = np.isfinite(heights)
    if not known.any():
        raise LayerError(Problem("geology.no_height", thing))
    filled = np.where(known, sign * heights, _MISSING).astype(np.float32)
    flow = pyflwdir.from_dem(filled, nodata=_MISSING, transform=grid.affine, latlon=False, outlets="edge")
    return flow, heights.astype(np.float64), abs(grid.affine.determinant) * unit**2


@takes()
def slope_units(elevation: xr.DataArray, *, least_km2: float = 0.5, least_cells: int = 9) -> xr.DataArray:
    """Slope units (斜坡单元): ground between a ridge and a valley, as numbers; an option beside cells.

    Catchments of the DEM are cut by those of the DEM turned upside down, whose outlets are the ridges; pieces smaller
    than ``least_cells`` go to the nearest larger one.

    Parameters
    ----------
    elevation : layer
        m, on a projected grid; the whole of it is held in memory.
    least_km2 : float
        Area from which a valley (or ridge) makes a unit of its own.
    least_cells : int
        Cells of the smallest unit.

    Returns
    -------
    layer
        int32, 1 ... number of units, 0 without a height; quantity ``lithology`` like any class code.

    Raises
    ------
    LayerError
        As :func:`debris_flow_catchments`.

    References
    ----------
    Xie, Esaki, Zhou (2004), GIS-based probabilistic mapping of landslide hazard; cited, not read.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 3000, 3000), crs="EPSG:4547", resolution=100)
    >>> y, x = np.mgrid[:30, :30]
    >>> valley = layer_on(geobox, 500.0 - 5 * y + 20 * abs(x - 15), quantity="elevation")
    >>> units = slope_units(valley, least_km2=1).values
    >>> bool(units[15, 5] != units[15, 25]), int(units.min())
    (True, 1)
    """
    down, heights, _ = _flow(elevation, least_km2)
    up, _, _ = _flow(elevation, least_km2, -1.0)
    valleys, ridges = (flow.subbasins_area(least_km2)[0].astype(np.int64) for flow in (down, up))
    known = np.isfinite(heights)
    pair = valleys * (int(ridges.max(initial=0)) + 1) + ridges
    units = np.zeros(heights.shape, dtype=np.int32)
    units[known] = np.unique(pair[known], return_inverse=True)[1] + 1
    whole = _without_crumbs(units, least_cells)
    return describe(elevation.copy(data=whole).rename("slope_unit"), quantity="lithology", like=elevation)


def _without_crumbs(units: Array, least: int) -> Array:
    """Units numbered anew; the cells of small ones go to the nearest unit that is large enough."""
    from scipy.ndimage import distance_transform_edt

    size = np.bincount(units.ravel())
    small = (size[units] < least) & (units > 0)
    if small.all() or not (~small & (units > 0)).any():
        return units
    row, column = distance_transform_edt(small | (units == 0), return_distances=False, return_indices=True)
    kept = np.where(small, units[row, column], units)
    out = np.zeros(units.shape, dtype=np.int32)
    known = kept > 0
    out[known] = np.unique(kept[known], return_inverse=True)[1] + 1
    return out
