"""Water on the ground: the topographic wetness index."""

from __future__ import annotations

from typing import Any

import dask
import dask.array
import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.grid.lattice import metres_per_unit
from riskzoning.layers import describe, grid_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.terrain.surface import _check_dem, slope

Array = np.ndarray[Any, Any]
da: Any = dask.array  # not typed
delayed: Any = dask.delayed  # type: ignore[attr-defined]
_MISSING = -9999.0


@takes()
def wetness(specific_area: ArrayLike, slope_degrees: ArrayLike, *, slope_floor: float | None = None) -> Any:
    """Wetness ln(a / tan b) from the upslope area per metre of contour and the slope.

    Parameters
    ----------
    specific_area : array or number
        Area that drains through a metre of contour, m2/m.
    slope_degrees : array or number
        Slope, degrees; flatter ground than the floor counts as the floor.
    slope_floor : float, optional
        Radians; default 0.001, from the table ``methods/terrain``.

    Returns
    -------
    array or number
        NaN where an input is NaN.

    References
    ----------
    Beven, K. J., Kirkby, M. J. (1979), Hydrological Sciences Bulletin 24.

    Examples
    --------
    >>> round(float(wetness(5000.0, 5.0)), 5)
    10.95344
    """
    floor = _slope_floor() if slope_floor is None else slope_floor
    return np.log(specific_area / np.tan(np.maximum(np.radians(slope_degrees), floor)))


def _slope_floor() -> float:
    return float(standards.table("methods/terrain").data["wetness_slope_floor_rad"])


@takes(dem="elevation")
def wetness_index(dem: xr.DataArray) -> xr.DataArray:
    """Topographic wetness index (地形湿度指数) ln(a / tan b): where water gathers.

    Depressions are filled and each cell drains to its steepest neighbour (pyflwdir, D8); ``a`` is the upstream area
    over the width of the cell. Flow knows no blocks: the whole DEM is held in memory, about 40 bytes a cell and 0.4 s
    per million cells, also when it is lazy (then in one task).

    Parameters
    ----------
    dem : DataArray
        Elevation, m, on a projected grid, wider than the study area by its catchments.

    Returns
    -------
    DataArray
        float32, about 2 (ridges) to 25 (valley floors); NaN as in :func:`slope`.

    Raises
    ------
    LayerError
        The grid is geographic or rotated.

    References
    ----------
    Beven, K. J., Kirkby, M. J. (1979), Hydrological Sciences Bulletin 24; Wang, L., Liu, H. (2006), IJGIS 20.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 50, 50), crs="EPSG:4547", resolution=10)
    >>> valley = layer_on(grid, np.add.outer(np.arange(5.0), np.abs(np.arange(5) - 2.0)), quantity="elevation")
    >>> wet = wetness_index(valley).values
    >>> bool(wet[2, 2] > wet[2, 1])
    True
    """
    _check_dem(dem)
    grid = grid_of(dem)
    thing = Phrase("layer", name=str(dem.name or "elevation"))
    unit = metres_per_unit(grid, thing=thing, need=Phrase("need_wetness"))
    steep = slope(dem)
    width = float(np.sqrt(abs(grid.affine.determinant))) * unit
    floor = _slope_floor()
    if dem.chunks is None:
        values: Any = _index(dem.data, steep.data, grid.affine, width, unit, floor)
    else:
        task = delayed(_index)(dem.data, steep.data, grid.affine, width, unit, floor)
        values = da.from_delayed(task, shape=dem.shape, dtype="float32").rechunk(dem.data.chunks)
    return describe(dem.copy(data=values).rename("wetness_index"), quantity="wetness_index", like=dem)


def _index(heights: Array, steep: Array, affine: Affine, width: float, unit: float, floor: float) -> Array:
    import pyflwdir  # compiles on import: only where water is led

    known = np.isfinite(heights)
    if not known.any():
        return np.full(heights.shape, np.nan, dtype="float32")
    filled = np.where(known, heights, _MISSING).astype("float32")
    flow = pyflwdir.from_dem(filled, nodata=_MISSING, transform=affine, latlon=False, outlets="edge")
    area = flow.upstream_area("m2") * unit**2
    with np.errstate(invalid="ignore", divide="ignore"):
        index = wetness(area / width, steep, slope_floor=floor)
    return np.where(known & (area > 0), index, np.nan).astype("float32")
