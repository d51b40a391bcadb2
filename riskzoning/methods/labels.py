"""Labels decide which values belong together, never positions: Series by index, arrays with coordinates by those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = ["paired"]

Value = TypeVar("Value")
_GRID = ("y", "x", "latitude", "longitude", "lat", "lon")
_SHOWN = 5


@takes()
def paired(values: Mapping[str, Value], thing: Phrase | str) -> dict[str, Value]:
    """Values in the order of the labels of the first that has any; arrays and numbers without labels as they are.

    Parameters
    ----------
    values : mapping of name -> Series, DataFrame, DataArray, array or number
        Of Series and DataFrames the index counts (a plain 0, 1, 2 ... is none), of DataArrays the coordinates of every
        dim but those of a grid.
    thing : Phrase or str
        What takes them, for the message.

    Raises
    ------
    LayerError
        Two have different labels, or labels that occur twice in different orders.

    Examples
    --------
    >>> one, two = pd.Series([1, 2], ["a", "b"]), pd.Series([20, 10], ["b", "a"])
    >>> paired({"one": one, "two": two}, "sum")["two"].tolist()
    [10, 20]
    """
    out = dict(values)
    tables = {name: value for name, value in out.items() if isinstance(value, pd.Series | pd.DataFrame)}
    named = {name: value for name, value in tables.items() if not _plain(value.index)}
    first = next(iter(named), None)
    for name, value in named.items():
        assert first is not None
        if not value.index.equals(named[first].index):
            order = _order(value.index, named[first].index, (name, first), thing)
            out[name] = value.iloc[order]
    layers = {name: value for name, value in out.items() if isinstance(value, xr.DataArray)}
    for name, layer in layers.items():
        out[name] = _like_the_first(name, layer, layers, thing)  # type: ignore[assignment]
    return out


def _like_the_first(
    name: str, layer: xr.DataArray, layers: Mapping[str, xr.DataArray], thing: Phrase | str
) -> xr.DataArray:
    for dim in layer.dims:
        first = next((other for other, one in layers.items() if dim in one.dims and dim in one.indexes), name)
        if dim in _GRID or dim not in layer.indexes or first == name:
            continue
        own, wanted = layer.indexes[dim], layers[first].indexes[dim]
        if not own.equals(wanted):
            layer = layer.isel({dim: _order(own, wanted, (name, first), thing)})
    return layer


def _plain(index: pd.Index[Any]) -> bool:
    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1


def _order(own: pd.Index[Any], wanted: pd.Index[Any], names: tuple[str, str], thing: Phrase | str) -> Any:
    """Positions of the wanted labels among the own ones."""
    if own.is_unique and wanted.is_unique and len(own) == len(wanted):
        order = own.get_indexer(wanted)
        if (order >= 0).all():
            return order
    lacking = [str(label) for label in wanted.difference(own)[:_SHOWN]] or Phrase("labels_twice")
    raise LayerError(Problem("labels.differ", thing, name=names[0], first=names[1], lacking=lacking))


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
