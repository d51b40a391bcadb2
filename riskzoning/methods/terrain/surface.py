"""Form of the ground from a digital elevation model: slope, aspect, hillshade, relief."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import dask.array
import numba
import numpy as np
import xarray as xr
from scipy.ndimage import maximum_filter, minimum_filter

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid.lattice import metres_per_unit
from riskzoning.grid.tiles import in_threads
from riskzoning.layers import check_layer, describe, grid_of
from riskzoning.layers.plausible import takes

Array = np.ndarray[Any, Any]
da: Any = dask.array  # not typed
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# Below this many metres per metre the ground is flat: the noise of float32 heights.
_FLAT = 1e-9
_BAND = 1024


@takes(dem="elevation")
def slope(dem: xr.DataArray) -> xr.DataArray:
    """Steepness of the ground (坡度) in degrees, by the eight neighbours of a cell (Horn 1981).

    Parameters
    ----------
    dem : DataArray
        Elevation, m, on a projected grid; numpy or dask.

    Returns
    -------
    DataArray
        0..90 degrees; lazy when the DEM is. NaN on the outermost cells and beside missing ones: a gap grows by one
        ring. Take a DEM wider than the study area.

    Raises
    ------
    LayerError
        The grid is geographic (degrees are no lengths) or rotated.

    Notes
    -----
    With neighbours a b c / d e f / g h i: dz/dx = ((c + 2f + i) - (a + 2d + g)) / (8 cell), dz/dy likewise,
    slope = atan(hypot(dz/dx, dz/dy)).

    References
    ----------
    Horn, B. K. P. (1981): Hill shading and the reflectance map. Proc. IEEE 69 (1).

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 15, 15), crs="EPSG:4547", resolution=5)
    >>> dem = layer_on(grid, [[50.0, 52, 54], [49, 51, 53], [48, 50, 52]], quantity="elevation")
    >>> round(float(slope(dem)[1, 1]), 6)
    24.094843
    """
    return _from_neighbours(dem, _slope_rows, "slope", need="need_slope")


@takes(dem="elevation")
def aspect(dem: xr.DataArray) -> xr.DataArray:
    """Direction that the ground faces (坡向): downslope, degrees clockwise from north, -1 where it is flat.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, on a projected grid; numpy or dask.

    Returns
    -------
    DataArray
        0 (north) up to 360, excluded; -1 flat; NaN as in :func:`slope`.

    Raises
    ------
    LayerError
        The grid is geographic or rotated.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 30, 30), crs="EPSG:4547", resolution=10)
    >>> dem = layer_on(grid, [[10.0, 10, 10], [11, 11, 11], [12, 12, 12]], quantity="elevation")
    >>> float(aspect(dem)[1, 1])
    0.0
    """
    return _from_neighbours(dem, _aspect_rows, "aspect", need="need_aspect")


@takes(dem="elevation")
def hillshade(
    dem: xr.DataArray, *, azimuth: float = 315.0, altitude: float = 45.0, exaggeration: float = 1.0
) -> xr.DataArray:
    """Shaded relief (山体阴影) for maps: 0 dark to 255 bright.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, on a projected grid; numpy or dask.
    azimuth, altitude : float
        Where the light comes from: degrees clockwise from north, degrees above the horizon.
    exaggeration : float
        Heights are multiplied by it first; 3 to 5 shows a plain.

    Returns
    -------
    DataArray
        0..255, NaN as in :func:`slope`.

    Raises
    ------
    LayerError
        The grid is geographic or rotated.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> flat = layer_on(analysis_grid((0, 0, 30, 30), crs="EPSG:4547", resolution=10), 7.0, quantity="elevation")
    >>> round(float(hillshade(flat)[1, 1]), 1)
    180.3
    """
    light, high = math.radians(azimuth), math.radians(altitude)
    # Unit vector towards the light: east, north, up.
    sun = (math.sin(light) * math.cos(high), math.cos(light) * math.cos(high), math.sin(high))
    shade = partial(_shade_rows, sun=np.array(sun), exaggeration=float(exaggeration))
    return _from_neighbours(dem, shade, "hillshade", need="need_hillshade")


@takes(dem="elevation")
def relief(dem: xr.DataArray, *, window: int = 5) -> xr.DataArray:
    """Relief (地形起伏度): highest minus lowest cell within a moving window.

    Parameters
    ----------
    dem : DataArray
        Elevation, m; numpy or dask.
    window : int
        Side of the window in cells, odd; 5, or about 1 km in the practice of geology.

    Returns
    -------
    DataArray
        m, over the valid cells of the window (fewer at the edges); NaN only where the cell itself is missing.

    Raises
    ------
    LayerError
        The window is not odd or is below 3.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 40, 10), crs="EPSG:4547", resolution=10)
    >>> relief(layer_on(grid, [[1.0, 4.0, 2.0, 9.0]], quantity="elevation"), window=3).values
    array([[3., 3., 7., 7.]])
    """
    _check_dem(dem)
    if not (isinstance(window, int | np.integer) and window >= 3 and window % 2 == 1):
        raise LayerError(Problem("terrain.window", Phrase("relief"), window=repr(window)))
    return _by_halo(dem, partial(_relief_block, window=int(window)), int(window) // 2, "relief")


def _check_dem(dem: xr.DataArray) -> None:
    name = str(getattr(dem, "name", None) or "elevation")
    check_layer(dem, name=name, quantity="elevation" if getattr(dem, "attrs", {}).get("units") is not None else None)
    if "return_period" in dem.dims:
        raise LayerError(Problem("terrain.dem", Phrase("layer", name=name)))


def _from_neighbours(dem: xr.DataArray, rows: Callable[..., None], quantity: str, *, need: str) -> xr.DataArray:
    """A layer from the 3 x 3 neighbourhood, lazily block by block with a halo of one cell."""
    _check_dem(dem)
    name = str(dem.name or "elevation")
    grid = grid_of(dem, name=name)
    thing = Phrase("layer", name=name)
    unit = metres_per_unit(grid, thing=thing, need=Phrase(need))
    affine = grid.affine
    if affine.b or affine.d:
        raise LayerError(Problem("terrain.rotated", thing))
    # Signed cells: a south-up DEM works as it is.
    block = partial(_neighbour_block, rows=rows, east=affine.a * unit, north=-affine.e * unit)
    return _by_halo(dem, block, 1, quantity)


def _neighbour_block(padded: Array, *, rows: Callable[..., None], east: float, north: float) -> Array:
    out = np.empty((padded.shape[0] - 2, padded.shape[1] - 2), dtype=padded.dtype)

    def one(first: int) -> None:
        last = min(first + _BAND, out.shape[0])
        rows(padded[first : last + 2], 1 / (8 * east), 1 / (8 * north), out[first:last])

    for _ in in_threads(one, list(range(0, out.shape[0], _BAND))):
        pass
    return out


def _by_halo(dem: xr.DataArray, block: Callable[[Array], Array], depth: int, quantity: str) -> xr.DataArray:
    """Apply ``block`` (padded values -> values) to a DEM with ``depth`` missing cells around it."""
    dtype = np.dtype("float32") if dem.dtype.itemsize <= 2 or dem.dtype == np.float32 else np.dtype("float64")
    if dem.chunks is None:
        values: Any = block(np.pad(dem.data.astype(dtype, copy=False), depth, constant_values=np.nan))
    else:
        halo = da.overlap.overlap(dem.data.astype(dtype), depth=depth, boundary=np.nan)
        inner = tuple(tuple(size - 2 * depth for size in sizes) for sizes in halo.chunks)
        values = halo.map_blocks(block, dtype=dtype, chunks=inner, meta=np.empty((0, 0), dtype=dtype))
        values = values.rechunk(dem.data.chunks)
    return describe(dem.copy(data=values).rename(quantity), quantity=quantity, like=dem)


@compiled
def _gradient(padded, i, j, east, north):  # type: ignore[no-untyped-def]
    """Rise to the east and to the north per metre; NaN where a neighbour is missing."""
    a, b, c = float(padded[i, j]), float(padded[i, j + 1]), float(padded[i, j + 2])
    d, e, f = float(padded[i + 1, j]), float(padded[i + 1, j + 1]), float(padded[i + 1, j + 2])
    g, h, k = float(padded[i + 2, j]), float(padded[i + 2, j + 1]), float(padded[i + 2, j + 2])
    if not np.isfinite(a + b + c + d + e + f + g + h + k):
        return np.nan, np.nan
    return ((c + 2 * f + k) - (a + 2 * d + g)) * east, ((a + 2 * b + c) - (g + 2 * h + k)) * north


@compiled
def _slope_rows(padded, east, north, out):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x, y = _gradient(padded, i, j, east, north)
            out[i, j] = np.degrees(np.arctan(np.sqrt(x * x + y * y)))


@compiled
def _aspect_rows(padded, east, north, out):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x, y = _gradient(padded, i, j, east, north)
            if np.isnan(x):
                out[i, j] = np.nan
            elif abs(x) < _FLAT and abs(y) < _FLAT:
                out[i, j] = -1.0
            else:
                degrees = np.degrees(np.arctan2(-x, -y)) + 0.0
                if degrees < 0:
                    degrees += 360.0
                out[i, j] = degrees
                # -1e-15 + 360 is 360 in the end.
                if out[i, j] >= 360.0:
                    out[i, j] = 0.0


@compiled
def _shade(padded, east, north, sun, exaggeration, out):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x, y = _gradient(padded, i, j, east, north)
            x, y = x * exaggeration, y * exaggeration
            bright = (-x * sun[0] - y * sun[1] + sun[2]) / np.sqrt(1.0 + x * x + y * y)
            out[i, j] = np.nan if np.isnan(bright) else 255.0 * max(bright, 0.0)


def _shade_rows(padded: Array, east: float, north: float, out: Array, *, sun: Array, exaggeration: float) -> None:
    _shade(padded, east, north, sun, exaggeration, out)


def _relief_block(padded: Array, *, window: int) -> Array:
    half = window // 2
    known = np.isfinite(padded)
    high = maximum_filter(np.where(known, padded, -np.inf), size=window, mode="constant", cval=-np.inf)
    low = minimum_filter(np.where(known, padded, np.inf), size=window, mode="constant", cval=np.inf)
    inner = (slice(half, -half), slice(half, -half))
    with np.errstate(invalid="ignore"):
        out: Array = np.where(known[inner], high[inner] - low[inner], np.nan).astype(padded.dtype, copy=False)
    return out
