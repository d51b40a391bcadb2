"""The layer convention: an ``xarray.DataArray`` on a grid that says what it is.

A layer has dims ``(y, x)`` or ``(return_period, y, x)``, north up, its CRS in ``spatial_ref``, and the attributes
``quantity units long_name source``. Arithmetic of xarray loses the attributes and joins different grids without a word;
so functions that take layers begin with :func:`check_same_grid` and end with :func:`describe`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords

from riskzoning import standards
from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, Problem, UnitsError, first_few

__all__ = [
    "LayerFacts",
    "check_layer",
    "check_same_grid",
    "crs_name",
    "describe",
    "fact_problems",
    "grid_of",
    "layer_on",
    "scan",
]

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
    thing = f"layer '{name or getattr(layer, 'name', None) or 'unnamed'}'"
    geo: Any = layer.odc
    if geo.crs is None:
        raise MissingCRSError(
            Problem(
                thing,
                "has no coordinate reference system",
                "every layer needs one",
                'Declare it in study.yaml with "crs: EPSG:...", or call layer.odc.assign_crs("EPSG:...").',
                rule="layer.crs",
            )
        )
    geobox = geo.geobox
    if not isinstance(geobox, GeoBox):
        raise LayerError(
            Problem(
                thing,
                f"has dims {tuple(layer.dims)} without regular y and x coordinates",
                "a regular grid with dims (y, x) or (return_period, y, x)",
                "Read it with riskzoning.io.read_layer, or put it on a grid with riskzoning.grid.align.",
                rule="layer.grid",
            )
        )
    return geobox


def layer_on(
    grid: GeoBox,
    values: Any,
    *,
    quantity: str,
    return_periods: Any = None,
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
    coords: dict[Any, Any] = dict(xr_coords(grid, dims=("y", "x")))
    dims: tuple[str, ...] = ("y", "x")
    shape: tuple[int, ...] = tuple(grid.shape)
    if return_periods is not None:
        periods = np.asarray(return_periods, dtype=float)
        coords["return_period"] = ("return_period", periods, {"units": "years"})
        dims, shape = ("return_period", *dims), (periods.size, *shape)
    if np.ndim(values) == 0:
        values = np.full(shape, values)
    out = xr.DataArray(values, dims=dims, coords=coords, name=name)
    return describe(out, quantity=quantity, source=source, **attrs)


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
    thing = f"layer '{name}'"
    if not isinstance(layer, xr.DataArray):
        raise LayerError(
            Problem(
                thing,
                f"is a {type(layer).__name__}",
                "an xarray.DataArray",
                "Read files with riskzoning.io.read_layer.",
                rule="layer.type",
            )
        )
    if tuple(layer.dims) not in LAYER_DIMS:
        raise LayerError(
            Problem(
                thing,
                f"has dims {tuple(layer.dims)}",
                "dims (y, x) or (return_period, y, x)",
                "Transpose or select first; read files with riskzoning.io.read_layer.",
                rule="layer.dims",
            )
        )
    grid_of(layer, name=name)
    if quantity is not None:
        _check_units(layer, thing, quantity)
    if "return_period" in layer.dims:
        _check_return_periods(layer, thing)
    return layer


def _check_units(layer: xr.DataArray, thing: str, quantity: str) -> None:
    facts = standards.quantity(quantity)
    units = layer.attrs.get("units")
    if units is None or standards.unit_factor(str(units), facts.units) != (1.0, 0.0):
        raise UnitsError(
            Problem(
                thing,
                f"has units '{units}'" if units is not None else "has no units",
                f"quantity '{quantity}' needs '{facts.units}'",
                f'Convert it in study.yaml with "units: {units or facts.units}", or set layer.attrs["units"].',
                rule="layer.units",
            )
        )


def _check_return_periods(layer: xr.DataArray, thing: str) -> None:
    values = np.asarray(layer.coords["return_period"].values, dtype=float) if "return_period" in layer.coords else None
    if values is None or not np.all(np.isfinite(values)) or np.any(values <= 0) or np.any(np.diff(values) <= 0):
        shown = "none" if values is None else ", ".join(f"{value:g}" for value in values)
        raise LayerError(
            Problem(
                thing,
                f"has return periods {shown}",
                "years above 0, ascending, each once",
                "Sort the layer with layer.sortby('return_period') and give each file its return_period.",
                rule="layer.return_period",
            )
        )


def check_same_grid(*layers: xr.DataArray, **named: xr.DataArray) -> GeoBox:
    """The one grid of all layers; xarray would join different grids to an empty result without a word.

    Raises
    ------
    GridMismatchError
        Names the first layer that lies on another grid and how it differs.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> check_same_grid(a=layer_on(geobox, 1.0, quantity="slope"), b=layer_on(geobox, 0.0, quantity="mask")) == geobox
    True
    """
    every = {**{f"{layer.name or f'layer {i + 1}'}": layer for i, layer in enumerate(layers)}, **named}
    if not every:
        raise LayerError(
            Problem("check_same_grid", "got no layer", "one or more layers", "Pass the layers.", rule="layer.grid")
        )
    (first_name, first), *rest = every.items()
    wanted = grid_of(first, name=first_name)
    for name, layer in rest:
        difference = _grid_difference(grid_of(layer, name=name), wanted)
        if difference:
            raise GridMismatchError(
                Problem(
                    f"layer '{name}'",
                    difference,
                    f"the grid of layer '{first_name}'",
                    "Put it there with riskzoning.grid.align(layer, grid).",
                    rule="layer.same_grid",
                )
            )
    return wanted


def crs_name(crs: Any) -> str:
    """A CRS in a few letters: its EPSG code, else its name.

    Examples
    --------
    >>> from odc.geo.crs import CRS
    >>> crs_name(CRS("EPSG:4547"))
    'EPSG:4547'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(getattr(getattr(crs, "proj", crs), "name", crs))


def _grid_difference(found: GeoBox, wanted: GeoBox) -> str:
    if found.crs != wanted.crs:
        return f"has CRS {crs_name(found.crs)}, not {crs_name(wanted.crs)}"
    if tuple(found.shape) != tuple(wanted.shape):
        return f"has {found.shape[0]} rows and {found.shape[1]} columns, not {wanted.shape[0]} and {wanted.shape[1]}"
    a, b = found.affine, wanted.affine
    cell = max(abs(b.a), abs(b.e), abs(b.b), abs(b.d))
    for (x, y), corner in zip(((0, 0), (found.shape[1], found.shape[0])), ("upper left", "lower right"), strict=True):
        (ax, ay), (bx, by) = a * (x, y), b * (x, y)
        if max(abs(ax - bx), abs(ay - by)) > _GRID_TOLERANCE * cell:
            return f"has its {corner} corner at ({ax:.9g}, {ay:.9g}), not ({bx:.9g}, {by:.9g})"
    return ""


@dataclass(frozen=True)
class LayerFacts:
    """Facts of the values of a layer: what a check or a stretch needs, from one pass.

    ``minimum`` and ``maximum`` are NaN when every cell is missing; ``total`` is the float64 sum of the valid cells;
    ``whole`` says that all valid values are integers; ``fall`` (return-period layers only) is the largest fall of the
    value from one return period to the next, 0 when it never falls; ``identical`` lists pairs of equal return periods.
    ``undeclared``: stored values that were taken as no data though the file does not declare them; ``doubtful``: values
    that often mean no data and were kept.

    Examples
    --------
    >>> LayerFacts(cells=4, valid=3, minimum=0, maximum=1, total=2, whole=True).valid
    3
    """

    cells: int
    valid: int
    minimum: float
    maximum: float
    total: float
    whole: bool
    fall: float = 0.0
    identical: tuple[tuple[float, float], ...] = ()
    undeclared: tuple[float, ...] = ()
    doubtful: tuple[float, ...] = ()

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> LayerFacts:
        """Facts from a mapping of plain values, as ``dataclasses.asdict`` and JSON give them.

        Examples
        --------
        >>> record = {"cells": 4, "valid": 3, "minimum": 0, "maximum": 1, "total": 2, "whole": True, "undeclared": [9]}
        >>> LayerFacts.from_record(record).undeclared
        (9,)
        """
        lists = {key: tuple(record.get(key, ())) for key in ("undeclared", "doubtful")}
        pairs = tuple((a, b) for a, b in record.get("identical", ()))
        return cls(**{**record, **lists, "identical": pairs})

    @property
    def missing_share(self) -> float:
        """Share of cells without a value, 0..1.

        Examples
        --------
        >>> LayerFacts(cells=4, valid=3, minimum=0, maximum=1, total=2, whole=True).missing_share
        0.25
        """
        return 1.0 - self.valid / self.cells if self.cells else 1.0


def scan(layer: xr.DataArray, *, name: str = "layer", rows: int = 512) -> LayerFacts:
    """Facts of a layer's values in one pass over bands of rows; memory stays at one band.

    Infinities count as missing.

    Parameters
    ----------
    rows : int
        Rows read at a time.

    Examples
    --------
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> facts = scan(layer_on(geobox, [[0.0, 1.0, 2.0], [3.0, float("nan"), 5.0]], quantity="flood_depth"))
    >>> facts.valid, facts.maximum, facts.whole
    (5, 5.0, True)
    """
    if tuple(layer.dims) not in LAYER_DIMS:
        check_layer(layer, name=name)
    stack = layer if "return_period" in layer.dims else layer.expand_dims(return_period=[np.nan])
    periods = [float(value) for value in np.asarray(stack["return_period"].values)]
    height = stack.sizes["y"]
    state = _ScanState(len(periods))
    for first in range(0, height, rows):
        state.update(np.asarray(stack.isel(y=slice(first, min(first + rows, height))).to_numpy()))
    return state.facts(periods)


class _ScanState:
    """Running facts of a stack, one band of rows after the other."""

    def __init__(self, layers: int) -> None:
        self.cells = self.valid = 0
        self.minimum, self.maximum, self.total, self.fall, self.whole = np.inf, -np.inf, 0.0, 0.0, True
        self.same = np.ones(max(layers - 1, 0), dtype=bool)

    def update(self, band: np.ndarray[Any, Any]) -> None:
        """Add a band of shape (return_period, rows, x)."""
        values = band.astype(np.float64, copy=False)
        finite = np.isfinite(values)
        self.cells += values.size
        self.valid += int(finite.sum())
        good = values[finite]
        if good.size:
            self.minimum = min(self.minimum, float(good.min()))
            self.maximum = max(self.maximum, float(good.max()))
            self.total += float(good.sum())
            self.whole = self.whole and bool(np.all(good == np.rint(good)))
        for i in range(len(self.same)):
            both = finite[i] & finite[i + 1]
            step = values[i + 1][both] - values[i][both]
            if step.size:
                self.fall = max(self.fall, float(-step.min()))
            self.same[i] &= bool(np.array_equal(finite[i], finite[i + 1])) and not np.any(step)

    def facts(self, periods: list[float]) -> LayerFacts:
        """The facts so far."""
        none = self.valid == 0
        return LayerFacts(
            cells=self.cells,
            valid=self.valid,
            minimum=float("nan") if none else self.minimum,
            maximum=float("nan") if none else self.maximum,
            total=self.total,
            whole=self.whole and not none,
            fall=self.fall,
            identical=tuple((periods[i], periods[i + 1]) for i, equal in enumerate(self.same) if equal and not none),
        )


def fact_problems(
    facts: LayerFacts, *, thing: str, quantity: str, monotone: bool = False, tolerance: float = 0.01
) -> list[Problem]:
    """What is wrong or unusual in the values of a layer, judged by its quantity.

    Parameters
    ----------
    thing : str
        The layer in words, e.g. its path.
    monotone : bool
        Whether values must not fall as the return period rises; ``tolerance`` in the quantity's unit.

    Examples
    --------
    >>> facts = LayerFacts(cells=10, valid=10, minimum=0, maximum=250, total=900, whole=True)
    >>> [(p.severity, p.rule) for p in fact_problems(facts, thing="depth.tif", quantity="flood_depth")]
    [('error', 'layer.range')]
    """
    wanted = standards.quantity(quantity)
    rows: list[Problem] = []
    if facts.valid == 0:
        return [
            Problem(
                thing,
                "has no valid cell",
                "values in the study area",
                "Check the file and its nodata value.",
                rule="layer.empty",
            )
        ]
    for limits, severity in ((wanted.hard, "error"), (wanted.soft, "warning")):
        if limits and (facts.minimum < limits[0] or facts.maximum > limits[1]):
            found = f"has values from {facts.minimum:g} to {facts.maximum:g}"
            hint = f"; {wanted.hint}" if wanted.hint and facts.maximum > limits[1] else ""
            rows.append(
                Problem(
                    thing,
                    found,
                    f"quantity '{quantity}' lies within {limits[0]:g} to {limits[1]:g} {wanted.units}{hint}",
                    'Declare the true "units:" or the missing value "nodata:" in study.yaml, or fix the file.',
                    rule="layer.range",
                    severity="error" if severity == "error" else "warning",
                )
            )
            break
    if monotone and facts.fall > tolerance:
        rows.append(
            Problem(
                thing,
                f"falls by up to {facts.fall:g} {wanted.units} as the return period rises",
                "a rarer event is never milder in any cell",
                "Check which file belongs to which return_period in study.yaml.",
                rule="layer.monotone",
            )
        )
    rows += _nodata_problems(facts, thing)
    for a, b in facts.identical:
        rows.append(
            Problem(
                thing,
                f"is identical for T = {a:g} and {b:g} years",
                "a raster of its own for each return period",
                "Check the paths in study.yaml; the run goes on with both.",
                rule="layer.identical",
                severity="warning",
            )
        )
    return rows


def _nodata_problems(facts: LayerFacts, thing: str) -> list[Problem]:
    texts = [
        (facts.undeclared, "holds {} without declaring that as no data; it is taken as no data"),
        (facts.doubtful, "holds the class {}, which often means no data and is not declared; it is kept as a class"),
    ]
    return [
        Problem(
            thing,
            text.format(first_few(f"{value:g}" for value in values)),
            "a declared no-data value",
            'Declare it with "nodata:" in study.yaml, or save it in the file.',
            rule="layer.nodata",
            severity="warning",
        )
        for values, text in texts
        if values
    ]


def as_mapping(layers: xr.Dataset | Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Layers by name from a Dataset or a mapping.

    Examples
    --------
    >>> sorted(as_mapping(xr.Dataset({"a": ("x", [1.0])})))
    ['a']
    """
    return {str(name): layer for name, layer in layers.items()}
