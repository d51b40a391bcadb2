"""Formulas of single cells: one mark for missing, and a kernel on whatever holds the cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import odc.geo.xr  # noqa: F401 - gives layers their .odc
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.layers import check_same_grid, describe
from riskzoning.layers.numbers import unmasked
from riskzoning.methods.labels import paired

Array = np.ndarray[Any, np.dtype[Any]]
# What holds numbers of cells: a number, an array, a lazy array, a layer.
Cells = float | Array | da.Array | xr.DataArray | pd.Series


def valid_values(layer: xr.DataArray, *, quantity: str) -> xr.DataArray:
    """The layer as float with one mark for missing: infinities become NaN, and negatives where they mean no data."""
    values = layer if np.issubdtype(layer.dtype, np.floating) else layer.astype(np.float64)
    good = np.isfinite(values)
    if standards.quantity(quantity).negative_is_nodata:
        good = good & (values >= 0)
    return values.where(good)


def by_cell(
    kernel: Callable[..., object], *values: Cells, quantity: str | None = None, dtype: type[np.generic] = np.float64
) -> Any:
    """A formula of cells (a kernel over arrays that broadcast) on numbers, arrays, dask arrays or layers of one grid.

    Dask stays lazy, masked values become NaN; ``quantity`` describes the result when a layer is among the values. A
    lazy block is computed later, maybe on another machine: the kernel is best a ``partial`` with every number it needs.
    """
    series = {str(at): value for at, value in enumerate(values) if isinstance(value, pd.Series)}
    if series:
        alike = paired(series, Phrase("values_together"))
        values = tuple(alike.get(str(at), value) for at, value in enumerate(values))
        labels = next((one.index for one in alike.values() if not isinstance(one.index, pd.RangeIndex)), None)
        plain = by_cell(kernel, *map(_unlabelled, values), quantity=quantity, dtype=dtype)
        return pd.Series(plain, index=labels) if labels is not None and np.ndim(plain) == 1 else plain
    values = tuple(unmasked(value) for value in values)
    layers = [value for value in values if isinstance(value, xr.DataArray)]
    if layers:
        return _by_layer(kernel, values, layers, quantity=quantity, dtype=dtype)
    if any(isinstance(value, da.Array) for value in values):
        # Indices count from the last axis, as broadcasting does; blockwise cuts plain arrays like the lazy ones.
        cut: list[Any] = [da.asarray(value) if np.ndim(value) else value for value in values]
        pairs = [part for value in cut for part in (value, tuple(range(np.ndim(value)))[::-1] or None)]
        axes = tuple(range(max(np.ndim(value) for value in cut)))[::-1]
        return da.blockwise(kernel, axes, *pairs, dtype=dtype)
    arrays = [np.asarray(value) for value in values]
    result: Any = kernel(*arrays)
    return result.item() if all(array.ndim == 0 for array in arrays) else result


def _by_layer(
    kernel: Callable[..., object],
    values: tuple[Cells, ...],
    layers: list[xr.DataArray],
    *,
    quantity: str | None,
    dtype: type[np.generic],
) -> xr.DataArray:
    placed = [layer for layer in layers if layer.odc.crs is not None]
    if len(placed) > 1:
        check_same_grid(**{f"{layer.name or 'value'} ({i + 1})": layer for i, layer in enumerate(placed)})
    # The grids are one within a millionth of a cell; exact comparison of coordinates would lose such cells.
    out: xr.DataArray = xr.apply_ufunc(
        kernel, *values, dask="parallelized", output_dtypes=[dtype], join="override", keep_attrs=False
    )
    return describe(out, quantity=quantity, like=placed[0] if placed else None) if quantity else out


def _unlabelled(value: Cells | pd.Series[Any]) -> Any:
    return value.to_numpy() if isinstance(value, pd.Series) else value
