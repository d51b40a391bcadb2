"""Layers in memory at the door: dims, axes, CRS and place as files have them, whatever a library calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers import grid_of
from riskzoning.layers.axes import axes_among
from riskzoning.rasters.placing import Orientation, arrange
from riskzoning.rasters.variables import axes_of, crs_of

# Dimensions of one layer, and the one that a stack of return periods may have.
_PERIOD = "return_period"


def held(layer: xr.DataArray, *, name: str) -> xr.DataArray:
    """The layer with dims ``(..., y, x)``, north up, west to east, longitudes within -180..180; lazy stays lazy."""
    thing = Phrase("layer", name=name)
    if not isinstance(layer, xr.DataArray):
        raise LayerError(Problem("layer.type", thing, type=type(layer).__name__))
    layer = _with_own_axes(layer)
    if not {"y", "x"} <= set(layer.dims):
        raise LayerError(Problem("layer.dims", thing, dims=tuple(layer.dims)))
    grid = grid_of(layer, name=name)
    if grid.affine.b or grid.affine.d:
        return layer
    shape = (grid.shape[0], grid.shape[1])
    geographic = bool(grid.crs is not None and grid.crs.geographic)
    affine, turn = arrange(grid.affine, shape, geographic=geographic, thing=name)
    if turn == Orientation() and affine == grid.affine:
        return layer
    return _turned(layer, affine, turn)


def _with_own_axes(layer: xr.DataArray) -> xr.DataArray:
    """Rows and columns as ``y`` and ``x``, last; further dimensions of one element are dropped."""
    attrs = {dim: layer[dim].attrs if dim in layer.coords else {} for dim in layer.dims}
    y, x = axes_among(attrs)
    if y is None or x is None:
        return layer
    single = [dim for dim in layer.dims if dim not in (y, x, _PERIOD) and layer.sizes[dim] == 1]
    if single:
        layer = layer.isel(dict.fromkeys(single, 0), drop=True)
    renamed = {old: new for old, new in ((y, "y"), (x, "x")) if old != new}
    crs = layer.odc.crs if renamed else None
    if renamed:
        layer = layer.rename(renamed)
        layer = layer if crs is None else layer.odc.assign_crs(crs)
    return layer if layer.dims[-2:] == ("y", "x") else layer.transpose(..., "y", "x")


def _turned(layer: xr.DataArray, affine: Affine, turn: Orientation) -> xr.DataArray:
    """The cells in the order of the turned grid, and its coordinates."""
    flips = {"y": turn.flip_rows, "x": turn.flip_columns}
    layer = layer.isel({dim: slice(None, None, -1) for dim, flip in flips.items() if flip})
    if turn.roll:
        layer = layer.roll(x=turn.roll, roll_coords=False)
    box = GeoBox((layer.sizes["y"], layer.sizes["x"]), affine, layer.odc.crs)
    coords: dict[Any, Any] = {
        name: value for name, value in xr_coords(box, dims=("y", "x")).items() if name in ("y", "x")
    }
    return layer.assign_coords(coords)


def planes(layers: xr.DataArray | xr.Dataset | Mapping[Any, xr.DataArray]) -> dict[Any, xr.DataArray]:
    """Layers ``(y, x)`` by name: those of a Dataset or mapping by key, those along a leading dimension by its labels.

    Names that occur twice are numbered, with a word. Variables of a Dataset that lie on no grid are left out.
    """
    if isinstance(layers, xr.DataArray):
        layer = held(layers, name=str(layers.name or "layer"))
        return _along(layer, str(layers.name or "layer")) if layer.ndim == 3 else {layers.name or "layer": layer}
    out: list[tuple[Any, xr.DataArray]] = []
    if isinstance(layers, xr.Dataset):
        layers = _on_a_grid(layers)
    for key, value in layers.items():
        layer = held(value, name=str(key))
        if layer.ndim == 3:
            out += [(f"{key} {label}", part) for label, part in _along(layer, str(key)).items()]
        else:
            out.append((key, layer))
    return _named(out, Phrase("layers"))


def _on_a_grid(data: xr.Dataset) -> dict[Any, xr.DataArray]:
    """Variables with rows and columns, each with the CRS that the Dataset has for it."""
    kept: dict[Any, xr.DataArray] = {}
    left: list[str] = []
    for name, array in data.data_vars.items():
        if None in axes_of(data, array):
            left.append(str(name))
            continue
        crs = crs_of(data, array)[0] if array.odc.crs is None else None
        kept[name] = array if crs is None else _with_own_axes(array).odc.assign_crs(crs)
    if left and kept:
        note(Problem("dropped.variables", Phrase("layers"), severity="info", names=left))
    return kept or {name: data[name] for name in data.data_vars}


def _along(layer: xr.DataArray, name: str) -> dict[Any, xr.DataArray]:
    dim = layer.dims[0]
    labels = [_label(value) for value in layer[dim].values] if dim in layer.coords else list(range(layer.sizes[dim]))
    parts = [(label, layer.isel({dim: i}, drop=True)) for i, label in enumerate(labels)]
    return _named(parts, Phrase("layer", name=name))


def _label(value: Any) -> Any:
    """A label as people write it: a day for a time stamp at midnight, a plain number for one of numpy."""
    if isinstance(value, np.datetime64):
        text = str(pd.Timestamp(value).isoformat())
        return text.removesuffix("T00:00:00")
    return value.item() if isinstance(value, np.generic) else value


def _named(layers: list[tuple[Any, xr.DataArray]], thing: Phrase) -> dict[Any, xr.DataArray]:
    """By names that occur once: the second 'depth' becomes 'depth_2'."""
    names, doubled = numbered([name for name, _ in layers])
    if doubled:
        note(Problem("layer.doubled_labels", thing, severity="warning", labels=[str(name) for name in doubled]))
    return dict(zip(names, (layer for _, layer in layers), strict=True))


def numbered(names: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """Names that differ as text, the later of equal ones with a number; and those that were doubled."""
    texts = {str(name) for name in names}
    taken: dict[str, int] = {}
    out: list[Any] = []
    for name in names:
        count = taken[str(name)] = taken.get(str(name), 0) + 1
        fresh = name
        while count > 1 and (fresh is name or str(fresh) in texts):
            fresh = f"{name}_{count}"
            count += 1
        texts.add(str(fresh))
        out.append(fresh)
    return tuple(out), [name for name, count in taken.items() if count > 1]
