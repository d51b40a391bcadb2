"""Density of events: how many a square kilometre, smoothed by a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numba
import numpy as np
import odc.geo
import pandas as pd
import pyproj
import xarray as xr
from numpy.typing import ArrayLike
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.faces import missing
from riskzoning.grid.lattice import LAZY_CELLS, metres_per_unit
from riskzoning.grid.tiles import Tile, fill, side_for
from riskzoning.grid.vectors import in_crs
from riskzoning.layers import layer_on
from riskzoning.layers.plausible import takes

__all__ = ["default_bandwidth", "kernel_density"]

Array = np.ndarray[Any, Any]
Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries
Weights: TypeAlias = str | ArrayLike | None
AnyCRS: TypeAlias = pyproj.CRS | odc.geo.CRS | str | int | None
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# Below this many cells a kernel is sampled too coarsely to keep the number of events.
_FEWEST_CELLS = 2


@takes()
def kernel_density(
    points: Points,
    grid: GeoBox,
    *,
    radius_m: float,
    weights: Weights = None,
    quantity: str = "event_density",
) -> xr.DataArray:
    """Events per square kilometre around each cell centre, quartic kernel (核密度).

    Parameters
    ----------
    points : GeoDataFrame or GeoSeries
        Events in any CRS, also beyond the grid; of other geometries the representative point.
    grid : GeoBox
        Projected.
    radius_m : float
        Search radius (bandwidth), m; see :func:`default_bandwidth`.
    weights : str or array, optional
        Events that each point stands for: a column, or one number a point; default 1. A point whose weight is missing
        is dropped.
    quantity : str
        A density per km2.

    Returns
    -------
    DataArray
        float64, 0 far from all events, no missing values; lazy above 1.7e7 cells. Points without weight or place are
        left out and noted.

    Warns
    -----
    UserWarning
        The radius is below two cells: the cells are too coarse to keep the number of events.

    Raises
    ------
    LayerError
        Geographic grid, radius not above 0, weights missing or negative.
    MissingCRSError
        The points have no CRS.

    Notes
    -----
    f = 1 / r2 sum w_i 3 / pi (1 - (d_i / r)^2)^2 over d_i < r, with r in km (Silverman 1986, eq. 4.5); it integrates
    to w_i, to 1 % from two cells on. Where events lie beyond the grid, their part inside counts.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((500000, 3900000, 500750, 3900250), crs="EPSG:4547", resolution=250)
    >>> fires = gpd.GeoSeries.from_xy([500125], [3900125], crs="EPSG:4547")
    >>> kernel_density(fires, grid, radius_m=1000).values.round(6)
    array([[0.95493 , 0.839294, 0.537148]])
    """
    unit = metres_per_unit(grid, thing=Phrase("density_grid"), need=Phrase("need_density"))
    if not (isinstance(radius_m, Real) and math.isfinite(radius_m) and radius_m > 0):
        raise LayerError(Problem("density.radius", Phrase("kernel_density"), radius=repr(radius_m)))
    cell_x, cell_y = abs(grid.affine.a) * unit, abs(grid.affine.e) * unit
    if radius_m < _FEWEST_CELLS * max(cell_x, cell_y):
        thing, cell = Phrase("kernel_density"), max(cell_x, cell_y)
        note(Problem("density.coarse", thing, severity="warning", radius=radius_m, cell=cell, fewest=_FEWEST_CELLS))
    places, values, dropped = _places(points, grid, weights)
    if dropped:
        note(
            Problem(
                "dropped.density_points", Phrase("kernel_density"), severity="info", count=dropped, total=len(points)
            )
        )
    offset = np.array([grid.affine.c, grid.affine.f])
    events = np.column_stack([(places - offset) * np.array([unit, -unit]), values])
    # A fixed order: the same events give the same bits, however the file is sorted.
    events = np.ascontiguousarray(events[np.lexsort(events.T)])
    shape = (grid.shape[0], grid.shape[1])

    def near(tile: Tile) -> tuple[Array]:
        x, y = events[:, 0], events[:, 1]
        reach_x = (x > tile.left * cell_x - radius_m) & (x < tile.right * cell_x + radius_m)
        reach_y = (y > tile.top * cell_y - radius_m) & (y < tile.bottom * cell_y + radius_m)
        return (events[reach_x & reach_y],)

    def work(tile: Tile, out: Array, close: Array) -> None:
        out[:] = 0.0
        _spread(close, float(radius_m), cell_x, cell_y, tile.top, tile.left, out)

    lazy = shape[0] * shape[1] > LAZY_CELLS
    density = fill(shape, "float64", work, side=side_for(shape), sources=near, lazy=lazy, label="kernel-density")
    return layer_on(grid, density, quantity=quantity, name=quantity, radius_m=float(radius_m))


def _places(points: Points, grid: GeoBox, weights: Weights) -> tuple[Array, Array, int]:
    """Coordinates in the CRS of the grid, weights, and how many points were dropped."""
    thing = Phrase("density_points")
    given = len(points) if hasattr(points, "__len__") else 0
    frame = in_crs(points, grid.crs, thing)
    if weights is None:
        values = np.ones(len(frame))
    elif isinstance(weights, str):
        if weights not in frame.columns:
            columns = [c for c in frame.columns if c != frame.geometry.name]
            raise LayerError(Problem("density.column", thing, column=weights, columns=columns))
        values = pd.to_numeric(frame[weights], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    else:
        every = np.asarray(weights, dtype=float)
        if every.shape != (given,):
            raise LayerError(Problem("density.weights", thing, count=every.size, points=given))
        kept = ~(points.geometry.isna() | points.geometry.is_empty)
        values = every[kept.to_numpy()]
    geometry = frame.geometry if (frame.geom_type == "Point").all() else frame.representative_point()
    places = np.column_stack([geometry.x.to_numpy(), geometry.y.to_numpy()]).reshape(-1, 2)
    good = np.isfinite(values) & np.isfinite(places).all(axis=1)
    if (values[good] < 0).any():
        raise LayerError(Problem("density.negative", thing, count=int((values[good] < 0).sum())))
    return places[good], values[good], given - int(good.sum())


@compiled
def _spread(events, radius, cell_x, cell_y, top, left, out):  # type: ignore[no-untyped-def]
    """Add the kernels of events (x, y down, weight; metres) to the cells of a tile that they reach."""
    height, width = out.shape
    peak = 3.0 / (np.pi * (radius / 1000.0) ** 2)
    for n in range(events.shape[0]):
        x, y, weight = events[n]
        first_i = max(int(np.floor((y - radius) / cell_y - 0.5)), top)
        last_i = min(int(np.ceil((y + radius) / cell_y - 0.5)) + 1, top + height)
        first_j = max(int(np.floor((x - radius) / cell_x - 0.5)), left)
        last_j = min(int(np.ceil((x + radius) / cell_x - 0.5)) + 1, left + width)
        for i in range(first_i, last_i):
            dy = (i + 0.5) * cell_y - y
            for j in range(first_j, last_j):
                dx = (j + 0.5) * cell_x - x
                near = 1.0 - (dx * dx + dy * dy) / (radius * radius)
                if near > 0:
                    out[i - top, j - left] += weight * peak * near * near


@takes()
def default_bandwidth(points: Points, *, crs: AnyCRS = None) -> float:
    """A search radius from the scatter of the points, in metres; the usual first guess of GIS packages.

    Parameters
    ----------
    points : GeoDataFrame or GeoSeries
        At least two points at different places.
    crs : CRS, optional
        A projected CRS to measure in; default: that of the points, or a transverse Mercator through their middle when
        they are in degrees.

    Returns
    -------
    float
        0.9 min(SD, sqrt(1 / ln 2) Dm) n^-0.2, with SD the standard distance and Dm the median distance from the mean
        centre (project default, unverified).

    Raises
    ------
    LayerError
        Fewer than two different places.
    MissingCRSError
        The points have no CRS.

    Examples
    --------
    >>> corners = gpd.GeoSeries.from_xy([0, 1000, 0, 1000], [0, 0, 1000, 1000], crs="EPSG:4547")
    >>> round(default_bandwidth(corners), 3)
    482.298
    """
    thing = Phrase("bandwidth_points")
    frame = in_crs(points, getattr(points, "crs", None), thing)
    if crs is None and frame.crs is not None and frame.crs.is_geographic and len(frame):
        west, south, east, north = frame.total_bounds
        crs = f"+proj=tmerc +lon_0={(west + east) / 2} +lat_0={(south + north) / 2} +ellps=GRS80"
    frame = frame.to_crs(crs) if crs is not None else frame
    geometry = frame.geometry if (frame.geom_type == "Point").all() else frame.representative_point()
    places = np.column_stack([geometry.x, geometry.y]).reshape(-1, 2)
    away = np.hypot(*(places - places.mean(axis=0)).T) if len(places) else np.zeros(0)
    if not away.size or away.max() == 0:
        raise LayerError(Problem("density.bandwidth", thing, places=len(np.unique(places, axis=0))))
    standard = float(np.sqrt(np.mean(away**2)))
    median = float(np.median(away))
    least = min(standard, np.sqrt(1 / np.log(2)) * median) if median > 0 else standard
    unit = float(frame.crs.axis_info[0].unit_conversion_factor)
    return float(0.9 * least * len(places) ** -0.2 * unit)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
