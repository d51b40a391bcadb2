"""Layers on one grid: the quantity decides how, counts keep their total."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import dask
import dask.array
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, UnitsError, note
from riskzoning.grid import overlap
from riskzoning.grid.lattice import extent
from riskzoning.grid.resampling import Resampler
from riskzoning.grid.tiles import Plane, Tile, in_threads, tiles
from riskzoning.layers import check_layer, crs_name, grid_of, layer_on, without_fill
from riskzoning.rasters.held import held

da: Any = dask.array  # not typed
delayed: Any = dask.delayed  # type: ignore[attr-defined]
compute: Any = dask.compute  # type: ignore[attr-defined]

RESAMPLING = ("nearest", "bilinear", "average", "mode", "sum", "max", "min")
# What a kind of quantity may be resampled by; the first two are the choice for coarser and for finer target cells.
_ALLOWED = {
    "count": ("sum", "sum"),
    "class": ("mode", "nearest", "max", "min"),
    "direction": ("average", "nearest"),
}
_SURFACE = ("average", "bilinear", "nearest", "max", "min", "mode")
# A target cell this much longer than the source cell is a mean of several, not a point between some.
_COARSER = 1.5
_COUNT_TOLERANCE = 1e-9


def align(
    layer: xr.DataArray, grid: GeoBox, *, quantity: str | None = None, resampling: str | None = None
) -> xr.DataArray:
    """The layer on another grid; what it measures decides how (重采样).

    ============================  =================================  ==============================
    kind of quantity              target cell coarser                target cell finer
    ============================  =================================  ==============================
    count (population, GDP)       sum by shares of area              sum by shares of area
    intensity, density, index,    mean weighted by area              bilinear between cell centres
    distance                      (from 1.5 times the length on)
    class, mask                   class with the largest area        nearest
    direction (aspect)            direction of the mean vector       nearest
    ============================  =================================  ==============================

    Parameters
    ----------
    layer : DataArray
        Dims (y, x) or (return_period, y, x), with a CRS; numpy or dask. South-up layers are turned.
    grid : GeoBox
        North up, e.g. from :func:`analysis_grid`.
    quantity : str, optional
        A quantity of the vocabulary; default: that of the layer.
    resampling : str, optional
        One of nearest, bilinear, average, mode, sum, max, min instead of the choice of the quantity, where it makes
        sense: a count is never taken by nearest or bilinear, a class never by bilinear or average.

    Returns
    -------
    DataArray
        Lazy when the layer is lazy, one task a tile that reads only its window of the source. Counts are float64;
        classes keep their dtype, with 0 where the layer says nothing; other layers are float32 or float64, with NaN.
        ``attrs["resampling"]`` says what was done. Counts that are not lazy carry ``attrs["outside"]``, the total
        that lies outside the grid (a tuple by return period for a stack); for lazy ones see :func:`outside`.

    Raises
    ------
    LayerError
        No quantity, a resampling that does not suit it, a grid that is not north up, or a layer that does not meet
        the grid (counts: a warning, everything is outside).
    MissingCRSError, UnitsError
        The layer has no CRS, or other units than the quantity.

    Notes
    -----
    *Counts.* Each source cell is shared out by the area that it has in common with each target cell: by a product of
    two overlaps where both grids have parallel axes in one CRS (shares in the coordinates of that CRS), else by cutting
    the cell, projected corner by corner, with the target cells. Cells share their edges, so the total is kept to
    1e-9 and better. A missing source cell gives nothing; a target cell is missing where no valid source cell touches
    it, and 0 where valid zeros do.

    *Other layers.* A bilinear value exists exactly where the source cell that holds the point has one: missing
    neighbours lose their weight to the others. A mean is that of the valid part of the cell. Code 0 of a class is a
    vote like any other, so that the 0 of a mask survives; the larger code wins a tie. Infinities are missing.

    Examples
    --------
    >>> from riskzoning.grid import align, analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> coarse = analysis_grid((500000, 3900000, 500200, 3900200), crs="EPSG:4547", resolution=200)
    >>> fine = analysis_grid((500000, 3900000, 500200, 3900200), crs="EPSG:4547", resolution=100)
    >>> people = layer_on(coarse, [[100.0]], quantity="population")
    >>> align(people, fine).values
    array([[25., 25.],
           [25., 25.]])
    """
    source = _Source.of(layer, quantity)
    _check_target(grid)
    method = _method(source, grid, resampling)
    if _same_cells(source.grid, grid):
        return source.on(grid, source.data, method="none", outside=_nothing(source))
    dtype, missing = _result_type(source, method)
    resampler = Resampler(source.grid, grid, _kernel(source, method), dtype, missing)
    _check_contact(source, grid, resampler)
    planes = [resampler(plane, lazy=source.lazy) for plane in source.planes]
    values = planes[0] if not source.stacked else (da.stack(planes) if source.lazy else np.stack(planes))
    if method != "sum" or source.lazy:
        return source.on(grid, values, method=method)
    beyond = [_outside(plane, resampler) for plane in source.planes]
    _check_total(source, planes, beyond)
    return source.on(grid, values, method=method, outside=tuple(beyond) if source.stacked else beyond[0])


def outside(layer: xr.DataArray, grid: GeoBox) -> float | np.ndarray[Any, Any]:
    """How much of a count lies outside a grid: the line "outside" of a reconciliation table.

    Works block by block, for lazy layers too; the sum of ``align(layer, grid)`` and this is the total of the layer.

    Parameters
    ----------
    layer : DataArray
        A count; missing cells count nothing.
    grid : GeoBox

    Returns
    -------
    float, or an array by return period for a stack
        In the unit of the layer.

    Raises
    ------
    LayerError
        The quantity of the layer is no count.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid, outside
    >>> from riskzoning.layers import layer_on
    >>> wide = analysis_grid((500000, 3900000, 500400, 3900200), crs="EPSG:4547", resolution=200)
    >>> people = layer_on(wide, [[100.0, 40.0]], quantity="population")
    >>> outside(people, analysis_grid((500000, 3900000, 500300, 3900200), crs="EPSG:4547", resolution=100))
    20.0
    """
    source = _Source.of(layer, None)
    _check_target(grid)
    if source.facts.kind != "count":
        kind = Phrase(f"quantity_{source.facts.kind}")
        raise LayerError(Problem("grid.outside", source.thing, quantity=source.quantity, kind=kind))
    if _same_cells(source.grid, grid):
        totals = [0.0 for _ in source.planes]
    else:
        resampler = Resampler(source.grid, grid, "sum", "float64", np.nan)
        totals = [_outside(plane, resampler) for plane in source.planes]
    return np.array(totals) if source.stacked else totals[0]


@dataclass(frozen=True)
class _Source:
    """The layer to align, north up, and what it is."""

    layer: xr.DataArray
    grid: GeoBox
    quantity: str
    facts: standards.Quantity
    thing: Phrase

    @classmethod
    def of(cls, layer: xr.DataArray, quantity: str | None) -> _Source:
        name = str(getattr(layer, "name", None) or quantity or "unnamed")
        layer = held(layer, name=name)
        check_layer(layer, name=name)
        thing = Phrase("layer", name=name)
        wanted = quantity or layer.attrs.get("quantity")
        if not wanted:
            raise LayerError(Problem("grid.quantity", thing))
        facts = standards.quantity(str(wanted))
        layer = without_fill(layer, quantity=str(wanted), name=name)
        units = layer.attrs.get("units")
        if units is not None and standards.unit_factor(str(units), facts.units) != (1.0, 0.0):
            values: dict[str, Any] = {"units": str(units), "wanted": facts.units, "quantity": str(wanted)}
            raise UnitsError(Problem("layer.units", thing, **values))
        return cls(layer, grid_of(layer, name=name), str(wanted), facts, thing)

    @property
    def data(self) -> Any:
        return self.layer.data

    @property
    def lazy(self) -> bool:
        return self.layer.chunks is not None

    @property
    def stacked(self) -> bool:
        return "return_period" in self.layer.dims

    @property
    def planes(self) -> list[Any]:
        return list(self.data) if self.stacked else [self.data]

    def on(
        self, grid: GeoBox, values: Plane, *, method: str, outside: float | tuple[float, ...] | None = None
    ) -> xr.DataArray:
        """The result as a layer with the names and attributes of the source."""
        kept = {key: value for key, value in self.layer.attrs.items() if key not in _OWN_ATTRS}
        if self.layer.attrs.get("quantity") == self.quantity and "long_name" in self.layer.attrs:
            kept["long_name"] = self.layer.attrs["long_name"]
        if outside is not None:
            kept["outside"] = outside
        periods = self.layer["return_period"].values if self.stacked else None
        return layer_on(
            grid,
            values,
            quantity=self.quantity,
            return_periods=periods,
            name=self.layer.name if self.layer.name is None else str(self.layer.name),
            source=str(self.layer.attrs.get("source", "")),
            resampling=method,
            **kept,
        )


_OWN_ATTRS = {
    *("quantity", "units", "long_name", "source", "resampling", "outside"),
    *("_FillValue", "missing_value", "scale_factor", "add_offset", "grid_mapping", "nodata"),
}


def _check_target(grid: GeoBox) -> None:
    if not isinstance(grid, GeoBox):
        raise LayerError(Problem("grid.target_type", Phrase("target_grid"), type=type(grid).__name__))
    if grid.crs is None:
        raise MissingCRSError(Problem("grid.no_crs", Phrase("target_grid")))
    if grid.affine.b or grid.affine.d or grid.affine.a < 0 or grid.affine.e > 0:
        raise LayerError(Problem("grid.target", Phrase("target_grid")))


def _method(source: _Source, grid: GeoBox, resampling: str | None) -> str:
    """The resampling by quantity and cell sizes, or the one asked for when it suits the quantity."""
    kind = source.facts.kind
    allowed = _ALLOWED.get(kind, _SURFACE)
    if resampling is None:
        x, y = Resampler(source.grid, grid, allowed[0], "float64", np.nan).ratio
        if kind in ("class", "direction"):
            coarser = x * y > 1 + 1e-6
        else:
            coarser = max(x, y) >= _COARSER
        return allowed[0] if coarser else allowed[1]
    if resampling in allowed:
        return resampling
    if resampling not in RESAMPLING:
        values: dict[str, Any] = {"resampling": resampling, "known": RESAMPLING}
        raise LayerError(Problem("grid.resampling_name", source.thing, **values))
    reason = Phrase(f"resampling_{kind}" if kind in ("count", "class", "direction") else "resampling_surface")
    raise LayerError(
        Problem(
            "grid.resampling", source.thing, kind=Phrase(f"quantity_{kind}"), quantity=source.quantity,
            resampling=resampling, allowed=tuple(dict.fromkeys(allowed)), reason=reason,
        )
    )  # fmt: skip


def _kernel(source: _Source, method: str) -> str:
    if method == "average" and source.facts.kind == "direction":
        return "direction"
    return method


def _result_type(source: _Source, method: str) -> tuple[str, Any]:
    dtype = np.dtype(source.data.dtype)
    if method == "sum":
        return "float64", np.nan
    if source.facts.kind == "class" and dtype.kind != "f":
        return dtype.str, np.zeros((), dtype=dtype)[()]
    if dtype.kind == "f":
        return ("float32" if dtype.itemsize <= 4 else "float64"), np.nan
    return ("float32" if dtype.itemsize <= 2 else "float64"), np.nan


def _same_cells(grid: GeoBox, wanted: GeoBox) -> bool:
    if grid.crs != wanted.crs or tuple(grid.shape) != tuple(wanted.shape):
        return False
    height, width = wanted.shape
    shift = ~wanted.affine * grid.affine
    ends = ((0.0, 0.0), (float(width), 0.0), (0.0, float(height)))
    return all(max(abs(a - b) for a, b in zip(shift * end, end)) < 1e-6 for end in ends)


def _nothing(source: _Source) -> Any:
    if source.facts.kind != "count" or source.lazy:
        return None
    return tuple(0.0 for _ in source.planes) if source.stacked else 0.0


def _check_contact(source: _Source, grid: GeoBox, resampler: Resampler) -> None:
    height, width = grid.shape
    if 0 not in resampler.window(Tile(0, height, 0, width)).shape:
        return

    values: dict[str, Any] = {"extent": extent(source.grid), "grid": extent(grid)}
    if source.facts.kind != "count":
        raise LayerError(Problem("grid.contact", source.thing, **values))
    note(Problem("grid.contact", source.thing, severity="warning", **values))


def _outside(plane: Plane, resampler: Resampler) -> float:
    """Part of a count outside the grid, source tile by source tile in a fixed order."""
    height, width = plane.shape
    todo = [tile for row in tiles((height, width), 1024) for tile in row]
    if isinstance(plane, np.ndarray):
        parts = list(in_threads(lambda tile: _outside_part(plane[tile.slices], tile, resampler), todo))
    else:
        parts = list(compute(*(delayed(_outside_part)(plane[t.slices], t, resampler) for t in todo)))
    return float(np.sum(parts))


def _outside_part(values: Plane, tile: Tile, resampler: Resampler) -> float:
    values = np.ascontiguousarray(values, dtype=np.float64)
    height, width = resampler.grid.shape
    if resampler.axes_parallel:
        inside = [
            np.clip(np.minimum(e[1:], size) - np.maximum(e[:-1], 0), 0, None) / np.diff(e)
            for e, size in zip(resampler.edges(tile), (height, width))
        ]
        # The product would lose small shares to 1 - 1: outside = outside in y + inside in y but outside in x.
        beyond = [1 - share for share in inside]
        good = np.where(np.isfinite(values), values, 0.0)
        return float(good.sum(axis=1) @ beyond[0] + inside[0] @ (good @ beyond[1]))
    total = 0.0
    for band, X, Y in resampler.corners(tile):
        if X.min() >= 0 and X.max() <= width and Y.min() >= 0 and Y.max() <= height:
            continue
        total += float(overlap.outside_total(X, Y, resampler.cuts, values[band], height, width))
    return total


def _check_total(source: _Source, planes: list[Any], beyond: list[float]) -> None:
    """Every count that was aligned is counted again: in = on the grid + outside."""
    for before, after, out in zip(source.planes, planes, beyond):
        total, size = _total(before)
        arrived, _ = _total(after)
        if abs(total - arrived - out) > _COUNT_TOLERANCE * size:
            values: dict[str, Any] = {
                "total": total,
                "arrived": arrived,
                "outside": out,
                "crs": crs_name(source.grid.crs),
            }
            raise LayerError(Problem("grid.total", source.thing, **values))


def _total(values: Plane) -> tuple[float, float]:
    """Sum of the valid values and of their sizes, in bands of rows: a copy of a large array would cost its memory."""
    bands = [slice(first, first + 256) for first in range(0, values.shape[0], 256)]
    work = partial(_band_total, values)
    total, size = np.sum(list(in_threads(work, bands)), axis=0)
    return float(total), float(size)


def _band_total(values: Plane, rows: slice) -> tuple[float, float]:
    return overlap.finite_sums(np.ascontiguousarray(values[rows], dtype=np.float64))
