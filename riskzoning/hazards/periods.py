"""A measure by return period as one index: the worst of the periods, each by how often it comes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.hazards.cells import Array, by_cell
from riskzoning.layers import describe

# The factors of return periods are those of floods: one answer to how much a rare event counts.
_TABLE = "ladders/flood"


def period_factor(period: float) -> tuple[float, float]:
    """How much an event of this return period counts, and the most that it can make: 1 where nothing is cut off."""
    table = standards.table(_TABLE).data
    years, factors = np.array(table["frequency"], dtype=np.float64).T
    if period > years[-1]:
        return float(table["residual"]["share"]), float(table["residual"]["most"])
    return float(np.interp(np.log(period), np.log(years), factors)), 1.0


def worst_period(stack: xr.DataArray, index: Callable[[xr.DataArray], xr.DataArray], lowest: float) -> xr.DataArray:
    """The largest over the return periods of index x factor, 0..1; residual hazard stays within the lowest class.

    ``index`` reads a layer off on its ladder; ``lowest`` is the largest index of the lowest class. A cell that lacks
    one period is no data.
    """
    out: xr.DataArray | None = None
    for at, period in enumerate(stack["return_period"].values):
        factor, most = period_factor(float(period))
        most = most if most == 1.0 else min(most, lowest)
        part = index(stack.isel(return_period=at, drop=True))
        scaled = by_cell(partial(_scaled, factor=factor, most=most), part, quantity="hazard_index")
        # NaN at one period makes the cell no data: the larger of two values is NaN where one is.
        out = scaled if out is None else by_cell(np.maximum, out, scaled, quantity="hazard_index")
    assert out is not None
    periods = ", ".join(f"{period:g}" for period in stack["return_period"].values)
    return describe(out, quantity="hazard_index", like=stack, periods=periods)


def _scaled(values: Array, *, factor: float, most: float) -> Any:
    return np.minimum(values * factor, most)
