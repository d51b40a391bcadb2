"""Values of a layer at points."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import rasterstats
import xarray as xr
from affine import Affine

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid import sampling
from riskzoning.grid.vectors import in_crs
from riskzoning.layers import check_layer, grid_of, without_fill
from riskzoning.rasters.held import held

Array = np.ndarray[Any, Any]


def sample(
    layer: xr.DataArray, points: gpd.GeoDataFrame | gpd.GeoSeries, *, resampling: str | None = None
) -> np.ndarray[Any, Any]:
    """Values of a layer at points (取值到点): bilinear, or of the cell that holds the point for classes.

    Parameters
    ----------
    layer : DataArray
        Dims (y, x); of a lazy layer only the window around the points is read.
    points : GeoDataFrame or GeoSeries
        Points in any CRS, none of them empty.
    resampling : {"bilinear", "nearest"}, optional
        Default: nearest for classes, directions and counts, else bilinear, with missing cells as in ``align``.

    Returns
    -------
    ndarray
        One value a point, float64; NaN outside the layer and where it is missing.

    Raises
    ------
    LayerError, MissingCRSError
        A stack, empty points, no CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid, sample
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> ground = layer_on(grid, [[10.0, 20.0, 40.0]], quantity="elevation")
    >>> sample(ground, gpd.GeoSeries.from_xy([50, 100, 999], [50, 50, 50], crs="EPSG:4547"))
    array([10., 15., nan])
    """
    name = str(getattr(layer, "name", None) or "unnamed")
    layer = held(layer, name=name)
    check_layer(layer, name=name)
    grid = grid_of(layer, name=name)
    frame = in_crs(points, grid.crs, Phrase("points_on", name=name))
    if "return_period" in layer.dims:
        raise LayerError(Problem("grid.sample_stack", Phrase("layer", name=name)))
    if len(frame) != len(points):
        raise LayerError(Problem("grid.sample_empty", Phrase("points_on", name=name), count=len(points) - len(frame)))
    layer = without_fill(layer)
    quantity = layer.attrs.get("quantity")
    kind = standards.quantity(str(quantity)).kind if quantity else "intensity"
    method = resampling or ("nearest" if kind in ("class", "direction", "count") else "bilinear")
    x, y = ~grid.affine * (frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    height, width = grid.shape
    inside = (x > -1) & (x < width + 1) & (y > -1) & (y < height + 1)
    out: Array = np.full(len(frame), np.nan)
    if not inside.any():
        return out
    top, left = max(int(y[inside].min()) - 2, 0), max(int(x[inside].min()) - 2, 0)
    window = layer.data[top : int(y[inside].max()) + 3, left : int(x[inside].max()) + 3]
    values = np.ascontiguousarray(window, dtype=np.float64)
    X, Y = np.ascontiguousarray(x[None, :]), np.ascontiguousarray(y[None, :])
    if method == "bilinear":
        sampling.bilinear(values, top, left, height, width, X, Y, out[None, :])
        return out
    places = grid.affine * Affine.translation(left, top)
    # What lies on a border belongs to the right or lower cell, as in `align`.
    x, y = grid.affine * (x[inside] + sampling.NUDGE, y[inside] + sampling.NUDGE)
    points_inside = gpd.points_from_xy(x, y)
    queried = rasterstats.point_query(points_inside, values, affine=places, nodata=np.nan, interpolate="nearest")
    numbers = np.array([np.nan if value is None else float(value) for value in queried])
    out[inside] = np.where(np.isfinite(numbers), numbers, np.nan)
    return out
