"""Exposure on a fixed scale: a density per km2 becomes 0..1, the same number in every city and every year."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, StandardTableError
from riskzoning.layers import describe

Density = TypeVar("Density", xr.DataArray, pd.Series, NDArray[Any])


def scaled_exposure(density: Density, receptor: str) -> Density:
    """Exposure index 0..1 (暴露度指数) of a density on the fixed scale of its receptor.

    E = ln(1 + x / x0) / ln(1 + xref / x0), 1 from xref on: nothing there is exactly 0, and the minimum and maximum of a
    study play no part.

    Parameters
    ----------
    density : DataArray, Series or array
        Per km2: persons, yuan, m2 of floor, ha of crops, km of roads; negative counts as 0, NaN stays NaN. Lazy layers
        stay lazy.
    receptor : str
        ``population economy buildings crops roads public_services``; x0 and xref are in the table ``exposure/scales``.

    Raises
    ------
    StandardTableError
        The receptor has no scale, or one that does not rise.

    Examples
    --------
    >>> scaled_exposure(np.array([0.0, 100.0, 20000.0, 50000.0]), "population").round(4)
    array([0.    , 0.3155, 1.    , 1.    ])
    """
    scales = standards.table("exposure/scales").data
    entry = scales.get(receptor)
    if entry is None:
        raise StandardTableError(Problem("exposure.scale", Phrase("receptor", name=receptor), known=sorted(scales)))
    low, full = float(entry["low"]), float(entry["full"])
    if not 0 < low < full < np.inf:
        raise StandardTableError(Problem("exposure.scale_order", Phrase("receptor", name=receptor), low=low, full=full))

    def scaled(values: NDArray[Any]) -> NDArray[Any]:
        values = np.asarray(values, dtype=np.float64)
        index = np.log1p(np.clip(values, 0.0, full) / low) / np.log1p(full / low)
        return np.where(np.isfinite(values), index, np.nan)

    if isinstance(density, xr.DataArray):
        index = xr.apply_ufunc(scaled, density, dask="parallelized", output_dtypes=[np.float64])
        return describe(index, quantity="exposure_index", like=density, receptor=receptor)
    if isinstance(density, pd.Series):
        return pd.Series(scaled(density.to_numpy()), index=density.index, name=density.name)
    return scaled(density)
