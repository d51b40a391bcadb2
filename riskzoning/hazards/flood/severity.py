"""Severity of flooding: depth by frequency, the measure of the flood ladder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.hazards.cells import by_cell, valid_values
from riskzoning.hazards.flood.degree import _as_stack
from riskzoning.layers import describe

Array = NDArray[Any]


def flood_severity(
    depths: Any, return_periods: Sequence[float] | None = None, *, velocity: xr.DataArray | None = None
) -> xr.DataArray:
    """Severity of flooding, 0..1: the worst over the return periods of depth severity x frequency.

    Depth severity is that of max(h, v h): 0 when dry, 1/3 at 0.5, 2/3 at 2, 1 from 4 m (or m2/s) on. A flood of 30
    years and more frequent counts whole, of 100 years three quarters, of 300 years half, linear in the logarithm
    between; rarer floods are residual hazard, 0.25 at most.

    Parameters
    ----------
    depths : DataArray or array
        Depth in m: a stack with ``return_period``, or an array with the periods along its first axis. Numpy or dask.
        NaN, infinite and negative are no data, as is a cell that lacks one period; 0 is dry.
    return_periods : sequence of float, optional
        Years, in the order of ``depths``; default: the coordinate of the stack.
    velocity : DataArray, optional
        Largest velocity, m/s, one layer for all return periods or a stack with those of the depths; where it is
        missing the depth stands alone.

    Returns
    -------
    DataArray
        ``flood_severity``, float64, 0 exactly where it never floods.

    Raises
    ------
    LayerError
        For return periods that do not fit the depths.

    Examples
    --------
    >>> float(flood_severity([[0.0], [2.0]], [20, 100])[0])
    0.5
    >>> flood_severity([[1.0]], [50]).round(4).values.tolist()
    [0.3973]
    """
    stack, periods = _as_stack(depths, return_periods)
    stack = valid_values(stack, quantity="flood_depth")
    severity: Any = None
    for place, period in enumerate(periods):
        depth = stack.isel(return_period=place, drop=True).astype(np.float64)
        work = partial(_severity, period=float(period), table=standards.table("ladders/flood").data)
        layers = (depth,) if velocity is None else (depth, _at(velocity, period).fillna(0.0))
        one = by_cell(work, *layers, quantity="flood_severity")
        # NaN at one period makes the cell no data: the larger of two values is NaN where one is.
        severity = one if severity is None else by_cell(np.maximum, severity, one, quantity="flood_severity")
    like = stack if stack.odc.crs is not None else None
    periods_text = ", ".join(f"{period:g}" for period in np.sort(periods))
    return describe(severity, quantity="flood_severity", like=like, periods=periods_text)


def _at(velocity: xr.DataArray, period: float) -> xr.DataArray:
    """The velocity of a return period, where there is one for each."""
    return velocity.sel(return_period=period, drop=True) if "return_period" in velocity.dims else velocity


def frequency_factor(period: float, *, points: Sequence[Sequence[float]]) -> float:
    """How much a flood of this return period counts: flat to the first point, linear in ln T between them."""
    years, factors = np.array(points, dtype=float).T
    return float(np.interp(np.log(period), np.log(years), factors))


def _severity(depth: Array, velocity: Array | None = None, *, period: float, table: dict[str, Any]) -> Array:
    """Severity at one return period; residual beyond the last period of the table."""
    flow = depth if velocity is None else np.fmax(depth, depth * velocity)
    metres, heights = np.array(table["depth"], dtype=float).T
    severity = np.where(np.isnan(flow), np.nan, np.interp(flow, metres, heights))
    if period > float(table["frequency"][-1][0]):
        residual = table["residual"]
        return np.minimum(severity * float(residual["share"]), float(residual["most"]))
    return severity * frequency_factor(period, points=table["frequency"])
