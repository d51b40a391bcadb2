"""The analysis grid itself: where its cells lie and how large they are."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import dask.array
import numpy as np
import pyproj
import xarray as xr
from affine import Affine
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.layers import crs_name, layer_on
from riskzoning.rasters.placing import CRSLike

da: Any = dask.array  # not typed

# Bounds closer than this share of a cell to a whole multiple lie on it: 113.375 * 120 must be 13605 ...
_SNAP = 1e-6
# ... and degrees written with six decimals (115.016667 for 13802 cells of 30") mean the multiple, too.
_SNAP_DEGREES, _SNAP_MOST = 5.1e-7, 1e-3
# Arc-seconds written with few decimals (0.008333 for 30") are taken for what they mean.
_SECONDS_TOLERANCE = 1e-4
_MOST_CELLS = 1e12
# Larger area layers are lazy: 2**24 cells are 134 MB.
LAZY_CELLS = 2**24


def analysis_grid(bounds: Sequence[float], *, crs: CRSLike | None, resolution: float | tuple[float, float]) -> GeoBox:
    """The grid of a study (分析格网): north up, origin on whole multiples of the cell, covering the bounds.

    Two studies with the same CRS and cell lie on one lattice, whatever their bounds, so that their layers can be
    joined without resampling.

    Parameters
    ----------
    bounds : sequence of 4 numbers
        West, south, east, north in the units of ``crs`` (longitude before latitude); widened to whole cells.
    crs : str, int or CRS
        Projected (``EPSG:4547``) or geographic (``EPSG:4490``).
    resolution : float or (float, float)
        Cell size in the units of the CRS, or (x, y). In degrees a whole number of arc-seconds is taken exactly:
        ``1 / 120`` and ``0.0083333`` are both 30 arc-seconds.

    Returns
    -------
    GeoBox

    Raises
    ------
    LayerError
        Bounds in the wrong order, not finite, or in other units than the CRS; a cell that is not positive or in
        degrees on a projected CRS.
    MissingCRSError
        No CRS.

    Examples
    --------
    >>> city = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=100)
    >>> city.shape
    Shape2d(x=1486, y=1065)
    >>> analysis_grid((113.37655, 34.87865, 115.01147, 35.83746), crs="EPSG:4490", resolution=1 / 120).shape
    Shape2d(x=197, y=116)
    """
    system = _crs(crs)
    west, south, east, north = _four(bounds)
    cell_x, cell_y = _cell(resolution, system)
    problems = _bound_problems((west, south, east, north), (cell_x, cell_y), system)
    if problems:
        raise LayerError(problems=problems)
    first_x, last_x = _whole_cells(west, east, cell_x, degrees=system.geographic)
    first_y, last_y = _whole_cells(south, north, cell_y, degrees=system.geographic)
    affine = Affine(cell_x, 0.0, _multiple(first_x, cell_x), 0.0, -cell_y, _multiple(last_y, cell_y))
    return GeoBox((last_y - first_y, last_x - first_x), affine, system)


def _problem(rule: str, **values: Any) -> Problem:
    return Problem(rule, Phrase("analysis_grid"), **values)


def _crs(crs: CRSLike | None) -> CRS:
    if crs is None:
        raise MissingCRSError(_problem("grid.crs_missing"))
    try:
        system = CRS(crs)
    except (ValueError, TypeError, pyproj.exceptions.CRSError):
        system = None
    if system is None or not (system.geographic or system.projected):
        raise LayerError(_problem("grid.crs", crs=str(crs)))
    return system


def _four(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    values: list[float] = []
    with contextlib.suppress(TypeError, ValueError):
        values = [float(value) for value in bounds]
    if len(values) != 4 or not all(math.isfinite(value) for value in values):
        raise LayerError(_problem("grid.bounds_numbers", bounds=repr(bounds)))
    west, south, east, north = values
    return west, south, east, north


def _cell(resolution: float | Sequence[float], crs: CRS) -> tuple[float, float]:
    pair: tuple[Any, ...]
    if isinstance(resolution, Real):
        pair = (resolution, resolution)
    elif isinstance(resolution, str) or not hasattr(resolution, "__iter__"):
        pair = ()
    else:
        pair = tuple(resolution)
    good = len(pair) == 2 and all(
        isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value) and float(value) > 0
        for value in pair
    )
    if not good:
        raise LayerError(_problem("grid.resolution", resolution=repr(resolution)))
    x, y = float(pair[0]), float(pair[1])
    return (_whole_seconds(x), _whole_seconds(y)) if crs.geographic else (x, y)


def _whole_seconds(degrees: float) -> float:
    seconds = degrees * 3600
    whole = round(seconds)
    return whole / 3600 if whole and abs(seconds - whole) <= _SECONDS_TOLERANCE * whole else degrees


def _bound_problems(bounds: tuple[float, float, float, float], cell: tuple[float, float], crs: CRS) -> list[Problem]:
    """What is wrong with bounds and cell: the first that applies."""
    west, south, east, north = bounds
    shown = f"({west:.9g}, {south:.9g}, {east:.9g}, {north:.9g})"
    if west >= east or south >= north:
        return [_problem("grid.bounds_order", bounds=shown)]
    if crs.geographic:
        rule = _geographic_rule(bounds, cell)
    else:
        rule = _projected_rule(bounds, cell)
    cells = _cells(bounds, cell)
    if rule is not None:
        return [_problem(rule, bounds=shown, cell=min(cell) if crs.geographic else max(cell), crs=crs_name(crs))]
    return [_problem("grid.cells", cells=cells, most=_MOST_CELLS)] if cells > _MOST_CELLS else []


def _cells(bounds: tuple[float, float, float, float], cell: tuple[float, float]) -> float:
    west, south, east, north = bounds
    return (east - west) / cell[0] * (north - south) / cell[1]


def _geographic_rule(bounds: tuple[float, float, float, float], cell: tuple[float, float]) -> str | None:
    """Metres where degrees are meant."""
    west, south, east, north = bounds
    if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 90:
        return "grid.bounds_degrees"
    return "grid.cell_degrees" if min(cell) > 10 else None


def _projected_rule(bounds: tuple[float, float, float, float], cell: tuple[float, float]) -> str | None:
    """Degrees where metres are meant."""
    west, south, east, north = bounds
    in_degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    if in_degrees and 4 * (east - west) < cell[0] and 4 * (north - south) < cell[1]:
        return "grid.bounds_metres"
    cells = _cells(bounds, cell)
    if (max(cell) < 0.1 and cells > 1e6) or (max(cell) < 1 and cells > 1e10):
        return "grid.cell_metres"
    return None


def _whole_cells(low: float, high: float, cell: float, *, degrees: bool) -> tuple[int, int]:
    snap = min(_SNAP_MOST, _SNAP_DEGREES / cell) if degrees else 0.0
    first, last = (value / cell for value in (low, high))
    # The float noise of large coordinates counts, too.
    slack_first, slack_last = (max(_SNAP, snap, 4 * float(np.spacing(abs(value)))) for value in (first, last))
    begin = math.floor(first + slack_first)
    return begin, max(math.ceil(last - slack_last), begin + 1)


def _multiple(count: int, cell: float) -> float:
    # 13605 / 120 is exact to the last bit, 13605 * (1 / 120) need not be.
    per_unit = round(1 / cell)
    if per_unit and cell < 1 and abs(per_unit * cell - 1) < 1e-12:
        return count / per_unit
    return count * cell


def extent(grid: GeoBox) -> Phrase:
    """The bounds of a grid and its CRS, for a message."""
    box = grid.boundingbox
    bounds = ", ".join(f"{value:.7g}" for value in (box.left, box.bottom, box.right, box.top))
    return Phrase("extent", bounds=bounds, crs=crs_name(grid.crs))


def metres_per_unit(grid: GeoBox, *, thing: Phrase | str, need: Phrase | str) -> float:
    """Metres in one unit of a projected grid's CRS; refuses geographic grids, where a unit is no length."""
    crs = grid.crs
    if crs is None or not crs.projected:
        raise LayerError(Problem("grid.metric", thing, crs=crs_name(crs), need=need))
    return float(crs.proj.axis_info[0].unit_conversion_factor)


def cell_area(grid: GeoBox) -> xr.DataArray:
    """Area of every cell in square metres.

    On a geographic grid it is the area on the ellipsoid between two meridians and two parallels (cells of one row are
    equal); on a projected grid it is the planar area in the projection, all cells equal. In EPSG:4547 the planar area
    of Xinxiang is 0.003 % above the true one.

    Parameters
    ----------
    grid : GeoBox

    Returns
    -------
    DataArray
        Quantity ``area``, m2, float64, no missing values; lazy above 1.7e7 cells.

    Raises
    ------
    MissingCRSError
        The grid has no CRS.

    Notes
    -----
    With q(phi) = sin(phi) / (1 - e2 sin2(phi)) + artanh(e sin(phi)) / e the area is b2 / 2 * dlambda * (q2 - q1)
    (Snyder 1987, authalic latitude, eq. 3-12).

    Examples
    --------
    >>> grid = analysis_grid((113.375, 35.3 - 1 / 240, 113.4, 35.3 + 1 / 240), crs="EPSG:4490", resolution=1 / 120)
    >>> round(float(cell_area(grid)[0, 0]) / 1e6, 3)
    0.701
    """
    crs = grid.crs
    if crs is None:
        raise MissingCRSError(_problem("grid.no_crs"))
    height, width = grid.shape
    affine = grid.affine
    if crs.geographic:
        if abs(affine.b) + abs(affine.d) > 0:
            raise LayerError(_problem("grid.rotated"))
        rows = _ellipsoid_rows(affine.f + affine.e * np.arange(height + 1), abs(affine.a), crs)
    else:
        unit = metres_per_unit(grid, thing=Phrase("analysis_grid"), need=Phrase("need_cell_area"))
        rows = np.full(height, abs(affine.determinant) * unit**2)
    values: Any = np.repeat(rows[:, None], width, axis=1) if height * width <= LAZY_CELLS else None
    if values is None:
        column = da.from_array(rows[:, None], chunks=(2048, 1))
        values = da.broadcast_to(column, (height, width), chunks=(column.chunks[0], 2048))
    return layer_on(grid, values, quantity="area", name="cell_area")


def _ellipsoid_rows(edges: np.ndarray[Any, Any], width_degrees: float, crs: CRS) -> np.ndarray[Any, Any]:
    geod: Any = crs.proj.get_geod()
    sine = np.sin(np.radians(np.clip(edges, -90, 90)))
    if geod.es == 0:
        q = 2 * sine
    else:
        e = math.sqrt(geod.es)
        q = sine / (1 - geod.es * sine**2) + np.arctanh(e * sine) / e
    rows: np.ndarray[Any, Any] = np.abs(np.diff(q)) * (geod.b**2 / 2 * math.radians(width_degrees))
    return rows
