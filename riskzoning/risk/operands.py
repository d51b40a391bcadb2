"""Layers, tables and plain arrays as operands of one formula: checked before, put back into their container after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from riskzoning.errors import GridMismatchError, LayerError, Phrase, Problem
from riskzoning.layers import LAYER_DIMS, check_same_grid, describe

# Plain arrays; dask arrays take their place, and behave as they do.
Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
# What a formula takes: a layer, a column by unit, an array (numpy, masked or dask), a list of numbers or a number.
Values: TypeAlias = "xr.DataArray | pd.Series[Any] | da.Array | ArrayLike"


@dataclass(frozen=True)
class Operands:
    """Plain arrays (numpy or dask) by name, and the container that the result goes back into."""

    arrays: dict[str, Any]
    like: xr.DataArray | pd.Series[Any] | None

    @classmethod
    def of(cls, values: Mapping[str, Values] | xr.Dataset) -> Operands:
        """Operands from layers on one grid, Series with one index, or arrays of one shape; else refused."""
        named = {str(name): value for name, value in values.items() if str(name) != "spatial_ref"}
        if not named:
            raise LayerError(Problem("risk.inputs", Phrase("formula")))
        layers = {name: value for name, value in named.items() if isinstance(value, xr.DataArray)}
        tables = {name: value for name, value in named.items() if isinstance(value, pd.Series)}
        _check_layers(layers)
        _check_tables(tables)
        arrays = {name: _array(value) for name, value in named.items()}
        try:
            np.broadcast_shapes(*(array.shape for array in arrays.values()))
        except ValueError:
            raise LayerError(
                Problem(
                    "risk.shapes",
                    Phrase("operands", names=list(arrays)),
                    shapes=[str(array.shape) for array in arrays.values()],
                )
            ) from None
        like: Any = max(layers.values(), key=lambda layer: layer.ndim, default=None)
        if like is None and tables:
            like = next(iter(tables.values()))
        return cls(arrays, like)

    @property
    def lazy(self) -> bool:
        """Whether any operand is a dask array."""
        return any(isinstance(array, da.Array) for array in self.arrays.values())

    def contain(self, result: Array, *, quantity: str, **attrs: Any) -> Any:
        """The result in the container of the operands; a layer is described by its quantity."""
        if isinstance(self.like, xr.DataArray):
            return describe(self.like.copy(data=result), quantity=quantity, **attrs)
        if isinstance(self.like, pd.Series):
            return pd.Series(result, index=self.like.index)
        return result


def finite(values: Array) -> Any:
    """Values with infinities as NaN: one mask for what is missing."""
    if values.dtype.kind != "f":
        return values
    return np.where(np.isfinite(values), values, np.asarray(np.nan, dtype=values.dtype))


def check_range(arrays: Mapping[str, Array], low: float, high: float, *, rule: str) -> None:
    """Refuse values in memory outside a range, naming every input; lazy ones are the business of ``layers.scan``."""
    problems = []
    for name, array in arrays.items():
        if isinstance(array, da.Array) or not array.size:
            continue
        least, most = _extremes(array)
        if least < low - 1e-6 or most > high + 1e-6:
            problems.append(Problem(rule, Phrase("input", name=name), least=least, most=most, low=low, high=high))
    if problems:
        raise LayerError(problems=problems)


def _extremes(array: Array) -> tuple[float, float]:
    least, most = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    if np.isinf([least, most]).any():
        return _extremes(finite(array))
    return least, most


def _array(value: Values) -> Any:
    if isinstance(value, xr.DataArray):
        array = value.data
    elif isinstance(value, pd.Series):
        array = value.to_numpy(dtype=np.float64, na_value=np.nan)
    elif isinstance(value, np.ma.MaskedArray):
        array = np.ma.filled(value.astype(np.float64), np.nan)
    else:
        array = value if isinstance(value, da.Array) else np.asarray(value)
    return array if array.dtype.kind in "fiub" else array.astype(np.float64)


def _check_layers(layers: Mapping[str, xr.DataArray]) -> None:
    on_grid = {name: layer for name, layer in layers.items() if tuple(layer.dims) in LAYER_DIMS}
    if len(on_grid) > 1:
        check_same_grid(**on_grid)
    first = next(iter(layers.values()), None)
    for name, layer in layers.items():
        if name in on_grid:
            continue
        if first is not None and (layer.dims != first.dims or not _same_labels(layer, first)):
            raise GridMismatchError(
                Problem(
                    "risk.labels",
                    Phrase("layer", name=name),
                    dims=list(map(str, layer.dims)),
                    wanted=list(map(str, first.dims)),
                )
            )


def _same_labels(one: xr.DataArray, two: xr.DataArray) -> bool:
    try:
        xr.align(one, two, join="exact")
    except ValueError:
        return False
    return True


def _check_tables(tables: Mapping[str, pd.Series[Any]]) -> None:
    first = next(iter(tables.values()), None)
    for name, table in tables.items():
        if first is not None and not table.index.equals(first.index):
            raise LayerError(Problem("risk.index", Phrase("column", name=name)))
