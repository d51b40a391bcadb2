"""Layers, tables and plain arrays as operands of one formula: checked before, put back into their container after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import GridMismatchError, LayerError, Problem, first_few
from riskzoning.layers import LAYER_DIMS, check_same_grid, describe

__all__ = ["Operands", "check_range", "finite"]


@dataclass(frozen=True)
class Operands:
    """Plain arrays (numpy or dask) by name, and the container that the result goes back into.

    Examples
    --------
    >>> operands = Operands.of({"hazard": [0.2, 0.4], "exposure": 0.5})
    >>> operands.arrays["hazard"] * operands.arrays["exposure"]
    array([0.1, 0.2])
    """

    arrays: dict[str, Any]
    like: xr.DataArray | pd.Series[Any] | None

    @classmethod
    def of(cls, values: Mapping[str, Any] | xr.Dataset) -> Operands:
        """Operands from layers on one grid, Series with one index, or arrays of one shape.

        Raises
        ------
        GridMismatchError, MissingCRSError
            Layers lie on different grids, or one has no CRS.
        LayerError
            There is nothing, or shapes or indices differ.

        Examples
        --------
        >>> Operands.of({"a": pd.Series([1.0], index=["410702"])}).like.index[0]
        '410702'
        """
        named = {str(name): value for name, value in values.items() if str(name) != "spatial_ref"}
        if not named:
            raise LayerError(
                Problem("formula", "got no layer", "one or more", "Pass layers by name.", rule="risk.inputs")
            )
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
                    f"inputs {first_few(arrays)}",
                    f"have shapes {first_few(array.shape for array in arrays.values())}",
                    "one shape",
                    "Put layers on one grid with riskzoning.grid.align.",
                    rule="risk.shapes",
                )
            ) from None
        like: Any = max(layers.values(), key=lambda layer: layer.ndim, default=None)
        if like is None and tables:
            like = next(iter(tables.values()))
        return cls(arrays, like)

    @property
    def lazy(self) -> bool:
        """Whether any operand is a dask array.

        Examples
        --------
        >>> Operands.of({"a": da.zeros(3)}).lazy
        True
        """
        return any(isinstance(array, da.Array) for array in self.arrays.values())

    def contain(self, result: Any, *, quantity: str, **attrs: Any) -> Any:
        """The result in the container of the operands; a layer is described by its quantity.

        Examples
        --------
        >>> Operands.of({"a": pd.Series([1.0], index=["x"])}).contain(np.array([2.0]), quantity="risk_index")
        x    2.0
        dtype: float64
        """
        if isinstance(self.like, xr.DataArray):
            return describe(self.like.copy(data=result), quantity=quantity, **attrs)
        if isinstance(self.like, pd.Series):
            return pd.Series(result, index=self.like.index)
        return result


def finite(values: Any) -> Any:
    """Values with infinities as NaN: one mask for what is missing.

    Examples
    --------
    >>> finite(np.array([1.0, np.inf]))
    array([ 1., nan])
    """
    if values.dtype.kind != "f":
        return values
    return np.where(np.isfinite(values), values, np.asarray(np.nan, dtype=values.dtype))


def check_range(arrays: Mapping[str, Any], low: float, high: float, *, rule: str) -> None:
    """Nothing, when the values in memory lie between low and high; lazy values are the business of ``layers.scan``.

    Raises
    ------
    LayerError
        Naming every input with values outside.

    Examples
    --------
    >>> check_range({"hazard": np.array([0.0, np.nan, 1.0])}, 0, 1, rule="risk.range")
    >>> try:
    ...     check_range({"hazard": np.array([0.0, 1.5])}, 0, 1, rule="risk.range")
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    has values from 0 to 1.5
    """
    problems = []
    for name, array in arrays.items():
        if isinstance(array, da.Array) or not array.size:
            continue
        least, most = _extremes(array)
        if least < low - 1e-6 or most > high + 1e-6:
            problems.append(
                Problem(
                    f"input '{name}'",
                    f"has values from {least:g} to {most:g}",
                    f"values from {low:g} to {high:g}",
                    "Normalise it first (riskzoning.risk.scale_half, methods.weights.normalise), or mask its nodata.",
                    rule=rule,
                )
            )
    if problems:
        raise LayerError(problems=problems)


def _extremes(array: Any) -> tuple[float, float]:
    least, most = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    if np.isinf([least, most]).any():
        return _extremes(finite(array))
    return least, most


def _array(value: Any) -> Any:
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
                    f"layer '{name}'",
                    f"has dims {tuple(layer.dims)} or labels of its own",
                    f"the dims and labels of the others, {tuple(first.dims)}",
                    "Align them first.",
                    rule="layer.same_grid",
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
            raise LayerError(
                Problem(
                    f"column '{name}'",
                    "has an index of its own",
                    "the unit codes of the other columns, in the same order",
                    "Reindex it by code.",
                    rule="risk.index",
                )
            )
