"""Curvature of the ground: bent outwards (ridges, crests) or inwards (hollows, foots of slopes)."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.grid.lattice import metres_per_unit
from riskzoning.layers import grid_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.terrain.surface import _by_halo, _check_dem

Array = np.ndarray[Any, Any]
# Below this rise per metre there is no direction in which the slope falls.
_FLAT = 1e-9


@takes(dem="elevation")
def curvature(dem: xr.DataArray, direction: Literal["plan", "profile"]) -> xr.DataArray:
    """Curvature of the ground (曲率), 1/m: above 0 where it is convex, below 0 where it is concave, 0 where it is even.

    Parameters
    ----------
    dem : DataArray
        Elevation, m, on a projected grid; numpy or dask.
    direction : {"profile", "plan"}
        Along the fall of the slope (剖面曲率: crest or foot) or across it (平面曲率: nose or hollow).

    Returns
    -------
    DataArray
        1/m; 0 on flat ground; NaN as in :func:`slope`.

    Raises
    ------
    LayerError
        The grid is geographic or rotated, or the direction is unknown.

    Notes
    -----
    With the second derivatives r, s, t and the first p, q of the surface through the nine cells: profile
    ``-(r p^2 + 2 s p q + t q^2) / (p^2 + q^2)``, plan ``-(r q^2 - 2 s p q + t p^2) / (p^2 + q^2)``. Other programs
    multiply by 100, and some have another sign.

    References
    ----------
    Zevenbergen, L. W., Thorne, C. R. (1987), Earth Surface Processes and Landforms 12; cited, not read.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((0, 0, 30, 30), crs="EPSG:4547", resolution=10)
    >>> nose = layer_on(grid, [[99.0, 100, 99], [98, 99, 98], [97, 98, 97]], quantity="elevation")
    >>> round(float(curvature(nose, "plan")[1, 1]), 6), round(float(curvature(nose, "profile")[1, 1]), 6)
    (0.02, 0.0)
    """
    if direction not in ("plan", "profile"):
        known = ["plan", "profile"]
        raise LayerError(
            Problem("terrain.direction", Phrase("parameter", name="direction"), value=direction, known=known)
        )
    _check_dem(dem)
    name = str(dem.name or "elevation")
    grid, thing = grid_of(dem, name=name), Phrase("layer", name=name)
    unit = metres_per_unit(grid, thing=thing, need=Phrase("need_slope"))
    if grid.affine.b or grid.affine.d:
        raise LayerError(Problem("terrain.rotated", thing))
    block = partial(_bent, east=abs(grid.affine.a) * unit, north=abs(grid.affine.e) * unit, across=direction == "plan")
    return _by_halo(dem, block, 1, "curvature")


def _bent(padded: Array, *, east: float, north: float, across: bool) -> Array:
    z = padded.astype(np.float64)
    middle = z[1:-1, 1:-1]
    west, right, up, down = z[1:-1, :-2], z[1:-1, 2:], z[:-2, 1:-1], z[2:, 1:-1]
    corners = z[:-2, 2:] - z[:-2, :-2] - z[2:, 2:] + z[2:, :-2]
    p, q = (right - west) / (2 * east), (up - down) / (2 * north)
    r = (right - 2 * middle + west) / east**2
    t = (up - 2 * middle + down) / north**2
    s = corners / (4 * east * north)
    size = p * p + q * q
    bent = r * q * q - 2 * s * p * q + t * p * p if across else r * p * p + 2 * s * p * q + t * q * q
    flat = size < _FLAT**2
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.where(flat, 0.0, -bent / np.where(flat, 1.0, size)) + 0.0
    return np.asarray(np.where(np.isfinite(corners + size + r + t), out, np.nan).astype(padded.dtype))
