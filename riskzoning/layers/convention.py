"""The layer convention: an ``xarray.DataArray`` on a grid that says what it is.

A layer has dims ``(y, x)`` or ``(return_period, y, x)``, north up, its CRS in ``spatial_ref``, and the attributes
``quantity units long_name source``. Arithmetic of xarray loses the attributes and joins different grids without a word;
so functions that take layers begin with :func:`check_same_grid` and end with :func:`describe`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import xarray as xr
from affine import Affine
from numpy.typing import ArrayLike
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox

from riskzoning import numerals, standards
from riskzoning.errors import ConfigError, GridMismatchError, LayerError, MissingCRSError, Phrase, Problem, UnitsError
from riskzoning.layers.axes import regular_axis

if TYPE_CHECKING:
    import dask.array as da

# Two grids are one when their corners differ by less than this share of a cell.
_GRID_TOLERANCE = 1e-6
LAYER_DIMS = (("y", "x"), ("return_period", "y", "x"))


def grid_of(layer: xr.DataArray | xr.Dataset, *, name: str | None = None) -> GeoBox:
    """The grid (CRS, origin, cell, shape) that a layer lies on.

    Raises
    ------
    MissingCRSError
        The layer has no CRS.
    LayerError
        The layer has no regular ``y, x`` coordinates.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> grid_of(layer_on(geobox, 1.0, quantity="elevation")).shape
    Shape2d(x=3, y=2)
    """
    thing = Phrase("layer", name=str(name or getattr(layer, "name", None) or "unnamed"))
    import odc.geo.xr  # noqa: F401 - layers of other libraries have no .odc before; brings dask.array

    geo: Any = layer.odc
    if geo.crs is None:
        raise MissingCRSError(Problem("layer.crs", thing))
    geobox = geo.geobox
    if not isinstance(geobox, GeoBox):
        raise LayerError(Problem("layer.grid", thing, dims=tuple(layer.dims)))
    return _on_its_axes(layer, geobox, thing)


def _on_its_axes(layer: xr.DataArray | xr.Dataset, geobox: GeoBox, thing: Phrase) -> GeoBox:
    """The grid as all cell centres tell it, not the first two: float32 coordinates drift, a gap is no regular grid."""
    affine, (rows, columns) = geobox.affine, geobox.shape
    if affine.b or affine.d or not {"y", "x"} <= set(layer.coords):
        return geobox
    axes = (("x", affine.c, affine.a, columns), ("y", affine.f, affine.e, rows))
    edges: list[float] = []
    exact = True
    for dim, edge, step, count in axes:
        centres = layer[dim].to_numpy()
        if centres.dtype.kind not in "iuf" or centres.shape != (count,):
            return geobox
        # Equal steps prove nothing where the numbers are coarse: 113.005, 113.015 of float32 are 0.010002 apart.
        coarse = centres.dtype.kind == "f" and centres.dtype.itemsize < 8
        away = np.abs(centres.astype(np.float64) - (edge + step * (np.arange(count) + 0.5)))
        if coarse or not away.max(initial=0.0) <= _GRID_TOLERANCE * abs(step):
            edge, step = regular_axis(centres, thing=thing, axis=dim, cell=step)
            exact = False
        edges += [edge, step]
    left, width, top, height = edges
    return geobox if exact else GeoBox((rows, columns), Affine(width, 0, left, 0, height, top), geobox.crs)


def layer_on(
    grid: GeoBox,
    values: ArrayLike | da.Array,
    *,
    quantity: str,
    return_periods: ArrayLike | None = None,
    name: str | None = None,
    source: str = "",
    **attrs: Any,
) -> xr.DataArray:
    """A layer made from plain values and a grid.

    Parameters
    ----------
    grid : GeoBox
    values : array or number
        Shape ``(y, x)``, or ``(return_period, y, x)`` with ``return_periods`` in years; numpy or dask; NaN is no data.
    quantity : str
        A quantity of the vocabulary; sets units and names.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> layer_on(geobox, 2.5, quantity="flood_depth").attrs["units"]
    'm'
    """
    plain = _plain(grid, str(grid.crs))
    shape: tuple[int, ...] = tuple(grid.shape)
    if return_periods is None:
        if np.ndim(values) == 0:
            values = np.full(shape, values)
        out = plain.copy(deep=False, data=values)
        out.name = name
        return describe(out, quantity=quantity, source=source, **attrs)
    periods = np.asarray(return_periods, dtype=float)
    coords: dict[Any, Any] = {str(name): coord.copy(deep=False) for name, coord in plain.coords.items()}
    coords["return_period"] = ("return_period", periods, {"units": "years"})
    if np.ndim(values) == 0:
        values = np.full((periods.size, *shape), values)
    out = xr.DataArray(values, dims=("return_period", "y", "x"), coords=coords, name=name)
    return describe(out, quantity=quantity, source=source, **attrs)


@lru_cache(maxsize=8)
def _plain(grid: GeoBox, _spelling: str) -> xr.DataArray:
    """A layer of a grid, made once: others are it with other values.

    Equal CRS in other words are told apart, since layers keep the words.
    """
    from odc.geo.xr import xr_coords  # brings dask.array

    nothing = np.broadcast_to(np.float32(0), tuple(grid.shape))
    return xr.DataArray(nothing, dims=("y", "x"), coords=dict(xr_coords(grid, dims=("y", "x"))))


def describe(
    layer: xr.DataArray,
    *,
    quantity: str,
    like: xr.DataArray | None = None,
    long_name: str | None = None,
    source: str | None = None,
    **attrs: Any,
) -> xr.DataArray:
    """The layer with the attributes of its quantity and, from ``like``, the CRS that arithmetic lost.

    Every function that returns a layer ends here. The input is not changed.

    Parameters
    ----------
    quantity : str
        A quantity of the vocabulary.
    like : DataArray, optional
        A layer of the same grid that still has its CRS.
    long_name, source : str, optional
        Default: the English name of the quantity; the source of ``like``.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> depth = layer_on(geobox, 1.0, quantity="flood_depth")
    >>> describe(depth / 2 > 0.4, quantity="mask", like=depth).attrs["units"]
    '1'
    """
    facts = standards.quantity(quantity)
    out = layer.copy(deep=False)
    out.attrs = {
        "quantity": quantity,
        "units": facts.units,
        "long_name": long_name or facts.en,
        "source": source if source is not None else (layer if like is None else like).attrs.get("source", ""),
        **attrs,
    }
    if like is not None and "spatial_ref" in like.coords:
        out = out.assign_coords(spatial_ref=like.coords["spatial_ref"])
    elif like is not None and like.odc.crs is not None:
        out = out.odc.assign_crs(like.odc.crs)
    for dim in ("x", "y"):
        if dim in out.coords and like is not None and dim in like.coords:
            out.coords[dim].attrs.update(like.coords[dim].attrs)
    out.encoding = {}
    if "spatial_ref" in out.coords:
        out.encoding["grid_mapping"] = "spatial_ref"
    return out


def check_layer(layer: xr.DataArray, *, name: str, quantity: str | None = None) -> xr.DataArray:
    """The layer itself, when its metadata are right: dims, CRS, grid, quantity, units, order of return periods.

    Only metadata are looked at; values are the business of :func:`scan`.

    Raises
    ------
    MissingCRSError, UnitsError, LayerError
        With the name of the layer, what was found and what to do.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> depth = layer_on(geobox, 1.0, quantity="flood_depth")
    >>> check_layer(depth, name="depth", quantity="flood_depth") is depth
    True
    """
    thing = Phrase("layer", name=name)
    if not isinstance(layer, xr.DataArray):
        raise LayerError(Problem("layer.type", thing, type=type(layer).__name__))
    if tuple(layer.dims) not in LAYER_DIMS:
        raise LayerError(Problem("layer.dims", thing, dims=tuple(layer.dims)))
    grid_of(layer, name=name)
    if quantity is not None:
        _check_units(layer, thing, quantity)
    if "return_period" in layer.dims:
        _check_return_periods(layer, thing)
    return layer


def _check_units(layer: xr.DataArray, thing: Phrase, quantity: str) -> None:
    wanted = standards.quantity(quantity).units
    units = layer.attrs.get("units")
    if units is None:
        raise UnitsError(Problem("layer.units_missing", thing, wanted=wanted, quantity=quantity))
    if standards.unit_factor(str(units), wanted) != (1.0, 0.0):
        raise UnitsError(Problem("layer.units", thing, units=str(units), wanted=wanted, quantity=quantity))


def _check_return_periods(layer: xr.DataArray, thing: Phrase) -> None:
    if "return_period" not in layer.coords:
        raise LayerError(Problem("layer.return_period_missing", thing))
    values = numerals.periods(layer.coords["return_period"].values)
    if not np.all(np.isfinite(values)) or np.any(values <= 0) or np.any(np.diff(values) <= 0):
        raise LayerError(Problem("layer.return_period", thing, periods=[f"{value:g}" for value in values]))
    try:
        numerals.check_periods(values, thing)
    except ConfigError as error:
        raise LayerError(problems=error.problems) from None


def check_same_grid(*layers: xr.DataArray | GeoBox, **named: xr.DataArray | GeoBox) -> GeoBox:
    """The one grid of all layers and grids; xarray would join different grids to an empty result without a word.

    Parameters
    ----------
    *layers, **named : DataArray or GeoBox
        At least one; the first says which grid the others need. Names are for the message.

    Returns
    -------
    GeoBox
        The grid of the first.

    Raises
    ------
    GridMismatchError
        Names the first layer that lies on another grid and how it differs.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> check_same_grid(grid=geobox, slope=layer_on(geobox, 1.0, quantity="slope")) == geobox
    True
    """
    unnamed = {str(getattr(layer, "name", None) or f"layer {i + 1}"): layer for i, layer in enumerate(layers)}
    every = {**unnamed, **named}
    if not every:
        raise LayerError(Problem("layer.same_grid_none", "check_same_grid"))
    (first_name, first), *rest = every.items()
    wanted = first if isinstance(first, GeoBox) else grid_of(first, name=first_name)
    target = Phrase("grid_target" if isinstance(first, GeoBox) else "grid_of_layer", name=first_name)
    for name, layer in rest:
        difference = grid_difference(layer if isinstance(layer, GeoBox) else grid_of(layer, name=name), wanted)
        if difference is not None:
            thing = Phrase("grid" if isinstance(layer, GeoBox) else "layer", name=name)
            raise GridMismatchError(Problem("layer.same_grid", thing, difference=difference, target=target))
    return wanted


def crs_name(crs: CRS | pyproj.CRS | None) -> str:
    """A CRS in a few letters: its EPSG code, else its name.

    Examples
    --------
    >>> from odc.geo.crs import CRS
    >>> crs_name(CRS("EPSG:4547"))
    'EPSG:4547'
    """
    if crs is None:
        return "no CRS"
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(getattr(getattr(crs, "proj", crs), "name", crs))


def grid_difference(grid: GeoBox, wanted: GeoBox) -> Phrase | None:
    """How a grid differs from the wanted one, in words; None when they are one grid.

    Examples
    --------
    >>> from riskzoning import grid
    >>> a = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> str(grid_difference(a, a.pad(1)))
    'has 2 rows and 3 columns, not 4 and 5'
    """
    if grid.crs != wanted.crs:
        return Phrase("grid_crs", crs=crs_name(grid.crs), wanted=crs_name(wanted.crs))
    if tuple(grid.shape) != tuple(wanted.shape):
        (rows, columns), (wanted_rows, wanted_columns) = grid.shape, wanted.shape
        return Phrase("grid_shape", rows=rows, columns=columns, wanted_rows=wanted_rows, wanted_columns=wanted_columns)
    a, b = grid.affine, wanted.affine
    cell = max(abs(b.a), abs(b.e), abs(b.b), abs(b.d))
    for (x, y), corner in zip(((0, 0), (grid.shape[1], grid.shape[0])), ("upper_left", "lower_right"), strict=True):
        place, other = a * (x, y), b * (x, y)
        if max(abs(place[0] - other[0]), abs(place[1] - other[1])) > _GRID_TOLERANCE * cell:
            shown, meant = _told_apart(place, other)
            return Phrase("grid_corner", corner=Phrase(corner), place=shown, wanted=meant)
    return None


def _told_apart(place: tuple[float, float], other: tuple[float, float]) -> tuple[str, str]:
    """Two places with as many digits as it takes to see that they differ."""
    for digits in range(9, 18):
        a, b = (f"({x:.{digits}g}, {y:.{digits}g})" for x, y in (place, other))
        if a != b:
            break
    return a, b


def as_mapping(layers: xr.Dataset | Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Layers by name from a Dataset or a mapping.

    Examples
    --------
    >>> sorted(as_mapping(xr.Dataset({"a": ("x", [1.0])})))
    ['a']
    """
    return {str(name): layer for name, layer in layers.items()}
